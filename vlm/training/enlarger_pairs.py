"""What the enlarger learns from: garments drawn at 512 px beside what the image tokenizer makes of them at its own side.

    python -m vlm.training.enlarger_pairs RUN [--model DIR] [--minutes N] [--garments N]

builds the pairs in RUN, trains (`vlm.training.enlarger`, resumable) and puts the result into the model folder as
``enlarger/``. An enlarger belongs to the tokenizer it learned from: after a new tokenizer, start with a new RUN.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from rich.console import Console
from rich.progress import Progress

from fashion.drawing import draw_garment
from vlm.checkpoint import ENLARGER
from vlm.image_tokenizer import ImageTokenizer
from vlm.model import OUTPUT_SIDE
from vlm.shipped import named_directory, shipped_directory
from vlm.training.enlarger import build_pairs, train_enlarger
from vlm.training.picture_pool import single_garment

Pictures = npt.NDArray[np.uint8]
_CHUNK = 32


def enlarger_pairs(
    folder: Path,
    tokenizer: ImageTokenizer,
    *,
    count: int,
    seed: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[Pictures, Pictures]:
    """Draw and code `count` garments of combinations open to training; a folder that holds them already is read.

    Returns:
        What the tokenizer makes of them, uint8 ``[N, S, S, 3]``, and the same drawn large, uint8 ``[N, 512, 512, 3]``.
    """
    inputs, targets = folder / "inputs.npy", folder / "targets.npy"
    if not inputs.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        side = tokenizer.config.resolution
        large = np.lib.format.open_memmap(
            targets, mode="w+", dtype=np.uint8, shape=(count, OUTPUT_SIDE, OUTPUT_SIDE, 3)
        )
        small = np.empty((count, side, side, 3), np.uint8)
        for start in range(0, count, _CHUNK):
            for index in range(start, min(start + _CHUNK, count)):
                picture = draw_garment(
                    single_garment(seed, index), size=OUTPUT_SIDE, seed=seed * 1_000_003 + index
                )
                large[index] = np.asarray(picture)
                small[index] = np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC))
            part = slice(start, min(start + _CHUNK, count))
            small[part] = build_pairs(tokenizer, large[part], small[part])
            if on_progress is not None:
                on_progress(part.stop, count)
        large.flush()
        np.save(inputs, small)
    return np.load(inputs, allow_pickle=False), np.load(targets, mmap_mode="r", allow_pickle=False)


def main() -> None:
    """Build, train and put the enlarger into the model folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="folder of pairs and checkpoint (about 1 GB)")
    parser.add_argument("--model", type=named_directory, default=shipped_directory())
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--garments", type=int, default=1020)
    options = parser.parse_args()
    tokenizer = ImageTokenizer.from_pretrained(options.model / "image_tokenizer").eval()
    with Progress(console=Console(stderr=True)) as bar:
        drawing, training = bar.add_task("pairs", total=None), bar.add_task("enlarger", total=1.0)
        inputs, targets = enlarger_pairs(
            options.run,
            tokenizer,
            count=options.garments,
            seed=51_200,
            on_progress=lambda done, total: bar.update(drawing, completed=done, total=total),
        )
        enlarger = train_enlarger(
            options.run / "enlarger",
            inputs,
            targets,
            minutes=options.minutes,
            progress=lambda step, fraction, loss: bar.update(
                training, completed=fraction, description=f"enlarger, step {step}: {loss:.3f}"
            ),
        )
    enlarger.save_pretrained(options.model / ENLARGER)


if __name__ == "__main__":
    main()
