from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from fashion.captions import parse_caption
from fashion.dialogue_choices import outfit_is_held_out
from fashion.dialogue_followups import follow_up
from fashion.dialogue_words import fill, pattern_counts, patterns, slots_of, typed
from fashion.dialogues import TASKS, Dialogue, Round, Task, compose_dialogue, compose_recommendation
from fashion.garment import Garment
from fashion.mentions import find_mentions
from fashion.occasions import formality
from fashion.people import person_is_held_out
from fashion.rules import score_pairing
from fashion.sampling import Split, combination_is_held_out
from fashion.tables import load_table

JACKET = Garment("Jackets", "navy")


def _some(task: Task, count: int, split: Split = "train", seed: int = 5) -> list[Dialogue]:
    rng = random.Random(f"{task}/{seed}")
    return [compose_dialogue(rng, task, split=split) for _ in range(count)]


@pytest.mark.parametrize("task", TASKS)
def test_every_answer_names_its_target_and_gives_a_true_reason(task: Task) -> None:
    for made in _some(task, 30):
        assert 1 <= len(made.items) <= 4
        assert 1 <= len(made.rounds) <= 3
        for one in made.rounds:
            read = parse_caption(one.answer)
            assert read is not None, one.answer
            target = one.target
            assert (read.category, read.color, read.pattern) == (
                target.category,
                target.color,
                target.pattern,
            )
            assert one.verdict(one.answer, target), one.answer
            assert one.verdict(one.answer, read), one.answer
            assert target.category in one.asked
            assert len(one.answer.split()) <= 40
            assert "{" not in one.request + one.answer
            mentions = find_mentions(one.answer)
            assert target.color in mentions.colors, one.answer


@pytest.mark.parametrize("task", TASKS)
def test_a_target_breaks_no_rule_and_fights_with_no_color(task: Task) -> None:
    rounds = [one for made in _some(task, 30) for one in made.rounds]
    scores = [score_pairing(one.target, one.beside, one.occasion, one.season) for one in rounds]
    assert not any(score.violations for score in scores)
    assert sum(score.total >= 0.6 for score in scores) / len(scores) > 0.9


def test_training_and_testing_share_no_garment_outfit_person_or_pattern() -> None:
    for task in TASKS:
        for split in ("train", "heldout"):
            for made in _some(task, 6, split):
                held_out = split == "heldout"
                assert outfit_is_held_out(made.items) == held_out
                shown = (*made.items, *made.history, *(one.target for one in made.rounds))
                for item in shown:
                    assert combination_is_held_out(item.category, item.color, item.pattern) == held_out
                assert made.person is None or person_is_held_out(made.person.number) == held_out
    for name in ("basic", "personalized", "alternative"):
        rows = load_table(f"dialogues_{name}")
        assert not set(rows["train"]) & set(rows["aside"])
        assert patterns(rows, "any") == patterns(rows, "train") == rows["train"]
        assert patterns(rows, "heldout") == rows["aside"]


def test_there_are_three_hundred_patterns_and_a_fifth_is_held_aside() -> None:
    count, aside = pattern_counts()
    assert count >= 300
    assert aside >= count / 5


def test_a_personalized_dialogue_names_what_the_person_prefers() -> None:
    alike = 0
    made = _some("personalized", 40)
    for one in made:
        assert one.person is not None
        assert 1 <= len(one.preferred) <= 5
        assert set(one.preferred) <= set(one.history)
        first = one.rounds[0]
        assert all(item.color in first.request.lower() for item in one.preferred)
        alike += first.target.color in {item.color for item in one.preferred}
    assert alike > 20


def test_an_alternative_changes_one_item_in_the_direction_asked_for() -> None:
    told = 0
    for made in _some("alternative", 40):
        first = made.rounds[0]
        assert made.changed in made.items
        assert made.changed not in first.beside
        assert first.replaced == made.changed
        kinds = {claim.kind for claim in first.verdict(first.answer, first.target).claims}
        told += "change" in kinds
    assert told > 10


def test_follow_ups_of_every_kind_come_up() -> None:
    rng, kinds = random.Random(9), set(load_table("dialogues_followups"))
    seen: set[str] = set()
    for _ in range(400):
        seen |= {one.kind for one in compose_dialogue(rng, rounds=3).rounds[1:]}
        if seen == kinds:
            break
    assert seen == kinds


