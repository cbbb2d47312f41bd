"""Training crops for the image tokenizer, cut from a pool of pictures.

The crops of a step follow from the seed and the step's number alone, so that a resumed run sees what an
unbroken one would have seen.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]

_LOOK_EVERY = 4


def open_pool(path: str | Path) -> Pictures:
    """A picture pool, uint8 ``[N, S, S, 3]`` (RGB), memory-mapped from an ``.npy`` file.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file holds something else.
    """
    pool = np.load(path, mmap_mode="r", allow_pickle=False)
    if pool.dtype != np.uint8 or pool.ndim != 4 or pool.shape[3] != 3 or pool.shape[1] != pool.shape[2]:
        raise ValueError(
            f"{path} is no picture pool: uint8 [N, S, S, 3] expected, {pool.dtype} {pool.shape} found"
        )
    return pool  # type: ignore[no-any-return]


class CropSource:
    """Gives the crops of a step: square cuts of random pictures, mirrored half of the time.

    Of several places drawn in a picture the one with the most contrast is cut, because most of a product
    picture is empty background.
    """

    def __init__(
        self, pool: Pictures, *, seed: int, batch: int = 32, side: int = 64, places: int = 3
    ) -> None:
        """Cut from this pool.

        Args:
            pool: uint8 ``[N, S, S, 3]``.
            seed: Of everything drawn.
            batch: Crops a step.
            side: Of a crop, in pixels, at most ``S``.
            places: Places to choose from in each picture.

        Raises:
            ValueError: The pool is empty or its pictures are smaller than a crop.
        """
        if not len(pool) or pool.shape[1] < side:
            raise ValueError(
                f"a pool of {len(pool)} pictures of {pool.shape[1]} px gives no crops of {side} px"
            )
        self._pool, self._seed, self._batch, self._side, self._places = pool, seed, batch, side, places

    def __call__(self, step: int) -> Pictures:
        """The crops of this step, uint8 ``[batch, side, side, 3]``."""
        rng = np.random.default_rng((self._seed, step))
        crops = np.empty((self._batch, self._side, self._side, 3), np.uint8)
        span = self._pool.shape[1] - self._side + 1
        for slot, index in enumerate(rng.integers(len(self._pool), size=self._batch)):
            picture = self._pool[index]
            corners = rng.integers(span, size=(self._places, 2))
            cuts = [picture[y : y + self._side, x : x + self._side] for y, x in corners]
            best = max(cuts, key=lambda cut: float(cut[::_LOOK_EVERY, ::_LOOK_EVERY].std()))
            crops[slot] = best[:, ::-1] if rng.random() < 0.5 else best
        return crops
