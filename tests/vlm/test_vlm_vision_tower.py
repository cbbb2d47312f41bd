import dataclasses
import json

import pytest
import torch
from PIL import Image

from vlm.checkpoint import load_model
from vlm.tower_heads import HEADS, TowerHeads
from vlm.towers import LITE_TOWER_FOLDER, load_tower
from vlm.vision_tower import VisionTower


@pytest.fixture(scope="module")
def trained():
    """A tower whose upper half differs from the package's."""
    tower = VisionTower(squeeze=4 / 3)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for value in tower.upper_state().values():
            value.add_(0.02 * torch.randn(value.shape, generator=generator))
    return tower


@pytest.fixture
def saved(trained, tmp_path):
    trained.save_pretrained(tmp_path / LITE_TOWER_FOLDER)
    return tmp_path


def test_a_saved_tower_sees_the_same_again_to_half_precision(trained, saved):
    again = VisionTower.from_pretrained(saved / LITE_TOWER_FOLDER)
    picture = Image.effect_mandelbrot((90, 120), (-2, -1.5, 1, 1.5), 40).convert("RGB")
    before, after = (tower.features(tower.preprocess([picture])) for tower in (trained, again))
    package = VisionTower(squeeze=4 / 3).features(trained.preprocess([picture]))
    torch.testing.assert_close(after, before, rtol=0.05, atol=0.15)
    assert (before - package).abs().max() > 1.0


def test_a_model_folder_with_a_tower_uses_it_and_one_without_uses_the_package(trained, saved, tmp_path):
    config = load_model().network.config
    own = load_tower(saved, config)
    bare = tmp_path / "bare"
    bare.mkdir()
    plain = load_tower(bare, config)
    assert own.squeeze == trained.squeeze and plain.squeeze == 1.0
    assert not torch.equal(own.head.conv.weight, plain.head.conv.weight)
    assert torch.equal(own.stem.conv.weight, plain.stem.conv.weight)
    assert load_tower(saved, dataclasses.replace(config, tower_features=0)) is None


def test_a_tower_folder_that_lacks_a_file_or_holds_other_weights_is_refused(saved):
    folder = saved / LITE_TOWER_FOLDER
    weights = (folder / "model.safetensors").read_bytes()
    TowerHeads().save_pretrained(folder)
    (folder / "model.safetensors").write_bytes((folder / "heads.safetensors").read_bytes())
    with pytest.raises(ValueError, match="does not hold the upper blocks"):
        VisionTower.from_pretrained(folder)
    (folder / "model.safetensors").write_bytes(weights)
    (folder / "config.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"config\.json is missing"):
        VisionTower.from_pretrained(folder)


def test_a_phone_photo_fills_the_square_where_squeezing_is_allowed_and_is_padded_where_not():
    photo = Image.new("RGB", (144, 192), (10, 10, 10))
    photo.paste((250, 250, 250), (2, 2, 142, 190))
    plain = VisionTower().preprocess([photo])[0, 0]
    squeezed = VisionTower(squeeze=4 / 3).preprocess([photo])[0, 0]
    assert plain.shape == squeezed.shape == (224, 224)
    assert (plain[112] < 0).sum() > 50
    assert (squeezed[112] < 0).sum() < 10


def test_gradients_reach_the_upper_half_only():
    tower = VisionTower()
    upper = tower.upper_state()
    for value in upper.values():
        value.requires_grad_(True)
    tower.upper(tower.lower(torch.zeros(1, 3, 64, 64))).sum().backward()
    assert all(value.grad is not None for value in upper.values())
    others = [value for name, value in tower.named_parameters() if name not in upper]
    assert others and all(value.grad is None for value in others)


def test_heads_answer_every_question_with_a_score_a_name_and_come_back_as_saved(tmp_path):
    heads = TowerHeads()
    with torch.no_grad():
        heads.layers["pattern"].bias[2] = 4.0
    heads.save_pretrained(tmp_path)
    scores = TowerHeads.from_pretrained(tmp_path)(torch.ones(2, 1280))
    assert {name: value.shape for name, value in scores.items()} == {
        name: (2, len(rows)) for name, rows in HEADS.items()
    }
    assert scores["pattern"].argmax(1).tolist() == [2, 2]
    with pytest.raises(FileNotFoundError, match="no heads"):
        TowerHeads.from_pretrained(tmp_path / "elsewhere")


def test_the_stored_shape_is_plain_json(saved):
    stored = json.loads((saved / LITE_TOWER_FOLDER / "config.json").read_text(encoding="utf-8"))
    assert stored == {"resolution": 224, "squeeze": 4 / 3}
