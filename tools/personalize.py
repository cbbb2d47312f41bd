"""Tool: recommend by this person's own history, after the published personalization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import Field

from fashion.mentions import find_mentions
from fashion.product import Product
from fashion.vocabulary import GROUPS
from tools.contracts import Tool, ToolContext
from tools.matching import Sight, known_of, look, match
from tools.preferences import MOST, Known, Liked
from tools.prompts import preference_sentence
from tools.ranking import Liking
from tools.recommend import RecommendArguments, RecommendResult, facts
from tools.sight import Seen
from tools.taste import Taste, Vectors, learn
from tools.wishes import Wishes
from vlm.client import FashionVLMUnavailableError


class PersonalizeArguments(RecommendArguments):
    """The same as `recommend`; the history is the caller's own."""


class PersonalizeResult(RecommendResult):
    """The items, and what of the history they rest on."""

    preferences: list[str] = Field(default_factory=list)
    """The liked things that were used, the weightiest first, in words."""
    disliked: list[str] = Field(default_factory=list)
    """The things not liked that were steered away from, in words."""
    preference_sentence: str = ""
    """The "I prefer …" sentence that was appended to the request."""
    respected: list[str] = Field(default_factory=list)
    """What this person avoids, in words; nothing shown breaks it."""
    history_known: bool = False
    """False where nothing is known of this person yet."""


async def run(context: ToolContext, arguments: PersonalizeArguments) -> PersonalizeResult:
    """Learn the person's taste for this request, append the best of it to the request, and recommend."""
    known = await known_of(context)
    sight = await look(context, arguments.request, Wishes(**arguments.wishes()), arguments.item_ids)
    taste = await _taste(context, known, sight)
    preferred = taste.preferred() if taste else []
    sentence = preference_sentence([one.words for one in preferred])

    async def likings(products: Sequence[Product]) -> Mapping[str, Liking]:
        phrases = [Seen.item(product).words() for product in products]
        if taste is None:
            return {}
        return taste.likings(products, await _embedded(context, phrases, taste.centroids.shape[1]))

    matches = await match(
        context,
        sight,
        request=" ".join(part for part in (arguments.request, sentence) if part),
        known=known,
        exclude_ids=arguments.exclude_ids,
        limit=arguments.limit,
        whole_outfit=arguments.whole_outfit,
        max_total=arguments.max_total,
        likings=likings if taste else None,
    )
    shared = facts(matches)
    shared["text"] = f"{_basis(known, preferred)} {shared['text']}"
    rules = known.rules_in_words()
    return PersonalizeResult(
        **shared,
        preferences=[one.words for one in preferred],
        disliked=list(dict.fromkeys(one.words for one in known.disliked))[-MOST:],
        preference_sentence=sentence,
        respected=rules,
        history_known=bool(known.liked or known.disliked or rules or known.refused_ids),
    )


async def _taste(context: ToolContext, known: Known, sight: Sight) -> Taste | None:
    """The taste for a request; None where there is nothing to learn from."""
    things = [*known.liked, *known.disliked]
    if not things:
        return None
    wanted = _wanted(sight.wishes, sight.request, sight.seen)
    words = list(dict.fromkeys(one.words for one in things))
    vectors = dict(zip(words, await _embedded(context, words), strict=True))
    at_hand = [one.category for one in sight.seen if one.category]
    return learn(known, vectors, wanted=wanted, at_hand=at_hand)


async def _embedded(context: ToolContext, words: Sequence[str], length: int | None = None) -> Vectors:
    """Vectors of words; where FashionVLM is away, or was when the taste was learned, all of them alike."""
    try:
        vectors = await context.services.vlm.embed_texts(words)
        if length in (None, vectors.shape[1]):
            return vectors
    except FashionVLMUnavailableError:
        # Every two things are then equally alike, so that traits decide; `ask_model` tells the absence.
        pass
    return np.eye(1, length or 1, dtype=np.float32).repeat(len(words), 0)


def _wanted(wishes: Wishes, request: str, seen: Sequence[Seen]) -> set[str]:
    """The categories asked for, groups spelled out; empty where none is."""
    if wishes.categories:
        return set(wishes.categories)
    if wishes.groups:
        return {name for group in wishes.groups for name in GROUPS[group]}
    return set(find_mentions(request).categories) - {one.category for one in seen}


def _basis(known: Known, preferred: Sequence[Liked]) -> str:
    if preferred:
        used = ", ".join(one.words for one in preferred[:3])
        return f"I went by what you told me you like: {used}."
    if known.rules or known.refused_ids or known.disliked:
        return "I kept to what you told me to avoid."
    return "I know nothing of your taste yet; tell me what you like and I will remember it."


TOOL: Tool[PersonalizeArguments, PersonalizeResult] = Tool(
    name="personalize",
    description=(
        "Recommend catalog items by this person's own history: what they liked, own, bought and avoid. "
        "Names what it rests on; nothing they avoid is shown."
    ),
    access="read",
    arguments=PersonalizeArguments,
    result=PersonalizeResult,
    run=run,
)
