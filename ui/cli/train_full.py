"""``fashionm3 train full``: fine-tunes a whole FashionVLM on a FashionRec folder by the published recipe."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.door import careful
from ui.cli.training import Display, display, plain_failures, stop_asked

if TYPE_CHECKING:
    from vlm.training.full.run import FullProgress


class Storage(StrEnum):
    """How the finished model's weights are stored."""

    FP32 = "float32"
    BF16 = "bfloat16"
    FP16 = "float16"
    INT8 = "int8"


_RATE, _WARMUP = 5e-5, 1000
_LORA_RATE = 2e-4


@careful
def full(
    data: Annotated[
        Path, typer.Option(help="FashionRec folder: ours (fashionm3 data fashionrec) or published.")
    ],
    model: Annotated[
        str,
        typer.Option(
            help="Model folder, folder in the published layout, hub id, or mini or small (the shipped ones)."
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="Folder for checkpoint/, log.jsonl, contact sheets and model/.")
    ] = Path("runs/full"),
    steps: Annotated[int, typer.Option(min=1, help="Optimizer steps; published: 200000.")] = 200_000,
    lora: Annotated[
        bool, typer.Option("--lora", help="Train adapters only, and merge them at the end.")
    ] = False,
    rank: Annotated[int, typer.Option(min=1, help="Rank of the adapters.")] = 16,
    rate: Annotated[
        float | None, typer.Option(min=0, help="Highest learning rate; 5e-5 as published, with --lora 2e-4.")
    ] = None,
    accumulate: Annotated[
        int, typer.Option(min=1, help="Batches (3 drawings, 2 dialogues, 1 text) added up for a step.")
    ] = 1,
    text: Annotated[
        Path | None,
        typer.Option(help="Paragraphs for learning from text alone; by default the dialogues' words."),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    storage: Annotated[Storage, typer.Option(help="Store the finished weights so.")] = Storage.BF16,
    seed: Annotated[int, typer.Option(min=0)] = 20250425,
    resume: Annotated[bool, typer.Option(help="Go on from the checkpoint in --out.")] = True,
    checkpoint_minutes: Annotated[float, typer.Option(min=0.0, help="Between checkpoints.")] = 5.0,
    evaluate_every: Annotated[int, typer.Option(min=0, help="Steps between measurements; 0: never.")] = 1000,
    sheet: Annotated[int, typer.Option(min=0, help="Pictures on the contact sheet at each measurement.")] = 8,
    workers: Annotated[int, typer.Option(min=0, help="Processes that read and decode samples.")] = 4,
    tokenizer: Annotated[str | None, typer.Option(help="Text tokenizer of a published source.")] = None,
    image_tokenizer: Annotated[
        str, typer.Option(help="MAGVIT-v2 of a published source: folder or hub id.")
    ] = "showlab/magvitv2",
    text_slots: Annotated[
        int | None,
        typer.Option(min=4, help="Slots of a drawing prompt, where a source is of no published size."),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Use the hub's cache, no network.")] = False,
) -> None:
    """Fine-tune a whole FashionVLM; Ctrl-C or SIGTERM stops it after a step, the same command goes on."""
    from vlm.published.importing import ImportPlan
    from vlm.training.compute import Compute
    from vlm.training.full.data import open_samples
    from vlm.training.full.plan import FullPlan, Pace
    from vlm.training.full.run import train_full
    from vlm.training.full.source import open_source
    from vlm.training.stopping import TrainingStoppedError
    from vlm.weight_storage import STORAGES

    with display() as show, stop_asked() as stopped, plain_failures():
        compute = Compute.pick(device)
        plan = FullPlan(
            steps=steps,
            learning_rate=(_LORA_RATE if lora else _RATE) if rate is None else rate,
            warmup_steps=min(_WARMUP, steps // 10),
            accumulate=accumulate,
            lora_rank=rank if lora else 0,
            bf16=compute.bf16,
            seed=seed,
        )
        train, test = open_samples(data, text)
        if test is None:
            show.line(f"{data} has no test dialogues: nothing is measured during training.")
        named = ImportPlan(model, tokenizer, image_tokenizer, text_slots=text_slots, offline=offline)
        source = open_source(named, out, compute=compute, frozen=lora, tell=show.line)
        try:
            made = train_full(
                source,
                train,
                test,
                out,
                plan=plan,
                pace=Pace(60 * checkpoint_minutes, evaluate_every, sheet_pictures=sheet, workers=workers),
                storage=STORAGES[storage.value],
                resume=resume,
                should_stop=stopped,
                progress=lambda report: _tell(show, report),
            )
        except TrainingStoppedError as stop:
            show.line(f"Stopped after step {stop.step} of {steps}. The same command goes on from {out}.")
            raise typer.Exit(130) from None
    typer.echo(str(made))
    typer.echo(f"Use it: FASHIONM3_VLM_DIR={made} fashionm3 serve", err=True)


def _tell(show: Display, report: FullProgress) -> None:
    if report.test is not None:
        told = ", ".join(f"{kind} {loss:.4f}" for kind, loss in report.test.items())
        sheet = f", contact sheet {report.sheet}" if report.sheet else ""
        show.line(f"Step {report.step}, samples kept aside: {told}{sheet}")
    if report.losses:
        told = ", ".join(f"{kind} {loss:.3f}" for kind, loss in report.losses.items())
        show("training", report.step, report.steps, f"{told}, {report.seconds_a_step:.2f} s a step")
