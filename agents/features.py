"""What the router's head sees of a message: surface features, and hashed word and letter sequences.

Fashion words are replaced by their kind before they are counted, so that "what goes with a teal kilt" and "what goes
with black jeans" look alike.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agents.contracts import ROUTES, RouteRequest
from agents.cues import (
    asks_to_be_forgotten,
    direction_of,
    feedback_of,
    history_action_of,
    holds_any,
    small_talk_of,
    yes_or_no,
)
from agents.spelling import mend
from fashion.lexicon import forgive, scan, tokenize
from fashion.mentions import Mentions, find_mentions

HASHED = 32768
"""How many buckets the hashed sequences fall into."""
_LONGEST_TEXT = 1200
_MASKED = ("category", "group", "color", "material", "pattern", "occasion", "season", "gender", "style")
_COUNTED = (
    "categories", "not_categories", "groups", "colors", "not_colors", "materials", "not_materials", "patterns",
    "not_patterns", "styles",
)  # fmt: skip
_STATED = ("sleeve", "length", "fit", "occasion", "season", "max_price", "min_price", "size", "gender")
_REFERENCES = ("ordinal", "that", "category", "color")

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sequences:
    """A sparse row of `HASHED` buckets: the buckets that are not empty (int64), and what is in them, of length 1."""

    buckets: npt.NDArray[np.int64]
    weights: Vector


def readable(text: str) -> str:
    """What is read of a message: its first 1,200 characters, with the spelling mended and half characters replaced."""
    return mend(text[:_LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8"))


def surface(request: RouteRequest, mentions: Mentions, tokens: Sequence[str]) -> Vector:
    """Context and cues as float32 of shape ``(SURFACE,)``, each about 0..1."""
    context = request.context
    words = [token for token in tokens if token.isalnum()]
    kinds = {reference.kind for reference in mentions.references}
    talk, beside = small_talk_of(tokens)
    feedback = feedback_of(tokens)
    values: list[float] = [
        request.images > 0,
        request.images > 1,
        bool(context.last_items),
        len(context.last_items) > 1,
        context.has_history,
        context.has_picture,
        context.pending is not None,
        bool(words),
        len(words) <= 1,
        len(words) <= 3,
        len(words) <= 6,
        min(len(words), 40) / 40,
        "?" in tokens,
        "!" in tokens,
        sum(map(tokens.count, ".,;")) / 4,
        *(context.last_route == route for route in ROUTES),
        *(min(len(getattr(mentions, name)), 3) / 3 for name in _COUNTED),
        *(getattr(mentions, name) is not None for name in _STATED),
        *(kind in kinds for kind in _REFERENCES),
        direction_of(tokens) is not None,
        feedback is not None,
        feedback in ("avoid", "dislike"),
        feedback in ("own", "bought"),
        talk is not None,
        talk is not None and beside == 0,
        talk is not None and beside <= 2,
        history_action_of(tokens) is not None,
        asks_to_be_forgotten(tokens),
        yes_or_no(tokens) is not None,
        holds_any(tokens, "all_of_them"),
        holds_any(tokens, "one_of_them"),
    ]
    return np.asarray(values, np.float32)


SURFACE = len(surface(RouteRequest(), Mentions(), []))
"""How many surface features there are."""


def sequences(request: RouteRequest, tokens: Sequence[str]) -> Sequences:
    """Hashed word and letter sequences; empty without words."""
    row: dict[int, float] = {}
    setting = f"{min(request.images, 1)}{int(bool(request.context.last_items))}"
    for name, count in Counter(_names(tokens, setting)).items():
        bucket = zlib.crc32(name.encode()) % HASHED
        row[bucket] = row.get(bucket, 0.0) + math.sqrt(count)
    weights = np.fromiter(row.values(), np.float32, len(row))
    norm = float(np.linalg.norm(weights))
    return Sequences(np.fromiter(row.keys(), np.int64, len(row)), weights / norm if norm else weights)


def _names(tokens: Sequence[str], setting: str) -> Iterator[str]:
    raw = ["^", *tokens, "$"]
    masked = ["^", *_masked(tokens), "$"]
    for width in (1, 2, 3):
        for at in range(len(masked) - width + 1):
            piece = " ".join(masked[at : at + width])
            yield f"m{piece}"
            if width > 1:
                yield f"c{setting}{piece}"
    for width in (1, 2):
        yield from (f"r{' '.join(raw[at : at + width])}" for at in range(len(raw) - width + 1))
    for word in tokens:
        if word.isalpha() and len(word) > 3:
            edged = f"<{word}>"
            yield from (f"l{edged[at : at + 4]}" for at in range(len(edged) - 3))


def _masked(tokens: Sequence[str]) -> list[str]:
    """The tokens with fashion words replaced by their kind and numbers by ``#``."""
    fixed = forgive(list(tokens))
    kinds: list[str | None] = [None] * len(fixed)
    for match in sorted(scan(fixed), key=lambda one: (one.end - one.start, -_rank(one.kind))):
        if match.kind in _MASKED:
            for at in range(match.start, match.end):
                kinds[at] = match.kind
    out: list[str] = []
    for token, kind in zip(fixed, kinds, strict=True):
        name = f"<{kind}>" if kind else "#" if token[0].isdigit() else token
        if not (kind and out and out[-1] == name):
            out.append(name)
    return out


def _rank(kind: str) -> int:
    return _MASKED.index(kind) if kind in _MASKED else len(_MASKED)


def understood(request: RouteRequest) -> tuple[Mentions, list[str]]:
    """What a message mentions, and its tokens, both of the mended text; all that slots are filled from."""
    text = readable(request.text)
    return find_mentions(text), tokenize(text)


def featurize(request: RouteRequest) -> tuple[Vector, Sequences, Mentions, list[str]]:
    """Surface and sequence features of a request, with the mentions and tokens they were made from.

    All are made from the mended text, as `readable` gives it.
    """
    mentions, tokens = understood(request)
    return surface(request, mentions, tokens), sequences(request, tokens), mentions, tokens
