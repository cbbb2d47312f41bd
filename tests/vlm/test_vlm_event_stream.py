"""Server-sent events: however the bytes are cut, the same events come out."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlm.event_stream import BadStreamError, json_events
from vlm.server.attending import sse

EVENTS = st.lists(
    st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers(), max_size=3), max_size=5
)


async def cut(data: bytes, places: list[int]) -> AsyncIterator[bytes]:
    ends = sorted({min(place, len(data)) for place in places} | {0, len(data)})
    for start, end in pairwise(ends):
        yield data[start:end]


@given(EVENTS, st.lists(st.integers(0, 200), max_size=8), st.booleans())
async def test_events_come_out_as_they_went_in_however_they_are_cut(events, places, named) -> None:
    data = b"".join(sse(event, "some.name" if named else None) for event in events)
    assert [event async for event in json_events(cut(data, places))] == events


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=4))
async def test_any_bytes_are_events_or_a_bad_stream(data, places) -> None:
    try:
        events = [event async for event in json_events(cut(data, places))]
    except BadStreamError:
        return
    assert all(isinstance(event, dict) for event in events)


async def test_comments_ids_crlf_and_data_over_several_lines_are_read_as_the_standard_says() -> None:
    text = b': hello\r\nid: 3\r\nevent: x\r\ndata: {"a":\r\ndata: 1}\r\n\r\ndata:{"b":2}\n\ndata: {"unfinished":1}\n'
    assert [event async for event in json_events(cut(text, [5, 40]))] == [{"a": 1}, {"b": 2}]


async def test_nothing_is_read_after_done() -> None:
    text = b'data: {"a":1}\n\ndata: [DONE]\n\ndata: nonsense\n\n'
    assert [event async for event in json_events(cut(text, []))] == [{"a": 1}]


@pytest.mark.parametrize("data", ["nonsense", "[1]", "3", "[" * 100_000])
async def test_data_that_is_no_object_is_a_bad_stream(data) -> None:
    with pytest.raises(BadStreamError):
        [event async for event in json_events(cut(f"data: {data}\n\n".encode(), []))]


async def test_an_event_without_end_is_given_up(monkeypatch) -> None:
    monkeypatch.setattr("vlm.event_stream.LONGEST_EVENT", 1000)
    with pytest.raises(BadStreamError, match="longer"):
        [
            event
            async for event in json_events(cut(json.dumps("x" * 5000).encode(), list(range(0, 5000, 100))))
        ]


@pytest.mark.parametrize("line", [b"data: 1234567890\n", b"data:\n"])
async def test_an_event_of_ever_more_lines_is_given_up(monkeypatch, line) -> None:
    monkeypatch.setattr("vlm.event_stream.LONGEST_EVENT", 1000)
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += len(line)
            assert read < 2000
            yield line

    with pytest.raises(BadStreamError, match="longer"):
        [event async for event in json_events(endless())]


async def test_many_events_are_together_as_long_as_they_like(monkeypatch) -> None:
    monkeypatch.setattr("vlm.event_stream.LONGEST_EVENT", 1000)
    text = b'data: {"a":1}\n\n' * 500
    assert len([event async for event in json_events(cut(text, [700, 4000]))]) == 500
