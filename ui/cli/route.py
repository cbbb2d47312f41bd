"""``fashionm3 route``: shows what the router decides, without running anything."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from ui.cli.door import careful, load_settings, reserved_stdout, write_line
from ui.failures import BadInputError


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

    with reserved_stdout() as out:
        router = load_router(TextEmbedder())
        lines = sys.stdin if jsonl else [json.dumps({"text": text})]
        for line in lines:
            if line.strip():
                write_line(out, _plan(router, line))


def _plan(router: object, line: str) -> str:
    from agents.contracts import Router, RouteRequest

    deciding: Router = router  # type: ignore[assignment]
    try:
        request = RouteRequest.model_validate_json(line)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        return json.dumps({"error": f"{where + ': ' if where else ''}{problem['msg']}."})
    plan = deciding.route(request)
    return json.dumps(
        {
            "routes": plan.routes,
            "slots": plan.slots.model_dump(mode="json", exclude_defaults=True),
            "confidence": round(plan.confidence, 4),
            **({"question": plan.question} if plan.question else {}),
        },
        ensure_ascii=False,
    )
