"""Fashion knowledge."""

from __future__ import annotations


def answer(text: str) -> str | None:
    """An answer to a question about clothes, or None where nothing is known."""
    return None
