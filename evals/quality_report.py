"""What ``benchmarks/quality.py`` prints of its figures, and what the project asks of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

from evals.shares import Share

BARS: dict[tuple[str, str], float] = {
    ("describe a drawn garment", "category"): 96,
    ("describe a drawn garment", "color"): 97,
    ("describe a drawn garment", "pattern"): 95,
    ("recommend", "of the category asked"): 97,
    ("recommend", "color harmony"): 92,
    ("recommend", "all rules"): 90,
    ("recommend", "reason true"): 95,
    ("drawn from words, judged", "all"): 85,
    ("phone photos, class", "all classes"): 90,
    ("phone photos, main color", "fair"): 85,
}
"""Percent at least."""
MOST: dict[str, float] = {"describe": 0.6, "first_words": 0.5, "recommend": 1.5, "draw": 1.5}
"""Seconds at most, on two CPU cores."""

Report = Mapping[str, Mapping[str, Share]]
"""Shares by part and name."""


def table_of(shares: Report) -> Table:
    """All shares with their intervals and bars."""
    table = Table("part", "what", "right %", "95 % interval", "n", "bar")
    for part, rows in shares.items():
        for name, row in rows.items():
            low, high = row.interval
            bar = BARS.get((part, name))
            mark = "" if bar is None else f"{bar:g} {'met' if row.percent >= bar else 'MISSED'}"
            table.add_row(part, name, f"{row.percent:.1f}", f"{low:.1f} to {high:.1f}", str(row.count), mark)
    return table


def points_below_the_judge(shares: Report) -> float | None:
    """Percentage points that drawn pictures are below the judge's score on true garments; None where none were drawn."""
    truth = shares.get("the judge on true garments")
    if truth is None:
        return None
    return truth["all"].percent - shares["drawn from words, judged"]["all"].percent


def lines_of(shares: Report, facts: Mapping[str, Any]) -> Iterator[str]:
    """What is no share, a line each; nothing of what was not measured.

    Args:
        shares: See `table_of`.
        facts: As the JSON line has them: ``tokenizer_psnr_db``, ``retrieval``, ``speed``.
    """
    if (gap := points_below_the_judge(shares)) is not None:
        yield f"drawn pictures are {gap:.1f} points below the judge's ceiling (bar: 8)"
    if "tokenizer_psnr_db" in facts:
        yield f"tokenizer on true garments: {facts['tokenizer_psnr_db']:.2f} dB (bar: 30)"
    if look_ups := facts.get("retrieval"):
        yield f"boutique look-ups: {json.dumps(look_ups)}"
    if speed := facts.get("speed"):
        waits = ", ".join(f"{name} {speed[name]:.2f} s (bar {most:g})" for name, most in MOST.items())
        yield f"{waits}; {speed['candidates']} candidates in the first try, {speed['threads']} threads"
        yield (
            f"draw is the mean, second tries included: median {speed['draw_median']:.2f} s, "
            f"longest {speed['draw_longest']:.2f} s"
        )
        yield f"resident memory {speed['resident_mb']} MB, at its peak {speed['peak_mb']} MB"
