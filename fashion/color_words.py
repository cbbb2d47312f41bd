"""Whether a word for a color is meant as one: "a plum dress" is, "a plum tart", "red wine" and "too blue" are not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fashion.lexicon import Match, scan
from fashion.mention_words import phrase_at, word_set

_THINGS = (
    "category",
    "group",
    "material",
    "pattern",
    "style",
    "color",
    "fit",
    "length",
    "sleeve",
    "neckline",
)
_MOST_BETWEEN = 3
"""So many adjectives may stand between a color and its thing."""
_NEAR = 6
"""A correction ("red, no wait, blue") stands so close to what it takes back."""


def is_a_color(match: Match, tokens: list[str]) -> bool:
    """Whether a color match is meant as a color, wanted or not.

    Args:
        match: Of kind ``color``, from `fashion.lexicon.scan`.
        tokens: The whole sentence.
    """
    if _in_a_compound(match, tokens) or _is_a_degree(match, tokens):
        return False
    if " ".join(tokens[match.start : match.end]) not in word_set("shy_colors"):
        return True
    return _colors_something(match, tokens)


def _in_a_compound(match: Match, tokens: list[str]) -> bool:
    """As in "red wine", "gold medal", "black tie": the words mean another thing together.

    Not where the color stands before a longer name of a thing: "red cross-body bag", nor before some where a thing stands
    behind them: "a white wedding dress".
    """
    things = [one for one in scan(tokens) if one.kind in ("category", "group")]
    for at in range(max(0, match.start - 2), match.start + 1):
        end = at + phrase_at(tokens, at, "not_a_color")
        longer = any(one.kind == "category" and one.start == match.end and one.end > end for one in things)
        of_a_thing = " ".join(tokens[at:end]) in word_set("a_color_before_a_thing") and any(
            one.start == end for one in things
        )
        if end >= match.end and not longer and not of_a_thing:
            return True
    return False


def _is_a_degree(match: Match, tokens: list[str]) -> bool:
    """As in "too blue", "less black", "not so red": what is said is how much of it, not which color."""
    before = tokens[match.start - 1] if match.start else ""
    if before in word_set("degrees"):
        following = tokens[match.end] if match.end < len(tokens) else ""
        return following not in ("and", ",") or before != "so"
    return before == "that" and match.start > 1 and tokens[match.start - 2] in ("not", "isn", "aren", "t")


def _colors_something(match: Match, tokens: list[str]) -> bool:
    before = tokens[match.start - 1] if match.start else ""
    following = tokens[match.end] if match.end < len(tokens) else ""
    if following in ("colored", "color", "coloured", "colour", "tone", "tones", "shade", "shades", "hue"):
        return True
    if (before in word_set("before_a_shy_color") or before in word_set("negations")) and (
        before == "in" or not following or following in word_set("behind_a_shy_color")
    ):
        return True
    if following in ("one", "ones"):
        return True
    closes = not following or following in word_set("behind_a_shy_color")
    if closes and (before in word_set("before_a_color") or not (before or following == ",")):
        # "Olive?", "maybe plum", "how about orange"
        return True
    if phrase_at(tokens, match.end, "denied_behind"):
        return True
    if before in ("", ".", ",", "!", "?") and following in word_set("said_of_a_color"):
        # "Tan would be perfect."
        return True
    return _describes_a_thing(tokens, match.end)


def _describes_a_thing(tokens: list[str], at: int) -> bool:
    """Whether a thing stands behind a position, with nothing but adjectives, "and" and commas between."""
    starts = {found.start for found in scan(tokens[at : at + _MOST_BETWEEN + 3]) if found.kind in _THINGS}
    for step in range(_MOST_BETWEEN + 1):
        if step in starts:
            return True
        word = tokens[at + step] if at + step < len(tokens) else ""
        if word not in word_set("adjectives"):
            return False
    return False


def without_repeats(matches: Iterable[Match], tokens: Sequence[str]) -> list[Match]:
    """The matches with one color where two words name one: "wine red" is burgundy, "reddish brown" is brown."""
    kept = list(matches)
    colors = {match.start: match for match in kept if match.kind == "color"}
    gone: set[int] = set()
    for first in colors.values():
        second = colors.get(first.end)
        if second is None or second.value == first.value:
            continue
        word = " ".join(tokens[first.start : first.end])
        plain = word_set("plain_colors")
        if word.endswith("ish"):
            gone.add(first.start)
        elif word not in plain and " ".join(tokens[second.start : second.end]) in plain:
            gone.add(second.start)
    return [match for match in kept if match.kind != "color" or match.start not in gone]


def without_withdrawn(matches: Iterable[Match], tokens: Sequence[str]) -> list[Match]:
    """The matches less the colors that the same sentence takes back: "red, no wait, blue", "silver over gold"."""
    kept = list(matches)
    words = list(tokens)
    colors = sorted((match for match in kept if match.kind == "color"), key=lambda match: match.start)
    gone: set[int] = set()
    for at in range(len(words)):
        length = phrase_at(words, at, "self_corrections")
        before = [match for match in colors if at - _NEAR <= match.end <= at]
        after = [match for match in colors if at + length <= match.start <= at + length + 2]
        if length and before and after:
            gone.add(before[-1].start)
        compared = words[at] in ("over", "than") or (words[at] == "to" and "prefer" in words[:at])
        behind = [match for match in colors if match.start == at + 1]
        if compared and behind and any(match.end <= at for match in colors) and _closes(words, behind[0].end):
            gone.add(behind[0].start)
    return [match for match in kept if match.kind != "color" or match.start not in gone]


def _closes(words: Sequence[str], at: int) -> bool:
    return (
        at >= len(words)
        or not words[at].isalnum()
        or words[at] in ("please", "but", "and", "any", "in", "for")
    )
