"""Cuts a message into clauses, so that several wishes can be served in the order in which they were said."""

from __future__ import annotations

import re

MOST = 6
_CUT = re.compile(r"[.;!?]+|\s[—–-]+\s|,|—|\b(?:and|then|also|plus|but)\b", re.IGNORECASE)


def clauses_of(text: str) -> list[str]:
    """The clauses of a text that hold a letter, in order; at most `MOST`, the last one holding the rest."""
    found = [part.strip() for part in _CUT.split(text)]
    found = [part for part in found if any(character.isalpha() for character in part)]
    return [*found[: MOST - 1], " ".join(found[MOST - 1 :])] if len(found) > MOST else found
