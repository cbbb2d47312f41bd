"""Fine-tuning on a tiny model: it learns, it resumes to the bit, adapters merge exactly, losses are those of serving."""

import importlib.util
import json
from dataclasses import replace

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torch.nn import functional as F

from tests.vlm.training_full.tiny_samples import (
    CONFIG,
    PLAN,
    QUIET,
    tiny_composer,
    tiny_samples,
    tiny_source,
)
from vlm.attention import SlotMemory
from vlm.backbone import Backbone
from vlm.checkpoint import load_model
from vlm.drawing import DrawingRunner
from vlm.layouts import reading_prefix
from vlm.text_generation import TextRunner
from vlm.training.full.adapters import MissingPackageError, add_adapters, merged
from vlm.training.full.checkpoint import OtherRunError
from vlm.training.full.objective import DrawingBatch, Objective, ReadingBatch
from vlm.training.full.plan import Pace
from vlm.training.full.rows import NOTHING
from vlm.training.full.run import train_full
from vlm.training.full.seeing import Seeing
from vlm.training.stopping import TrainingStoppedError

LORA = replace(PLAN, lora_rank=4, lora_dropout=0.1, accumulate=2)
CPU = torch.device("cpu")

pytest.importorskip("accelerate", reason="fine-tuning needs the extra `train`")
pytest.importorskip("peft", reason="fine-tuning needs the extra `train`")


def run(out, plan=PLAN, source=None, **changes):
    options = {"plan": plan, "pace": QUIET, "storage": torch.float32}
    return train_full(source or tiny_source(), tiny_samples(), None, out, **(options | changes))


def log(out):
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


def weights(folder):
    return load_file(folder / "model.safetensors")


def assert_equal(one, other):
    assert one.keys() == other.keys()
    assert all(torch.equal(value, other[name]) for name, value in one.items())


class Cut(Exception):
    """Stands for a process that is killed."""


def test_all_three_losses_fall(tmp_path):
    run(tmp_path, replace(PLAN, steps=40))
    rows = log(tmp_path)
    for kind in ("drawing", "reading", "text"):
        first, last = (sum(row[kind] for row in part) for part in (rows[:5], rows[-5:]))
        assert last < 0.8 * first, kind


@pytest.mark.parametrize("plan", [PLAN, LORA], ids=["whole", "lora"])
def test_a_stopped_and_resumed_run_has_the_losses_and_weights_of_an_unbroken_one(tmp_path, plan):
    whole = run(tmp_path / "whole", plan)
    asked = iter([False, False, True])
    with pytest.raises(TrainingStoppedError, match="after step 3"):
        run(tmp_path / "parts", plan, should_stop=lambda: next(asked))
    torch.manual_seed(99)
    resumed = run(tmp_path / "parts", plan)
    assert log(tmp_path / "parts") == log(tmp_path / "whole")
    assert_equal(weights(resumed), weights(whole))


def test_a_killed_run_goes_on_from_its_last_checkpoint_and_its_log_has_no_step_twice(tmp_path):
    def cut(report):
        if report.step == 4:
            raise Cut

    whole = run(tmp_path / "whole")
    with pytest.raises(Cut):
        run(tmp_path / "cut", progress=cut, pace=replace(QUIET, checkpoint_seconds=0.0))
    assert log(tmp_path / "cut")[-1]["step"] == 4
    resumed = run(tmp_path / "cut")
    assert log(tmp_path / "cut") == log(tmp_path / "whole")
    assert_equal(weights(resumed), weights(whole))


def test_recomputing_activations_changes_no_loss(tmp_path):
    plan = replace(PLAN, steps=2)
    run(tmp_path / "kept", plan)
    run(tmp_path / "again", replace(plan, gradient_checkpointing=True))
    assert log(tmp_path / "kept") == log(tmp_path / "again")


def test_without_resuming_a_run_starts_anew(tmp_path):
    run(tmp_path)
    run(tmp_path, resume=False)
    assert [row["step"] for row in log(tmp_path)] == [1, 2, 3, 4, 5, 6]


