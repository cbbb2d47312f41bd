"""Batches made ahead by other processes, in the order of their numbers, so that a device does not wait for them."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar, cast

import torch
from torch.utils.data import DataLoader, Dataset

from fashion.fashionrec import FashionRecError

Batch = TypeVar("Batch")
_WAITING = 4
"""Batches that each process holds ready."""


class _Stretch(Dataset[Any], Generic[Batch]):
    """Batches of a stretch of numbers; a broken sample is handed on as a value, its message whole."""

    def __init__(self, make: Callable[[int], Batch], first: int, last: int) -> None:
        self._make, self._first, self._last = make, first, last

    def __len__(self) -> int:
        return self._last - self._first

    def __getitem__(self, index: int) -> Batch | FashionRecError:
        try:
            return self._make(self._first + index)
        except FashionRecError as error:
            return error


def made_ahead(make: Callable[[int], Batch], first: int, last: int, workers: int) -> Iterator[Batch]:
    """Yield what `make` gives for each number from `first` up to `last`, in order.

    Args:
        make: Gives the same batch for the same number, in whatever process.
        first: Number of the first batch.
        last: Number behind the last one.
        workers: Processes; 0 makes each batch when it is wanted.

    Raises:
        FashionRecError: `make` raised it.
    """
    loader = DataLoader(
        _Stretch(make, first, last),
        batch_size=None,
        num_workers=workers,
        prefetch_factor=_WAITING if workers else None,
        collate_fn=_as_it_is,
        # Its own generator: the loader draws a number when it begins, which would shift what dropout draws.
        generator=torch.Generator(),
        worker_init_fn=_leave_stopping_to_the_parent,
    )
    for batch in loader:
        if isinstance(batch, FashionRecError):
            raise batch
        yield cast(Batch, batch)


def _as_it_is(batch: Batch) -> Batch:
    return batch


def _leave_stopping_to_the_parent(_: int) -> None:
    """Ctrl-C goes to every process of the terminal; the run ends after its step and ends the workers itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
