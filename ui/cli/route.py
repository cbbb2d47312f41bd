"""``fashionm3 route``: shows what the router decides, without running anything."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from ui.cli.door import careful, load_settings, reserved_stdout, write_line
from ui.failures import BadInputError

if TYPE_CHECKING:
    from agents.contracts import Router, RouteRequest


@careful
def route(
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read one request a line, answer with one plan a line.")
    ] = False,
    text: Annotated[str | None, typer.Argument(help="One message to route.")] = None,
) -> None:
    """Show the routes and slots of a message."""
    load_settings()
    if not jsonl and text is None:
        raise BadInputError("Give a message to route, or --jsonl and one request a line on standard input.")
    from agents.router import load_router
    from vlm.embeddings import TextEmbedder

    if jsonl and isinstance(sys.stdin, io.TextIOWrapper):
        # Bytes that are no text belong to a line that is answered with an error, as all others are.
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    with reserved_stdout() as out:
        router = load_router(TextEmbedder())
        for line in sys.stdin if jsonl else [json.dumps({"text": text})]:
            write_line(out, answer(router, line))


def answer(router: Router, line: str) -> str:
    """The JSON line that answers one line: a plan, or ``{"error": …}`` with one sentence that says what is wrong."""
    try:
        plan = router.route(request_of(line))
    except BadInputError as error:
        return json.dumps({"error": str(error)}, ensure_ascii=False)
    return json.dumps(
        {
            "routes": plan.routes,
            "slots": plan.slots.model_dump(mode="json", exclude_defaults=True),
            "confidence": round(plan.confidence, 4),
            **({"question": plan.question} if plan.question else {}),
        },
        ensure_ascii=False,
    )


def request_of(line: str) -> RouteRequest:
    """Read one line; a field that is missing or null has its default, one that is not known is passed over.

    Raises:
        BadInputError: It is empty, no JSON object, or a field has the wrong type.
    """
    from agents.contracts import RouteRequest

    line = line.strip().removeprefix("\ufeff")
    shown = ascii(line[:60])
    if not line:
        raise BadInputError(
            'This line is empty: send one JSON object a line, such as {"text": "black boots"}.'
        )
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"This line is not JSON: {shown}.") from error
    if not isinstance(value, dict):
        raise BadInputError(f"This line is JSON, but not an object: {shown}.")
    try:
        return RouteRequest.model_validate(_stated(value))
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in problem["loc"])
        raise BadInputError(f"The field {field!r} is wrong: {problem['msg']}.") from error


def _stated(value: dict[str, Any]) -> dict[str, Any]:
    """An object without what is null in it, and in its context."""
    kept = {name: one for name, one in value.items() if one is not None}
    return {name: _stated(one) if isinstance(one, dict) else one for name, one in kept.items()}