def test_merged_adapters_give_the_logits_of_unmerged_ones(tmp_path):
    source = tiny_source()
    network = source.parts.network.requires_grad_(True)
    add_adapters(network, rank=4, scale=2.0, dropout=0.0, seed=1)
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for name, value in network.named_parameters():
            if "lora_B" in name:
                value.normal_(0, 0.05, generator=generator)
    rows = torch.randn(2, 9, CONFIG.hidden_size, generator=generator)
    mask, positions = torch.zeros(2, 1, 9, 9), torch.arange(9).expand(2, -1)
    with torch.no_grad():
        apart = network.token_logits(network.trunk(rows, mask, positions))
        plain = tiny_source().parts.network.trunk(rows, mask, positions)
        together = merged(network)
        given = together.token_logits(together.trunk(rows, mask, positions))
    torch.testing.assert_close(given, apart, atol=1e-5, rtol=0)
    assert (together.trunk(rows, mask, positions) - plain).abs().max() > 1e-2


def test_with_lora_only_adapters_are_trained_and_kept_in_the_checkpoint(tmp_path):
    source = tiny_source()
    before = {name: value.clone() for name, value in source.parts.network.state_dict().items()}
    run(tmp_path, replace(LORA, steps=3), source)
    after = source.parts.network.state_dict()
    for name, value in before.items():
        kept = after.get(name, after.get(name.replace(".weight", ".base_layer.weight")))
        assert torch.equal(
            kept if kept is not None else after[name.replace(".bias", ".base_layer.bias")], value
        )
    names = load_file(tmp_path / "checkpoint" / "state.safetensors")
    assert names and all(".lora_" in name for name in names)
    model = weights(tmp_path / "model")
    assert model.keys() == before.keys()
    changed = {name for name, value in before.items() if not torch.equal(model[name], value)}
    assert changed == {name for name in before if any(f".{part}.weight" in name for part in TARGETS)}


TARGETS = ("q_proj", "k_proj", "v_proj", "dense", "fc1", "fc2")


def test_a_finished_model_draws_and_talks_and_tells_its_recipe(tmp_path):
    from vlm.model import FashionVLMModel

    folder = run(tmp_path, replace(PLAN, steps=1))
    model = FashionVLMModel.from_pretrained(folder)
    assert isinstance("".join(model.converse("red?", [Image.new("RGB", (9, 9))], 3)), str)
    assert load_model(folder).network.config == CONFIG
    assert json.loads((folder / "training.json").read_text())["learning_rate"] == PLAN.learning_rate


def test_losses_and_a_sheet_of_the_samples_kept_aside_are_reported(tmp_path):
    reports = []
    pace = Pace(evaluate_steps=2, evaluate_batches=2, sheet_pictures=3, workers=0)
    train_full(
        tiny_source(),
        tiny_samples(),
        tiny_samples(3),
        tmp_path,
        plan=replace(PLAN, steps=3),
        pace=pace,
        progress=reports.append,
    )
    tested = [report for report in reports if report.test is not None]
    assert [report.step for report in tested] == [0, 2, 3]
    assert {row["step"] for row in log(tmp_path) if "test" in row} == {0, 2, 3}
    assert Image.open(tested[-1].sheet).size == (3 * 8, 2 * 8)
    assert [report.step for report in reports if report.test is None] == [1]


def test_measuring_in_between_changes_no_weight(tmp_path):
    plain = run(tmp_path / "plain", LORA)
    pace = Pace(evaluate_steps=1, evaluate_batches=1, sheet_pictures=1, workers=0)
    measured = train_full(
        tiny_source(),
        tiny_samples(),
        tiny_samples(),
        tmp_path / "measured",
        plan=LORA,
        pace=pace,
        storage=torch.float32,
    )
    assert_equal(weights(measured), weights(plain))