def test_a_follow_up_does_what_it_is_asked() -> None:
    rng, checked = random.Random(4), set()
    for _ in range(150):
        made = compose_dialogue(rng, rounds=3)
        for before, one in pairwise(made.rounds):
            old, new = before.target, one.target
            if one.kind == "why":
                assert new == old
                continue
            assert new != old
            checked.add(one.kind)
            if one.kind == "not_color":
                assert old.color in one.request.lower()
                assert new.color != old.color
            elif one.kind in ("color", "material"):
                assert getattr(new, one.kind) in one.request.lower()
                assert replace(new, **{one.kind: getattr(old, one.kind)}) == old
            elif one.kind == "plainer":
                assert old.pattern != new.pattern == "solid"
            elif one.kind == "patterned":
                assert new.pattern != old.pattern == "solid"
            elif one.kind == "dressier":
                assert formality(new) > formality(old)
            elif one.kind == "also":
                assert one.beside == (*before.beside, old)
    assert {"not_color", "color", "material", "dressier", "also"} <= checked


def test_a_color_that_is_refused_does_not_come_back_at_once() -> None:
    brown, beside = Garment("Brogues", "brown", material="leather"), (Garment("Shirts", "light blue"),)
    asked = ("Brogues", "Derby shoes", "Oxford shoes")
    first = Round("ask", "which shoes?", "Try a pair of brown brogues.", brown, asked, beside)
    rounds = [follow_up(random.Random(seed), "train", (), [first]) for seed in range(250)]
    refused = [one for one in rounds if one.kind == "not_color"]
    assert len(refused) > 5
    assert all(one.target.color != "brown" for one in refused)


def test_the_slots_of_every_pattern_can_be_filled() -> None:
    known = {
        "asks",
        "an_ask",
        "these",
        "item",
        "occasion",
        "season",
        "changed",
        "is",
        "it",
        "kinds",
        "dir",
        "too",
    }
    slots = dict.fromkeys(known | {"color", "material", "goes", "matches", "works", "fits"}, "xyz")
    rng = random.Random(1)
    for name in ("basic", "personalized", "alternative", "followups"):
        pending = [load_table(f"dialogues_{name}")]
        while pending:
            node = pending.pop()
            for key, value in node.items():
                if isinstance(value, dict):
                    pending.append(value)
                elif not key.startswith("preferences"):
                    for pattern in value:
                        assert slots_of(pattern) <= set(slots), pattern
                        assert "|" not in fill(rng, pattern, slots), pattern


def test_only_plain_words_are_mistyped_and_manners_keep_the_request() -> None:
    rng = random.Random(2)
    seen = set()
    for _ in range(300):
        words = fill(rng, "please recommend {asks}", {"asks": "ankle boots"})
        assert words.endswith("ankle boots")
        seen.add(words)
        assert "ankle boots" in typed(rng, words).lower()
    assert 1 < len(seen) < 40


def test_words_are_left_out_and_what_a_request_names_is_not() -> None:
    rng = random.Random(4)
    slots = {"asks": "ankle boots", "item": "navy jeans"}
    for share, shortest, longest in ((0.0, 10, 10), (0.5, 4, 10), (1.0, 4, 4)):
        found = [
            fill(rng, "so which {asks} go with my {item} then", slots, left_out=share) for _ in range(60)
        ]
        lengths = [len(words.split()) for words in found]
        assert shortest <= min(lengths) and max(lengths) <= longest
        assert len(set(lengths)) > 3 or share != 0.5
        assert all("ankle boots" in words and words.find("navy jeans") > 0 for words in found)
    assert fill(rng, "complete my look", {}, left_out=1.0).split()[0].startswith("c")
    whole, short = (compose_recommendation(random.Random(6), left_out=share) for share in (0.0, 1.0))
    assert len(short.request.split()) < len(whole.request.split())


def test_of_photos_no_pattern_is_claimed() -> None:
    rng = random.Random(3)
    for _ in range(60):
        sample = compose_recommendation(rng, items=(JACKET,))
        assert sample.items == (JACKET,)
        assert "only pattern" not in sample.answer
        assert "plain" not in sample.answer.split(":")[-1]


def test_the_same_seed_composes_the_same_dialogue_of_each_task() -> None:
    for task in TASKS:
        assert _some(task, 3) == _some(task, 3)


def test_wrong_tasks_and_rounds_are_named() -> None:
    with pytest.raises(ValueError, match="unknown task 'chat'; expected one of: basic"):
        compose_dialogue(random.Random(1), "chat")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="1 to 3 rounds, not 4"):
        compose_dialogue(random.Random(1), rounds=4)


@pytest.mark.parametrize("split", ["train", "heldout"])
def test_a_request_that_must_be_open_names_no_kind_of_thing(split) -> None:
    for seed in range(60):
        sample = compose_recommendation(random.Random(seed), split=split, is_open=True)
        shown = {item.category for item in sample.items}
        assert len(sample.asked) > 3
        assert set(find_mentions(sample.request).categories) <= shown
