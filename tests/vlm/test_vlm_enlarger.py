"""The enlarger: what it is before it learns, that it learns, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from fashion.drawing import draw_garment
from tests.vlm.tiny_model import tiny_model
from vlm.enlarger import Enlarger, EnlargerConfig
from vlm.pictures import to_pixels
from vlm.training.enlarger import EnlargerTraining, train_enlarger
from vlm.training.enlarger_pairs import enlarger_pairs
from vlm.training.picture_pool import single_garment
from vlm.training.tokenizer_report import reconstruct

TINY = EnlargerConfig(scale=2, channels=8, blocks=1)


def squares(count: int, side: int) -> np.ndarray:
    """Pictures of colored squares on a light ground."""
    rng = np.random.default_rng(5)
    pictures = np.full((count, side, side, 3), 230, np.uint8)
    for picture in pictures:
        y, x = rng.integers(0, side // 2, 2)
        picture[y : y + side // 3, x : x + side // 3] = rng.integers(0, 200, 3)
    return pictures


@torch.inference_mode()
def distance(enlarger: Enlarger, inputs: np.ndarray, targets: np.ndarray) -> float:
    """Mean absolute error of enlarged inputs."""
    return float(F.l1_loss(enlarger(to_pixels(inputs)), to_pixels(targets)))


def test_an_enlarger_that_has_learned_nothing_enlarges_as_bicubic_interpolation_does() -> None:
    pixels = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(1)) * 2 - 1
    made = Enlarger(TINY)(pixels)
    assert made.shape == (2, 3, 32, 32)
    assert torch.allclose(made, F.interpolate(pixels, scale_factor=2, mode="bicubic"), atol=1e-6)


def test_what_is_saved_enlarges_the_same_after_loading(tmp_path: Path) -> None:
    torch.manual_seed(2)
    enlarger = Enlarger(TINY)
    torch.nn.init.normal_(enlarger.leave.weight, std=0.1)
    enlarger.save_pretrained(tmp_path, dtype=torch.float32)
    pixels = torch.rand(1, 3, 8, 8)
    assert torch.equal(Enlarger.from_pretrained(tmp_path)(pixels), enlarger(pixels))


def test_weights_of_another_shape_are_refused_by_name(tmp_path: Path) -> None:
    Enlarger(TINY).save_pretrained(tmp_path)
    (tmp_path / "config.json").write_text('{"scale": 2, "channels": 16, "blocks": 1}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"do not fit config\.json: blocks\.0\.first\.bias"):
        Enlarger.from_pretrained(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"model\.safetensors is missing"):
        Enlarger.from_pretrained(tmp_path)


def test_training_brings_the_enlargement_nearer_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    targets = squares(12, 64)
    inputs = targets.reshape(12, 32, 2, 32, 2, 3).mean((2, 4)).astype(np.uint8)
    plan = EnlargerTraining(
        batch=4, crop=16, learning_rate=4e-3, average_decay=0.9, checkpoint_seconds=0.0, feature_weight=0.0
    )
    losses: list[float] = []

    def run(folder: Path, steps: int) -> Enlarger:
        torch.manual_seed(3)
        return train_enlarger(
            folder,
            inputs,
            targets,
            steps=steps,
            seed=3,
            network=Enlarger(TINY),
            plan=plan,
            progress=lambda step, fraction, loss: losses.append(loss),
        )

    whole = run(tmp_path / "whole", 120)
    assert distance(whole, inputs, targets) < 0.95 * distance(Enlarger(TINY), inputs, targets)
    count = len(losses)
    again = run(tmp_path / "whole", 120)
    assert len(losses) == count
    for name, value in whole.state_dict().items():
        assert torch.equal(value, again.state_dict()[name])


def test_a_budget_is_either_minutes_or_steps(tmp_path: Path) -> None:
    pictures = squares(2, 32)
    with pytest.raises(ValueError, match="either in minutes or in steps"):
        train_enlarger(tmp_path, pictures, pictures, minutes=1.0, steps=2)


def test_pairs_are_what_the_tokenizer_makes_of_the_same_garments_and_are_built_once(tmp_path: Path) -> None:
    tokenizer = tiny_model().parts.image_tokenizer
    inputs, targets = enlarger_pairs(tmp_path, tokenizer, count=2, seed=5)
    side = tokenizer.config.resolution
    assert inputs.shape == (2, side, side, 3) and targets.shape == (2, 512, 512, 3)
    drawn = draw_garment(single_garment(5, 1), size=512, seed=5 * 1_000_003 + 1)
    assert np.array_equal(targets[1], np.asarray(drawn))
    small = np.asarray(drawn.resize((side, side), Image.Resampling.BICUBIC))
    assert np.array_equal(inputs[1], reconstruct(tokenizer, small[None])[0][0])
    again, _ = enlarger_pairs(tmp_path, tokenizer, count=2, seed=6)
    assert np.array_equal(again, inputs)
