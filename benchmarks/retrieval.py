"""Retrieval in the demo boutique by words, by picture, by both, and by phone photo; a table, then one JSON line.

    python benchmarks/retrieval.py [--home DIR] [--embedding NAME] [--photos DIR] [--count 300]

The bar: for 300 sentences made from attributes by patterns not used in training, an item with all named attributes is among the
first five for at least 90 %. "by the embedding alone" leaves out the word list that search uses beside it. Boutique products are
of all combinations; "new combinations" are those whose category, color and pattern training never saw together.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from evals.quality_reading import photo_categories
from evals.retrieval import (
    Shop,
    by_both,
    by_photo,
    by_picture,
    by_words,
    look_ups,
    new_combination,
    open_shop,
)
from evals.shares import Share

BAR = 90.0
PHOTOS = Path(__file__).parents[2] / "shared" / "data" / "clothing-photos" / "validation"


def measured(shop: Shop, count: int, photos: Path | None) -> dict[str, Share]:
    asked = look_ups(shop.products, count)
    both, alone = by_words(shop, asked, named=True), by_words(shop, asked, named=False)
    fresh = [new_combination(one) for one in asked]
    rows = {
        "by words": Share.of(both),
        "by words, new combinations": Share.of(hit for hit, new in zip(both, fresh) if new),
        "by words, by the embedding alone": Share.of(alone),
        "by words, embedding alone, new combinations": Share.of(hit for hit, new in zip(alone, fresh) if new),
    }
    seen = by_picture(shop, [one.product for one in asked])
    rows |= {f"by picture: same {name}": Share.of(hits) for name, hits in seen.items()}
    rows["by picture and words: kind seen, attributes said"] = Share.of(by_both(shop, count))
    if photos is not None and photos.is_dir():
        found = by_photo(shop, photos, photo_categories())
        rows["by phone photo: an item of its class"] = Share.of(
            hit for hits in found.values() for hit in hits
        )
        rows |= {f"by phone photo: {name}": Share.of(hits) for name, hits in found.items()}
    return rows


def speeds(shop: Shop) -> dict[str, float]:
    """CPU milliseconds a sentence, a picture and a search; medians of single calls."""
    from fashion.drawing import draw_garment

    asked = look_ups(shop.products, 24, seed=1)
    pictures = [draw_garment(one.product.garment, size=512, seed=at) for at, one in enumerate(asked[:8])]
    shop.space.embed_pictures(pictures[:1])
    return {
        "sentence_ms": _median(lambda one: shop.space.embed_texts([one.query.text + " now"]), asked),
        "picture_ms": _median(lambda one: shop.space.embed_pictures([one]), pictures),
        "search_ms": _median(lambda one: shop.first(text=one.query.text + " now"), asked),
    }


def _median(call, cases) -> float:
    times = []
    for case in cases:
        started = time.process_time()
        call(case)
        times.append(time.process_time() - started)
    return round(1000 * sorted(times)[len(times) // 2], 1)


def run(options: argparse.Namespace, home: Path) -> None:
    console = Console(stderr=True)
    started = time.perf_counter()
    shop = open_shop(
        home, options.embedding, lambda done, total: console.print(f"built {done} of {total}", end="\r")
    )
    build = time.perf_counter() - started
    rows = measured(shop, options.count, options.photos)
    facts = speeds(shop) | {"build_s": round(build, 1)}
    shop.catalog.close()
    table = Table("what", "in the first five %", "95 % interval", "n", "bar")
    for name, row in rows.items():
        low, high = row.interval
        bar = f"{BAR:g} {'met' if row.percent >= BAR else 'MISSED'}" if name == "by words" else ""
        table.add_row(name, f"{row.percent:.1f}", f"{low:.1f} to {high:.1f}", str(row.count), bar)
    Console(width=110).print(table)
    print("CPU: " + ", ".join(f"{name} {value}" for name, value in facts.items()))
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    about = {
        "benchmark": "retrieval",
        "commit": commit,
        "embedding": shop.space.identity,
        "torch": torch.__version__,
        "python": sys.version.split()[0],
        "threads": torch.get_num_threads(),
        "date": time.strftime("%Y-%m-%d"),
    }
    print(json.dumps(about | facts | {name: row.facts() for name, row in rows.items()}))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", type=Path, help="a built home to use; left out, one is built and deleted")
    parser.add_argument("--embedding", default="builtin")
    parser.add_argument("--photos", type=Path, default=PHOTOS)
    parser.add_argument("--count", type=int, default=300)
    options = parser.parse_args()
    if options.home is not None:
        run(options, options.home)
        return
    with tempfile.TemporaryDirectory() as home:
        run(options, Path(home))


if __name__ == "__main__":
    main()
