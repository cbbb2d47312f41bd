"""``fashionm3 eval``: scripted scenarios through the whole assistant."""

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
    from evals.scenarios import ScenarioReport

app = typer.Typer(no_args_is_help=True, help="Measure how well the assistant does.")


@app.callback()
def _group() -> None:
    """Keeps ``scenarios`` a command of its own while it is the only one."""


@app.command()
@careful
def scenarios(
    trials: Annotated[int, typer.Option(min=1, help="How often each scenario runs.")] = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.")] = None,
) -> None:
    """Run the YAML scenarios and print a table."""
    if json_file is not None and not json_file.expanduser().absolute().parent.is_dir():
        raise BadInputError(f"There is no folder {str(json_file.parent)!r} to write into.")
    report = asyncio.run(_scenarios(load_settings(), trials))
    Console().print(report.table())
    if json_file is not None:
        figures = json.dumps(report.model_dump(mode="json", by_alias=True), indent=2, ensure_ascii=False)
        json_file.expanduser().write_text(figures + "\n", encoding="utf-8")


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
