"""Opens the words of `tools/data/prompts.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_DATA = Path(__file__).parent / "data"


@cache
def load_data(name: str) -> Any:
    """Read `tools/data/<name>.yaml` once; the result is shared, so it must not be changed."""
    return yaml.safe_load((_DATA / f"{name}.yaml").read_text(encoding="utf-8"))


def drawing_prompt(words: str) -> str:
    """The picture's own words: a drawing request without its opening ("could you draw me a …")."""
    openings = sorted(load_data("prompts")["drawing_openings"], key=len, reverse=True)
    rest = " ".join(words.split()).strip(" .!?")
    while True:
        lowered = rest.lower()
        opening = next((o for o in openings if lowered == o or lowered.startswith(o + " ")), None)
        if opening is None:
            return _unpointed(rest)
        rest = rest[len(opening) :].lstrip(" ,:")


def _unpointed(words: str) -> str:
    first, _, rest = words.partition(" ")
    return rest if rest and first.lower() in load_data("prompts")["drawing_pointers"] else words


def preference_sentence(descriptions: list[str]) -> str:
    """The published "I prefer …" sentence of one to five descriptions; empty for none."""
    if not descriptions:
        return ""
    words = load_data("prompts")
    *head, last = descriptions
    joined = words["preference_joiner"].join(head) + (words["preference_last"] if head else "") + last
    sentence: str = words["preference_one"].format(descriptions=joined)
    return sentence
