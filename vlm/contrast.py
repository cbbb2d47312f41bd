"""The same thing without the pattern that a prompt asks for: what a drawing of it may be held against.

A small model that has seen mostly plain things draws a rare pattern faintly or not at all, whatever the noise it begins
from. Guided away from the same thing plain (``drawing_contrast`` of its configuration), it draws what differs: the pattern.
Guidance in words is as in "Classifier-Free Diffusion Guidance" (arXiv 2207.12598), with these words besides none at all.
"""

from __future__ import annotations

from dataclasses import replace

from fashion.language import phrase
from vlm.candidates import asked_garments


def plain_words(prompt: str) -> str | None:
    """What a prompt asks for, plain: "a red wool scarf" for "draw a red checked scarf of wool".

    Args:
        prompt: Words to draw.

    Returns:
        None where they name no category, or no pattern.
    """
    asked = asked_garments(prompt, "")
    if not asked or asked[0].pattern == "solid":
        return None
    return phrase(replace(asked[0], pattern="solid"), style="plain")
