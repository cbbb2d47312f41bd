"""Tool: other items of the same kind as earlier ones, changed in the direction asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from fashion.product import Product
from fashion.vocabulary import CATEGORIES
from stores.catalog import ScoredProduct
from tools.contracts import Tool, ToolContext, ToolFailedError, ToolResult
from tools.directions import Bound, Direction, bounds
from tools.get_product import product_of
from tools.matching import known_of
from tools.nearest import Found, differences
from tools.preferences import Known
from tools.prompts import load_data
from tools.ranking import Ranked, Setting, pick_varied, rank
from tools.sight import Seen, garments
from tools.wishes import ItemIds, Limit, RequestText, Wishes

POOL = 300
"""Candidates looked at in each attempt."""


class SuggestAlternativesArguments(Wishes):
    """The items to replace, the direction of change, and filters that must hold."""

    item_ids: ItemIds = Field(
        default_factory=list, description="The items shown before that shall be replaced."
    )
    direction: Direction | None = Field(
        default=None, description="How the answer shall differ, e.g. cheaper."
    )
    directions: Annotated[list[Direction], Field(max_length=6)] = Field(
        default_factory=list, description="Further directions, all of which must hold."
    )
    request: RequestText = Field(default="", description="What the person asks for, in their words.")
    refused_ids: ItemIds = Field(
        default_factory=list,
        max_length=400,
        description="Items shown or refused before; they never appear again.",
    )
    goes_with: list[Seen] = Field(
        default_factory=list, max_length=8, description="What the answer must go with, as read before."
    )
    limit: Limit = Field(default=4, description="How many items at most, 1 to 12.")


class SuggestAlternativesResult(ToolResult):
    """The alternatives, and what they were measured against."""

    replaces: list[str] = Field(default_factory=list)
    """Ids of the items they stand in for."""
    bound: str = ""
    """What is true of every item in the asked direction, e.g. ``cheaper than every item shown``."""
    exact: bool = True
    """False where no item meets every other wish; `differs` and each reason then name what differs."""
    differs: dict[str, list[str]] = Field(default_factory=dict)
    """By item id, what of the wishes the item does not meet, a clause each."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One search, from the strictest to the most lenient."""

    wishes: Wishes
    bounds: tuple[Bound, ...]

    @property
    def words(self) -> str:
        """What is true of every answer."""
        return " and ".join(bound.words for bound in self.bounds)


async def run(context: ToolContext, arguments: SuggestAlternativesArguments) -> SuggestAlternativesResult:
    """Find items of the same kind within the direction's bound."""
    if not arguments.item_ids:
        raise ToolFailedError(
            "There is nothing to replace yet; ask for a recommendation first, or name an item."
        )
    references = [await product_of(context, item_id) for item_id in arguments.item_ids]
    stated = Wishes(**arguments.wishes())
    known = await known_of(context)
    held = known.held_against(stated)
    wishes = known.narrow(stated)
    excluded = list(dict.fromkeys([*arguments.item_ids, *arguments.refused_ids, *known.refused_ids]))
    for attempt in _attempts(wishes, references, _directions(arguments)):
        found = await _search(context, attempt, arguments, references, known, excluded, wishes)
        if found:
            break
    else:
        return SuggestAlternativesResult(
            text=_nothing(arguments, references), replaces=arguments.item_ids, held_rules=held
        )
    picked = pick_varied(_ranked(found, references, arguments, attempt), arguments.limit)
    exact = not any(one.differs for one in picked)
    return SuggestAlternativesResult(
        text=_sentence(attempt, exact, references, arguments.direction),
        items=[one.card() for one in picked],
        replaces=arguments.item_ids,
        bound=attempt.words,
        exact=exact,
        differs={one.product.id: list(one.differs) for one in picked if one.differs},
        held_rules=held,
    )


def _directions(arguments: SuggestAlternativesArguments) -> list[Direction]:
    named = [arguments.direction] if arguments.direction else []
    return list(dict.fromkeys([*named, *arguments.directions]))


def _attempts(
    wishes: Wishes, references: Sequence[Product], directions: Sequence[Direction]
) -> Iterator[Attempt]:
    """Same kind before same group, every wish before what must hold in any case, the strict bounds first."""
    ladders = [ladder for one in directions if (ladder := bounds(one, references))]
    steps = max((len(ladder) for ladder in ladders), default=0)
    limits = [tuple(ladder[min(step, len(ladder) - 1)] for ladder in ladders) for step in range(steps)]
    for place in _places(wishes, references):
        for kept in (wishes, wishes.lasting()):
            for bound in limits or [()]:
                yield Attempt(kept.model_copy(update=place), bound)


def _places(wishes: Wishes, references: Sequence[Product]) -> list[dict[str, list[str]]]:
    """Where to look: the categories asked for, else those of the references, then their groups."""
    if wishes.categories:
        return [{"categories": wishes.categories, "groups": []}]
    kinds = list(dict.fromkeys(reference.category for reference in references))
    groups = list(dict.fromkeys(CATEGORIES[kind].group for kind in kinds))
    if wishes.groups:
        kinds = [kind for kind in kinds if CATEGORIES[kind].group in wishes.groups]
        groups = wishes.groups
    same_kind: list[dict[str, list[str]]] = [{"categories": kinds, "groups": []}] if kinds else []
    return [*same_kind, {"categories": [], "groups": groups}]


