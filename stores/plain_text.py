"""Plain text out of HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_UNSEEN = frozenset({"script", "style", "template", "head", "title", "noscript", "iframe", "svg"})
_INLINE = frozenset(
    {"a", "abbr", "b", "code", "em", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u"}
)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen.append(tag)
        elif tag not in _INLINE:
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unseen:
            # A tag that was never closed inside ends with the one around it.
            del self._unseen[self._unseen.index(tag) :]
        elif tag not in _INLINE:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words.append(data)


def plain_text(html: str) -> str:
    """What a person would read of HTML, on one line; plain text comes back as it is, spaces joined.

    Scripts, styles and comments are left out, entities are resolved, control characters become spaces.
    """
    if "<" in html or "&" in html:
        reader = _Reader()
        reader.feed(html)
        reader.close()
        html = "".join(reader.words)
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", html).strip()
