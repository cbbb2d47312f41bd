"""Training of small models from nothing at a tiny size: all stages, resumed exactly, on the path that a GPU takes."""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from typer.testing import CliRunner

import vlm
from ui.cli.app import app
from vlm.checkpoint import load_model
from vlm.image_tokenizer import ImageTokenizer
from vlm.model import FashionVLMModel
from vlm.network import FashionVLM
from vlm.shipped import shipped_directory
from vlm.training import mini
from vlm.training.batches import Mix
from vlm.training.compute import Compute, NoDeviceError
from vlm.training.mini import SHEET, _network_config, train_mini
from vlm.training.plans import mini_plan, small_plan
from vlm.training.start import StartError
from vlm.training.stopping import TrainingStoppedError
from vlm.training.tower import TowerTraining
from vlm.training.tower_views import ViewPlan

TINY = replace(
    small_plan(Compute(), workers=0),
    image_tokenizer=replace(
        small_plan(Compute()).image_tokenizer,
        bits=4,
        channels=8,
        encoder_multipliers=(1, 1),
        encoder_blocks=(1, 1),
        decoder_multipliers=(1, 1),
        decoder_blocks=(1, 1),
        resolution=64,
    ),
    garments=51,
    outfits=4,
    tower_garments=4,
    photo_variants=1,
    tower_views=ViewPlan(photo_variants=1, drawn=4, pasted=4, several=4, none=4, held_percent=0),
    tower=TowerTraining(steps=2, photos=2, garments=2, scenes=2),
    category_steps=20,
    vocabulary=400,
    crop=32,
    crops=2,
    tokenizer_steps=2,
    encoder_blocks=(1, 2),
    decoder_blocks=(1, 2),
    grown_steps=2,
    decoder_steps=2,
    transformer_steps=4,
    width=32,
    layers=2,
    heads=2,
    max_positions=1024,
    mix=Mix(
        draw=2,
        photos=1,
        garments=1,
        photo_outfits=1,
        tower_outfits=1,
        plain_garments=1,
        plain_outfits=1,
        chosen=2,
    ),
    sheet_pictures=2,
    workers=1,
)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for name, color in (("dress", (200, 30, 40)), ("pants", (30, 40, 120))):
        (folder / name).mkdir()
        Image.new("RGB", (40, 60), color).save(folder / name / "1.jpg")
    return folder


@pytest.fixture(scope="module")
def whole(photos, tmp_path_factory):
    """A run from start to end, told of and stored as its plan says."""
    run = tmp_path_factory.mktemp("small")
    told = []
    train_mini(run, run / "model", photos, plan=TINY, report=lambda *words: told.append(words))
    return run, told


def weights_of(run):
    return FashionVLMModel.from_pretrained(run / "model").parts.network.state_dict()


def weights(folder):
    return load_file(folder / "model.safetensors")


def test_all_stages_lead_to_a_model_that_reads_and_draws(whole):
    run, told = whole
    stages = list(dict.fromkeys(stage for stage, *_ in told))
    assert stages[:5] == ["garments", "outfits", "tower views", "tower", "photos"]
    assert stages[-1] == "transformer"
    assert str(run / SHEET) in told[-1][3]
    assert Image.open(run / SHEET).size == (2 * 64, 2 * 64)
    assert weights(run / "model")["showo.lm_head.weight"].dtype is torch.int8
    model = FashionVLMModel.from_pretrained(run / "model")
    assert model.draw("a red dress", seed=1)[0].picture.size == (512, 512)
    assert isinstance(model.describe(Image.new("RGB", (30, 40), (200, 0, 0))).text, str)


