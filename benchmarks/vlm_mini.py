"""How well the shipped FashionVLM reads and draws; prints a table, then one JSON line.

    python benchmarks/vlm_mini.py [--model DIR] [--photos DIR] [--judge DIR] [--count 200] [--sheet FILE]

Drawn garments and prompts are of (category, color, pattern) combinations never seen in training. Drawn pictures are judged
by a classifier trained apart (`evals.drawing_judge`), whose own score on true garments is printed beside. Photos are those of
``clothing-photos/validation``; a category counts as right where it belongs to the photo's class. Their main color was labeled
by eye for 120 of them (``evals/data/photo_colors.yaml``): "first" counts the color a person would say first, "fair" also
further answers that a fair person would accept.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch
import yaml
from PIL import Image, ImageDraw, ImageOps
from rich.console import Console
from rich.table import Table

from evals.drawing_judge import Verdict, load_judge
from fashion.captions import parse_caption
from fashion.dialogues import compose_recommendation
from fashion.drawing import draw_garment
from fashion.garment import Garment
from fashion.language import drawing_prompt
from fashion.rules import score_pairing
from fashion.sampling import sample_garment
from vlm.color_reading import read_color
from vlm.model import FashionVLMModel

COLOR_LABELS = Path(__file__).parents[1] / "evals" / "data" / "photo_colors.yaml"
PHOTO_CLASSES: dict[str, frozenset[str]] = {
    "dress": frozenset({"Dresses"}),
    "hat": frozenset({"Hats", "Hats & caps"}),
    "longsleeve": frozenset({"Sweaters & knitwear", "Knitwear", "Tops"}),
    "outwear": frozenset({"Coats", "Jackets", "Denim", "Skiwear"}),
    "pants": frozenset({"Pants", "Jeans"}),
    "shirt": frozenset({"Shirts"}),
    "shoes": frozenset(
        {
            "Sneakers",
            "Boots",
            "Loafers",
            "Sandals",
            "Brogues",
            "Derby shoes",
            "Oxford shoes",
            "Pumps",
            "Mules",
            "Espadrilles",
            "Ballet flats",
            "Slides & flip flops",
        }
    ),
    "shorts": frozenset({"Shorts"}),
    "skirt": frozenset({"Skirts"}),
    "t-shirt": frozenset({"T-shirts & vests", "Polo shirts"}),
}


def interval(right: int, count: int) -> tuple[float, float]:
    """95 % Wilson interval of a share, in percent."""
    z, p = 1.96, right / count
    middle = (p + z * z / (2 * count)) / (1 + z * z / count)
    half = z * ((p * (1 - p) + z * z / (4 * count)) / count) ** 0.5 / (1 + z * z / count)
    return 100 * (middle - half), 100 * (middle + half)


def share(right: int, count: int) -> dict[str, float]:
    low, high = interval(right, count)
    return {
        "percent": round(100 * right / count, 1),
        "low": round(low, 1),
        "high": round(high, 1),
        "n": count,
    }


def compared(
    truth: Sequence[Garment], seen: Sequence[Verdict | Garment | None]
) -> dict[str, dict[str, float]]:
    """Shares right of category, color, pattern and all three."""
    names = ("category", "color", "pattern")
    right = {
        name: sum(s is not None and getattr(t, name) == getattr(s, name) for t, s in zip(truth, seen))
        for name in names
    }
    every = sum(
        s is not None and all(getattr(t, n) == getattr(s, n) for n in names) for t, s in zip(truth, seen)
    )
    return {name: share(count, len(truth)) for name, count in (right | {"all": every}).items()}


def reading(model: FashionVLMModel, garments: Sequence[Garment]) -> tuple[dict[str, dict[str, float]], float]:
    seen, started = [], time.perf_counter()
    for index, garment in enumerate(garments):
        found = model.describe(draw_garment(garment, size=512, seed=900_000 + index))
        named = found.category and found.color and found.pattern
        seen.append(Verdict(found.category, found.color, found.pattern) if named else None)
    return compared(garments, seen), (time.perf_counter() - started) / len(garments)


def recommending(model: FashionVLMModel, count: int) -> dict[str, dict[str, float]]:
    rng = random.Random(4711)
    asked = harmony = answered = 0
    for index in range(count):
        sample = compose_recommendation(rng, split="heldout")
        pictures = [
            draw_garment(item, size=256, seed=700_000 + 5 * index + k) for k, item in enumerate(sample.items)
        ]
        said = parse_caption("".join(model.converse(sample.request, pictures)))
        answered += said is not None
        asked += said is not None and said.category in sample.asked
        if said is not None:
            harmony += (
                score_pairing(said, sample.items, occasion=sample.occasion, season=sample.season).total >= 0.6
            )
    return {
        "names an item": share(answered, count),
        "of the category asked": share(asked, count),
        "goes with the outfit": share(harmony, count),
    }


def photos(model: FashionVLMModel, folder: Path) -> dict[str, dict[str, float]]:
    results, right, total = {}, 0, 0
    for name, categories in PHOTO_CLASSES.items():
        files = sorted((folder / name).glob("*.jpg"))
        hits = 0
        for file in files:
            with Image.open(file) as opened:
                hits += model.describe(ImageOps.exif_transpose(opened).convert("RGB")).category in categories
        results[name] = share(hits, len(files))
        right, total = right + hits, total + len(files)
    return {"all classes": share(right, total)} | results


def photo_colors(folder: Path) -> dict[str, dict[str, float]]:
    rows = yaml.safe_load(COLOR_LABELS.read_text(encoding="utf-8"))["photos"]
    first = fair = 0
    for row in rows:
        with Image.open(folder / row["photo"]) as opened:
            seen = read_color(ImageOps.exif_transpose(opened).convert("RGB")).color
        first += seen == row["main"]
        fair += seen == row["main"] or seen in row["fair"]
    return {"fair": share(fair, len(rows)), "first": share(first, len(rows))}


def contact_sheet(
    path: Path, prompts: Sequence[str], pictures: Sequence[Image.Image], across: int = 8, side: int = 160
) -> None:
    down = -(-len(pictures) // across)
    sheet = Image.new("RGB", (across * side, down * (side + 26)), "white")
    pen = ImageDraw.Draw(sheet)
    for index, (prompt, picture) in enumerate(zip(prompts, pictures)):
        x, y = index % across * side, index // across * (side + 26)
        sheet.paste(picture.resize((side, side)), (x, y))
        words = prompt if len(prompt) <= 30 else prompt[:29] + "…"
        pen.text((x + 3, y + side + 6), words, fill="black")
    sheet.save(path, quality=90)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--judge", type=Path, default=Path("runs/judge"))
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--sheet-count", type=int, default=48)
    options = parser.parse_args()
    console = Console(stderr=True)
    model = FashionVLMModel.from_pretrained(options.model)
    rng = random.Random(20261123)
    garments = [sample_garment(rng, split="heldout") for _ in range(options.count)]
    report: dict[str, object] = {}
    report["describe drawn garments"], seconds = reading(model, garments)
    console.print("described drawn garments")
    report["recommend"] = recommending(model, max(20, options.count // 2))
    console.print("recommended")
    judge = load_judge(options.judge, on_progress=None)
    report["judge on true garments"] = compared(
        garments, judge.judge([draw_garment(g, size=256, seed=800_000 + i) for i, g in enumerate(garments)])
    )
    prompts = [drawing_prompt(garment, random.Random(i)) for i, garment in enumerate(garments)]
    started = time.perf_counter()
    pictures = [model.draw(prompt, seed=i)[0].picture for i, prompt in enumerate(prompts)]
    draw_seconds = (time.perf_counter() - started) / len(prompts)
    report["judge on drawn from words"] = compared(garments, judge.judge(pictures))
    if options.sheet:
        contact_sheet(options.sheet, prompts[: options.sheet_count], pictures[: options.sheet_count])
    console.print("drawn")
    if options.photos:
        report["phone photos, class"] = photos(model, options.photos)
        report["phone photos, main color"] = photo_colors(options.photos)
    table = Table("part", "what", "right %", "95 % interval", "n")
    for part, rows in report.items():
        for name, row in rows.items():  # type: ignore[attr-defined]
            table.add_row(
                part, name, f"{row['percent']:.1f}", f"{row['low']:.1f} to {row['high']:.1f}", str(row["n"])
            )
    Console(width=110).print(table)
    print(f"describe {seconds:.2f} s a picture, draw {draw_seconds:.2f} s a picture (own reading included)")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    facts = {
        "commit": commit,
        "torch": torch.__version__,
        "python": sys.version.split()[0],
        "date": time.strftime("%Y-%m-%d"),
        "threads": torch.get_num_threads(),
        "describe_s": round(seconds, 3),
        "draw_s": round(draw_seconds, 3),
    }
    print(json.dumps({"benchmark": "vlm_mini", **facts, **report}))


if __name__ == "__main__":
    main()
