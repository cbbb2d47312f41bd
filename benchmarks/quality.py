"""How good the shipped FashionVLM is: every figure of its model card, from the committed weights; a table, then one JSON line.

    python benchmarks/quality.py [--model DIR] [--device cuda] [--dtype bfloat16] [--photos DIR] [--part NAME ...] [--count N] [--sheet FILE]
                                 [--drawn DIR]

Parts: speed, describe, recommend, draw, tokenizer, photos, retrieval; all of them in less than 20 minutes on two cores. With
--count every part takes at most N cases, for a quick look; with --drawn pictures of a former run of the same model, on
another machine perhaps, are taken as they are, and others added to them. Garments, prompts and requests are of combinations, outfits and
sentences that training never sees; shares have 95 % Wilson intervals. Drawn pictures are judged by a classifier trained apart
(`evals.drawing_judge`), whose own score on true garments is printed beside. "bar" is what the project asks of the share.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import torch
from PIL import Image
from rich.console import Console

from evals.drawing_judge import SHIPPED, load_judge
from evals.processes import Found, Row, Work, work_apart
from evals.quality_advice import (
    advice_shares,
    chance_shares,
    composer_shares,
    heldout_requests,
    leaves_open,
    recommend,
)
from evals.quality_drawing import (
    contact_sheet,
    prompts_of,
    tokenizer_quality,
    true_verdicts,
)
from evals.quality_drawing_apart import claim, draw_apart, draw_together, keep, kept
from evals.quality_reading import (
    READ_SEED,
    class_shares,
    color_labels,
    color_shares,
    compared,
    confusions,
    describe_garments,
    describe_photos,
    heldout_garments,
    photo_files,
)
from evals.quality_report import lines_of, points_below_the_judge, table_of
from evals.quality_speed import measure_speeds
from evals.shares import Share
from tools.drawing_tries import CANDIDATES
from vlm.client import Drawing, Reading
from vlm.config import FashionVLMConfig
from vlm.local import LocalFashionVLM
from vlm.model import FashionVLMModel
from vlm.precision import Precision, chosen_dtype, named_dtype
from vlm.shipped import named_directory, shipped_directory

PARTS = ("speed", "describe", "recommend", "draw", "tokenizer", "photos", "retrieval")
COUNTS = {"describe": 1000, "recommend": 300, "draw": 500, "tokenizer": 204, "retrieval": 300}
SPEED_ROUNDS = 9
PHOTOS = Path(__file__).parents[2] / "shared" / "data" / "clothing-photos" / "validation"
LOOK_UPS = Path(__file__).with_name("retrieval.py")


class Run:
    """One run over one model: what is measured, and what was found so far."""

    def __init__(self, options: argparse.Namespace, console: Console) -> None:
        self.options, self.console = options, console
        self.shares: dict[str, Mapping[str, Share]] = {}
        self.facts: dict[str, Any] = {}
        self.seconds: dict[str, float] = {}
        model = FashionVLMModel.from_pretrained(
            options.model, device=options.device, dtype=named_dtype(options.dtype)
        )
        self.tokenizer = model.parts.image_tokenizer
        # On a CPU other processes serve it.
        self.vlm = LocalFashionVLM(model) if options.device == "cuda" else None

    def count(self, part: str) -> int:
        asked: int | None = self.options.count
        return COUNTS[part] if asked is None else min(asked, COUNTS[part])

    async def found(self, work: Work[Row, Found], rows: Sequence[Row]) -> list[Found]:
        """What `work` finds for each row: on a CPU in a process for each thread, on a GPU here."""
        numbered = dict(enumerate(rows))
        if self.vlm is not None:
            found = await work(self.vlm, numbered)
        else:
            found = await asyncio.to_thread(
                work_apart,
                work,
                numbered,
                self.options.model,
                torch.get_num_threads(),
                dtype=self.options.dtype,
            )
        return [found[number] for number in numbered]

    async def describe(self) -> None:
        garments = heldout_garments(self.count("describe"), READ_SEED)
        readings = await self.found(describe_garments, garments)
        self.shares["describe a drawn garment"] = compared(garments, readings)
        self.facts["describe_confusions"] = confusions(garments, readings)

    async def recommend(self) -> None:
        samples = heldout_requests(self.count("recommend"))
        answers = await self.found(recommend, samples)
        self.shares["recommend"] = advice_shares(samples, answers)
        for name, is_open in (("kind named", False), ("kind left open", True)):
            rows = [pair for pair in zip(samples, answers, strict=True) if leaves_open(pair[0]) == is_open]
            if rows:
                asked, said = zip(*rows, strict=True)
                self.shares[f"recommend: {name}"] = advice_shares(asked, said)
        self.shares["recommend: its composer"] = composer_shares(samples)
        self.shares["recommend: by chance"] = chance_shares(samples)

    async def draw(self) -> None:
        if not SHIPPED.is_file():
            self.console.print("  no judge was trained: this part is left out (evals.drawing_judge_training)")
            return
        judge, garments = load_judge(), heldout_garments(self.count("draw"), 20_261_123)
        prompts = prompts_of(garments)
        truth, (pictures, readings) = await asyncio.gather(
            asyncio.to_thread(true_verdicts, judge, garments), self._drawings(prompts)
        )
        verdicts = judge.judge(pictures)
        self.shares["drawn from words, judged"] = compared(garments, verdicts)
        self.shares["the judge on true garments"] = compared(garments, truth)
        if len(readings) == len(garments):
            self.shares["drawn, by its own reading"] = compared(garments, readings)
        self.facts["draw_confusions"] = confusions(garments, verdicts)
        self.facts["judge_confusions"] = confusions(garments, truth)
        self.facts["draw_candidates"] = self.options.candidates
        if self.options.sheet:
            contact_sheet(self.options.sheet, prompts[:48], pictures[:48])

    async def _drawings(self, prompts: list[str]) -> tuple[list[Image.Image], list[Reading | None]]:
        """The picture of every prompt, and the readings of those that are new."""
        folder: Path | None = self.options.drawn
        pictures = kept(folder, len(prompts)) if folder is not None else {}
        todo = {number: prompt for number, prompt in enumerate(prompts) if number not in pictures}
        if pictures:
            self.console.print(f"  {len(pictures)} drawn before")

        def done(number: int, drawing: Drawing) -> None:
            pictures[number] = drawing.picture
            if folder is not None:
                keep(folder, number, drawing.picture)
            if len(pictures) % 100 == 0:
                self.console.print(f"  {len(pictures)} drawn")

        candidates = self.options.candidates
        if self.vlm is not None:
            drawings = await draw_together(self.vlm, todo, candidates, done)
        else:
            drawings = await asyncio.to_thread(
                draw_apart,
                self.options.model,
                todo,
                candidates,
                torch.get_num_threads(),
                done,
                self.options.dtype,
            )
        return [pictures[number] for number in range(len(prompts))], [
            drawing.reading for drawing in drawings.values()
        ]

    async def tokenizer_part(self) -> None:
        quality = await asyncio.to_thread(tokenizer_quality, self.tokenizer, self.count("tokenizer"))
        self.facts["tokenizer_psnr_db"] = round(quality.psnr, 2)
        self.facts["tokenizer_codes_used"] = quality.codes_used
        self.facts["tokenizer_side"] = self.tokenizer.config.resolution

    async def photos(self) -> None:
        folder = self.options.photos
        if not folder.is_dir():
            self.console.print(f"  no photos at {folder}: this part is left out (--photos DIR)")
            return
        most = self.options.count
        files = photo_files(folder, most)
        labels = color_labels()[:most]
        labeled = [folder / row["photo"] for row in labels]
        wanted = list(dict.fromkeys([*files, *labeled]))
        readings = dict(zip(wanted, await self.found(describe_photos, wanted), strict=True))
        self.shares["phone photos, class"] = class_shares({file: readings[file] for file in files})
        named = {row["photo"]: readings[folder / row["photo"]].color for row in labels}
        self.shares["phone photos, main color"] = color_shares(named, labels)

    async def retrieval(self) -> None:
        if not LOOK_UPS.is_file():
            self.console.print(f"  there is no {LOOK_UPS.name}: this part is left out")
            return
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, str(LOOK_UPS), "--count", str(self.count("retrieval"))],
            capture_output=True,
            text=True,
            check=True,
        )
        self.facts["retrieval"] = json.loads(done.stdout.strip().splitlines()[-1])

    def speed(self) -> None:
        rounds = SPEED_ROUNDS if self.options.count is None else min(SPEED_ROUNDS, self.options.count)
        speeds = measure_speeds(
            self.options.model,
            rounds=rounds,
            candidates=self.options.candidates,
            device=self.options.device,
            dtype=self.options.dtype,
        )
        self.facts["speed"] = {
            name: round(value, 3) if isinstance(value, float) else value
            for name, value in asdict(speeds).items()
        }

    async def everything(self) -> None:
        works = {
            "describe": self.describe,
            "recommend": self.recommend,
            "draw": self.draw,
            "tokenizer": self.tokenizer_part,
            "photos": self.photos,
            "retrieval": self.retrieval,
        }
        try:
            for part in self.options.part:
                started = time.perf_counter()
                if part == "speed":
                    # Nothing else may run beside it: a process of its own, waited for.
                    self.speed()
                else:
                    await works[part]()
                self.seconds[part] = round(time.perf_counter() - started, 1)
                self.console.print(f"{part}: {self.seconds[part]:.0f} s")
        finally:
            if self.vlm is not None:
                await self.vlm.close()


def print_report(run: Run) -> None:
    Console(width=118).print(table_of(run.shares))
    for line in lines_of(run.shares, run.facts):
        print(line)
    if (gap := points_below_the_judge(run.shares)) is not None:
        run.facts["points_below_the_judge"] = round(gap, 1)


def machine(model: Path | None, device: str, dtype: Precision) -> dict[str, Any]:
    """What the figures belong to."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return {
        "commit": commit,
        "torch": torch.__version__,
        "python": sys.version.split()[0],
        "machine": platform.machine(),
        "cpu_instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "model": (model or shipped_directory()).name,
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "dtype": dtype,
        "date": time.strftime("%Y-%m-%d"),
    }


