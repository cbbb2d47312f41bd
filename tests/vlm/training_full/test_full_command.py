"""``fashionm3 train full`` from a FashionRec folder and a published checkpoint to a model that serves, and its refusals."""

import json
import os
import shutil
import signal

import pytest
from PIL import Image
from typer.testing import CliRunner

from fashion.fashionrec import write_drawings, write_samples
from tests.vlm.tiny_model import tiny_model
from tests.vlm.training_full.tiny_samples import dialogue, drawing
from ui.cli.app import app
from vlm.checkpoint import save_model
from vlm.model import FashionVLMModel
from vlm.training.full.data import open_samples

pytest.importorskip("accelerate", reason="fine-tuning needs the extra `train`")
pytest.importorskip("peft", reason="fine-tuning needs the extra `train`")


@pytest.fixture
def folder(tmp_path):
    """A FashionRec folder as it is published: test shards for dialogues, none for drawings."""
    data = tmp_path / "rec" / "data"
    write_samples(data / "basic_recommendation" / "train" / "000.tar", [dialogue(i) for i in range(3)])
    write_samples(data / "alternative_recommendation" / "train" / "000.tar", [dialogue(3)])
    write_samples(data / "basic_recommendation" / "test" / "000.tar", [dialogue(9)])
    write_drawings(data / "fashion_image_generation" / "000.tar", [drawing(i) for i in range(20)])
    return tmp_path / "rec"


@pytest.fixture
def model(tmp_path):
    save_model(tmp_path / "tiny", tiny_model().parts)
    return tmp_path / "tiny"


def train(*words):
    return CliRunner().invoke(app, ["train", "full", *map(str, words)])


def common(folder, model, out, steps=2):
    return ("--data", folder, "--model", model, "--out", out, "--steps", steps, "--workers", 0, "--sheet", 2)


def test_a_folder_is_learned_from_and_a_tenth_of_its_drawings_measured_on(folder):
    train_on, test_on = open_samples(folder)
    assert (len(train_on.dialogues), len(train_on.drawings)) == (4, 18)
    assert (len(test_on.dialogues), len(test_on.drawings)) == (1, 2)
    kept = {train_on.drawings[i].key for i in range(18)}
    assert not kept & {test_on.drawings[i].key for i in range(2)}


def test_the_command_trains_measures_draws_and_leaves_a_model_that_serves(folder, model, tmp_path):
    out = tmp_path / "run"
    done = train(*common(folder, model, out))
    assert done.exit_code == 0, done.output
    assert str(out / "model") in done.stdout
    assert "Step 2, samples kept aside: drawing" in done.stderr
    assert (out / "sheet-000002.png").is_file()
    answer = FashionVLMModel.from_pretrained(out / "model").converse("red?", [Image.new("RGB", (8, 8))], 3)
    assert isinstance("".join(answer), str)


def test_adapters_go_on_from_their_checkpoint_and_are_stored_as_asked(folder, model, tmp_path):
    out = tmp_path / "run"
    assert train(*common(folder, model, out), "--lora", "--rank", 2, "--storage", "int8").exit_code == 0
    again = train(*common(folder, model, out), "--lora", "--rank", 2, "--storage", "int8")
    assert again.exit_code == 0, again.output
    steps = [json.loads(line)["step"] for line in (out / "log.jsonl").read_text().splitlines()]
    assert steps == [0, 1, 2, 2]


def test_sigterm_ends_a_run_after_its_step_with_a_checkpoint(folder, model, tmp_path, monkeypatch):
    from vlm.training.full import run

    once = run._Run._step

    def step_and_signal(self, *rest):
        os.kill(os.getpid(), signal.SIGTERM)
        return once(self, *rest)

    monkeypatch.setattr(run._Run, "_step", step_and_signal)
    done = train(*common(folder, model, tmp_path / "run", steps=50))
    assert done.exit_code == 130
    assert "Stopped after step 1 of 50. The same command goes on" in done.stderr
    assert (tmp_path / "run" / "checkpoint" / "state.safetensors").is_file()
    assert not (tmp_path / "run" / "model").exists()


def test_refusals_are_one_sentence(folder, model, tmp_path):
    out = tmp_path / "run"
    empty = tmp_path / "empty"
    empty.mkdir()
    no_drawings = tmp_path / "half"
    shutil.copytree(folder, no_drawings)
    shutil.rmtree(no_drawings / "data" / "fashion_image_generation")
    (tmp_path / "blank.txt").write_text("\n\n")
    cases = [
        (common(empty, model, out), "no train shards; expected basic_recommendation/train/*.tar"),
        (common(tmp_path / "nowhere", model, out), "is no folder: expected FashionRec's layout"),
        (common(no_drawings, model, out), "no train shards; expected fashion_image_generation/train/*.tar"),
        (common(folder, tmp_path / "nothing", out), "neither a folder nor a hub id"),
        (common(folder, empty, out), "has no weights: expected one of"),
        ((*common(folder, model, out), "--device", "tpu"), "expected auto, cpu or cuda"),
        ((*common(folder, model, out), "--text", tmp_path / "blank.txt"), "holds no text"),
    ]
    for words, told in cases:
        done = train(*words)
        assert (done.exit_code, told in done.stderr) == (2, True), done.output
        assert len(done.stderr.partition("fashionm3: ")[2].strip().splitlines()) == 1


def test_a_checkpoint_of_other_settings_is_refused_before_anything_is_overwritten(folder, model, tmp_path):
    out = tmp_path / "run"
    assert train(*common(folder, model, out)).exit_code == 0
    done = train(*common(folder, model, out, steps=3))
    assert done.exit_code == 2
    assert "steps was 2, is now 3" in done.stderr
    assert "--no-resume" in done.stderr
