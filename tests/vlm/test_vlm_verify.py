"""``fashionm3 vlm verify``: the published numbers, and whether it sees what is wrong."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from ui.cli.app import app

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures"
pytestmark = pytest.mark.skipif(not FIXTURES.is_dir(), reason="shared/fixtures is not beside this checkout")


def run(*arguments):
    return CliRunner().invoke(app, ["vlm", *map(str, arguments)])


@pytest.fixture
def showo(tmp_path):
    for file in (FIXTURES / "showo-tiny").rglob("*"):
        if file.is_file():
            target = tmp_path / file.relative_to(FIXTURES / "showo-tiny")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return tmp_path


def test_the_language_model_agrees_with_the_published_code_in_every_tensor():
    result = run("verify", FIXTURES / "showo-tiny")
    assert result.exit_code == 0, result.output
    names = set(load_file(FIXTURES / "showo-tiny" / "expected.safetensors"))
    assert {line.split()[1].rstrip(":") for line in result.output.splitlines()[:-1]} == names | {"ids"}


def test_the_image_tokenizer_agrees_with_the_published_code():
    result = run("verify", FIXTURES / "magvitv2")
    assert result.exit_code == 0, result.output
    assert result.output.count("ok  ") == 5


def test_one_changed_weight_is_seen(showo):
    path = showo / "fashionvlm" / "pytorch_model.safetensors"
    weights = load_file(path)
    weights["showo.model.layers.1.mlp.fc1.weight"][3, 5] += 0.5
    save_file(weights, path)
    result = run("verify", showo)
    assert result.exit_code == 1
    assert "FAIL mmu_logits: largest difference" in result.output
    assert "ok   mmu_input_ids" in result.output


def test_a_number_that_is_none_is_no_small_difference(showo):
    path = showo / "expected.safetensors"
    expected = load_file(path)
    expected["mmu_logits"][0, 0, 0] = float("nan")
    save_file(expected, path)
    result = run("verify", showo)
    assert result.exit_code == 1
    assert "FAIL mmu_logits" in result.output


def test_another_salt_gives_other_weights_and_fails(tmp_path):
    manifest = json.loads((FIXTURES / "magvitv2" / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps(manifest | {"salt": "v2:"}))
    expected = load_file(FIXTURES / "magvitv2" / "expected.safetensors")
    few = {name: expected[name] for name in ("image_64x64", "codes_64x64", "decode_codes", "decode_image")}
    save_file(few, tmp_path / "expected.safetensors")
    result = run("verify", tmp_path)
    assert result.exit_code == 1
    assert "FAIL codes_64x64" in result.output
    assert "FAIL decode_image" in result.output


def test_a_tensor_that_nothing_computes_is_told(showo):
    path = showo / "expected.safetensors"
    save_file(load_file(path) | {"moon_phase": torch.zeros(1)}, path)
    result = run("verify", showo)
    assert result.exit_code == 1
    assert "FAIL moon_phase: not compared" in result.output


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "expected.json").unlink(), "neither kind"),
        (lambda folder: (folder / "expected.safetensors").unlink(), "expected.safetensors is missing"),
        (lambda folder: (folder / "expected.json").write_text("{}"), "does not state 't2i'"),
        (lambda folder: (folder / "expected.json").write_text("[1"), "cannot be read as JSON"),
        (lambda folder: (folder / "fashionvlm" / "config.json").unlink(), "config.json is missing"),
        (lambda folder: (folder / "fashionvlm" / "pytorch_model.safetensors").unlink(), "has no weights"),
        (
            lambda folder: (folder / "fashionvlm" / "pytorch_model.safetensors").write_bytes(b"x"),
            "cannot be read",
        ),
        (lambda folder: shutil.rmtree(folder / "llm"), "language model's config.json"),
    ],
)
def test_a_folder_that_lacks_a_part_gets_one_clear_line(showo, spoil, words):
    spoil(showo)
    result = run("verify", showo)
    assert result.exit_code == 2
    assert words in result.output
    assert "Traceback" not in result.output
