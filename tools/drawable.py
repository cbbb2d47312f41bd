"""What can be drawn of a request: a piece of clothing or an accessory, alone, and nothing else."""

from __future__ import annotations

import re

from fashion.mentions import Mentions, find_mentions
from tools.prompts import load_data


def can_draw(words: str) -> bool:
    """Whether words name a piece of clothing or an accessory, or at least how to be dressed."""
    named = find_mentions(words)
    if named.categories or named.groups:
        return True
    about = named.patterns or named.styles or named.materials or named.occasion or named.season
    return bool(about) or re.search(load_data("drawable")["dress"], words, re.IGNORECASE) is not None


def without_scenery(words: str) -> tuple[str, str]:
    """Part a request into the piece and its surroundings ("a red dress", "on the moon"); the latter may be empty."""
    for match in re.finditer(load_data("drawable")["scenery"], words, re.IGNORECASE):
        rest = words[match.start() :].strip(' .!?"')
        piece = words[: match.start()].strip(' .!?"')
        if _names_nothing(find_mentions(rest)) and can_draw(piece):
            return piece, rest
    return words, ""


def _names_nothing(named: Mentions) -> bool:
    traits = (named.categories, named.groups, named.colors, named.patterns, named.materials, named.styles)
    details = (named.sleeve, named.neckline, named.length, named.fit)
    return not (any(traits) or any(details))
