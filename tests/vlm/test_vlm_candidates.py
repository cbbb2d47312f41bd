"""Which drawing of the same words comes first, and how many are given out."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fashion.drawing import draw_garment
from fashion.garment import Garment
from tests.vlm.tiny_model import tiny_model
from vlm.candidates import CandidateRanking, asked_garments
from vlm.model import FashionVLMModel
from vlm.pictures import squared


@pytest.fixture(scope="module")
def model() -> FashionVLMModel:
    return FashionVLMModel.from_pretrained()


def ranking(model: FashionVLMModel) -> CandidateRanking:
    return CandidateRanking(
        model.backbone, model.prefixes, model.parts.text_tokenizer, reads_codes=True, hint=True
    )


@pytest.mark.parametrize(
    ("prompt", "best"),
    [
        ("a red scarf", 0),
        ("draw me a navy scarf", 1),
        ("red boots", 2),
        ("a pair of polka dot pumps", 3),
    ],
)
def test_the_drawing_that_shows_what_was_asked_for_comes_first(model, prompt, best) -> None:
    garments = [
        Garment("Scarves", "red", style="fringed"),
        Garment("Scarves", "navy", style="fringed"),
        Garment("Boots", "red", style="ankle"),
        Garment("Pumps", "red", pattern="polka dot", style="stiletto"),
    ]
    side = model.parts.image_tokenizer.config.resolution
    pictures = [squared(draw_garment(one, size=256, seed=at), side) for at, one in enumerate(garments)]
    codes = torch.cat([model.prefixes.codes(picture) for picture in pictures])
    assert ranking(model).best_first(prompt, codes, pictures)[0] == best


def test_words_that_name_nothing_leave_the_candidates_in_their_order() -> None:
    model = tiny_model()
    codes = torch.arange(48).view(3, 16) % 32
    pictures = [model.painted(row[None])[0] for row in codes]
    assert ranking(model).best_first("something nice", codes, pictures) == [0, 1, 2]
    assert ranking(model).best_first("a red scarf", codes, pictures) != [0, 1, 2]


def test_candidates_read_beside_one_another_get_the_scores_of_those_read_in_turn(model) -> None:
    pictures = [
        squared(draw_garment(Garment("Scarves", color), size=256, seed=1), 128) for color in ("red", "navy")
    ]
    codes = torch.cat([model.prefixes.codes(picture) for picture in pictures])
    scores = []
    for passes in (1, 2):
        judge = CandidateRanking(
            model.backbone,
            model.prefixes,
            model.parts.text_tokenizer,
            reads_codes=True,
            hint=True,
            passes=passes,
        )
        scores.append(judge.scores("a red scarf", codes, pictures))
    assert scores[0] == pytest.approx(scores[1], abs=1e-3)
    assert scores[0][0] > scores[0][1] + 1


def test_a_prompt_is_held_to_all_that_it_names_a_missing_color_to_the_measured_one_and_any_style() -> None:
    assert asked_garments("a pair of red suede chelsea boots", "blue") == (
        Garment("Boots", "red", "solid", "suede", "chelsea"),
    )
    assert {
        (one.color, one.pattern, one.style) for one in asked_garments("a stripy blouse or shirt", "blue")
    } == {("blue", "striped", "blouse")}
    assert {one.style for one in asked_garments("red boots", "blue")} == {"ankle", "chelsea", "knee-high"}
    assert asked_garments("something blue", "blue") == ()


def test_as_many_are_given_as_are_to_be_kept_and_they_are_the_first_of_all() -> None:
    model = tiny_model()
    everything = model.draw("a red scarf", seed=3, candidates=4, kept=4)
    kept = model.draw("a red scarf", seed=3, candidates=4, kept=2)
    assert len(everything) == 4 and len(kept) == 2
    order = model.finished("a red scarf", _codes(model, 4), 4)
    for one, other in zip(kept, order[:2], strict=True):
        assert np.array_equal(np.asarray(one.picture), np.asarray(other))
    with pytest.raises(ValueError, match="of 2 candidates 3 cannot be kept"):
        model.draw("a red scarf", candidates=2, kept=3)


def _codes(model: FashionVLMModel, candidates: int) -> torch.Tensor:
    from vlm.drawing import draw_codes

    ids = model.parts.text_tokenizer.encode("a red scarf")
    return draw_codes(
        model.drawing,
        [ids] * candidates,
        settings=model.defaults,
        generator=torch.Generator().manual_seed(3),
    )
