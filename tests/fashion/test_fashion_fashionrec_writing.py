from __future__ import annotations

import io
import random
from pathlib import Path

import pytest
from PIL import Image

from fashion import fashionrec_writing
from fashion.captions import parse_caption
from fashion.fashionrec import FashionRecError, read_drawings, read_samples
from fashion.fashionrec_making import item_of, make_dialogue, make_sample, outfit_picture, people_of
from fashion.fashionrec_plan import Plan, shards_of
from fashion.fashionrec_tables import read_tables
from fashion.fashionrec_writing import write_fashionrec
from fashion.sampling import sample_garment
from fashion.vocabulary import CATEGORIES

TINY = Plan(seed=3, train=2, test=1, drawings=2, people=2, side=32, a_shard=1)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "data"
    assert write_fashionrec(folder, TINY) == 3 * 3 + 2
    return folder


def test_the_folder_has_the_published_layout(written: Path) -> None:
    tars = sorted(str(path.relative_to(written)) for path in written.rglob("*.tar"))
    assert tars == sorted(
        [
            f"data/{task}_recommendation/{shard}.tar"
            for task in ("basic", "personalized", "alternative")
            for shard in ("train/000", "train/001", "test/000")
        ]
        + ["data/fashion_image_generation/000.tar", "data/fashion_image_generation/001.tar"]
    )
    assert {path.name for path in (written / "meta").iterdir()} == {
        "items_lite.parquet",
        "outfits_lite.parquet",
        "users_lite.parquet",
    }


def test_samples_are_read_back_with_the_fields_of_their_task(written: Path) -> None:
    for task in ("basic", "personalized", "alternative"):
        for shard in sorted((written / f"data/{task}_recommendation").rglob("*.tar")):
            for sample in read_samples(shard):
                assert sample.task == task
                with Image.open(io.BytesIO(sample.picture)) as picture:
                    assert picture.size == (32, 32)
                assert 1 <= len(sample.partial_outfit) <= 4
                said = parse_caption(sample.answer)
                assert said is not None
                assert said.category == sample.target.subcategory
                assert sample.target.subcategory in CATEGORIES
                if task == "alternative":
                    assert not sample.target_items
                    assert sample.changeable_items[1] in sample.partial_outfit
                assert bool(sample.history) == (task == "personalized")


def test_the_tables_know_every_item_outfit_and_person(written: Path) -> None:
    tables = read_tables(written / "meta")
    assert set(tables.users) <= {
        person.user_id
        for split in ("train", "heldout")
        for person in people_of(3, split, 2)  # type: ignore[arg-type]
    }
    assert {name for names in tables.users.values() for name in names} <= set(tables.outfits)
    assert {item for outfit in tables.outfits.values() for item in outfit} <= set(tables.items)
    for shard in (written / "data").rglob("test/*.tar"):
        for sample in read_samples(shard):
            for item in (*sample.partial_outfit, *sample.history, sample.target):
                assert tables.items[item.item_id] == item
                assert (written / item.path).is_file()


def test_the_same_plan_writes_the_same_bytes_with_any_number_of_workers(
    written: Path, tmp_path: Path
) -> None:
    write_fashionrec(tmp_path / "again", TINY, workers=2)
    assert _bytes(tmp_path / "again") == _bytes(written)


def test_a_stopped_folder_is_gone_on_with(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, real, calls = tmp_path / "data", make_sample, iter(range(2))

    def stopping(*args: object) -> object:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(fashionrec_writing, "make_sample", stopping)
    with pytest.raises(KeyboardInterrupt):
        write_fashionrec(folder, TINY)
    there = {name for name in _bytes(folder) if name.endswith((".tar", ".part"))}
    assert there
    assert all(name.endswith(".tar") for name in there)
    assert len(there) == 2
    monkeypatch.undo()
    told: list[tuple[int, int]] = []
    write_fashionrec(folder, TINY, on_progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (11, 11)
    assert told[0][0] > 2
    assert _bytes(folder) == _bytes(written)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, written: Path) -> None:
    with pytest.raises(FashionRecError, match="holds data of other settings"):
        write_fashionrec(written, Plan(seed=4))
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FashionRecError, match="holds other things"):
        write_fashionrec(tmp_path, TINY)
    with pytest.raises(FashionRecError, match="is a file"):
        write_fashionrec(tmp_path / "notes.txt", TINY)
    with pytest.raises(ValueError, match="people must be at least 1"):
        Plan(people=0)


def test_drawings_show_every_category_in_turn_and_say_it(written: Path) -> None:
    drawings = [
        one
        for shard in sorted((written / "data/fashion_image_generation").glob("*.tar"))
        for one in read_drawings(shard)
    ]
    assert [one.key for one in drawings] == ["0000000", "0000001"]
    assert all(one.text for one in drawings)


def test_one_item_is_one_item_wherever_it_appears_and_a_grid_is_row_by_row() -> None:
    rng = random.Random(5)
    items = tuple(sample_garment(rng) for _ in range(3))
    assert item_of(items[0]) == item_of(items[0])
    assert len({item_of(item).item_id for item in items}) == 3
    grid = outfit_picture(items, 64)
    assert grid.size == (64, 64)
    assert grid.getpixel((60, 60)) == (255, 255, 255)
    assert outfit_picture(items[:1], 64).size == (64, 64)


def test_rounds_become_a_conversation_that_ends_with_the_answer() -> None:
    people = people_of(1, "train", 3)
    for number in range(4):
        made = make_dialogue(1, "basic", "train", number, people)
        sample = make_sample(made, "0000000", 32)
        assert len(sample.conversation) == 2 * len(made.rounds)
        assert sample.answer == made.rounds[-1].answer
        assert sample.target == item_of(made.rounds[-1].target)


def test_a_plan_is_cut_into_shards_that_cover_it() -> None:
    jobs = shards_of(Plan(train=501, test=0, drawings=250, a_shard=250))
    basic = [job for job in jobs if job.task == "basic"]
    assert [(job.path[-7:], job.first, job.last) for job in basic] == [
        ("000.tar", 0, 250),
        ("001.tar", 250, 500),
        ("002.tar", 500, 501),
    ]
    assert [job.path for job in jobs if job.task is None] == ["data/fashion_image_generation/000.tar"]
