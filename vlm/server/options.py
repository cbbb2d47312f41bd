"""How a server is set: who may use it, and its limits."""

from __future__ import annotations

from dataclasses import dataclass

from vlm.picture_gate import MAX_BYTES

MAX_PICTURES = 4
"""Pictures in one request; the model sees them as a 2x2 grid."""
MAX_TEXT = 40_000
"""Characters of words in one request; the model's own limit is in tokens and far lower."""
WORDS_BYTES = 256 * 1024
"""Largest body of a request that carries no picture."""
PICTURES_BYTES = MAX_PICTURES * MAX_BYTES * 4 // 3 + WORDS_BYTES
"""Largest body of a request whose pictures are base64 (a third longer than the file)."""
EDIT_BYTES = 2 * MAX_BYTES + WORDS_BYTES
"""Largest body of an edit: a picture and a mask, not base64."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Settings of one server.

    Attributes:
        keys: A request must carry one of these as its bearer token; none lets everyone in.
        hosts: Host headers that are ours, looked at where there are no keys (a page in somebody's browser could
            reach a local server else); empty lets every host in.
        max_open: Requests taken at once, those that wait in the engine and those still being sent included.
        request_seconds: The longest a request may take once it is read.
        body_seconds: The longest a client may take to send a request.
        grace_seconds: How long a server that is told to stop lets running requests finish.
    """

    keys: tuple[str, ...] = ()
    hosts: frozenset[str] = frozenset()
    max_open: int = 64
    request_seconds: float = 120.0
    body_seconds: float = 30.0
    grace_seconds: float = 30.0
