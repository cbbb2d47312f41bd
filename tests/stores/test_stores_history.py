"""History: the journal first, the index after it, once each, and forgetting for good."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from stores_embedders import WordEmbedder

from stores.history import FORGOTTEN, History
from stores.vector_index import VectorIndex


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path, WordEmbedder())


def texts(events: list) -> list[str]:
    return [event.text for event in events]


def test_an_event_comes_back_as_it_was_recorded(history: History) -> None:
    event = history.record(
        "ana", "like", text="navy linen shirt", item_id="s-1", attributes={"color": "navy"}, effect_key="t1/0"
    )
    assert history.export("ana") == [event]
    assert (event.user, event.kind, event.item_id, event.attributes) == (
        "ana",
        "like",
        "s-1",
        {"color": "navy"},
    )
    assert event.at.utcoffset() is not None


def test_the_same_effect_key_writes_once(history: History) -> None:
    first = history.record("ana", "like", text="a red scarf", effect_key="k")
    again = history.record("ana", "dislike", text="something else", effect_key="k")
    assert again == first
    assert history.export("ana") == [first]


def test_the_same_effect_key_of_two_people_is_two_writes(history: History) -> None:
    history.record("ana", "like", text="hers", effect_key="k")
    history.record("ben", "like", text="his", effect_key="k")
    assert texts(history.export("ana")) == ["hers"]
    assert texts(history.export("ben")) == ["his"]


def test_recall_without_words_gives_the_newest_first(history: History) -> None:
    for number in range(5):
        history.record("ana", "like", text=f"item {number}", effect_key=str(number))
    assert texts(history.recall("ana", limit=2)) == ["item 4", "item 3"]
    assert texts(history.recall("ana", "  ", limit=1)) == ["item 4"]


def test_recall_by_words_gives_the_closest_first(history: History) -> None:
    for number, text in enumerate(["leather ankle boots", "a floral summer dress", "a silver watch"]):
        history.record("ana", "like", text=text, effect_key=str(number))
    assert texts(history.recall("ana", "floral dress", limit=1)) == ["a floral summer dress"]
    assert len(history.recall("ana", "floral dress")) == 3


def test_recall_keeps_to_the_kinds_asked_for(history: History) -> None:
    history.record("ana", "like", text="floral dress", effect_key="1")
    history.record("ana", "avoid", text="floral skirt", effect_key="2")
    history.record("ana", "avoid", text="wool coat", effect_key="3")
    assert texts(history.recall("ana", "floral", kinds=["avoid"], limit=1)) == ["floral skirt"]
    assert texts(history.recall("ana", kinds=["like"])) == ["floral dress"]
    assert history.recall("ana", "floral", kinds=[]) == []


def test_nobody_recalls_another_persons_events(history: History) -> None:
    history.record("ana", "like", text="navy shirt", effect_key="1")
    assert history.recall("ben", "navy shirt") == []
    assert history.recall("ben") == []
    assert history.export("ben") == []


@pytest.mark.parametrize("user", ["", "ana@example.com", "../../x", "名前", "a" * 500, "' OR 1=1 --", "Ana"])
def test_a_user_id_may_hold_anything(history: History, user: str) -> None:
    history.record("ana", "like", text="not yours", effect_key="0")
    history.record(user, "like", text="green velvet", effect_key="1")
    assert texts(history.recall(user, "velvet")) == ["green velvet"]
    assert history.forget(user, effect_key="2") == 1
    assert texts(history.export("ana")) == ["not yours"]


def test_forgetting_erases_everything_of_one_person_and_nothing_of_another(history: History) -> None:
    for user in ("ana", "ben"):
        history.record(user, "own", text=f"{user} owns boots", effect_key="1")
    assert history.forget("ana", effect_key="f") == 1
    assert history.export("ana") == history.recall("ana") == history.recall("ana", "boots") == []
    assert texts(history.recall("ben", "boots")) == ["ben owns boots"]


def test_forgetting_leaves_a_tombstone_and_no_byte_of_content(history: History, tmp_path: Path) -> None:
    for number in range(6):
        history.record(
            "ana",
            "own",
            text=f"zanzibarcoat {number}",
            item_id="quetzalitem",
            attributes={"color": "xanthic"},
            effect_key=f"{number}",
        )
    history.recall("ana", "zanzibarcoat")
    assert history.forget("ana", effect_key="f") == 6
    stones = history.tombstones("ana")
    assert [(stone.user, stone.erased, stone.effect_key) for stone in stones] == [("ana", 6, "f")]
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert not any(word in content for word in (b"zanzibarcoat", b"quetzalitem", b"xanthic")), path


def test_forgetting_again_with_the_same_key_erases_nothing_more(history: History) -> None:
    history.record("ana", "own", text="boots", effect_key="1")
    assert history.forget("ana", effect_key="f") == 1
    history.record("ana", "own", text="new boots", effect_key="2")
    assert history.forget("ana", effect_key="f") == 1
    assert texts(history.export("ana")) == ["new boots"]
    assert history.forget("ana", effect_key="g") == 1
    assert len(history.tombstones("ana")) == 2


def test_a_turn_sent_again_does_not_bring_back_what_was_forgotten(history: History) -> None:
    history.record("ana", "own", text="boots", effect_key="1")
    history.forget("ana", effect_key="f")
    again = history.record("ana", "own", text="boots", effect_key="1")
    assert (again.kind, again.text) == (FORGOTTEN, "")
    assert history.export("ana") == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE event SET text = 'other'",
        "DELETE FROM event",
        "DELETE FROM tombstone",
        "UPDATE tombstone SET erased = 0",
    ],
)
def test_the_journal_refuses_to_be_changed(history: History, tmp_path: Path, change: str) -> None:
    history.record("ana", "own", text="old", effect_key="0")
    history.forget("ana", effect_key="f")
    history.record("ana", "own", text="boots", effect_key="1")
    connection = sqlite3.connect(tmp_path / "history.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(change)
    connection.close()


CRASH = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from stores_embedders import WordEmbedder
from stores.history import History

class Dies(WordEmbedder):
    def embed_texts(self, texts):
        os._exit(7)

root = Path(sys.argv[1])
first = History(root, WordEmbedder())
first.record("ana", "own", text="brown suede boots", effect_key="1")
first.close()
History(root, Dies()).record("ana", "own", text="green velvet coat", effect_key="2")
"""


