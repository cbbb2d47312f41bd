from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from fashion.fashionrec import (
    DrawingSample,
    Exchange,
    FashionRecError,
    Item,
    Sample,
    read_drawings,
    read_samples,
    shards,
    write_drawings,
    write_samples,
)
from fashion.fashionrec_tables import Tables, read_tables, write_tables

COAT = Item("1", "Clothing", "Coats", "1.jpg", "a camel coat")
BOOTS = Item("2", "Shoes", "Boots", "2.jpg", "black boots")
TALK = (Exchange("human", "what goes with this?"), Exchange("gpt", "Black boots."))
BASIC = Sample("0000000", b"\xff\xd8one", TALK, partial_outfit=(COAT,), target_items=(COAT, BOOTS))
PERSONAL = Sample(
    "0000001", b"\xff\xd8two", TALK, partial_outfit=(COAT,), target_items=(BOOTS,), history=(BOOTS, COAT)
)
OTHER = Sample("0000002", b"\xff\xd8three", TALK, partial_outfit=(COAT,), changeable_items=(BOOTS, COAT))


def _tar(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def test_samples_come_back_as_they_were_written(tmp_path: Path) -> None:
    shard = tmp_path / "train" / "000.tar"
    assert write_samples(shard, [BASIC, PERSONAL, OTHER]) == 3
    assert list(read_samples(shard)) == [BASIC, PERSONAL, OTHER]
    assert shards(shard.parent) == [shard]


def test_task_target_and_answer_follow_the_fields() -> None:
    assert [sample.task for sample in (BASIC, PERSONAL, OTHER)] == ["basic", "personalized", "alternative"]
    assert [sample.target for sample in (BASIC, PERSONAL, OTHER)] == [BOOTS, BOOTS, BOOTS]
    assert BASIC.answer == "Black boots."


def test_drawings_come_back_as_they_were_written(tmp_path: Path) -> None:
    drawings = [
        DrawingSample("0000000", b"\xff\xd8", "a red scarf"),
        DrawingSample("0000001", b"\xff\xd8", "été"),
    ]
    write_drawings(tmp_path / "d.tar", drawings)
    assert list(read_drawings(tmp_path / "d.tar")) == drawings


def test_errors_name_the_shard_and_the_sample(tmp_path: Path) -> None:
    good = json.dumps({"conversation": [{"from": "gpt", "value": "x"}]}).encode()
    cases: list[tuple[dict[str, bytes], str]] = [
        ({"0000004.jpg": b"x"}, r"bad\.tar: sample 0000004: no \.json"),
        ({"0000004.json": good}, r"bad\.tar: sample 0000004: no \.jpg"),
        ({"0000004.jpg": b"x", "0000004.json": b"{}"}, "sample 0000004: no field 'conversation'"),
        ({"0000004.jpg": b"x", "0000004.json": b"[1]"}, "sample 0000004: the json must be an object"),
        ({"0000004.jpg": b"x", "0000004.json": b"{"}, "sample 0000004: Expecting"),
        ({"0000004.jpg": b"x", "0000004.json": good}, "sample 0000004: neither target_items"),
        (
            {"0000004.jpg": b"x", "0000004.json": b'{"conversation": [{"from": "me", "value": ""}]}'},
            "from 'me'",
        ),
        ({"0000004.jpg": b"x", "0000004.json": b'{"conversation": []}'}, "must end with an answer"),
    ]
    for files, message in cases:
        with pytest.raises(FashionRecError, match=message):
            list(read_samples(_tar(tmp_path / "bad.tar", files)))


def test_a_cut_off_tar_gives_the_samples_before_the_cut_and_then_an_error(tmp_path: Path) -> None:
    shard = tmp_path / "cut.tar"
    big = [Sample(f"{n:07d}", b"\xff" * 4000, TALK, target_items=(BOOTS,)) for n in range(4)]
    write_samples(shard, big)
    shard.write_bytes(shard.read_bytes()[:13000])
    reader = read_samples(shard)
    assert next(reader) == big[0]
    with pytest.raises(FashionRecError, match=r"cut\.tar: not a readable tar after sample"):
        list(reader)


def test_no_shards_and_no_tar_are_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(FashionRecError, match=r"no \.tar shards"):
        shards(tmp_path)
    (tmp_path / "x.tar").write_bytes(b"hello")
    with pytest.raises(FashionRecError, match=r"x\.tar: not a readable tar"):
        list(read_samples(tmp_path / "x.tar"))


def test_tables_come_back_as_they_were_written(tmp_path: Path) -> None:
    tables = Tables({"1": COAT, "2": BOOTS}, {"o1": ("1", "2")}, {"u1": ("o1",)})
    write_tables(tmp_path, tables)
    assert read_tables(tmp_path) == tables
    (tmp_path / "users_lite.parquet").unlink()
    with pytest.raises(FashionRecError, match=r"users_lite\.parquet"):
        read_tables(tmp_path)
