"""Drawing until the model itself finds what was asked for in its picture, as often as that is worth the wait."""

from __future__ import annotations

import time
from collections.abc import Callable

from fashion.language import phrase
from fashion.lexicon import forgive, tokenize
from fashion.mentions import find_mentions
from vlm.candidates import asked_garments
from vlm.client import Drawing, FashionVLMClient, FashionVLMUnavailableError, Reading, StepCallback
from vlm.reading import agreement

CANDIDATES = 2
"""Pictures drawn together in the first try; the model's own reading of them picks the better one."""
TRIES = 2
"""Tries at most: another one, of a single picture, is made where the reading of the last contradicts the words."""
CONTRAST = 2.0
"""Of a try after one without the pattern asked for: other noise alone leaves it out again (`vlm.contrast`)."""
PATIENCE = 30.0
"""Seconds: a first try that took longer, as by a large model without a GPU, is given as it is."""
_STRIDE = 1_000_003
"""Between the seeds of tries, so that a second try is not the first one of the next seed."""
_SEEDS = 2**31


async def draw_in_tries(
    vlm: FashionVLMClient,
    prompt: str,
    *,
    seed: int = 0,
    candidates: int = CANDIDATES,
    tries: int = TRIES,
    on_step: StepCallback | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Drawing:
    """The drawing of a prompt whose reading agrees best with it, the earliest of equals.

    Args:
        vlm: The model.
        prompt: What the picture shows.
        seed: The same words and seed, the same picture.
        candidates: Drawn together in the first try; each later one draws a single picture, since with two the judge found
            as many drawings right, and they took longer (docs/benchmarks/quality.md).
        tries: At most so many, at least 1; there is one alone where the words name nothing that a reading could contradict.
        on_step: Told of progress; a second try goes on counting.
        clock: Seconds, for `PATIENCE`.

    Raises:
        FashionVLMUnavailableError: The model cannot draw now.
        ValueError: Numbers out of range, or a prompt that the model cannot take.
    """
    drawn: list[Drawing] = []
    contrast: float | None = None
    words, started = _spelled(prompt), clock()
    for number in range(tries):
        chosen = (seed + number * _STRIDE) % _SEEDS
        try:
            drawn += await vlm.draw(
                words,
                seed=chosen,
                candidates=1 if number else candidates,
                contrast=contrast,
                on_step=_counting_on(on_step, number),
            )
        except (FashionVLMUnavailableError, ValueError):
            # What was drawn is not lost to a server that is busy meanwhile, or too old to know of contrast.
            if not drawn:
                raise
            break
        if not disagreements(prompt, drawn[-1].reading) or clock() - started > PATIENCE:
            break
        contrast = CONTRAST if _lacks_its_pattern(prompt, drawn[-1].reading) else None
    return max(drawn, key=lambda drawing: agreement(prompt, drawing.reading))


def _spelled(prompt: str) -> str:
    """The words to draw; of misspelled ones what they name, since the model learned from words spelled right."""
    tokens = tokenize(prompt)
    # "Pyjama" for "pyjamas" is no slip.
    slipped = any(
        one.removesuffix("s") != other.removesuffix("s")
        for one, other in zip(tokens, forgive(tokens), strict=True)
    )
    asked = asked_garments(prompt, "") if slipped else ()
    return phrase(asked[0], style="plain") if asked else prompt


def _lacks_its_pattern(prompt: str, reading: Reading | None) -> bool:
    wanted = {*find_mentions(prompt).patterns} - {"solid"}
    return (
        reading is not None and reading.pattern is not None and bool(wanted) and reading.pattern not in wanted
    )


def _counting_on(on_step: StepCallback | None, number: int) -> StepCallback | None:
    """Progress of a try by its number, told as that of all so far: it never goes back."""
    if on_step is None or number == 0:
        return on_step
    return lambda done, total: on_step(number * total + done, (number + 1) * total)


def disagreements(prompt: str, reading: Reading | None) -> list[str]:
    """Where the model's reading of its picture differs from the words, a clause each."""
    if reading is None:
        return []
    asked = find_mentions(prompt)
    pairs = (
        (asked.categories, reading.category),
        (asked.colors, reading.color),
        (asked.patterns, reading.pattern),
    )
    return [
        f"you asked for {' or '.join(wanted).lower()}, and I read {value.lower()} in it"
        for wanted, value in pairs
        if wanted and value is not None and value not in wanted
    ]
