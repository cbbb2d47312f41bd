"""From probabilities to routes: how many, which, and in what order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from agents.contracts import ROUTES, Route

Scores = npt.NDArray[np.float32]

_LEAST = 0.05
"""Below this the likeliest route is a guess, and the router asks."""
_PLAIN = 0.8
"""A clause this sure of a route brings it in, where the whole message does not speak against it."""
_POSSIBLE = 0.08
"""Below this the whole message speaks against a route."""
_EITHER: tuple[tuple[Route, Route], ...] = (("recommend", "personalize"), ("alternatives", "search"))
"""Two readings of one wish: a message means one of them."""
_ASKING: tuple[Route, ...] = ("clarify",)
"""Routes that stand alone."""
_NOT_FROM_A_CLAUSE: tuple[Route, ...] = ("clarify", "chat")
"""A short clause often looks like these without meaning them."""


def decide(whole: Scores, clauses: Scores | None, threshold: float) -> list[Route]:
    """The routes of a message, in the order of its clauses.

    Args:
        whole: The probability of each route for the whole message, ``(routes,)``.
        clauses: The same for each of its clauses, ``(clauses, routes)``; None for a single one.
        threshold: A route is meant from this probability on.
    """
    order = [ROUTES[int(at)] for at in np.argsort(-whole, kind="stable")]
    if order[0] == "clarify" or _of(whole, order[0]) < _LEAST:
        return ["clarify"]
    if clauses is None:
        return [order[0]]
    likely = [route for route in order if _of(whole, route) >= threshold and route not in _ASKING]
    meant = likely or order[:1]
    meant += [route for route in _plainly_asked(whole, clauses) if route not in meant]
    for pair in _EITHER:
        if set(pair) <= set(meant):
            meant.remove(min(pair, key=lambda route: _of(whole, route)))
    return sorted(meant, key=lambda route: int(clauses[:, ROUTES.index(route)].argmax()))


def margin_of(whole: Scores, routes: list[Route]) -> float:
    """How clearly a plan stands out: the log odds of its weakest route, less those of the strongest route left out.

    About -10..10; the plan of a clear message is above 4.
    """
    odds = np.log(np.clip(whole, 1e-4, 1 - 1e-4) / (1 - np.clip(whole, 1e-4, 1 - 1e-4)))
    chosen = [ROUTES.index(route) for route in routes]
    others = [float(odds[at]) for at in range(len(ROUTES)) if at not in chosen]
    return (min(float(odds[at]) for at in chosen) - max(others, default=-9.0)) / 2


def _plainly_asked(whole: Scores, clauses: Scores) -> list[Route]:
    likeliest = {ROUTES[int(row.argmax())]: float(row.max()) for row in clauses[clauses.max(1).argsort()]}
    return [
        route
        for route, score in likeliest.items()
        if score >= _PLAIN and _of(whole, route) >= _POSSIBLE and route not in _NOT_FROM_A_CLAUSE
    ]


def _of(scores: Scores, route: Route) -> float:
    return float(scores[ROUTES.index(route)])
