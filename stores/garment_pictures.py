"""Product pictures of the demo boutique, drawn in worker processes.

Kept apart from the rest of the stores so that a worker loads the drawing code and nothing else.
"""

from __future__ import annotations

import multiprocessing
import os
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from fashion.drawing import draw_garment
from fashion.garment import Garment
from fashion.pool_workers import end_with_parent

SIDE = 512
_FEW = 24
"""So few pictures are drawn sooner than a process is started."""


@dataclass(frozen=True, slots=True)
class PictureOrder:
    """One picture to draw, and the file it goes to."""

    product_id: str
    garment: Garment
    path: Path


def picture_seed(product_id: str) -> int:
    """The drawing seed of a product, so that the same garment drawn elsewhere (a cut-out) looks the same."""
    return zlib.crc32(product_id.encode())


def draw_all(orders: Sequence[PictureOrder], batch: int) -> Iterator[list[str]]:
    """Draw what is not there yet, on all cores but one.

    Args:
        orders: What to draw; a file that exists already is left as it is.
        batch: How many to a step.

    Yields:
        The product ids of each batch as it is finished, in any order.
    """
    batches = [list(orders[start : start + batch]) for start in range(0, len(orders), batch)]
    missing = sum(not order.path.is_file() for order in orders)
    if missing <= _FEW:
        yield from (draw_batch(orders) for orders in batches)
        return
    # A forked child of a process with torch's threads can hang, so workers are started fresh.
    context = multiprocessing.get_context("spawn")
    # One core is left to this process, which embeds what the others have drawn.
    workers = max(1, min((os.cpu_count() or 2) - 1, len(batches)))
    with ProcessPoolExecutor(workers, mp_context=context, initializer=end_with_parent) as pool:
        futures: list[Future[list[str]]] = [pool.submit(draw_batch, orders) for orders in batches]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def draw_batch(orders: Sequence[PictureOrder]) -> list[str]:
    """Draw a batch of pictures, each file there whole or not at all; returns the product ids."""
    for order in orders:
        if order.path.is_file():
            continue
        picture = draw_garment(order.garment, size=SIDE, seed=picture_seed(order.product_id))
        order.path.parent.mkdir(parents=True, exist_ok=True)
        partial = order.path.with_suffix(f".{os.getpid()}.part")
        picture.save(partial, "JPEG", quality=88, subsampling=0)
        partial.replace(order.path)
    return [order.product_id for order in orders]
