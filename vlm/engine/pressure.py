"""When too much is asked: how long the queue will take, and what to do where memory runs out."""

from __future__ import annotations

import torch

_SCARCE = ("can't allocate memory", "out of memory", "ALLOC_FAILED")
"""How other errors than `MemoryError` and ``torch.OutOfMemoryError`` say it: the CPU's allocator, CUDA, cuBLAS, cuDNN."""


class Pace:
    """How fast requests have been ending, for those who are told to come back later."""

    def __init__(self) -> None:
        self._seconds, self._last = 1.0, 0.0

    def ended(self, asked_at: float, now: float) -> None:
        """A request ended well."""
        took = now - max(self._last, asked_at)
        self._seconds += 0.2 * (took - self._seconds)
        self._last = now

    def seconds_for(self, requests: int) -> float:
        """Seconds until so many requests will have ended; at least 1."""
        return max(1.0, self._seconds * requests)


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on a GPU or on the CPU."""
    told = str(error)
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or any(words in told for words in _SCARCE)


def works(device: torch.device) -> bool:
    """Whether a device can go on after an error; some break a GPU's whole context, and every call fails from then on."""
    if device.type != "cuda":
        return True
    try:
        torch.cuda.synchronize(device)
    except RuntimeError:
        return False
    return True


def free_memory(device: torch.device) -> None:
    """Give back what the allocator holds for reuse."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
