"""The router's training sentences: hand-written shapes, filled from the domain tables and set in contexts.

A shape is one sentence with places to fill (``{color}``, ``{category}``, …). Shapes, not their fillings, are what is
held aside, so that a score tells about sentences never seen.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agents.contracts import ROUTES, LastItem, Route, RouteContext, RouteRequest
from agents.tables import load_table
from fashion.color import COLORS
from fashion.tables import load_table as fashion_table
from fashion.vocabulary import CATEGORIES, MATERIALS, PATTERNS, SEASONS

Setting = Literal["any", "fresh", "picture", "picture_before", "shown", "photo_and_shown", "pending"]
Part = Literal["train", "calibration", "aside"]

_JOINABLE: tuple[Route, ...] = (
    "recommend", "personalize", "alternatives", "generate_image", "try_on", "search", "feedback", "history",
)  # fmt: skip
_ALIKE = {
    frozenset(pair)
    for pair in (("alternatives", "search"), ("recommend", "personalize"), ("recommend", "alternatives"))
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One hand-written sentence.

    Attributes:
        text: With places to fill in braces.
        routes: In the order they occur.
        setting: The conversation in which it means that.
    """

    text: str
    routes: tuple[Route, ...]
    setting: Setting

    @property
    def part(self) -> Part:
        """Where it belongs: a fifth is aside, a tenth calibrates; the same sentence is in one part in all settings."""
        bucket = zlib.crc32(re.sub(r"\W+", " ", self.text).strip().encode()) % 100
        return "aside" if bucket < 20 else "calibration" if bucket < 30 else "train"


@dataclass(frozen=True, slots=True)
class Example:
    """A message with what it asks for."""

    request: RouteRequest
    routes: tuple[Route, ...]


def load_shapes() -> list[Shape]:
    """All hand-written shapes, each text once a setting."""
    shapes: dict[tuple[str, str], Shape] = {}
    for name in (*ROUTES, "several"):
        table = load_table(f"utterances/{name}")
        for group in table.get("groups") or table["sets"]:
            routes = tuple(group.get("routes") or table["routes"])
            for line in group["shapes"].splitlines():
                shapes[line, group["context"]] = Shape(line, routes, group["context"])
    return list(shapes.values())


def expand(
    shapes: Sequence[Shape], *, seed: int, filled: int = 4, plain: int = 2, joined: int = 0
) -> list[Example]:
    """Fill shapes and set them in contexts.

    Args:
        shapes: What to expand.
        seed: The same seed, the same examples.
        filled: Examples of each shape with places to fill.
        plain: Examples of each shape without.
        joined: Further examples made of two shapes of different routes.
    """
    rng = random.Random(seed)
    examples = []
    for shape in shapes:
        for turn in range(filled if "{" in shape.text else plain):
            text = _fill(shape.text, rng)
            # The first example of a shape stays as written.
            text = varied(text, rng) if turn else text
            examples.append(Example(in_scene(text, shape.setting, rng), shape.routes))
    examples += _joined(shapes, rng, joined)
    return examples


def critique_examples(captions: Sequence[str], *, seed: int) -> list[Example]:
    """Real critiques of a shown garment, as requests for alternatives."""
    rng = random.Random(seed)
    lead_ins: list[str] = [
        "",
        "",
        "",
        "I want one that ",
        "something that ",
        "it ",
        "one which ",
        "the one that ",
    ]
    return [
        Example(in_scene(rng.choice(lead_ins) + caption.strip(), "shown", rng), ("alternatives",))
        for caption in captions
    ]


def _joined(shapes: Sequence[Shape], rng: random.Random, count: int) -> Iterator[Example]:
    joints: list[str] = load_table("wrapping")["joints"]
    single = [shape for shape in shapes if len(shape.routes) == 1 and shape.routes[0] in _JOINABLE]
    made = 0
    while made < count and single:
        first, second = rng.choice(single), rng.choice(single)
        setting = _shared_setting(first, second)
        pair = frozenset((first.routes[0], second.routes[0]))
        if setting is None or len(pair) < 2 or pair in _ALIKE:
            continue
        opening = _fill(first.text, rng).rstrip(" .")
        text = f"{opening}{rng.choice(joints)}{_fill(second.text, rng)}"
        made += 1
        yield Example(in_scene(text, setting, rng), (first.routes[0], second.routes[0]))


