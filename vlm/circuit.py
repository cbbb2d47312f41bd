"""A circuit breaker: after several failures in a row nobody waits for a server that is away.

Closed, every call goes through. Open, calls are refused at once until a rest is over. Then half-open: a single call
goes through as a trial, and its end closes the circuit or opens it again. For one event loop; it takes no locks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

State = Literal["closed", "open", "half-open"]


class CircuitOpenError(RuntimeError):
    """The call was not made: the calls before it failed, and the rest is not over."""


class ServerAtFaultError(RuntimeError):
    """The base of errors that speak against the server; the circuit counts them."""


class CircuitBreaker:
    """See the module."""

    def __init__(
        self, failures: int = 3, rest: float = 10.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Open after `failures` in a row, for `rest` seconds of `clock`."""
        self._limit, self._rest, self._clock = failures, rest, clock
        self._failures = 0
        self._opened_at: float | None = None
        self._trial = False

    @property
    def state(self) -> State:
        """What a call would meet."""
        if self._opened_at is None:
            return "closed"
        rested = self._clock() - self._opened_at >= self._rest
        return "half-open" if rested and not self._trial else "open"

    @contextmanager
    def call(self) -> Iterator[None]:
        """Make a call, the block.

        A `ServerAtFaultError` out of it counts as a failure. Any other end is a success (a server that refuses a
        request is there), but a cancellation, which says nothing.

        Raises:
            CircuitOpenError: The circuit is open, or another call is the trial.
        """
        if self.state == "open":
            raise CircuitOpenError
        trial = self._opened_at is not None
        self._trial = self._trial or trial
        try:
            yield
        except ServerAtFaultError:
            self._failures += 1
            if trial or self._failures >= self._limit:
                self._opened_at = self._clock()
            raise
        except Exception:
            self._close()
            raise
        else:
            self._close()
        finally:
            # A canceled trial says nothing: the next call is the trial.
            if trial:
                self._trial = False

    def _close(self) -> None:
        self._failures, self._opened_at = 0, None
