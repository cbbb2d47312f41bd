"""What the engine is asked and what it answers; the border between whoever serves (server, client) and the engine.

Pictures cross it as PIL RGB images that have passed the image gate. Nothing here knows HTTP, and nothing knows tensors
but the codes of a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PIL import Image

if TYPE_CHECKING:
    from torch import Tensor

FinishReason = Literal["stop", "length"]
MAX_CANDIDATES = 8
"""Pictures of one drawing request at most."""


class RequestRefusedError(ValueError):
    """The request cannot be served as it is (too long, too many pictures, a setting out of range); one sentence."""


class QueueFullError(RuntimeError):
    """So much waits already that this request was not taken.

    Attributes:
        retry_after: Seconds after which a try is sensible, from the measured pace.
    """

    def __init__(self, waiting: int, retry_after: float) -> None:
        super().__init__(f"{waiting} requests wait already; try again in {retry_after:.0f} s")
        self.retry_after = retry_after


class RequestFailedError(RuntimeError):
    """The engine gave up on this one request (out of memory, time limit, engine closed); one sentence."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Look:
    """Up to four pictures brought to the size at which a model reads them; what was sent need not be kept.

    Attributes:
        key: Name of their content.
        count: How many they are.
        squares: What is made into image codes, RGB.
        patches: What the vision tower sees, float32 ``[1, 3, R, R]`` each.
    """

    key: str
    count: int
    squares: tuple[Image.Image, ...]
    patches: tuple[Tensor, ...]

    def __len__(self) -> int:
        """How many pictures they are."""
        return self.count


@dataclass(frozen=True, slots=True)
class TextRequest:
    """Words wanted about up to four pictures (pasted as one 2x2 grid), or about none.

    Attributes:
        messages: The conversation, last message from the user.
        pictures: Up to four; as a `Look` (see `vlm.engine.protocol.ServingEngine.look`), large ones need not be kept.
        max_tokens: At most so many new tokens.
        temperature: 0 is greedy.
        top_k: Sample from the k likeliest; 0 is all.
        top_p: Sample from the smallest set of likeliest tokens whose probability reaches this; 1 is all.
        seed: Of the sampling; each request draws from a generator of its own, so company changes nothing.
        stop: The answer ends before the first of these.
    """

    messages: Sequence[Message]
    pictures: Sequence[Image.Image] | Look = ()
    max_tokens: int = 96
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0
    stop: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class DrawRequest:
    """A picture wanted from words, new or repainted.

    Attributes:
        prompt: The words.
        steps: Passes over the picture; None is the model's own default, and so for the next three.
        guidance: Guidance scale g in ``(1+g)·cond - g·uncond``.
        contrast: The same against the thing plain, where a pattern is asked for (`vlm.contrast`); none without guidance.
        temperature: Of the confidence noise.
        seed: Of all randomness of this picture.
        picture: Repaint this one; None draws from nothing.
        mask: With `picture`: an ``L`` image of any size, white where to repaint, black where the codes stay.
        previews: A `Step` carries the picture so far at every so many steps; 0 is never.
        candidates: Pictures of the same words, drawn together from one generator; `Step` previews the first.
        kept: How many of them are given out, best first (`vlm.candidates`); None is all.
    """

    prompt: str
    steps: int | None = None
    guidance: float | None = None
    contrast: float | None = None
    temperature: float | None = None
    seed: int = 0
    picture: Image.Image | None = None
    mask: Image.Image | None = None
    previews: int = 0
    candidates: int = 1
    kept: int | None = None


Request = TextRequest | DrawRequest


@dataclass(frozen=True, slots=True)
class Piece:
    """Some more words of an answer; never half a character."""

    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Step:
    """A drawing step is done."""

    done: int
    total: int
    preview: Image.Image | None = None


@dataclass(frozen=True, slots=True)
class TextDone:
    """An answer is whole.

    Attributes:
        reason: ``stop`` at end of text or a stop string, ``length`` at a limit.
        prompt_tokens: Positions of the request, picture included.
        completion_tokens: New tokens.
        cached_tokens: Positions of the request whose keys and values were there already.
    """

    reason: FinishReason
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class PictureDone:
    """A picture is drawn; `others` are the further candidates that were to be kept, best first."""

    picture: Image.Image
    steps: int
    others: Sequence[Image.Image] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """The request ended without its answer; `error` is a `RequestRefusedError` or a `RequestFailedError`."""

    error: Exception


Event = Piece | Step | TextDone | PictureDone | Failed
"""A request's events end with exactly one of `TextDone`, `PictureDone` and `Failed`, or with none once it is canceled."""

LAST_EVENTS = (TextDone, PictureDone, Failed)


@dataclass(frozen=True, slots=True)
class EngineStats:
    """A look at the engine; counters only rise.

    Attributes:
        waiting: Requests not begun.
        running_texts: Requests being answered.
        running_drawings: Drawing requests being worked on, each with all of its candidates.
        tokens: New tokens so far.
        pictures: Pictures drawn so far.
        failed: Requests that ended in `Failed`.
        canceled: Requests that were canceled.
        memory_bytes: Now held: on a GPU all that this process has allocated there, on a CPU weights and the answers' keys
            and values.
        memory_limit_bytes: What may be taken in all, weights included; what is planned fits in it.
        wait_seconds: How long whoever is turned away does well to wait: until as many requests as wait now, and one at
            least, will have ended at the pace of the latest; at least 1.
        taking: Whether it takes requests; False once it is closed or has broken down.
    """

    waiting: int
    running_texts: int
    running_drawings: int
    tokens: int
    pictures: int
    failed: int
    canceled: int
    memory_bytes: int
    memory_limit_bytes: int
    wait_seconds: float = 1.0
    taking: bool = True