@torch.no_grad()
def test_the_drawing_loss_is_that_of_the_runner_which_draws():
    source = tiny_source()
    parts = source.parts
    rows = tiny_composer(source)[0].drawing
    batch = Seeing(parts, None, CPU)._drawing(rows)
    alone = [DrawingBatch(*(part[:1] for part in batch)), DrawingBatch(*(part[1:] for part in batch))]
    runner = DrawingRunner(Backbone(tiny_source().parts.network))
    for one in alone:
        words = [word for word in one.text[0].tolist() if word != CONFIG.pad_id][2:-1]
        seen = one.codes.masked_fill(one.hidden, CONFIG.codebook_size)
        (logits,) = runner.picture_logits([runner.prefix(words)], seen)
        expected = F.cross_entropy(logits, one.codes[one.hidden])
        given = Objective(parts.network)(one, None, None)[0]
        torch.testing.assert_close(given, expected, atol=1e-4, rtol=0)


@torch.no_grad()
def test_the_reading_loss_is_that_of_the_runner_which_talks():
    source = tiny_source()
    batch = Seeing(source.parts, None, CPU)._reading(tiny_composer(source)[0].reading)
    one = ReadingBatch(batch.codes[:1], None, batch.text[:1], batch.targets[:1])
    given = Objective(source.parts.network)(None, one, None)[1]
    backbone = Backbone(tiny_source().parts.network)
    prefix = reading_prefix(backbone.network, one.codes)[0]
    shared, ids = len(prefix), one.text[0].tolist()
    runner = TextRunner(backbone, SlotMemory(backbone, 1, shared + len(ids)))
    runner.prefix(0, prefix)
    logits = runner.logits(runner.words(0, shared, ids, shared, all_rows=True))
    wanted = one.targets[0] != NOTHING
    expected = F.cross_entropy(logits[wanted], one.targets[0][wanted])
    torch.testing.assert_close(given, expected, atol=1e-4, rtol=0)


def test_a_batch_whose_answers_were_all_cut_off_has_no_loss_and_no_gradient_that_is_no_number():
    source = tiny_source()
    network = source.parts.network.requires_grad_(True)
    text = torch.ones(1, 4, dtype=torch.long)
    batch = ReadingBatch(torch.zeros(1, 16, dtype=torch.long), None, text, torch.full((1, 4), NOTHING))
    losses = Objective(network)(None, batch, None)
    assert losses.tolist() == [0, 0, 0]
    losses.sum().backward()
    assert bool(network.showo.lm_head.weight.grad.isfinite().all())


def test_bfloat16_gives_nearly_the_losses_of_float32():
    source = tiny_source()
    rows = Seeing(source.parts, None, CPU)(tiny_composer(source)[0])
    objective = Objective(source.parts.network)
    with torch.no_grad():
        whole = objective(*rows)
        with torch.autocast("cpu", torch.bfloat16):
            half = objective(*rows)
    torch.testing.assert_close(half, whole, rtol=0.05, atol=0.05)


def test_a_checkpoint_of_other_settings_is_refused_and_says_which(tmp_path):
    run(tmp_path)
    with pytest.raises(OtherRunError, match=r"learning_rate was 0\.003, is now 0\.1.*--no-resume"):
        run(tmp_path, replace(PLAN, learning_rate=0.1))


def test_a_broken_checkpoint_is_refused_with_what_to_do(tmp_path):
    run(tmp_path)
    (tmp_path / "checkpoint" / "state.safetensors").write_bytes(b"no")
    with pytest.raises(OtherRunError, match=r"cannot be read.*--no-resume"):
        run(tmp_path)


@pytest.mark.parametrize(("package", "plan"), [("accelerate", PLAN), ("peft", LORA)])
def test_a_missing_package_is_named_with_how_to_install_it(tmp_path, monkeypatch, package, plan):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == package else find(name, *rest)
    )
    with pytest.raises(MissingPackageError, match=rf"{package}, which is not installed.*fashionm3\[train\]"):
        run(tmp_path, plan)
