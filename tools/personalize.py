"""Tool: recommend by this person's own history, after the published personalization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import Field

from fashion.mentions import find_mentions
from fashion.product import Product
from fashion.vocabulary import GROUPS
from tools.contracts import Tool, ToolContext
from tools.matching import known_of, look, match
from tools.preferences import MOST, Known, Liked, Vectors, relevant, rule_words, score_liked
from tools.prompts import preference_sentence
from tools.ranking import Liking
from tools.recommend import RecommendArguments, RecommendResult, facts
from tools.sight import Seen
from tools.wishes import Wishes
from vlm.client import FashionVLMUnavailableError


class PersonalizeArguments(RecommendArguments):
    """The same as `recommend`; the history is the caller's own."""


class PersonalizeResult(RecommendResult):
    """The items, and what of the history they rest on."""

    preferences: list[str] = Field(default_factory=list)
    """The liked things that were used, the weightiest first, in words."""
    preference_sentence: str = ""
    """The "I prefer …" sentence that was appended to the request."""
    respected: list[str] = Field(default_factory=list)
    """What this person avoids, in words; nothing shown breaks it."""
    history_known: bool = False
    """False where nothing is known of this person yet."""


async def run(context: ToolContext, arguments: PersonalizeArguments) -> PersonalizeResult:
    """Score the person's liked things, append the best to the request, and recommend."""
    known = await known_of(context)
    sight = await look(context, arguments.request, Wishes(**arguments.wishes()), arguments.item_ids)
    liked = relevant(known, _wanted(sight.wishes, arguments.request, sight.seen))
    best, vectors = await _best(context, liked, [one.category for one in sight.seen if one.category])
    preferred = preference_sentence([one.words for one, _ in best])

    async def likings(products: Sequence[Product]) -> Mapping[str, Liking]:
        return await _likings(context, products, best, vectors)

    matches = await match(
        context,
        sight,
        request=" ".join(part for part in (arguments.request, preferred) if part),
        known=known,
        exclude_ids=arguments.exclude_ids,
        limit=arguments.limit,
        likings=likings if best else None,
    )
    shared = facts(matches)
    shared["text"] = f"{_basis(known, best)} {shared['text']}"
    return PersonalizeResult(
        **shared,
        preferences=[one.words for one, _ in best],
        preference_sentence=preferred,
        respected=[rule_words(rule) for rule in known.rules],
        history_known=bool(known.liked or known.rules or known.refused_ids),
    )


def _wanted(wishes: Wishes, request: str, seen: Sequence[Seen]) -> set[str]:
    """The categories asked for, groups spelled out; empty where none is."""
    if wishes.categories:
        return set(wishes.categories)
    if wishes.groups:
        return {name for group in wishes.groups for name in GROUPS[group]}
    return set(find_mentions(request).categories) - {one.category for one in seen}


async def _best(
    context: ToolContext, liked: Sequence[Liked], at_hand: Sequence[str]
) -> tuple[list[tuple[Liked, float]], Vectors]:
    """The five best liked things by the published score, best first, with their embeddings."""
    if not liked:
        return [], np.zeros((0, 0), np.float32)
    try:
        vectors = await context.services.vlm.embed_texts([one.words for one in liked])
    except FashionVLMUnavailableError:
        # Every cosine then counts the same, so that how often decides; `ask_model` tells the absence.
        vectors = np.ones((len(liked), 1), np.float32)
    scores = score_liked(liked, vectors, at_hand)
    order = sorted(range(len(liked)), key=lambda index: (-scores[index], index))[:MOST]
    return [(liked[index], scores[index]) for index in order], vectors[order]


async def _likings(
    context: ToolContext, products: Sequence[Product], best: Sequence[tuple[Liked, float]], vectors: Vectors
) -> Mapping[str, Liking]:
    """For each product, its closest liked thing, weighted by that thing's score against the best."""
    phrases = [Seen.item(product).words() for product in products]
    distinct = list(dict.fromkeys(phrases))
    try:
        embedded = await context.services.vlm.embed_texts(distinct)
    except FashionVLMUnavailableError:
        return {}
    if embedded.shape[-1] != vectors.shape[-1]:
        return {}
    weights = np.asarray([score for _, score in best], np.float32) / max(score for _, score in best)
    closeness = np.clip(embedded @ vectors.T, 0.0, 1.0) * np.clip(weights, 0.0, 1.0)
    rows = {words: closeness[index] for index, words in enumerate(distinct)}
    likings = {}
    for product, words in zip(products, phrases, strict=True):
        nearest = int(rows[words].argmax())
        thing = best[nearest][0]
        likings[product.id] = Liking(float(rows[words][nearest]), _shared(product, thing))
    return likings


def _shared(product: Product, thing: Liked) -> str:
    """What a product and a liked thing truly share, as a clause; empty for nothing that can be named."""
    named = find_mentions(thing.words)
    traits = [
        trait
        for trait, values in ((product.color, named.colors), (product.material, named.materials))
        if trait and trait in values
    ]
    same_kind = thing.category is not None and thing.category == product.category
    past = {"liked": "you liked", "own": "you own", "bought": "you bought"}[thing.verb]
    if traits:
        return f"{' '.join(traits)} like the {thing.words} {past}"
    return f"the same kind of piece as the {thing.words} {past}" if same_kind else ""


def _basis(known: Known, best: Sequence[tuple[Liked, float]]) -> str:
    if best:
        used = ", ".join(one.words for one, _ in best[:3])
        return f"I went by what you told me you like: {used}."
    if known.rules or known.refused_ids:
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
