"""Tokens to words as they come: never half a character, and never the beginning of a stop string."""

from __future__ import annotations

from collections.abc import Sequence

from vlm.text_tokenizer import TextTokenizer

_BROKEN = "\ufffd"


class WordStream:
    """The text of one answer, piece by piece."""

    def __init__(self, tokenizer: TextTokenizer, stops: Sequence[str] = ()) -> None:
        """`stops` end the answer; what they consist of is not part of it."""
        self._tokenizer = tokenizer
        self._stops = tuple(stop for stop in stops if stop)
        self._open: list[int] = []
        self._held = ""
        self._begun = False
        self.stopped = False
        """Whether a stop string came; nothing follows it."""

    def feed(self, token: int) -> str:
        """Take one token; the words that are sure by now, possibly none."""
        self._open.append(token)
        text = self._tokenizer.decode(self._open)
        # A character may be spread over several tokens; a part of one decodes to U+FFFD at the end.
        if text.endswith(_BROKEN):
            return ""
        self._open.clear()
        return self._settle(text, last=False)

    def finish(self) -> str:
        """What was held back, once no token follows."""
        text = self._tokenizer.decode(self._open)
        self._open.clear()
        return self._settle(text, last=True)

    def _settle(self, text: str, last: bool) -> str:
        if self.stopped:
            return ""
        self._held += text
        # The one that is whole first, so that it does not matter how the text is cut into tokens.
        found = [(place + len(stop), place) for stop in self._stops if (place := self._held.find(stop)) >= 0]
        if found:
            self.stopped = True
            sure, self._held = self._held[: min(found)[1]], ""
        else:
            kept = 0 if last else max((_overlap(self._held, stop) for stop in self._stops), default=0)
            cut = len(self._held) - kept
            sure, self._held = self._held[:cut], self._held[cut:]
        if not self._begun:
            sure = sure.lstrip()
            self._begun = bool(sure)
        return sure


def _overlap(text: str, stop: str) -> int:
    """How much of the end of `text` may be the beginning of `stop`."""
    longest = min(len(text), len(stop) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(stop[:size])), 0)
