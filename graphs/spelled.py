"""What a message says, with its spelling mended: what the rules of the graph look for words in.

The words as they were typed are what is kept, shown and drawn.
"""

from __future__ import annotations

from agents.spelling import mend
from graphs.state import TurnState


def spelled(state: TurnState) -> str:
    """The whole message, mended as the router mends it."""
    return mend(state["text"])
