from __future__ import annotations

import io
import pickle
from itertools import islice
from pathlib import Path

import pytest
from PIL import Image

from fashion.fashionrec import (
    DrawingSample,
    Exchange,
    FashionRecError,
    Item,
    Sample,
    write_drawings,
    write_samples,
)
from vlm.training.fashionrec_source import (
    Place,
    TrainingRow,
    open_drawings,
    open_recommendations,
    picture_of,
    training_row,
)

COAT = Item("1", "outerwear", "Coats", "1.jpg", "a camel coat")


def _jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "JPEG")
    return buffer.getvalue()


def _sample(number: int, picture: bytes | None = None) -> Sample:
    talk = (Exchange("human", f"<image>\nq{number}"), Exchange("gpt", f"a{number}"))
    return Sample(f"{number:07d}", picture or _jpeg(), talk, target_items=(COAT,))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "data" / "basic_recommendation"
    write_samples(home / "train" / "000.tar", [_sample(n) for n in range(4)])
    write_samples(home / "train" / "001.tar", [_sample(4), _sample(5, b"broken"), _sample(6)])
    write_samples(home / "test" / "000.tar", [_sample(9)])
    write_drawings(
        tmp_path / "data" / "fashion_image_generation" / "000.tar", [DrawingSample("0", _jpeg(), "a red hat")]
    )
    return tmp_path


def test_an_epoch_gives_each_good_record_once_in_the_order_of_its_seed(folder: Path) -> None:
    rows = open_recommendations(folder)
    keys = [sample.key for _, sample in islice(rows.stream(1), 12)]
    assert sorted(keys[:6]) == sorted(keys[6:]) == [f"{n:07d}" for n in (0, 1, 2, 3, 4, 6)]
    assert keys[:6] != keys[6:]
    assert keys == [sample.key for _, sample in islice(open_recommendations(folder).stream(1), 12)]
    assert keys != [sample.key for _, sample in islice(open_recommendations(folder).stream(2), 12)]
    assert rows.skipped == {"broken picture": 2}


@pytest.mark.parametrize("stop", [1, 5, 6, 7, 11])
def test_a_stream_goes_on_from_its_place(folder: Path, stop: int) -> None:
    rows = open_recommendations(folder)
    whole = [sample.key for _, sample in islice(rows.stream(3), 14)]
    place = list(islice(rows.stream(3), stop))[-1][0]
    assert [sample.key for _, sample in islice(rows.stream(3, place), 14 - stop)] == whole[stop:]


def test_a_record_by_number_is_the_next_good_one(folder: Path) -> None:
    rows = open_recommendations(folder)
    assert len(rows) == 7
    assert rows[5].key == "0000006"
    assert rows.skipped == {"broken picture": 1}
    with pytest.raises(IndexError, match="no number 7"):
        rows[7]


def test_a_row_has_clean_words_in_the_roles_of_a_chat(folder: Path) -> None:
    row = training_row(open_recommendations(folder)[2])
    assert row.messages == (("user", "q2"), ("assistant", "a2"))
    assert (row.task, row.target) == ("basic", "a camel coat")
    assert picture_of(row).size == (8, 8)
    drawn = training_row(open_drawings(folder)[0])
    assert drawn == TrainingRow("0", "drawing", _jpeg(), (("user", "a red hat"),), "a red hat")
    assert "\\x" not in repr(row)


def test_parts_are_apart_and_a_missing_one_is_named(folder: Path) -> None:
    assert [sample.key for sample in open_recommendations(folder / "data", part="test")] == ["0000009"]
    assert len(open_drawings(folder, part="test")) == 0
    with pytest.raises(
        FashionRecError, match=r"no valid shards; expected basic_recommendation/valid/\*\.tar"
    ):
        open_recommendations(folder, part="valid")
    with pytest.raises(FashionRecError, match="no train shards"):
        open_recommendations(folder, tasks=("alternative",))


def test_shards_that_lie_directly_in_the_tasks_folder_are_training_data(tmp_path: Path) -> None:
    write_samples(tmp_path / "basic_recommendation" / "000.tar", [_sample(1)])
    assert len(open_recommendations(tmp_path)) == 1


def test_broken_shards_are_counted_and_nothing_readable_is_an_error(folder: Path) -> None:
    home = folder / "data" / "basic_recommendation" / "train"
    (home / "002.tar").write_bytes(b"hello")
    rows = open_recommendations(folder)
    assert (len(rows), rows.skipped) == (7, {"broken tar": 1})
    write_samples(home / "000.tar", [_sample(0, b"broken")])
    (home / "001.tar").unlink()
    rows = open_recommendations(folder)
    with pytest.raises(FashionRecError, match="none of 1 records can be read"):
        next(rows.stream(1))
    with pytest.raises(FashionRecError, match="none of 1 records can be read"):
        rows[0]


def test_rows_travel_to_other_processes(folder: Path) -> None:
    rows = pickle.loads(pickle.dumps(open_recommendations(folder)))
    assert rows[0] == open_recommendations(folder)[0]
    assert Place() == Place(0, 0)
