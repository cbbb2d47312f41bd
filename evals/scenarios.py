"""Runs scripted conversations through the whole assistant and reports how reliably they go as written.

A scenario counts in ``pass^k`` as far as k trials of it would all pass: C(passed, k) / C(trials, k), averaged over the
scenarios. Every trial is a new person, who is forgotten afterwards.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from math import comb
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from rich.table import Table

from evals.scenario_checks import problems, ungrounded
from evals.scenario_files import FOLDER, PictureOf, Scenario, ScriptedTurn, load_scenarios
from fashion.drawing import draw_garment
from graphs.assistant import Assistant
from graphs.turn import Turn, TurnRecord
from tools.contracts import Services

Progress = Callable[[int, int], None]
_PICTURE_SIZE = 512


class Failure(BaseModel):
    """One thing that did not hold."""

    scenario: str
    trial: int
    turn: int
    problem: str


class TagScore(BaseModel):
    """How the scenarios with one tag did."""

    model_config = ConfigDict(populate_by_name=True)

    n: int
    pass_1: float = Field(alias="pass^1")


class Latency(BaseModel):
    """Milliseconds of a turn."""

    p50: float
    p95: float


class ScenarioReport(BaseModel):
    """The figures of a run."""

    model_config = ConfigDict(populate_by_name=True)

    n_scored: int
    trials: int
    pass_1: float = Field(alias="pass^1")
    pass_4: float | None = Field(alias="pass^4")
    """None with fewer than four trials."""
    by_tag: dict[str, TagScore]
    latency_ms: Latency
    failures: list[Failure]
    passed: dict[str, int]
    """Trials passed of each scenario."""

    def table(self) -> Table:
        """The report for a terminal."""
        table = Table(title=f"Scenarios: {self.n_scored}, {self.trials} trial{'s' * (self.trials > 1)} each")
        table.add_column("scenario")
        table.add_column("passed", justify="right")
        table.add_column("first problem", overflow="fold")
        first = {failure.scenario: failure for failure in reversed(self.failures)}
        for name, passed in self.passed.items():
            problem = f"turn {first[name].turn}: {first[name].problem}" if name in first else ""
            table.add_row(name, f"{passed}/{self.trials}", problem)
        table.add_section()
        table.add_row("pass^1", f"{self.pass_1:.3f}", "")
        table.add_row("pass^4", "–" if self.pass_4 is None else f"{self.pass_4:.3f}", "")
        table.add_row("turn", f"{self.latency_ms.p50:.0f} ms", f"95 % within {self.latency_ms.p95:.0f} ms")
        return table


async def run_scenarios(
    assistant: Assistant,
    *,
    trials: int = 1,
    on_progress: Progress | None = None,
    folder: Path = FOLDER,
) -> ScenarioReport:
    """Run every scenario of a folder.

    Args:
        assistant: The assistant under test; the pictures are put into its own store.
        trials: How often each scenario runs, at least 1.
        on_progress: Called as ``on_progress(done, total)`` after each trial.
        folder: Where the scenario files are.

    Raises:
        ValueError: A file is no scenario, or there is none.
    """
    scenarios = await asyncio.to_thread(load_scenarios, folder)
    if not scenarios:
        raise ValueError(f"There is no scenario in {folder.name!r}; expected YAML files.")
    failures: list[Failure] = []
    passed: dict[str, int] = {}
    latencies: list[float] = []
    done = 0
    for scenario in scenarios:
        passed[scenario.name] = 0
        for trial in range(trials):
            found, times = await _trial(assistant, scenario, trial)
            failures += found
            latencies += times
            passed[scenario.name] += not found
            done += 1
            if on_progress is not None:
                on_progress(done, len(scenarios) * trials)
    return _report(scenarios, passed, trials, latencies, failures)


async def _trial(assistant: Assistant, scenario: Scenario, trial: int) -> tuple[list[Failure], list[float]]:
    """Run one conversation to its end, or to the first answer that is wrong: what follows would rest on it."""
    services = assistant.services
    user = f"scenario-{uuid.uuid4().hex[:12]}"
    records: list[TurnRecord] = []
    failures: list[Failure] = []
    try:
        for number, scripted in enumerate(scenario.turns, 1):
            record = await assistant.run(await _turn(services, user, scripted, seed=number))
            notes = await asyncio.to_thread(services.history.export, user)
            found = problems(scripted.expect, record, records, notes)
            found += await asyncio.to_thread(ungrounded, record, services, records)
            failures += [
                Failure(scenario=scenario.name, trial=trial, turn=number, problem=problem)
                for problem in found
            ]
            records.append(record)
            if found:
                break
    finally:
        await asyncio.to_thread(services.history.forget, user, effect_key=f"{user}/end")
    return failures, [record.ms for record in records]


async def _turn(services: Services, user: str, scripted: ScriptedTurn, *, seed: int) -> Turn:
    images = [await asyncio.to_thread(_put, services, user, picture, seed) for picture in scripted.pictures]
    return Turn(user=user, thread=scripted.thread, text=scripted.say, image_ids=images)


def _put(services: Services, user: str, picture: PictureOf, seed: int) -> str:
    drawn = draw_garment(picture.garment(), size=_PICTURE_SIZE, seed=seed)
    return services.artifacts.put_picture(drawn, origin="scenario", owner=user).id


def pass_hat(passed: Sequence[int], trials: int, k: int) -> float | None:
    """The chance that k trials of a scenario all pass, averaged; None with fewer than k trials.

    Args:
        passed: For each scenario, how many of its trials passed.
        trials: Trials of each scenario.
        k: How many must all pass.
    """
    if trials < k or not passed:
        return None
    return sum(comb(count, k) / comb(trials, k) for count in passed) / len(passed)


def _report(
    scenarios: Sequence[Scenario],
    passed: dict[str, int],
    trials: int,
    latencies: Sequence[float],
    failures: list[Failure],
) -> ScenarioReport:
    tags = dict.fromkeys(tag for scenario in scenarios for tag in scenario.tags)
    by_tag = {}
    for tag in sorted(tags):
        counts = [passed[scenario.name] for scenario in scenarios if tag in scenario.tags]
        by_tag[tag] = TagScore(n=len(counts), pass_1=round(pass_hat(counts, trials, 1) or 0.0, 4))
    fourth = pass_hat(list(passed.values()), trials, 4)
    p50, p95 = np.percentile(np.asarray(latencies), [50, 95])
    return ScenarioReport(
        n_scored=len(scenarios),
        trials=trials,
        pass_1=round(pass_hat(list(passed.values()), trials, 1) or 0.0, 4),
        pass_4=None if fourth is None else round(fourth, 4),
        by_tag=by_tag,
        latency_ms=Latency(p50=round(float(p50), 1), p95=round(float(p95), 1)),
        failures=failures,
        passed=passed,
    )