def crash(root: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CRASH, str(root), str(Path(__file__).parent)], check=False)
    assert done.returncode == 7


def test_a_crash_between_journal_and_index_is_mended_on_opening(tmp_path: Path) -> None:
    crash(tmp_path)
    history = History(tmp_path, WordEmbedder())
    assert texts(history.export("ana")) == ["brown suede boots", "green velvet coat"]
    assert texts(history.recall("ana", "velvet coat", limit=1)) == ["green velvet coat"]
    assert history._database.rows("SELECT * FROM unindexed") == []


def test_what_was_recorded_is_indexed_without_a_recall_and_at_the_latest_when_closed(tmp_path: Path) -> None:
    first = History(tmp_path, WordEmbedder())
    first.record("ana", "own", text="brown suede boots", effect_key="1")
    first.close()
    index = VectorIndex(tmp_path / "history-index", {})
    assert [index.count(name) for name in index.names()] == [1]
    index.close()


def test_indexing_that_fails_loses_nothing(tmp_path: Path) -> None:
    class Fails(WordEmbedder):
        def embed_texts(self, texts):
            raise RuntimeError("no network")

    first = History(tmp_path, Fails())
    first.record("ana", "own", text="brown suede boots", effect_key="1")
    first.close()
    again = History(tmp_path, WordEmbedder())
    assert texts(again.recall("ana", "suede boots", limit=1)) == ["brown suede boots"]


def test_a_write_sent_again_after_the_crash_is_there_once(tmp_path: Path) -> None:
    crash(tmp_path)
    history = History(tmp_path, WordEmbedder())
    history.record("ana", "own", text="green velvet coat", effect_key="2")
    assert len(history.export("ana")) == len(history.recall("ana", "coat")) == 2


def test_an_index_that_was_lost_is_made_again_when_recalled(tmp_path: Path) -> None:
    crash(tmp_path)
    shutil.rmtree(tmp_path / "history-index")
    history = History(tmp_path, WordEmbedder())
    assert texts(history.recall("ana", "suede boots", limit=1)) == ["brown suede boots"]


def test_a_crash_between_forgetting_and_dropping_the_index_is_mended(tmp_path: Path) -> None:
    first = History(tmp_path, WordEmbedder())
    first.record("ana", "own", text="boots", effect_key="1")
    first._index._vectors.drop = lambda name: None  # type: ignore[method-assign]
    first.forget("ana", effect_key="f")
    with first._database.transaction() as journal:
        journal.execute("INSERT INTO undropped VALUES ('ana')")
    first.close()
    history = History(tmp_path, WordEmbedder())
    assert history._index._vectors.names() == []


