"""``fashionm3 eval``: scripted scenarios through the whole assistant, and the routing gate."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from ui.cli.door import building, careful, load_settings
from ui.failures import BadInputError
from ui.settings import Settings

if TYPE_CHECKING:
    from evals.conversations import ConversationReport
    from evals.scenarios import ScenarioReport
    from evals.taste import TasteReport

    Report = ConversationReport | ScenarioReport | TasteReport

app = typer.Typer(no_args_is_help=True, help="Measure how well the assistant does.")


@app.callback()
def _group() -> None:
    """Holds the measurements together."""


@app.command()
@careful
def scenarios(
    trials: Annotated[int, typer.Option(min=1, help="How often each scenario runs.")] = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.")] = None,
) -> None:
    """Run the YAML scenarios and print a table."""
    _check_target(json_file)
    _tell(asyncio.run(_scenarios(load_settings(), trials)), json_file)


@app.command()
@careful
def conversations(
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.")] = None,
) -> None:
    """Hold scripted conversations of many rounds and print which constraints were lost."""
    _check_target(json_file)
    _tell(asyncio.run(_conversations(load_settings())), json_file)


@app.command()
@careful
def taste(
    words: Annotated[
        bool, typer.Option("--words", help="Let FashionVLM speak, too; takes much longer.")
    ] = False,
    drawn: Annotated[
        bool,
        typer.Option(
            "--drawn", help="Another's history is of people drawn at random, not of the least alike."
        ),
    ] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.")] = None,
) -> None:
    """Ask for invented people with their own, no, and another's history, and compare what suits them."""
    _check_target(json_file)
    _tell(asyncio.run(_taste(load_settings(), words, drawn)), json_file)


def _check_target(json_file: Path | None) -> None:
    if json_file is not None and not json_file.expanduser().absolute().parent.is_dir():
        raise BadInputError(f"There is no folder {str(json_file.parent)!r} to write into.")


def _tell(report: Report, json_file: Path | None) -> None:
    """Print a report, and write its figures where that was asked for."""
    Console().print(report.table())
    if json_file is not None:
        figures = json.dumps(report.model_dump(mode="json", by_alias=True), indent=2, ensure_ascii=False)
        json_file.expanduser().write_text(figures + "\n", encoding="utf-8")


async def _conversations(settings: Settings) -> ConversationReport:
    from evals.conversations import run_conversations
    from ui.assembly import open_assistant

    with building() as on_progress:
        async with open_assistant(settings, on_progress) as parts:
            return await run_conversations(
                parts.assistant, on_progress=lambda done, total: on_progress("the report", done, total)
            )


async def _taste(settings: Settings, words: bool, drawn: bool) -> TasteReport:
    from evals.taste import run_taste
    from ui.assembly import open_services

    with building() as on_progress:
        async with open_services(settings, on_progress) as (services, _, _):
            return await run_taste(
                services,
                words=words,
                others="drawn" if drawn else "least_alike",
                on_progress=lambda done, total: on_progress("the report", done, total),
            )


@app.command()
@careful
def routing(
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.")] = None,
    critiques: Annotated[
        Path | None,
        typer.Option(
            "--critiques", exists=True, dir_okay=False, help="FashionIQ critiques, JSON; a fifth is scored."
        ),
    ] = None,
) -> None:
    """Score the router on the sentences held aside; exit 1 where a gate is missed."""
    if json_file is not None and not json_file.expanduser().absolute().parent.is_dir():
        raise BadInputError(f"There is no folder {str(json_file.parent)!r} to write into.")
    load_settings()
    from agents.router import load_router
    from evals.routing import measure_routing
    from vlm.embeddings import TextEmbedder

    report = measure_routing(load_router(TextEmbedder()), critiques)
    console = Console()
    console.print(report.table())
    for missed in report.missed:
        console.print(f"[red]missed[/red] {missed}", highlight=False)
    if json_file is not None:
        figures = json.dumps(report.model_dump(mode="json"), indent=2, ensure_ascii=False)
        json_file.expanduser().write_text(figures + "\n", encoding="utf-8")
    if report.missed:
        raise typer.Exit(1)


async def _scenarios(settings: Settings, trials: int) -> ScenarioReport:
    from evals.scenarios import run_scenarios
    from ui.assembly import open_assistant

    with building() as on_progress:
        async with open_assistant(settings, on_progress) as parts:
            return await run_scenarios(
                parts.assistant,
                trials=trials,
                on_progress=lambda done, total: on_progress("the report", done, total),
            )