def test_a_stopped_and_resumed_run_has_the_weights_of_an_unbroken_one(whole, photos, tmp_path):
    run, _ = whole
    for shared in ("pool", "tower_views", "photos", "tokenizer_pool.npy"):
        (tmp_path / shared).symlink_to(run / shared)
    # Two steps of the tower, two of the image tokenizer, two grown, two of its decoder, four of the transformer's.
    stops = iter([True])

    def stop_once():
        return next(stops, False)

    with pytest.raises(TrainingStoppedError, match="after step 1"):
        train_mini(tmp_path, tmp_path / "model", photos, plan=TINY, should_stop=stop_once)
    stops = iter([False, True])
    with pytest.raises(TrainingStoppedError, match="after step 1"):
        train_mini(tmp_path, tmp_path / "model", photos, plan=TINY, should_stop=stop_once)
    stops = iter([False, True])
    with pytest.raises(TrainingStoppedError, match="after step 1"):
        train_mini(tmp_path, tmp_path / "model", photos, plan=TINY, should_stop=stop_once)
    stops = iter([False, True])
    with pytest.raises(TrainingStoppedError, match="after step 1"):
        train_mini(tmp_path, tmp_path / "model", photos, plan=TINY, should_stop=stop_once)
    stops = iter([False, False, True])
    with pytest.raises(TrainingStoppedError, match="after step 2"):
        train_mini(tmp_path, tmp_path / "model", photos, plan=TINY, should_stop=stop_once)
    train_mini(tmp_path, tmp_path / "model", photos, plan=TINY)
    for part in ("model", "model/image_tokenizer", "model/tower"):
        one, other = weights(run / part), weights(tmp_path / part)
        assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_a_run_that_starts_from_a_model_trains_its_transformer_alone(whole, photos, tmp_path, monkeypatch):
    run, _ = whole
    taken, take_over = [], mini.take_over
    monkeypatch.setattr(
        mini,
        "take_over",
        lambda to, start: [taken.append(start.showo.lm_head.weight.dtype), take_over(to, start)][1],
    )
    # As where the machine would serve a model so wide in bfloat16: a start is never rounded to it.
    monkeypatch.setattr("vlm.checkpoint.chosen_dtype", lambda *_: torch.bfloat16)
    (tmp_path / "pool").symlink_to(run / "pool")
    told = []
    # Of another seed, so that other weights would stand there if the start's were not taken.
    more = replace(TINY, seed=TINY.seed + 1, transformer_steps=1, sheet_pictures=0)
    train_mini(
        tmp_path,
        tmp_path / "model",
        photos,
        plan=more,
        start=run / "model",
        report=lambda *words: told.append(words),
    )
    assert taken == [torch.float32]
    assert not {"tower", "image tokenizer", "grown", "decoder"} & {stage for stage, *_ in told}
    one, other = (weights(folder / "model" / "tower") for folder in (run, tmp_path))
    assert all(torch.equal(value, other[name]) for name, value in one.items())
    picture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1)) * 2 - 1
    one, other = (
        ImageTokenizer.from_pretrained(folder / "model" / "image_tokenizer").encode(picture)
        for folder in (run, tmp_path)
    )
    assert (one == other).float().mean() > 0.95
    # A step at the warmup's rate leaves the words close to those of the start.
    one, other = (
        load_model(folder / "model", dtype=torch.float32).network.showo.lm_head.weight
        for folder in (run, tmp_path)
    )
    assert torch.nn.functional.cosine_similarity(one.flatten(), other.flatten(), dim=0) > 0.9
    assert told[-1][0] == "transformer" and ("weights taken over", *[len(weights_of(run))] * 2) in [
        row[:3] for row in told
    ]
    for start in (None, shipped_directory()):
        with pytest.raises(StartError, match=r"started from another model\. Give --start as it was"):
            train_mini(tmp_path, tmp_path / "model", photos, plan=more, start=start)
    with pytest.raises(StartError, match="started from nothing"):
        train_mini(run, tmp_path / "model", photos, plan=TINY, start=run / "model")


