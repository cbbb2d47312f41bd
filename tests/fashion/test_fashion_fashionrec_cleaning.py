from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fashion.fashionrec import Exchange, FashionRecError, Item, Sample, write_samples
from fashion.fashionrec_cleaning import cleaned, without_marks
from fashion.fashionrec_index import index_shard, read_sample

COAT = Item("1", "outerwear", "Coats", "1.jpg", "a camel coat")


def _jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "JPEG")
    return buffer.getvalue()


def _noise() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((64, 64), 90).save(buffer, "JPEG")
    return buffer.getvalue()


def _sample(*said: tuple[str, str], key: str = "0000000") -> Sample:
    talk = tuple(Exchange(speaker, text) for speaker, text in said)  # type: ignore[arg-type]
    return Sample(key, _jpeg(), talk, target_items=(COAT,))


def test_picture_marks_are_taken_out_of_the_text() -> None:
    assert without_marks("<image>\nwhat goes with this?") == "what goes with this?"
    assert without_marks("what <img_3/> goes  with <|soi|><|eoi|>this?") == "what goes with this?"
    assert without_marks("is 3 < 4 and 5 > 4?") == "is 3 < 4 and 5 > 4?"


def test_a_conversation_starts_with_the_person_and_takes_turns() -> None:
    sample = _sample(
        ("gpt", "Hello."),
        ("human", "<image>"),
        ("human", "what goes?"),
        ("human", "with this"),
        ("gpt", "A hat."),
    )
    assert cleaned(sample).conversation == (
        Exchange("human", "what goes?\nwith this"),
        Exchange("gpt", "A hat."),
    )
    with pytest.raises(FashionRecError, match="no request with an answer"):
        cleaned(_sample(("human", "<image>"), ("gpt", "A hat.")))


@given(st.text())
def test_taking_marks_out_of_any_text_never_raises(text: str) -> None:
    assert "<image>" not in without_marks(text)


def test_records_are_read_from_where_they_lie(tmp_path: Path) -> None:
    shard = tmp_path / "000.tar"
    samples = [_sample(("human", f"q{n}"), ("gpt", f"a{n}"), key=f"{n:07d}") for n in range(3)]
    write_samples(shard, samples)
    index = index_shard(shard)
    assert index.problem is None
    assert [read_sample(record) for record in reversed(index.records)] == samples[::-1]


def test_an_unanswered_last_request_is_dropped_and_missing_item_fields_are_empty(tmp_path: Path) -> None:
    shard = tmp_path / "000.tar"
    record = (
        b'{"conversation": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"},'
        b' {"from": "human", "value": "thanks"}], "target_items": [{"item_id": 7, "category": null}]}'
    )
    with tarfile.open(shard, "w") as tar:
        for name, data in (("./0000001.png", _jpeg()), ("./0000001.json", record)):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    sample = read_sample(index_shard(shard).records[0])
    assert sample.answer == "a"
    assert sample.target == Item("7", "", "", "", "")


@pytest.mark.parametrize(
    ("picture", "reason"), [(b"no picture", "broken picture"), (_noise()[:-200], "broken picture")]
)
def test_a_broken_picture_is_named_as_the_reason(tmp_path: Path, picture: bytes, reason: str) -> None:
    shard = tmp_path / "000.tar"
    sample = Sample("0000000", picture, (Exchange("human", "q"), Exchange("gpt", "a")), target_items=(COAT,))
    write_samples(shard, [sample])
    with pytest.raises(FashionRecError) as caught:
        read_sample(index_shard(shard).records[0])
    assert caught.value.reason == reason


def test_of_a_cut_off_tar_the_records_before_the_cut_are_read(tmp_path: Path) -> None:
    shard = tmp_path / "000.tar"
    write_samples(shard, [_sample(("human", "q"), ("gpt", "a"), key=f"{n:07d}") for n in range(4)])
    whole = index_shard(shard).records
    shard.write_bytes(shard.read_bytes()[: whole[2].members["jpg"][0] + 20])
    index = index_shard(shard)
    assert read_sample(index.records[1]).key == "0000001"
    with pytest.raises(FashionRecError) as caught:
        read_sample(index.records[2])
    assert caught.value.reason in ("broken tar", "no json")
    shard.write_bytes(b"hello")
    index = index_shard(shard)
    assert not index.records
    assert index.problem is not None
