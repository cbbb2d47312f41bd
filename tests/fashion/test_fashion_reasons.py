from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion.garment import Garment
from fashion.reasons import Setting, reason_is_true, true_reasons
from fashion.sampling import sample_garment

JEANS = Garment("Jeans", "navy", material="denim", style="straight")
CAMEL_BOOTS = Garment("Boots", "camel", material="leather", style="ankle")
FLORAL_SKIRT = Garment("Skirts", "pink", "floral", "cotton", "a-line")
SNEAKERS = Garment("Sneakers", "white", material="canvas", style="low-top")
OXFORDS = Garment("Oxford shoes", "black", material="leather", style="cap-toe")
LINEN_SHIRT = Garment("Shirts", "white", material="linen", style="button-down", sleeve="long")


def _claims(text: str, items: list[Garment], target: Garment, **more: object) -> list[tuple[str, bool]]:
    verdict = reason_is_true(text, items, target, **more)  # type: ignore[arg-type]
    return [(claim.kind, claim.true) for claim in verdict.claims]


@pytest.mark.parametrize(
    ("text", "items", "target", "more", "claims"),
    [
        ("Camel boots, because navy and camel are a classic pair.", [JEANS], CAMEL_BOOTS, {}, [("harmony", True)]),
        ("Camel and navy are a classic pair", [JEANS], CAMEL_BOOTS, {}, [("harmony", True)]),
        ("navy and camel are opposites that lift each other", [JEANS], CAMEL_BOOTS, {}, [("harmony", False)]),
        ("black and camel are a classic pair", [JEANS], CAMEL_BOOTS, {}, [("harmony", False)]),
        ("the floral skirt is the only pattern, so the rest stays quiet", [FLORAL_SKIRT], CAMEL_BOOTS, {}, [("pattern", True)]),
        ("everything is plain, so the shapes speak", [FLORAL_SKIRT], CAMEL_BOOTS, {}, [("pattern", False)]),
        ("linen is right for summer", [JEANS], LINEN_SHIRT, {"season": "summer"}, [("season", True)]),
        ("it is thin for winter", [JEANS], LINEN_SHIRT, {"season": "winter"}, [("season", False)]),
        ("linen is right for winter", [JEANS], LINEN_SHIRT, {"season": "winter"}, [("season", False)]),
        ("linen is right for summer", [JEANS], LINEN_SHIRT, {"season": "winter"}, [("season", False)]),
        ("they are dressier than the sneakers", [JEANS, SNEAKERS], OXFORDS, {"changed": SNEAKERS}, [("change", True)]),
        ("they are warmer than the jeans", [JEANS, SNEAKERS], OXFORDS, {}, [("change", False)]),
        ("you like camel", [JEANS], CAMEL_BOOTS, {"liked": [CAMEL_BOOTS]}, [("taste", True)]),
        ("you like camel", [JEANS], CAMEL_BOOTS, {"liked": [OXFORDS]}, [("taste", False)]),
        ("they look composed and professional", [], OXFORDS, {"occasion": "business meeting"}, [("occasion", True)]),
        ("they do not mind sun and sand", [], OXFORDS, {}, [("occasion", False)]),
        ("black is a good color for a job interview", [], OXFORDS, {}, [("occasion_color", True)]),
        ("camel keeps the look simple", [JEANS], CAMEL_BOOTS, {}, [("plain", True)]),
        ("camel adds color", [JEANS], CAMEL_BOOTS, {}, [("plain", False)]),
        ("they are simply gorgeous", [JEANS], CAMEL_BOOTS, {}, []),
    ],
)  # fmt: skip
def test_a_reason_is_found_and_held_against_the_rules(
    text: str, items: list[Garment], target: Garment, more: dict[str, object], claims: list[tuple[str, bool]]
) -> None:
    assert _claims(text, items, target, **more) == claims


def test_no_reason_is_no_true_reason_and_one_false_reason_spoils_the_rest() -> None:
    assert not reason_is_true("Take the boots.", [JEANS], CAMEL_BOOTS)
    both = "navy and camel are a classic pair and everything is plain, so the shapes speak"
    assert reason_is_true(both, [JEANS], CAMEL_BOOTS)
    assert not reason_is_true(both, [JEANS, FLORAL_SKIRT], CAMEL_BOOTS)


def test_what_is_replaced_is_no_company_for_the_target() -> None:
    words = "navy and camel are a classic pair"
    assert not reason_is_true(words, [JEANS, SNEAKERS], CAMEL_BOOTS, changed=JEANS)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_every_true_reason_is_confirmed_in_a_sentence(seed: int) -> None:
    rng = random.Random(seed)
    target, *items = (sample_garment(rng) for _ in range(rng.choice((2, 2, 3))))
    setting = Setting(
        target, tuple(items), rng.choice((None, "wedding", "gym")), rng.choice((None, "winter"))
    )
    for reason in true_reasons(setting):
        verdict = reason_is_true(f"Try it: {reason.text}.", items, target, setting.occasion, setting.season)
        assert verdict, reason


@given(st.text(max_size=200))
def test_checking_any_text_never_raises(text: str) -> None:
    assert isinstance(bool(reason_is_true(text, [JEANS], CAMEL_BOOTS)), bool)
