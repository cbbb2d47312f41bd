from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from agents.contracts import ROUTES
from agents.router_training import joined, report, rows_of, train
from agents.spoken import alike, load_aside, load_trained, words_of
from agents.tables import DATA
from agents.training_set import read_critiques
from agents.utterances import critique_examples, expand, load_shapes
from tests.standin import HashedWords

CRITIQUES = Path(__file__).parents[3] / "shared" / "data" / "fashioniq_critiques_train.json"


def test_there_are_many_hand_written_sentences_for_every_route() -> None:
    shapes = load_shapes()
    assert len({shape.text for shape in shapes}) >= 700
    for route in ROUTES:
        assert sum(shape.routes == (route,) for shape in shapes) >= 100, route
    assert sum(len(shape.routes) > 1 for shape in shapes) >= 100


def test_a_sentence_is_in_one_part_only() -> None:
    parts: dict[str, set[str]] = {}
    for shape in load_shapes():
        parts.setdefault(shape.text, set()).add(shape.part)
    assert all(len(found) == 1 for found in parts.values())
    share = sum("aside" in found for found in parts.values()) / len(parts)
    assert 0.15 < share < 0.25


def test_expansion_fills_every_place_and_repeats_itself() -> None:
    shapes = load_shapes()[::40]
    examples = expand(shapes, seed=4, joined=10)
    assert examples == expand(shapes, seed=4, joined=10)
    assert not [example for example in examples if "{" in example.request.text]
    assert sum(len(example.routes) == 2 for example in examples) >= 10


def test_training_twice_gives_the_same_weights() -> None:
    rows = rows_of(expand(load_shapes()[::60], seed=1, filled=1, plain=1), HashedWords())
    first, second = train(rows), train(rows)
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_a_fifth_of_the_whole_sentences_is_held_aside_and_nothing_like_it_is_trained_on() -> None:
    aside, trained = load_aside(), load_trained()
    assert len(aside) + len(trained) >= 1500 and len(aside) >= (len(aside) + len(trained)) / 5
    for route in ROUTES:
        assert sum(route in spoken.routes for spoken in aside) >= 30, route
    held = [words_of(spoken.request.text) for spoken in aside]
    assert not [spoken for spoken in trained if alike(words_of(spoken.request.text), held)]


def test_sentences_are_alike_where_three_in_four_words_are_shared() -> None:
    one = words_of("which shoes go with this skirt")
    assert alike(one, [words_of("which shoes would go with this skirt, please?")])
    assert not alike(one, [words_of("which bag goes with that dress")])
    assert not alike(words_of("cheaper?"), [words_of("cheaper")])


def test_joined_heads_give_the_mean_of_their_logits() -> None:
    from agents.head import Head

    rows = rows_of(expand(load_shapes()[::80], seed=1, filled=1, plain=1), HashedWords())
    members = [train(rows, seed=seed) for seed in (1, 2)]

    def logits(arrays) -> np.ndarray:
        p = (
            Head.of(arrays, 1.0, 0.5)
            .probabilities(rows.embedding, rows.surface, rows.sequences)
            .astype(float)
        )
        return np.log(p / (1 - p))

    assert np.allclose(logits(joined(members)), (logits(members[0]) + logits(members[1])) / 2, atol=1e-2)


def test_the_report_counts_hits_and_misses() -> None:
    targets = np.zeros((2, len(ROUTES)), np.float32)
    targets[0, 0] = targets[1, 1] = 1.0
    chosen = targets > 0
    chosen[1, 0] = True
    figures = report(chosen, targets)
    assert figures[ROUTES[0]] == {"precision": 0.5, "recall": 1.0, "count": 1.0}
    assert figures["exact"]["share"] == 0.5


@pytest.mark.skipif(not CRITIQUES.exists(), reason="the shared FashionIQ critiques are not here")
def test_real_critiques_held_aside_ask_for_alternatives(router) -> None:
    aside = read_critiques(CRITIQUES)
    assert not set(aside["aside"]) & set(aside["train"])
    examples = critique_examples(aside["aside"][:30], seed=7)
    right = sum(router.route(example.request).routes == ["alternatives"] for example in examples)
    assert right >= 27


@pytest.mark.skipif(not CRITIQUES.exists(), reason="the shared FashionIQ critiques are not here")
def test_no_real_critique_is_kept_in_the_data() -> None:
    captions = {row["caption"].strip().lower() for row in json.loads(CRITIQUES.read_text())}
    long = {caption for caption in captions if len(caption.split()) > 4}
    kept = "\n".join(path.read_text().lower() for path in (DATA / "utterances").glob("*.yaml"))
    assert not [caption for caption in long if f"    {caption}\n" in kept]
