"""The model in the box: it loads, reads, answers and draws, through the client the assistant uses."""

import asyncio
import random
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashion.captions import parse_caption
from fashion.drawing import draw_garment
from fashion.garment import Garment
from fashion.sampling import sample_garment
from fashion.vocabulary import CATEGORIES
from vlm.checkpoint import load_model, save_model
from vlm.client import FashionVLMClient, FashionVLMUnavailableError, Reading
from vlm.drawing import DrawingStoppedError
from vlm.local import LocalFashionVLM
from vlm.model import FashionVLMModel
from vlm.reading import agreement
from vlm.shipped import LARGER, named_directory, shipped_directory
from vlm.towers import LITE_TOWER_FOLDER


@pytest.fixture(scope="module")
def model():
    return FashionVLMModel.from_pretrained()


@pytest.fixture
async def client(model):
    served = LocalFashionVLM(model)
    yield served
    await served.close()


def test_the_weights_in_the_box_stay_under_25_and_64_megabytes_and_are_safetensors():
    files = [file for file in shipped_directory().parent.rglob("*") if file.is_file()]
    larger = [file for file in files if shipped_directory(LARGER) in file.parents]
    assert sum(file.stat().st_size for file in files if file not in larger) <= 25_000_000
    assert 0 < sum(file.stat().st_size for file in larger) <= 64_000_000
    assert {file.suffix for file in files} <= {".safetensors", ".json", ".md"}


def test_the_larger_model_in_the_box_is_opened_by_its_name():
    config = load_model(named_directory(Path("small"))).network.config
    assert (config.grid_side, config.hidden_size) == (32, 512)
    assert named_directory(Path("runs/small")) == Path.cwd() / "runs" / "small"


def test_a_folder_without_a_model_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"config\.json is missing.*FASHIONM3_VLM_DIR to mini or small"
    ):
        load_model(tmp_path)


def test_weights_that_do_not_fit_the_config_are_refused_by_name(model, tmp_path):
    save_model(tmp_path, model.parts)
    text = (tmp_path / "config.json").read_text()
    (tmp_path / "config.json").write_text(text.replace('"num_layers": 6', '"num_layers": 5'))
    with pytest.raises(ValueError, match=r"layers\.5"):
        load_model(tmp_path)


def test_a_saved_model_reads_the_same(model, tmp_path):
    # As they are: rounded to float16, weights that were stored a byte each would be others.
    save_model(tmp_path, model.parts, dtype=None)
    tower = shipped_directory() / LITE_TOWER_FOLDER
    if tower.is_dir():
        shutil.copytree(tower, tmp_path / LITE_TOWER_FOLDER)
    picture = draw_garment(Garment("Boots", "brown", material="leather", style="ankle"), size=256, seed=3)
    assert FashionVLMModel.from_pretrained(tmp_path).describe(picture) == model.describe(picture)


def test_most_garments_never_seen_in_training_are_read_right(model):
    rng = random.Random(5)
    garments = [sample_garment(rng, split="heldout") for _ in range(16)]
    read = [model.describe(draw_garment(g, size=512, seed=60 + i)) for i, g in enumerate(garments)]
    assert sum(r.color == g.color for r, g in zip(read, garments, strict=True)) >= 12
    assert sum(r.category == g.category for r, g in zip(read, garments, strict=True)) >= 10


def test_an_answer_to_a_request_names_an_item_of_a_known_category(model):
    picture = draw_garment(Garment("Jeans", "blue", material="denim", style="straight"), size=256, seed=2)
    answer = "".join(model.converse("What shoes go with these?", [picture]))
    named = parse_caption(answer)
    assert named is not None
    assert CATEGORIES[named.category].group == "footwear"


def test_a_request_without_a_picture_is_answered(model):
    assert parse_caption("".join(model.converse("I need a bag for a wedding"))) is not None


def test_more_than_four_pictures_are_refused(model):
    with pytest.raises(ValueError, match="1 to 4"):
        list(model.converse("what goes with these?", [Image.new("RGB", (8, 8))] * 5))


def test_the_same_words_and_seed_draw_the_same_picture_512_px_wide(model):
    first, again = (model.draw("a red scarf", seed=4)[0].picture for _ in range(2))
    assert first.size == (512, 512)
    assert np.array_equal(np.asarray(first), np.asarray(again))
    assert not np.array_equal(np.asarray(first), np.asarray(model.draw("a red scarf", seed=5)[0].picture))


def test_a_drawn_picture_has_the_color_that_was_asked_for(model):
    for color, rgb in (("red", (200, 40, 50)), ("blue", (40, 90, 200))):
        drawing = model.draw(f"a {color} backpack", seed=1)[0]
        center = np.asarray(drawing.picture.resize((16, 16)))[5:12, 5:12].reshape(-1, 3).mean(0)
        assert np.abs(center - rgb).max() < 90, (color, center)


def test_candidates_come_best_first_by_agreement_with_the_words():
    prompt = "a red checked scarf"
    right = Reading("Scarves", "red", "checked", "")
    assert agreement(prompt, right) == 3
    assert agreement(prompt, Reading("Scarves", "blue", "checked", "")) == 1
    assert agreement(prompt, None) == 0


def test_drawing_can_be_stopped_between_steps(model):
    with pytest.raises(DrawingStoppedError):
        model.draw("a hat", on_step=lambda done, total: done == 2)


def test_the_local_model_honors_the_client_interface(client):
    assert isinstance(client, FashionVLMClient)


async def test_words_stream_piece_by_piece_and_calls_are_served_in_order(client):
    picture = draw_garment(Garment("Shirts", "white"), size=256, seed=1)
    pieces = [piece async for piece in client.converse("what pants go with this?", [picture])]
    reading = await client.describe(picture)
    assert len(pieces) > 5
    assert "".join(pieces)[0].isupper()
    assert reading.text


async def test_progress_is_told_at_every_step(client, model):
    seen = []
    await client.draw("a green hat", on_step=lambda done, total: seen.append((done, total)))
    assert seen == [(step, model.defaults.steps) for step in range(1, model.defaults.steps + 1)]


async def test_leaving_a_stream_early_frees_the_model(client):
    async for _ in client.converse("what bag goes with my coat?"):
        break
    assert (await asyncio.wait_for(client.describe(Image.new("RGB", (64, 64))), 60)).text is not None


async def test_a_closed_model_says_so(model):
    before = set(threading.enumerate())
    served = LocalFashionVLM(model)
    await served.describe(Image.new("RGB", (8, 8)))
    mine = [t for t in set(threading.enumerate()) - before if t.name.startswith("fashionvlm")]
    assert mine
    await served.close()
    with pytest.raises(FashionVLMUnavailableError, match="closed"):
        await served.describe(Image.new("RGB", (8, 8)))
    assert not any(thread.is_alive() for thread in mine)
