"""The router: sentence embedding, surface features, a small trained head, and a few certainties around it.

Works without any network. What the certainties cover is exactly what the contract promises: an empty message is asked
about, a picture without words is described, a yes or no answers what is pending, and "forget me" is never mistaken.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from agents.clauses import clauses_of
from agents.contracts import ROUTES, Route, RoutePlan, Router, RouteRequest
from agents.cues import asks_to_be_forgotten, holds_any, longest, merely_has, yes_or_no
from agents.decision import Scores, decide, margin_of
from agents.features import featurize, readable, understood
from agents.head import Head, load_head
from agents.knowledge import answer
from agents.language import foreign_language
from agents.slots import fill_slots
from agents.tables import load_table
from fashion.lexicon import tokenize
from fashion.mentions import Mentions

_MOST_CHOOSING = 5
"""A longer message is more than a choice between two readings."""


class SentenceEmbedder(Protocol):
    """What the router needs of a text embedder."""

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Embed sentences as float32 of shape ``(len(texts), 384)``."""
        ...


def load_router(text_embedder: SentenceEmbedder) -> Router:
    """The router with the committed weights.

    Args:
        text_embedder: all-MiniLM-L6-v2, as `vlm.embeddings.TextEmbedder` gives it.
    """
    return LearnedRouter(text_embedder, load_head())


class LearnedRouter:
    """Routes by a trained head; safe to share between threads."""

    def __init__(self, text_embedder: SentenceEmbedder, head: Head) -> None:
        """Use an embedder and a head."""
        self._embedder = text_embedder
        self._head = head

    def route(self, request: RouteRequest) -> RoutePlan:
        """Route one message. Never raises for any text or context; blocking (a few milliseconds)."""
        certain = _certain(request)
        if certain is not None:
            return certain
        surface, sequences, mentions, tokens = featurize(request)
        embedding = self._embedder.embed([readable(request.text)])
        scores = self._head.probabilities(embedding, surface[None], [sequences])[0]
        routes = decide(scores, self._clause_scores(request), self._head.threshold)
        routes = _by_definition(routes, request, mentions, tokens)
        confidence = self._head.confidence(margin_of(scores, routes))
        if routes == ["feedback"] and holds_any(tokens, "mishap") and answer(request.text) is not None:
            # "I spilled wine on my white shirt" tells of no liking, and there is an answer to it.
            routes, confidence = ["chat"], 1.0
        if asks_to_be_forgotten(tokens):
            if "history" not in routes:
                routes = ["history", *(route for route in routes if route != "clarify")]
            confidence = 1.0
        elif confidence < self._head.ask_below:
            routes = ["clarify"]
        asks = routes == ["clarify"]
        return RoutePlan(
            routes=routes,
            slots=fill_slots(request, mentions, tokens, routes),
            confidence=round(confidence, 4),
            question=question_for(request, scores) if asks else None,
            readings=readings_for(request, scores) if asks else [],
        )

    def _clause_scores(self, request: RouteRequest) -> Scores | None:
        """The probability of each route for each clause; None for a message of one clause."""
        clauses = clauses_of(readable(request.text))
        if len(clauses) < 2:
            return None
        features = [featurize(request.model_copy(update={"text": clause})) for clause in clauses]
        return self._head.probabilities(
            self._embedder.embed(clauses),
            np.stack([one[0] for one in features]),
            [one[1] for one in features],
        )


def _by_definition(
    routes: list[Route], request: RouteRequest, mentions: Mentions, tokens: Sequence[str]
) -> list[Route]:
    """The routes put right where the words leave no doubt of what the house calls them."""
    if "feedback" in routes and len(routes) > 1 and merely_has(tokens):
        # "I have white boots, what goes with them" tells of the boots to ask about them.
        return [route for route in routes if route != "feedback"]
    bare = not (request.images or request.context.last_items or request.context.has_picture)
    names = (mentions.categories or mentions.groups) and not mentions.references
    if routes == ["clarify"] and bare and names:
        # A kind of thing and nothing else ("cardigans?") is looked up.
        return ["search"]
    return routes


def _certain(request: RouteRequest) -> RoutePlan | None:
    """The plans that need no judgment."""
    text = request.text.strip()
    if not text and request.images:
        return RoutePlan(routes=["describe"], confidence=1.0)
    if not any(character.isalnum() for character in text):
        question, readings = question_for(request, None), readings_for(request, None)
        return RoutePlan(routes=["clarify"], confidence=1.0, question=question, readings=readings)
    if request.context.pending == "forget":
        mentions, tokens = understood(request)
        confirmed = yes_or_no(tokens)
        if confirmed is not None:
            slots = fill_slots(request, mentions, tokens, ["history"], confirmed)
            return RoutePlan(routes=["history"], slots=slots, confidence=1.0)
    if foreign_language(text) is not None:
        return RoutePlan(routes=["out_of_scope"], confidence=1.0)
    return _chosen(request)


def _chosen(request: RouteRequest) -> RoutePlan | None:
    """The plan of a message that only says which of the two readings asked about is meant."""
    context = request.context
    words = [token for token in tokenize(readable(request.text)) if token.isalnum()]
    if len(context.asked) != 2 or "clarify" in context.asked or len(words) > _MOST_CHOOSING:
        return None
    choice = longest(words, "choosing")
    if choice is None:
        return None
    meant = request.model_copy(update={"text": context.asked_text})
    mentions, tokens = understood(meant)
    routes: list[Route] = [context.asked[0 if choice == "first" else 1]]
    return RoutePlan(routes=routes, slots=fill_slots(meant, mentions, tokens, routes), confidence=1.0)


def readings_for(request: RouteRequest, scores: Scores | None) -> list[Route]:
    """The two likeliest readings of a message, as `question_for` names them."""
    table = load_table("questions")
    readings: dict[str, str] = table["readings"]
    shown, pictured = bool(request.context.last_items), bool(request.images or request.context.has_picture)
    usual: list[Route] = table["usual"]["picture" if request.images else "shown" if shown else "fresh"]
    likely: list[Route] = []
    if scores is not None:
        order = [ROUTES[int(at)] for at in np.argsort(-scores, kind="stable")]
        likely = [route for route in order if scores[ROUTES.index(route)] > 0.08 and route in readings]
        impossible = {"alternatives": not shown, "try_on": not shown, "describe": not (pictured or shown)}
        likely = [route for route in likely if not impossible.get(route, False)]
    return list(dict.fromkeys([*likely, *usual]))[:2]


def question_for(request: RouteRequest, scores: Scores | None) -> str:
    """One question that names two readings of a message.

    Args:
        request: The message; the same one is always asked the same way.
        scores: The probability of each route, or None where there was nothing to judge.
    """
    table = load_table("questions")
    first, second = (table["readings"][route] for route in readings_for(request, scores))
    phrases: list[str] = table["phrases"]
    phrase = phrases[zlib.crc32(request.text.encode("utf-8", "replace")) % len(phrases)]
    return phrase.format(first=first, second=second)