def test_on_the_path_of_a_gpu_in_bfloat16_losses_are_nearly_the_same(whole, photos, tmp_path):
    run, _ = whole
    for shared in (
        "pool",
        "photos",
        "tokenizer_pool.npy",
        "image_tokenizer",
        "grown",
        "decoder",
        "codes",
        "features",
        "tower",
    ):
        (tmp_path / shared).symlink_to(run / shared)
    plan = replace(TINY, compute=Compute(bf16=True), workers=0, sheet_pictures=0)
    train_mini(tmp_path, tmp_path / "model", photos, plan=plan)
    one, other = (
        json.loads((folder / "transformer" / "position.json").read_text()) for folder in (run, tmp_path)
    )
    assert other["drawing"] == pytest.approx(one["drawing"], rel=0.02)
    assert other["reading"] == pytest.approx(one["reading"], rel=0.02)


def test_the_small_plan_has_the_sizes_that_were_asked_for():
    plan = small_plan(Compute())
    with torch.device("meta"):
        grown = replace(
            plan.image_tokenizer, encoder_blocks=plan.encoder_blocks, decoder_blocks=plan.decoder_blocks
        )
        tokenizer = ImageTokenizer(grown)
        shape = _network_config(plan, tokenizer, vocabulary=4000, end=0, tower=(1286, 49))
        network = FashionVLM(shape)
    count = sum(weight.numel() for weight in network.parameters())
    pictures = sum(weight.numel() for weight in tokenizer.parameters())
    assert 30e6 <= count <= 60e6
    # A byte a weight of the network, two of the image tokenizer's, and a tower like the mini model's.
    tower = sum(
        file.stat().st_size for file in (Path(vlm.__file__).parent / "weights" / "mini" / "tower").iterdir()
    )
    assert count + 2 * pictures + tower <= 64e6
    assert plan.side >= 256
    assert 4 * (shape.image_positions + 2 + 49) + 400 < shape.max_positions


def test_the_mini_plan_uses_both_cores_for_128_pixels():
    plan = mini_plan()
    assert (plan.side, plan.width, plan.layers) == (128, 256, 6)
    assert plan.compute == Compute(lanes=min(2, os.cpu_count() or 1))


def test_a_device_that_is_not_there_is_refused_with_what_to_do(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert Compute.pick("auto").device == torch.device("cpu")
    with pytest.raises(NoDeviceError, match=r"sees no GPU\. Use --device cpu"):
        Compute.pick("cuda")
    with pytest.raises(NoDeviceError, match="expected auto, cpu or cuda"):
        Compute.pick("tpu")


def test_the_command_refuses_what_it_cannot_use_in_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    half = tmp_path / "half"
    half.mkdir()
    for name in ("config.json", "model.safetensors"):
        (half / name).touch()
    for words, told in (
        (["--photos", str(tmp_path / "none")], "wants a folder of phone photos"),
        (["--photos", str(tmp_path), "--device", "cuda"], "sees no GPU"),
        (["--photos", str(tmp_path), "--start", "nonsense"], "config.json is missing. --start wants one"),
        (["--photos", str(tmp_path), "--start", str(half)], "tokenizer.json is missing. --start wants one"),
    ):
        done = CliRunner().invoke(app, ["train", "small", "--run", str(tmp_path / "run"), *words])
        assert (done.exit_code, told in done.stderr) == (2, True), done.output
        assert len(done.stderr.strip().splitlines()) == 1


def test_a_stop_while_pictures_are_drawn_ends_the_command_at_once(photos, tmp_path, monkeypatch):

    def draw_and_stop(folder: Path, *, on_progress, **_):
        signal.raise_signal(signal.SIGTERM)
        on_progress(1, 2)

    monkeypatch.setattr(mini, "build_garments", draw_and_stop)
    words = ["train", "small", "--photos", str(photos), "--run", str(tmp_path), "--device", "cpu"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 130
    assert f"The same command goes on from {tmp_path}" in done.stderr
