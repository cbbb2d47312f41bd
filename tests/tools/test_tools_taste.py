"""Learned taste: the published score, recency, several tastes, dislikes, and traits that carry over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.rooms import generate_products
from tools.preferences import Known, Liked
from tools.taste import learn

NOW = datetime(2026, 11, 23, tzinfo=UTC)
JEANS, SKIRT = frozenset({"Jeans"}), frozenset({"Skirts"})


def thing(
    words: str, *, verb: str = "liked", count: int = 1, days: float = 0, with_=(), **traits: str
) -> Liked:
    return Liked(words, traits, verb, count, NOW - timedelta(days=days), tuple(with_))


def axis(number: int, tilt: float = 0.0) -> np.ndarray:
    row = np.zeros(384, np.float32)
    row[number], row[383] = np.sqrt(1 - tilt**2), tilt
    return row


def test_the_published_score_weighs_what_was_worn_with_the_things_at_hand() -> None:
    liked = [
        thing("white sneakers", count=2, with_=(JEANS, JEANS), category="Sneakers"),
        thing("grey sneakers", count=1, with_=(JEANS,), category="Sneakers"),
    ]
    close = np.zeros(384, np.float32)
    close[0], close[1] = 0.8, 0.6
    taste = learn(
        Known(liked),
        {"white sneakers": axis(0), "grey sneakers": close},
        wanted={"Sneakers"},
        at_hand={"Jeans"},
    )
    centroid = 2 * axis(0) + close
    centroid /= np.linalg.norm(centroid)
    assert taste.scores == pytest.approx(
        [float(axis(0) @ centroid) * 3, float(close @ centroid) * 2], rel=1e-5
    )


def test_tastes_that_are_unlike_are_kept_apart_and_take_turns() -> None:
    liked = [thing(f"black leather {n}", category="Boots", color="black") for n in range(4)]
    liked += [thing("floral silk", category="Dresses", color="pink", pattern="floral")]
    vectors = {one.words: axis(0, 0.1) for one in liked[:4]} | {"floral silk": axis(1)}
    taste = learn(Known(liked), vectors, wanted=(), at_hand=())
    assert len(taste.centroids) == 2
    assert abs(float(taste.centroids[0] @ taste.centroids[1])) < 0.2
    assert "floral silk" in [one.words for one in taste.preferred()[:2]]


def test_a_newer_liking_counts_more_than_an_older_one() -> None:
    old, new = thing("red", days=720, color="red"), thing("blue", color="blue")
    taste = learn(Known([old, new]), {"red": axis(0), "blue": axis(1)}, wanted=(), at_hand=())
    assert taste.things[0] == new
    assert taste.traits["color", "blue"] > 2 * taste.traits["color", "red"] > 0


def test_what_is_not_liked_pushes_away_and_what_is_liked_carries_over_to_other_kinds() -> None:
    products = generate_products(20250425, 408)
    boots = [one for one in products if one.category == "Boots"]
    wool = next(one for one in products if one.material == "wool" and one.color != "navy")
    navy = next(one for one in products if one.color == "navy" and one.material not in ("wool", "suede"))
    other = next(one for one in boots if one.color not in ("navy", "brown") and one.material != "wool")
    known = Known(
        [thing("navy loafers", category="Loafers", color="navy")],
        [thing("wool", verb="did not like", material="wool")],
    )
    taste = learn(known, {"navy loafers": axis(0), "wool": axis(1)}, wanted={"Boots"}, at_hand=())
    likings = taste.likings([navy, other, wool], np.stack([axis(2)] * 3))
    assert likings[navy.id].score > likings[other.id].score > likings[wool.id].score
    assert likings[navy.id].reason == "navy like the navy loafers you liked"
    assert not likings[wool.id].reason


def test_nothing_known_is_no_taste() -> None:
    taste = learn(Known(), {}, wanted=(), at_hand=())
    assert taste.preferred() == []
    (product,) = generate_products(1, 60)[:1]
    assert taste.likings([product], axis(0)[None])[product.id].score == 0
