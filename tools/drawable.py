"""What can be drawn of a request: a piece of clothing or an accessory, alone, and nothing else."""

from __future__ import annotations

import re

from fashion.lexicon import forgive, scan, tokenize
from fashion.mentions import Mentions, find_mentions
from tools.prompts import load_data


def can_draw(words: str) -> bool:
    """Whether words name a piece of clothing or an accessory, or at least how to be dressed."""
    named = find_mentions(words)
    if named.categories or named.groups:
        return True
    if re.search(load_data("drawable")["dress"], words, re.IGNORECASE):
        return True
    about = named.patterns or named.styles or named.materials or named.occasion or named.season
    return bool(about) and not names_another_thing(words)


def names_another_thing(words: str) -> bool:
    """Whether words that name no piece name something else, as in "a polka dot umbrella"."""
    table, tokens = load_data("drawable"), forgive(tokenize(words))
    if set(tokens) & set(table["placeholders"]):
        return False
    told = {at for match in scan(tokens) for at in range(match.start, match.end)}
    left = [token for at, token in enumerate(tokens) if at not in told and token.isalpha()]
    return not set(left) <= set(table["silent"])


def first_piece(words: str) -> tuple[str, str]:
    """Part a request into the first piece and the others ("sunglasses", "a straw hat"); the latter may be empty."""
    table = load_data("drawable")
    joints = list(re.finditer(table["joints"], words, re.IGNORECASE))
    ends = [*(joint.start() for joint in joints[1:]), len(words)]
    for joint, end in zip(joints, ends, strict=False):
        first, rest = words[: joint.start()], words[joint.end() :]
        begins = re.match(table["begins"], rest, re.IGNORECASE)
        # A piece of its own begins with an article, or is named before the next joint ("in black and white").
        things = _things(rest if begins else words[joint.end() : end])
        if joint.group().strip().lower() == "with" and things <= set(table["parts_of_a_piece"]):
            continue
        if _things(first) and things:
            return first.strip(" ,;&+"), rest.strip()
    return words, ""


def _things(words: str) -> set[str]:
    named = find_mentions(words)
    return {*named.categories, *named.groups}


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