async def _search(
    context: ToolContext,
    attempt: Attempt,
    arguments: SuggestAlternativesArguments,
    references: Sequence[Product],
    known: Known,
    excluded: list[str],
    wishes: Wishes,
) -> list[Found]:
    """The items of one attempt, with the wishes each of them does not meet."""
    text = " ".join([arguments.request, *(reference.title for reference in references)])
    query = attempt.wishes.query(text, limit=POOL, exclude_ids=excluded, **_price_limits(attempt))
    found: list[ScoredProduct] = await asyncio.to_thread(context.services.catalog.search, query)
    asked = wishes.model_copy(update={"categories": [], "groups": []})
    different = "different" in _directions(arguments)
    return [
        Found(one.product, one.score, tuple(clause for _, clause in differences(one.product, asked)))
        for one in found
        if all(bound.met_by(one.product) for bound in attempt.bounds)
        and not wishes.breaks(one.product)
        and not known.forbids(one.product, wishes)
        and (not different or _is_different(one.product, references))
    ]


def _price_limits(attempt: Attempt) -> dict[str, float]:
    """The price bound as a filter of the search, so that no room is wasted on items beyond it."""
    limits = {}
    for bound in attempt.bounds:
        if bound.measure == "price" and bound.sign < 0:
            limits["max_price"] = min(bound.limit, attempt.wishes.max_price or bound.limit)
        elif bound.measure == "price":
            limits["min_price"] = max(bound.limit, attempt.wishes.min_price or bound.limit)
    return limits


def _is_different(product: Product, references: Sequence[Product]) -> bool:
    return all(
        (product.color, product.style) != (reference.color, reference.style) for reference in references
    )


def _ranked(
    found: Sequence[Found],
    references: Sequence[Product],
    arguments: SuggestAlternativesArguments,
    attempt: Attempt,
) -> list[Ranked]:
    """Outfit rules and likeness to the words, plus what each keeps of the item it stands in for."""
    table = load_data("ranking")
    moved = [name for one in _directions(arguments) for name in table["changed_by"].get(one, [])]
    changed = moved + list(_stated_traits(arguments))
    weights = {name: weight for name, weight in table["kept_attributes"].items() if name not in changed}
    others = garments(arguments.goes_with)
    setting = Setting(others, arguments.occasion, arguments.dress_code, arguments.season)
    ranked = rank(found, setting)
    judged_on_outfit = bool(others or arguments.occasion or arguments.season or arguments.dress_code)
    scored = []
    for one in ranked:
        share, kept = max(
            (_kept(one.product, reference, weights) for reference in references), key=lambda k: k[0]
        )
        clauses = [attempt.words] if attempt.words else []
        clauses += [f"the same {' and '.join(kept[:2])}"] if kept else []
        rest = one.reasons if judged_on_outfit else one.reasons[:-1]
        scored.append(Ranked(one.product, one.score + table["kept"] * share, (*clauses, *rest), one.differs))
    return sorted(scored, key=lambda one: (-one.score, one.product.id))


def _stated_traits(arguments: SuggestAlternativesArguments) -> Iterator[str]:
    """The attributes that the wishes themselves set, which therefore are nothing kept."""
    for wish, attribute in (
        ("colors", "color"),
        ("patterns", "pattern"),
        ("materials", "material"),
        ("styles", "style"),
    ):
        if getattr(arguments, wish):
            yield attribute
    yield from (name for name in ("length", "sleeve", "fit", "gender") if getattr(arguments, name))


def _kept(product: Product, reference: Product, weights: dict[str, float]) -> tuple[float, list[str]]:
    """The weighted share of a reference's attributes that a product has too, and their names."""
    stated = {name: weight for name, weight in weights.items() if getattr(reference, name) is not None}
    common = [name for name in stated if getattr(product, name) == getattr(reference, name)]
    share = sum(stated[name] for name in common) / max(sum(stated.values()), 1e-9)
    named = [name for name in common if name in ("style", "color", "material")]
    return share, sorted(named, key=lambda name: -stated[name])


def _sentence(
    attempt: Attempt, exact: bool, references: Sequence[Product], direction: Direction | None
) -> str:
    parts = []
    kinds = dict.fromkeys(reference.category for reference in references)
    if not attempt.wishes.categories:
        parts.append(
            f"Among {' or '.join(kinds).lower()} I have no such choice, so these are of other kinds."
        )
    if attempt.bounds:
        parts.append(f"Each of these is {attempt.words}.")
    elif direction and direction != "different":
        parts.append(
            f"{' or '.join(kinds)} cannot be told {direction.replace('_', ' ')}; here are other choices."
        )
    else:
        parts.append("Here are other choices.")
    if not exact:
        parts.append("None meets every wish, so each reason names what differs.")
    return " ".join(parts)


def _nothing(arguments: SuggestAlternativesArguments, references: Sequence[Product]) -> str:
    kinds = " or ".join(dict.fromkeys(reference.category.lower() for reference in references))
    how = (arguments.direction or "different").replace("_", " ").replace("different", "else")
    limits = " within your wishes" if arguments.wishes() else ""
    return f"I have nothing {how} in {kinds}{limits} that you have not seen."


TOOL: Tool[SuggestAlternativesArguments, SuggestAlternativesResult] = Tool(
    name="suggest_alternatives",
    description=(
        "Replace items shown before by others of the same kind, changed as asked: cheaper, darker, dressier, "
        "another color … Items shown or refused before never appear again."
    ),
    access="read",
    arguments=SuggestAlternativesArguments,
    result=SuggestAlternativesResult,
    run=run,
)
