"""What a step of fine-tuning sees: words laid out as they are served, samples in turn, codes hidden by the cosine."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fashion.fashionrec import DrawingSample, FashionRecError
from tests.vlm.tiny_model import tiny_words
from tests.vlm.training_full.tiny_samples import (
    CONFIG,
    PLAN,
    drawing,
    tiny_composer,
    tiny_samples,
    tiny_source,
)
from vlm.photo_attributes import PhotoReader
from vlm.tower_heads import HEADS, TowerHeads
from vlm.training.ahead import made_ahead
from vlm.training.full.plan import FullPlan
from vlm.training.full.rows import (
    NOTHING,
    Samples,
    Shuffled,
    StepComposer,
    conversation_row,
    hidden_codes,
    text_row,
)
from vlm.vision_tower import VisionTower

WORDS = tiny_words()


def same(one, other):
    """Whether two steps hold the same rows."""
    return all(
        torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b
        for part, twin in zip(one, other, strict=True)
        for a, b in zip(part, twin, strict=True)
    )


def test_the_rate_rises_for_a_thousand_steps_and_falls_to_nothing_as_a_cosine():
    plan = FullPlan()
    assert plan.rate(0) == 0
    assert plan.rate(500) == pytest.approx(2.5e-5)
    assert plan.rate(1000) == pytest.approx(5e-5)
    assert plan.rate(100_500) == pytest.approx(2.5e-5)
    assert plan.rate(200_000) == pytest.approx(0, abs=1e-12)


@given(
    st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.text(max_size=20)), max_size=5),
    st.text(max_size=20),
)
def test_the_words_before_every_answer_are_those_of_the_served_dialogue(before, answer):
    messages = [*before, ("assistant", answer)]
    ids, targets = conversation_row(WORDS, WORDS.end_of_text_id, messages)
    asked = WORDS.answer(answer)
    start = len(ids) - len(asked)
    assert ids[start:] == asked
    assert targets[start - 1 : -1] == asked
    served = [WORDS.end_of_text_id, *WORDS.dialogue(before)]
    assert ids[:start] == served


def test_requests_are_learned_in_rows_of_text_alone_and_nowhere_else():
    messages = [("user", "red?"), ("assistant", "blue")]
    ids, targets = conversation_row(WORDS, 0, messages)
    assert [t for t in targets if t != NOTHING] == WORDS.answer("blue")
    ids, targets = conversation_row(WORDS, 0, messages, all_words=True)
    assert targets == [*ids[1:], NOTHING]
    ids, targets = text_row(WORDS, "a red scarf")
    assert ids[0] == ids[-1] == WORDS.end_of_text_id
    assert targets == [*ids[1:], NOTHING]


def test_every_sample_comes_once_an_epoch_and_epochs_differ():
    order = Shuffled(7, 3, "x")
    epochs = [[order[place] for place in range(start, start + 7)] for start in (0, 7)]
    assert [sorted(epoch) for epoch in epochs] == [list(range(7))] * 2
    assert epochs[0] != epochs[1]
    assert Shuffled(7, 3, "x")[9] == epochs[1][2]


def test_processes_share_the_samples_out():
    source, samples = tiny_source(), tiny_samples(4)
    plan = replace(PLAN, drawing=1, reading=1, text=1, wordless=0.0)
    seen = [
        tiny_composer(source, plan, (rank, 2), samples)[number].drawing.text
        for number in (0, 1)
        for rank in (0, 1)
    ]
    assert len({tuple(text.flatten().tolist()) for text in seen}) == 4


def test_the_share_of_hidden_codes_follows_the_cosine_and_is_never_nothing():
    hidden = hidden_codes(np.random.default_rng(0), 4000, 64)
    assert hidden.sum(-1).min() >= 1
    assert float(hidden.float().mean()) == pytest.approx(2 / math.pi, abs=0.01)
    assert float(hidden.float().mean(0).std()) < 0.02


def test_a_tenth_of_the_prompts_is_dropped():
    plan = replace(PLAN, drawing=50, reading=0, text=0)
    composer = tiny_composer(tiny_source(), plan)
    words = torch.cat([composer[number].drawing.text for number in range(20)])
    dropped = (words != CONFIG.pad_id).sum(-1) == 3
    assert 60 <= int(dropped.sum()) <= 140


def test_a_long_conversation_loses_its_end_and_a_short_one_is_filled():
    rows = tiny_composer(tiny_source(), replace(PLAN, text_tokens=9))[0].reading
    assert rows.text.shape == rows.targets.shape == (2, 9)


def test_a_model_that_is_told_the_kinds_of_things_is_told_them_while_it_is_fine_tuned():
    heads = TowerHeads().eval()
    with torch.no_grad():
        heads.layers["category"].bias[HEADS["category"].index("Scarves")] = 1000.0
    parts = tiny_source().parts
    config = replace(parts.network.config, color_hint="items")
    plan = replace(PLAN, text_tokens=400)
    photos = PhotoReader(VisionTower(), heads)
    rows = StepComposer(tiny_samples(), parts.text_tokenizer, config, 8, plan, photos=photos)[0].reading
    for row in rows.text:
        first = parts.text_tokenizer.decode(row.tolist()).split("ASSISTANT")[0]
        assert re.search(r"Shown: (red|blue|white|green) scarf\.", first)


def test_batches_made_ahead_by_another_process_are_the_same():
    composer = tiny_composer(tiny_source())
    here, there = (list(made_ahead(composer.__getitem__, 2, 4, workers)) for workers in (0, 1))
    assert len(here) == len(there) == 2
    assert all(same(a, b) for a, b in zip(here, there, strict=True))


def test_the_next_sample_stands_in_for_one_whose_picture_is_broken_and_the_step_says_so():
    broken = DrawingSample("0000077", b"\xff\xd8 no picture", "x")
    samples = Samples([broken, drawing(1)], tiny_samples().dialogues)
    rows = tiny_composer(tiny_source(), samples=samples)[0]
    assert rows.drawing.pixels.shape[0] == PLAN.drawing
    assert len(rows.skipped) == 1
    assert "sample 0000077: its picture cannot be read" in rows.skipped[0]


@pytest.mark.parametrize("workers", [0, 1])
def test_where_no_picture_can_be_read_a_sample_is_named(workers):
    broken = [DrawingSample("0000077", b"\xff\xd8 no picture", "x")]
    composer = tiny_composer(tiny_source(), samples=Samples(broken, tiny_samples().dialogues))
    with pytest.raises(FashionRecError, match=r"^sample 0000077: its picture cannot be read"):
        list(made_ahead(composer.__getitem__, 0, 1, workers))


def test_a_step_without_any_sample_is_refused():
    with pytest.raises(ValueError, match="at least one sample"):
        FullPlan(drawing=0, reading=0, text=0)
