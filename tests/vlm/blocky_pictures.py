"""Pictures for tests of the image tokenizer's training: blocks of one color, which a tiny network learns in a few steps."""

import numpy as np


def blocky_pictures(count=12, side=64):
    """uint8 ``[count, side, side, 3]``, the same every time."""
    blocks = np.random.default_rng(1).integers(0, 256, (count, 4, 4, 3), dtype=np.uint8)
    return np.kron(blocks, np.ones((1, side // 4, side // 4, 1), np.uint8))