def dtype_served(folder: Path, device: str) -> Precision:
    """What a model folder's network computes in where nobody says."""
    width = FashionVLMConfig.load(folder / "config.json").hidden_size
    return "float32" if chosen_dtype(torch.device(device), width) is torch.float32 else "bfloat16"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--model", type=named_directory, help="model folder, or mini or small; mini if left out"
    )
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--drawn", type=Path, help="folder that drawings are taken from and added to")
    parser.add_argument("--photos", type=Path, default=PHOTOS, help="clothing-photos/validation")
    parser.add_argument("--part", choices=PARTS, nargs="+", default=list(PARTS))
    parser.add_argument("--count", type=int, help="cases a part at most")
    parser.add_argument(
        "--candidates", type=int, default=CANDIDATES, help="drawn in the first try of each picture"
    )
    parser.add_argument("--sheet", type=Path, help="write a contact sheet of 48 drawings")
    parser.add_argument(
        "--dtype",
        choices=get_args(Precision),
        help="what the network computes in; as it is served if left out",
    )
    options = parser.parse_args()
    folder = options.model or shipped_directory()
    options.dtype = options.dtype or dtype_served(folder, options.device)
    if options.drawn is not None:
        try:
            claim(options.drawn, folder, options.candidates, options.dtype)
        except ValueError as error:
            parser.error(str(error))
    started = time.perf_counter()
    run = Run(options, Console(stderr=True))
    asyncio.run(run.everything())
    print_report(run)
    shares = {part: {name: row.facts() for name, row in rows.items()} for part, rows in run.shares.items()}
    whole = {"seconds": round(time.perf_counter() - started), "part_seconds": run.seconds}
    print(
        json.dumps(
            {
                "benchmark": "quality",
                **machine(options.model, options.device, options.dtype),
                **whole,
                **run.facts,
                **shares,
            }
        )
    )


if __name__ == "__main__":
    main()