def test_rebuild_makes_the_index_again_from_the_journal(history: History) -> None:
    for user in ("ana", "ben"):
        for number in range(6):
            history.record(user, "like", text=f"{user} item {number}", effect_key=str(number))
    for name in history._index._vectors.names():
        history._index._vectors.drop(name)
    progress: list[tuple[int, int]] = []
    assert history.rebuild(lambda done, total: progress.append((done, total))) == 12
    assert progress[-1] == (12, 12)
    assert texts(history.recall("ben", "ben item", limit=6))[0].startswith("ben item")
    assert len(history.recall("ana", "item", limit=500)) == 6


def noted(root: Path, identity: str) -> History:
    """Nine events of two people, indexed by an embedding of this name."""
    history = History(root, WordEmbedder(identity))
    colors = ("black", "white", "red", "blue", "green", "pink", "grey", "teal", "navy")
    for number, color in enumerate(colors):
        user = "ana" if number % 3 else "ben"
        history.record(user, "like", text=f"{color} thing", effect_key=str(number))
    return history


def test_another_embedding_makes_the_index_again_from_the_journal_and_says_how_far_it_is(
    tmp_path: Path,
) -> None:
    noted(tmp_path, "first").close()
    progress: list[tuple[int, int]] = []
    space = WordEmbedder("second")
    second = History(tmp_path, space, lambda done, total: progress.append((done, total)))
    assert progress[-1] == (9, 9)
    assert space.sentences == 9
    assert all(name.endswith(second._index._suffix) for name in second._index._vectors.names())
    assert texts(second.recall("ana", "green thing", limit=1)) == ["green thing"]
    second.close()
    again = WordEmbedder("second")
    History(tmp_path, again, lambda done, total: progress.append((-1, -1)))
    assert again.sentences == 0
    assert (-1, -1) not in progress


CHANGED = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from stores_embedders import WordEmbedder
from stores.history import History

class Dies(WordEmbedder):
    def embed_texts(self, texts):
        if self.sentences:
            os._exit(7)
        return super().embed_texts(texts)

History(Path(sys.argv[1]), Dies("second"))
"""


def test_a_crash_while_the_index_is_made_again_loses_nothing_and_mixes_nothing(tmp_path: Path) -> None:
    noted(tmp_path, "first").close()
    run = [sys.executable, "-c", CHANGED, str(tmp_path), str(Path(__file__).parent)]
    assert subprocess.run(run, check=False).returncode == 7
    space = WordEmbedder("second")
    history = History(tmp_path, space)
    # Ana's six were indexed before the crash, Ben's three were not.
    assert space.sentences == 3
    assert len(history.recall("ana", "thing", limit=99)) == 6
    assert len(history.recall("ben", "thing", limit=99)) == 3
    assert all(name.endswith(history._index._suffix) for name in history._index._vectors.names())


def test_going_back_to_the_first_embedding_finds_what_was_noted_with_the_second(tmp_path: Path) -> None:
    noted(tmp_path, "first").close()
    second = History(tmp_path, WordEmbedder("second"))
    second.record("ana", "like", text="velvet coat", effect_key="new")
    second.close()
    first = History(tmp_path, WordEmbedder("first"))
    assert texts(first.recall("ana", "velvet coat", limit=1)) == ["velvet coat"]


def test_history_outlives_the_object(tmp_path: Path) -> None:
    first = History(tmp_path, WordEmbedder())
    event = first.record("ana", "bought", text="a straw hat", effect_key="1")
    first.close()
    second = History(tmp_path, WordEmbedder())
    assert second.export("ana") == [event]
    assert second.recall("ana", "hat") == [event]


def test_threads_that_send_the_same_writes_leave_each_once(history: History) -> None:
    errors: list[BaseException] = []

    def work() -> None:
        try:
            for number in range(4):
                history.record("ana", "like", text=f"thing {number}", effect_key=str(number))
                history.recall("ana", "thing")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert texts(history.export("ana")) == [f"thing {number}" for number in range(4)]
    assert len(history.recall("ana", "thing", limit=99)) == 4


@pytest.mark.slow
def test_with_the_built_in_embedding_recall_goes_by_meaning(tmp_path: Path) -> None:
    from vlm.embeddings.builtin import BuiltinSpace

    history = History(tmp_path, BuiltinSpace.from_pretrained())
    for number, text in enumerate(
        ["a warm woolen pullover for the mountains", "golden hoop earrings", "linen beach shorts"]
    ):
        history.record("ana", "like", text=text, effect_key=str(number))
    assert texts(history.recall("ana", "jewelry", limit=1)) == ["golden hoop earrings"]
    assert texts(history.recall("ana", "knitted sweater", limit=1)) == [
        "a warm woolen pullover for the mountains"
    ]
