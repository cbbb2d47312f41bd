"""``fashionm3 chat --jsonl``: one JSON object a line in, one turn record a line out, in order.

A line that cannot be served gets a record with `error`, and the next line is served: nothing that is read
ends the loop. Standard output carries the records and nothing else.
"""

from __future__ import annotations

import asyncio
import json
import sys

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from graphs.turn import TurnRecord
from ui.assembly import Parts, open_assistant
from ui.cli.door import building, reserved_stdout, write_line
from ui.failures import BadInputError, report
from ui.incoming import make_turn, with_paths
from ui.settings import Settings


class Line(BaseModel):
    """One line as it is read; a field that is missing has its default."""

    model_config = ConfigDict(extra="ignore", strict=True)

    user: str = Field(default="", max_length=64)
    thread: str = Field(default="default", min_length=1, max_length=128)
    text: str = ""
    images: list[str] = Field(default_factory=list)
    turn_id: str | None = Field(default=None, max_length=128)


def serve_lines(settings: Settings) -> None:
    """Answer standard input line by line until it ends."""
    with reserved_stdout() as records, asyncio.Runner() as runner:
        # Entered and left on one loop, with the reading of lines in between, outside it.
        opened = None
        with building() as on_progress:
            opened = open_assistant(settings, on_progress)
            parts = runner.run(opened.__aenter__())
        try:
            for line in sys.stdin:
                write_line(records, runner.run(answer(parts, line)).model_dump_json())
        finally:
            runner.run(opened.__aexit__(None, None, None))


async def answer(parts: Parts, line: str) -> TurnRecord:
    """Answer one line; what is wrong with it is told in the record's `error`."""
    said: Line | None = None
    try:
        said = parse(line)
        turn = await make_turn(
            parts,
            user=said.user or parts.settings.user,
            thread=said.thread,
            text=said.text,
            pictures=said.images,
            turn_id=said.turn_id,
        )
        return with_paths(parts, await parts.assistant.run(turn))
    except Exception as error:
        user = said.user if said is not None and said.user else parts.settings.user
        return failed(user, said.thread if said is not None else "", report(error, "a line of chat --jsonl"))


def parse(line: str) -> Line:
    """Read one line.

    Raises:
        BadInputError: It is empty, no JSON object, or a field has the wrong type.
    """
    if not line.strip():
        raise BadInputError("This line is empty: send one JSON object a line, with a text or an image.")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"This line is not JSON: {line.strip()[:60]!r}.") from error
    if not isinstance(value, dict):
        raise BadInputError(f"This line is JSON, but not an object: {line.strip()[:60]!r}.")
    try:
        return Line.model_validate({key: item for key, item in value.items() if item is not None})
    except ValidationError as error:
        problem = error.errors(include_input=False)[0]
        field = ".".join(str(part) for part in problem["loc"])
        raise BadInputError(f"The field {field!r} is wrong: {problem['msg']}.") from error


def failed(user: str, thread: str, error: str) -> TurnRecord:
    """The record of a line that could not be served."""
    return TurnRecord(user=user, thread=thread, turn=0, routes=[], reply="", error=error)
