"""Drawing again where the model reads something else in its picture than was asked for."""

from __future__ import annotations

import pytest
from PIL import Image

from tests.standin import StandInFashionVLM
from tools.drawing_tries import CANDIDATES, CONTRAST, PATIENCE, draw_in_tries
from vlm.client import Drawing, FashionVLMUnavailableError, Reading

RIGHT = Reading("Scarves", "red", "checked", "")
PLAIN = Reading("Scarves", "red", "solid", "")
WRONG = Reading("Hats", "blue", "solid", "")


class Drawn(StandInFashionVLM):
    """Draws pictures that are read as they are told, one reading a try."""

    def __init__(self, *readings: Reading | None) -> None:
        super().__init__()
        self.readings, self.seeds, self.contrasts, self.prompts = list(readings), [], [], []
        self.candidates = []

    async def draw(self, prompt, *, seed=0, candidates=1, kept=1, contrast=None, on_step=None):
        self.seeds.append(seed)
        self.prompts.append(prompt)
        self.contrasts.append(contrast)
        self.candidates.append(candidates)
        for step in (1, 2):
            if on_step:
                on_step(step, 2)
        if isinstance(self.readings[0], Exception):
            raise self.readings.pop(0)
        assert kept == 1
        return [Drawing(Image.new("RGB", (8, 8)), self.readings.pop(0), seed)]


@pytest.mark.parametrize("reading", [RIGHT, None])
async def test_a_picture_that_nothing_speaks_against_is_drawn_once(reading) -> None:
    model = Drawn(reading)
    drawing = await draw_in_tries(model, "a red checked scarf", seed=5)
    assert drawing.reading == reading and model.seeds == [5]


@pytest.mark.parametrize(
    ("readings", "best"), [([PLAIN, RIGHT], 1), ([WRONG, PLAIN], 1), ([PLAIN, WRONG], 0), ([PLAIN, PLAIN], 0)]
)
async def test_of_two_tries_the_one_that_agrees_best_is_given_and_of_equals_the_first(readings, best) -> None:
    model = Drawn(*readings)
    drawing = await draw_in_tries(model, "a red checked scarf", seed=5)
    assert drawing.reading == readings[best] and drawing.seed == model.seeds[best]
    assert len(set(model.seeds)) == 2


@pytest.mark.parametrize(
    ("reading", "contrast"),
    [
        (PLAIN, CONTRAST),
        (Reading("Hats", "red", "checked", ""), None),
        (Reading("Hats", "red", None, ""), None),
    ],
)
async def test_a_pattern_that_is_missing_is_drawn_again_against_the_same_thing_plain(
    reading, contrast
) -> None:
    model = Drawn(reading, RIGHT)
    await draw_in_tries(model, "a red checked scarf")
    assert model.contrasts == [None, contrast]


async def test_the_first_try_draws_several_candidates_and_the_second_a_single_one() -> None:
    model = Drawn(PLAIN, PLAIN)
    await draw_in_tries(model, "a red checked scarf")
    assert CANDIDATES > 1 and model.candidates == [CANDIDATES, 1]


@pytest.mark.parametrize("error", [FashionVLMUnavailableError("busy"), ValueError("contrast: not known")])
async def test_a_second_try_that_fails_leaves_the_first_picture(error) -> None:
    assert (await draw_in_tries(Drawn(PLAIN, error), "a red checked scarf")).reading == PLAIN
    with pytest.raises(type(error)):
        await draw_in_tries(Drawn(error), "a red checked scarf")


async def test_a_picture_that_took_long_is_given_as_it_is() -> None:
    for seconds, tries in ((PATIENCE - 1, 2), (PATIENCE + 1, 1)):
        model, times = Drawn(PLAIN, RIGHT), iter((0.0, seconds, seconds * 2))
        await draw_in_tries(model, "a red checked scarf", clock=lambda times=times: next(times))
        assert len(model.seeds) == tries


async def test_progress_never_goes_back() -> None:
    told = []
    await draw_in_tries(
        Drawn(PLAIN, RIGHT), "a red checked scarf", on_step=lambda done, total: told.append((done, total))
    )
    assert told == [(1, 2), (2, 2), (3, 4), (4, 4)]


async def test_words_that_name_nothing_the_reading_could_contradict_are_drawn_once() -> None:
    model = Drawn(WRONG)
    await draw_in_tries(model, "something nice")
    assert model.seeds == [0]


async def test_a_second_try_is_neither_the_first_of_a_seed_nearby_nor_beyond_the_largest_seed() -> None:
    seeds = []
    for seed in (0, 1, 2, 2**31 - 1):
        model = Drawn(WRONG, WRONG)
        await draw_in_tries(model, "a red scarf", seed=seed)
        seeds += model.seeds
    assert len(set(seeds)) == len(seeds) and all(0 <= seed < 2**31 for seed in seeds)


@pytest.mark.parametrize(
    ("prompt", "drawn"),
    [
        ("cna u drwa me a dottd blu skirt pleas", "a blue polka dot skirt"),
        ("draw me a dotted blue skirt", "draw me a dotted blue skirt"),
        ("a striped pajama set", "a striped pajama set"),
    ],
)
async def test_misspelled_words_are_drawn_as_what_they_name_and_others_as_they_are(prompt, drawn) -> None:
    model = Drawn(None)
    await draw_in_tries(model, prompt)
    assert model.prompts == [drawn]
