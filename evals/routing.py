"""The routing gate: precision and recall of each route, slots and calibration on the sentences held aside.

Reads the files of `agents.spoken.ASIDE` alone, and real critiques from a file where one is given (their held fifth). The
gate is on all of them; each file's own figures stand beside it, as the newest says most about sentences nobody prepared.
What it does not cover: the answers that follow from the routes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import BaseModel, Field
from rich.table import Table

from agents.contracts import ROUTES, RoutePlan, Router, RouteRequest
from agents.spoken import Spoken, load_aside
from agents.training_set import read_critiques
from agents.utterances import critique_examples

MICRO, EACH, CRITIQUES, COLORS = 0.95, 0.90, 0.96, 0.95
"""What the gate asks for: routes over all, each route, critiques to alternatives, color slots; prices must all be right."""
_BINS = 10
_TALK = frozenset({"chat", "history", "out_of_scope"})
"""Routes whose tools take no color and no price: what such a sentence names is no wish, and is not scored."""


class RouteFigures(BaseModel):
    """Of one route: the share of its choices that were right, of its sentences that were found, and their number."""

    precision: float
    recall: float
    count: int


class FileFigures(BaseModel):
    """Of one file held aside; the fields as in `RoutingReport`."""

    sentences: int
    micro: RouteFigures
    exact: float
    colors: float
    prices: float


class RoutingReport(BaseModel):
    """What the gate measured."""

    sentences: int
    micro: RouteFigures
    exact: float
    """The share of sentences with all routes right and no other."""
    by_route: dict[str, RouteFigures]
    by_file: dict[str, FileFigures]
    """The same for each file alone; the last is the newest."""
    colors: float
    """The share of sentences with ``colors`` and ``not_colors`` exactly right, of those that name a color or got one."""
    prices: float
    """The share of sentences with both price limits exactly right, of those that name a price or got one."""
    calibration_error: float
    """Expected calibration error of the confidence over ten bins of equal width, against `exact`."""
    asked_back: float
    """The share of sentences answered with a question that needed none."""
    critiques: float | None = None
    """The share of held real critiques routed to ``alternatives`` alone; None where no file was given."""
    critiques_count: int = 0
    missed: list[str] = Field(default_factory=list)
    """Which gates were missed, in words; empty where all were met."""

    def table(self) -> Table:
        """The figures as a table to print."""
        table = Table(
            "route", "precision", "recall", "sentences", title=f"{self.sentences} sentences held aside"
        )
        for route, figures in {**self.by_route, "all (micro)": self.micro}.items():
            table.add_row(route, f"{figures.precision:.3f}", f"{figures.recall:.3f}", str(figures.count))
        table.add_section()
        for name, of in self.by_file.items():
            table.add_row(
                f"{name}.yaml: colors {of.colors:.3f}, prices {of.prices:.3f}",
                f"{of.micro.precision:.3f}", f"{of.micro.recall:.3f}", str(of.micro.count),
            )  # fmt: skip
        table.add_section()
        rows = {
            "all routes right": self.exact,
            "color slots right": self.colors,
            "price limits right": self.prices,
            "asked back without need": self.asked_back,
            "calibration error": self.calibration_error,
        }
        if self.critiques is not None:
            rows[f"critiques to alternatives ({self.critiques_count})"] = self.critiques
        for words, value in rows.items():
            table.add_row(words, f"{value:.3f}")
        return table


def measure_routing(router: Router, critiques: Path | None = None) -> RoutingReport:
    """Score a router on what is held aside.

    Args:
        router: Any router.
        critiques: FashionIQ's critiques as JSON (a list of ``{"garment", "caption"}``), or None to do without.
    """
    aside = load_aside()
    plans = [router.route(spoken.request) for spoken in aside]
    right = [set(plan.routes) == set(spoken.routes) for plan, spoken in zip(plans, aside, strict=True)]
    report = RoutingReport(
        sentences=len(aside),
        micro=_figures(plans, aside, ROUTES),
        exact=_share(right),
        by_route={route: _figures(plans, aside, (route,)) for route in ROUTES},
        by_file=_by_file(plans, aside),
        colors=_slots_right(plans, aside, ("colors", "not_colors")),
        prices=_slots_right(plans, aside, ("min_price", "max_price")),
        calibration_error=calibration_error([plan.confidence for plan in plans], right),
        asked_back=_share(
            [
                plan.routes == ["clarify"] and "clarify" not in spoken.routes
                for plan, spoken in zip(plans, aside, strict=True)
            ]
        ),
    )
    if critiques is not None:
        requests = [one.request for one in critique_examples(read_critiques(critiques)["aside"], seed=7)]
        share = _share([_only_alternatives(router, request) for request in requests])
        report = report.model_copy(update={"critiques": share, "critiques_count": len(requests)})
    return report.model_copy(update={"missed": _missed(report)})


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """The mean gap between confidence and the share that is right, over bins of equal width, weighted by their size."""
    sure, hits = np.asarray(confidences), np.asarray(right, float)
    places = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(float(sure[places == place].mean() - hits[places == place].mean()))
        * float((places == place).mean())
        for place in range(_BINS)
        if (places == place).any()
    ]
    return round(sum(gaps), 4)


def _figures(plans: Sequence[RoutePlan], aside: Sequence[Spoken], routes: Sequence[str]) -> RouteFigures:
    pairs = [(set(plan.routes), set(spoken.routes)) for plan, spoken in zip(plans, aside, strict=True)]
    hits = sum(route in said and route in true for said, true in pairs for route in routes)
    said_count = sum(route in said for said, _ in pairs for route in routes)
    true_count = sum(route in true for _, true in pairs for route in routes)
    return RouteFigures(
        precision=round(hits / max(said_count, 1), 4),
        recall=round(hits / max(true_count, 1), 4),
        count=true_count,
    )


def _by_file(plans: Sequence[RoutePlan], aside: Sequence[Spoken]) -> dict[str, FileFigures]:
    found = {}
    for source in dict.fromkeys(spoken.source for spoken in aside):
        kept = [pair for pair in zip(plans, aside, strict=True) if pair[1].source == source]
        said, true = [plan for plan, _ in kept], [spoken for _, spoken in kept]
        found[source] = FileFigures(
            sentences=len(kept),
            micro=_figures(said, true, ROUTES),
            exact=_share([set(plan.routes) == set(spoken.routes) for plan, spoken in kept]),
            colors=_slots_right(said, true, ("colors", "not_colors")),
            prices=_slots_right(said, true, ("min_price", "max_price")),
        )
    return found


def _slots_right(plans: Sequence[RoutePlan], aside: Sequence[Spoken], names: Sequence[str]) -> float:
    right = []
    for plan, spoken in zip(plans, aside, strict=True):
        said = [_plain(getattr(plan.slots, name)) for name in names]
        true = [_plain(spoken.slots.get(name)) for name in names]
        if (any(said) or any(true)) and not set(spoken.routes) <= _TALK:
            right.append(said == true)
    return _share(right)


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, list) else value or []


def _only_alternatives(router: Router, request: RouteRequest) -> bool:
    return router.route(request).routes == ["alternatives"]


def _share(values: Sequence[bool]) -> float:
    return round(sum(values) / max(len(values), 1), 4)


def _missed(report: RoutingReport) -> list[str]:
    missed = []
    if min(report.micro.precision, report.micro.recall) < MICRO:
        missed.append(f"routes: {report.micro.precision} precise, {report.micro.recall} found; {MICRO} asked")
    for route, figures in report.by_route.items():
        if min(figures.precision, figures.recall) < EACH:
            missed.append(f"{route}: {figures.precision} precise, {figures.recall} found; {EACH} asked")
    if report.colors < COLORS:
        missed.append(f"color slots: {report.colors} right; {COLORS} asked")
    if report.prices < 1.0:
        missed.append(f"price limits: {report.prices} right; all asked")
    if report.critiques is not None and report.critiques < CRITIQUES:
        missed.append(f"critiques: {report.critiques} to alternatives; {CRITIQUES} asked")
    return missed
