"""``fashionm3 route --jsonl``: a line in, a line out, whatever the line is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.contracts import RoutePlan, RouteRequest, Slots
from ui.cli.route import answer, request_of


class Echo:
    """Routes everything to chat and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[RouteRequest] = []

    def route(self, request: RouteRequest) -> RoutePlan:
        self.asked.append(request)
        return RoutePlan(routes=["chat"], slots=Slots(colors=["navy"]), confidence=0.93)


def test_a_line_of_the_contract_is_answered_by_routes_slots_and_confidence() -> None:
    router = Echo()
    item = {"id": "a", "title": "Red Boots", "category": "Boots", "color": "red", "price": 80}
    line = {"text": "cheaper?", "images": 2, "context": {"last_items": [item], "has_history": True}}
    answered = json.loads(answer(router, json.dumps(line)))
    assert answered == {"routes": ["chat"], "slots": {"colors": ["navy"]}, "confidence": 0.93}
    asked = router.asked[0]
    assert (asked.images, asked.context.has_history, asked.context.last_items[0].price) == (2, True, 80.0)


@pytest.mark.parametrize(
    "line",
    [
        '{"text": "hi"}', '{"text": "hi", "images": null, "context": null}', '{"text": "hi", "sender": 4}',
        '{"text": "hi", "context": {"last_items": null, "has_history": null, "mood": "good"}}', '\ufeff{"text": "hi"}',
    ],
    ids=["text alone", "nulls", "an unknown key", "nulls in the context", "a byte order mark"],
)  # fmt: skip
def test_what_is_missing_null_or_unknown_is_passed_over(line) -> None:
    assert request_of(line) == RouteRequest(text="hi")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "empty"), ("junk", "not JSON"), ("[1]", "not an object"), ("null", "not an object"),
        ('{"text": 5}', "'text'"), ('{"text": "a", "images": -1}', "'images'"),
        ('{"text": "a", "images": ["b.jpg"]}', "'images'"), ('{"text": "a", "context": []}', "'context'"),
        ('{"text": "a", "context": {"last_items": [{"title": "b"}]}}', "context.last_items.0.id"),
        ("[" * 50_000, "not JSON"), ("caf\udce9", "not JSON"),
    ],
)  # fmt: skip
def test_a_bad_line_is_answered_with_what_is_wrong(line, said) -> None:
    error = json.loads(answer(Echo(), line))["error"]
    assert said in error and error.count("\n") == 0 and len(error) < 250


@settings(deadline=None)
@given(
    st.one_of(
        st.text(max_size=80), st.binary(max_size=40).map(lambda b: b.decode("utf-8", "surrogateescape"))
    )
)
def test_any_line_is_answered_in_one_line(line) -> None:
    answered = answer(Echo(), line)
    assert "\n" not in answered and json.loads(answered)
    answered.encode("utf-8")
