"""Words as they are streamed, and tokens as they are chosen."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vlm.tiny_model import tiny_words
from vlm.engine.words import WordStream
from vlm.sampling import TextSettings, choose, probabilities

WORDS = tiny_words()


def streamed(text, stops=()):
    words = WordStream(WORDS, stops)
    pieces = []
    for token in WORDS.encode(text):
        pieces.append(words.feed(token))
        if words.stopped:
            return pieces
    return [*pieces, words.finish()]


@settings(deadline=None)
@given(st.text(max_size=40))
def test_the_pieces_are_the_text_and_none_ends_in_half_a_character(text):
    clean = text.encode("utf-8", "ignore").decode().replace("<|endoftext|>", " ")
    pieces = streamed(clean)
    assert "".join(pieces) == clean.lstrip()
    if "\ufffd" not in clean:
        assert not any("\ufffd" in piece for piece in pieces)


@settings(deadline=None)
@given(st.text("ab ", max_size=30), st.lists(st.text("ab", min_size=1, max_size=4), min_size=1, max_size=3))
def test_the_answer_ends_before_the_stop_string_that_is_whole_first(text, stops):
    wanted = text.lstrip()
    whole = [(place + len(stop), place) for stop in stops if (place := text.find(stop)) >= 0]
    if whole:
        wanted = text[: min(whole)[1]].lstrip()
    assert "".join(streamed(text, stops)) == wanted


def test_the_beginning_of_a_stop_string_is_held_back_until_it_is_none():
    assert "".join(streamed("stop here EN", ["END"])) == "stop here EN"
    assert "".join(streamed("stop here END more", ["END"])) == "stop here "


def logits(*values):
    return torch.tensor([values], dtype=torch.float32)


def test_top_k_and_top_p_rule_tokens_out():
    row = torch.log(torch.tensor([0.5, 0.3, 0.15, 0.05]))
    assert probabilities(row, TextSettings(temperature=1.0)).tolist() == pytest.approx([0.5, 0.3, 0.15, 0.05])
    assert probabilities(row, TextSettings(temperature=1.0, top_k=2)).tolist() == pytest.approx(
        [0.625, 0.375, 0, 0]
    )
    assert probabilities(row, TextSettings(temperature=1.0, top_p=0.6)).tolist() == pytest.approx(
        [0.625, 0.375, 0, 0]
    )
    assert probabilities(row, TextSettings(temperature=1.0, top_p=0.1)).tolist() == pytest.approx(
        [1, 0, 0, 0]
    )


def test_rows_of_one_batch_are_chosen_each_as_it_wants():
    rows = torch.cat([logits(0.0, 3.0, 1.0), logits(0.0, 3.0, 1.0)])
    hot = TextSettings(temperature=5.0)
    chosen = [
        choose(rows, [TextSettings(), hot], [None, torch.Generator().manual_seed(seed)]) for seed in range(20)
    ]
    assert {row[0] for row in chosen} == {1}
    assert {row[1] for row in chosen} == {0, 1, 2}
    alone = [choose(rows[1:], [hot], [torch.Generator().manual_seed(seed)])[0] for seed in range(20)]
    assert alone == [row[1] for row in chosen]


@pytest.mark.parametrize("cold", [1e-5, 1e-38, 1e-320])
def test_a_temperature_next_to_nothing_chooses_the_likeliest(cold):
    row = logits(-500.0, 900.0, 899.0)
    settings = TextSettings(temperature=cold, top_p=0.9)
    assert choose(row, [settings], [torch.Generator().manual_seed(1)]) == [1]


@pytest.mark.parametrize("bad", [{"max_tokens": 0}, {"temperature": -1.0}, {"top_k": -1}, {"top_p": 0.0}])
def test_impossible_settings_are_refused(bad):
    with pytest.raises(ValueError, match="words need"):
        TextSettings(**bad)
