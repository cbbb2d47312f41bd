"""What a sentence denies: "not black or brown", "anything but red", "leather-free", "orange is out", "silver no"."""

from __future__ import annotations

from collections.abc import Iterator

from fashion.lexicon import scan
from fashion.mention_words import phrase_at, word_set

_REACH = 7
_LISTED = ("color", "material", "pattern", "category", "group")
_PLACE = {"group": "category"}
_PUNCTUATION = frozenset(".,;:?!")
_JOINTS = ("and", "or", "nor", ",")


def denied_in(tokens: list[str]) -> frozenset[int]:
    """The positions under a denial.

    Args:
        tokens: From `fashion.lexicon.tokenize`, with slips forgiven.
    """
    return frozenset({*_denied_behind_a_no(tokens), *_denied_before_a_no(tokens)})


def _denied_behind_a_no(tokens: list[str]) -> Iterator[int]:
    """As in "not black or brown": what stands behind the denying word, up to the end of its clause."""
    at = 0
    while at < len(tokens):
        skipped = phrase_at(tokens, at, "not_a_negation")
        if skipped:
            at += skipped
            continue
        length = phrase_at(tokens, at, "negation_phrases") or int(tokens[at] in word_set("negations"))
        if not length:
            if tokens[at] in ("free", "less") and at:
                yield at - 1
            if tokens[at] == "non" and at + 1 < len(tokens):
                yield at + 1
            at += 1
            continue
        at += length
        reach = at
        while reach < min(at + _REACH, len(tokens)):
            if tokens[reach] == "," and (listed := _list_after(tokens, reach)):
                yield from range(reach, listed)
                reach = listed
                continue
            if tokens[reach] in _PUNCTUATION or tokens[reach] in word_set("negation_ends"):
                break
            yield reach
            reach += 1


def _list_after(tokens: list[str], comma: int) -> int:
    """Where a list that goes on after a comma ends ("no black, brown or white"); 0 where it does not go on.

    All of a list is of one kind: "no heels, black or white is fine" and "no, black or white" deny no color.
    """
    found = [match for match in scan(tokens) if match.kind in _LISTED]
    begun = {_PLACE.get(match.kind, match.kind) for match in found if match.end == comma}
    things = {match.start: match.end for match in found if _PLACE.get(match.kind, match.kind) in begun}
    at = comma
    while at < len(tokens) and tokens[at] == ",":
        at = things.get(at + 1, 0)
        if not at:
            return 0
    joined = at + 1 if tokens[at : at + 1] in (["or"], ["nor"]) else 0
    return things.get(joined, 0) if joined else 0


def _denied_before_a_no(tokens: list[str]) -> Iterator[int]:
    """As in "black and navy are out", "gold yes, silver no", "orange doesn't suit me": what stands before it."""
    ends = {match.end: match.start for match in scan(tokens) if match.kind in _LISTED}
    starts = {start: end for end, start in ends.items()}
    for end in sorted(ends):
        behind = _refused_at(tokens, ends[end], end)
        if not behind:
            continue
        start = end
        while start in ends:
            yield from range(ends[start], start)
            start = ends[start]
            while start and tokens[start - 1] in _JOINTS:
                start -= 1
        more = starts.get(behind + 1) if tokens[behind : behind + 1] in ([","], ["and"]) else None
        if more and tokens[more : more + 1] in (["too"], ["as"], ["also"], ["either"]):
            # "Black is out, navy too."
            yield from range(behind + 1, more)


def _refused_at(tokens: list[str], start: int, end: int) -> int:
    """The position behind the words that refuse a thing; 0 where none stand behind it."""
    length = phrase_at(tokens, end, "denied_behind")
    if length:
        return end + length
    if tokens[end : end + 1] == ["?"] and phrase_at(tokens, end + 1, "plain_noes"):
        # "Purple? No thanks."
        return end + 1 + phrase_at(tokens, end + 1, "plain_noes")
    closes = end + 1 >= len(tokens) or tokens[end + 1] in _PUNCTUATION
    if tokens[end : end + 1] == ["no"] and closes:
        return end + 1
    before = tokens[start - 1] if start else ""
    if before in ("the", "any", "all") and start > 1:
        before = tokens[start - 2]
    out = end < len(tokens) and tokens[end] in word_set("kept_out_behind")
    return end + 1 if out and before in word_set("kept_out_before") else 0