def _shared_setting(first: Shape, second: Shape) -> Setting | None:
    settings = {first.setting, second.setting} - {"any"}
    if "pending" in settings or len(settings) > 1:
        return None
    return settings.pop() if settings else "any"


def _fill(text: str, rng: random.Random) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: _filling(match.group(1), rng), text)


def _filling(place: str, rng: random.Random) -> str:
    words = load_table("wrapping")
    simple: dict[str, Any] = {
        "material": MATERIALS, "pattern": (*PATTERNS, "plaid", "leopard print", "striped"), "season": SEASONS,
        "occasion": words["occasions"], "ordinal": words["ordinals"], "size": words["sizes"], "price": words["prices"],
        "direction": words["directions"], "opposite": words["opposites"],
    }  # fmt: skip
    if place in simple:
        return str(rng.choice(simple[place]))
    if place == "color":
        color = COLORS[rng.choice(list(COLORS))]
        return rng.choice((color.name, color.name, *color.aliases))
    if place == "group":
        table = fashion_table("mentions")["groups"]
        return str(
            rng.choice([word for words_of in table.values() for word in words_of if word.endswith("s")])
        )
    category = CATEGORIES[rng.choice(list(CATEGORIES))]
    if place == "categories":
        return category.plural
    return rng.choice((category.singular, category.singular, *category.synonyms))


def varied(text: str, rng: random.Random) -> str:
    """A sentence with polite words around it, a slip of the finger, or other cases."""
    if len(text) < 4:
        return text
    words = load_table("wrapping")
    chance = rng.random()
    if chance < 0.18:
        text = rng.choice(words["before"]) + text
    elif chance < 0.34:
        text = text.rstrip("?.! ") + rng.choice(words["after"])
    if rng.random() < 0.15:
        text = _slip(text, rng)
    if rng.random() < 0.15:
        text = text.rstrip("?.!")
    if rng.random() < 0.1:
        text = text[0].upper() + text[1:]
    return text


def _slip(text: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(text) - 1)
    return rng.choice(
        (
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        )
    )


def in_scene(text: str, setting: Setting, rng: random.Random) -> RouteRequest:
    """A request in a random conversation that fits the setting."""
    shown = setting in ("shown", "photo_and_shown", "pending") or (setting == "any" and rng.random() < 0.4)
    pictured = setting in ("picture", "photo_and_shown") or (setting == "any" and rng.random() < 0.08)
    if setting == "picture":
        shown = rng.random() < 0.2
    before = setting == "picture_before" or (setting != "fresh" and rng.random() < 0.15)
    known = shown and rng.random() < 0.4
    last: Route | None = rng.choice(("recommend", "search", "alternatives", "personalize")) if known else None
    return RouteRequest(
        text=text,
        images=rng.choice((1, 1, 1, 2)) if pictured else 0,
        context=RouteContext(
            last_items=_items(rng) if shown else [],
            has_history=rng.random() < 0.5,
            last_route=last,
            has_picture=before or pictured,
            pending="forget" if setting == "pending" else None,
        ),
    )


def _items(rng: random.Random) -> list[LastItem]:
    names = rng.choice((1, 3, 4, 4, 5))
    kind = CATEGORIES[rng.choice(list(CATEGORIES))]
    items = []
    for number in range(names):
        color = rng.choice(list(COLORS))
        price = round(rng.uniform(20, 200), 2)
        items.append(
            LastItem(
                id=f"item-{number}",
                title=f"{color} {kind.singular}",
                category=kind.name,
                color=color,
                price=price,
            )
        )
    return items
