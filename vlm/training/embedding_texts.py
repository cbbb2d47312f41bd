"""What the embedding heads read while they learn: look-up sentences, product texts, free sentences; as MiniLM's states.

Look-ups are made from attributes by the patterns of ``vlm/data/embedding_patterns.yaml``, a few of them with a slip of the
finger. Product texts are those that the catalog embeds, and shorter ones, as other shops write them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml

from fashion.language import caption, drawing_prompt, phrase
from fashion.occasions import OCCASIONS
from fashion.product import Product
from fashion.product_words import product_sentence
from fashion.queries import Query, compose_query
from fashion.tables import load_table
from vlm.embeddings.sentences import TEXT_DIMENSION, TextEmbedder
from vlm.training.embedding_pool import Progress

_PATTERNS = Path(__file__).parent.parent / "data" / "embedding_patterns.yaml"
_SLIPS = 0.07
_TRIES = 400
_BATCH = 64


@dataclass(frozen=True, slots=True)
class States:
    """Token states of many sentences, in one array.

    Attributes:
        rows: float16 ``[tokens of all, 384]``.
        starts: Where each sentence begins, and the end: ``[sentences + 1]``.
    """

    rows: npt.NDArray[np.float16]
    starts: npt.NDArray[np.int64]

    def __getitem__(self, at: int) -> npt.NDArray[np.float32]:
        """One sentence's states as float32."""
        return self.rows[self.starts[at] : self.starts[at + 1]].astype(np.float32)

    def means(self) -> npt.NDArray[np.float32]:
        """MiniLM's own sentence embeddings, of length 1."""
        sums = np.stack([self[at].mean(0) for at in range(len(self.starts) - 1)])
        unit: npt.NDArray[np.float32] = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return unit


def joined(parts: Sequence[States]) -> States:
    """Several sets of sentences as one, in order."""
    rows = np.concatenate([part.rows for part in parts])
    lengths = np.concatenate([np.diff(part.starts) for part in parts])
    return States(rows, np.concatenate([[0], np.cumsum(lengths)]))


@cache
def training_patterns() -> tuple[str, ...]:
    """The patterns to learn from."""
    return tuple(yaml.safe_load(_PATTERNS.read_text(encoding="utf-8"))["patterns"])


def look_up(product: Product, rng: random.Random) -> Query:
    """One look-up sentence that names some of a product's attributes."""
    patterns = training_patterns()
    for _ in range(_TRIES):
        query = compose_query(product, rng.choice(patterns), rng)
        if query is not None:
            return Query(_slipped(query.text, rng), query.named) if rng.random() < _SLIPS else query
    raise ValueError(f"no pattern fits {product.id}")


def product_text(product: Product, rng: random.Random) -> str:
    """What a product is described by: mostly as the catalog does, sometimes in a few words."""
    chance = rng.random()
    if chance < 0.6:
        return product_sentence(product)
    if chance < 0.75:
        return caption(product.garment, rng)
    if chance < 0.9:
        return phrase(product.garment, rng)
    return drawing_prompt(product.garment, rng)


def free_sentences(critiques: Path | None) -> list[str]:
    """Sentences that name little or nothing of ours: what people say of clothes, occasions and materials."""
    rows = [words for one in OCCASIONS.values() for words in (*one.words, one.reason)]
    rows += [line for lines in load_table("boutique")["materials"].values() for line in lines]
    if critiques is not None:
        rows += [row["caption"] for row in json.loads(critiques.read_text(encoding="utf-8"))]
    return list(dict.fromkeys(rows))


def read(folder: Path, name: str, texts: Sequence[str], words: TextEmbedder, on_progress: Progress) -> States:
    """The states of `texts`, made once into ``<name>-states.npy`` and ``<name>-texts.json``.

    Raises:
        ValueError: The folder holds other texts under this name.
    """
    listed, rows, starts = (folder / f"{name}-{part}" for part in ("texts.json", "states.npy", "starts.npy"))
    if not listed.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        parts, lengths = [np.zeros((0, TEXT_DIMENSION), np.float16)], [0]
        for start in range(0, len(texts), _BATCH):
            for state in words.states(list(texts[start : start + _BATCH]), 16):
                parts.append(state.astype(np.float16))
                lengths.append(len(state))
            on_progress(f"{name}: sentences", min(start + _BATCH, len(texts)), len(texts))
        np.save(rows, np.concatenate(parts))
        np.save(starts, np.cumsum(lengths))
        listed.write_text(json.dumps(list(texts), ensure_ascii=False), encoding="utf-8")
    if json.loads(listed.read_text(encoding="utf-8")) != list(texts):
        raise ValueError(f"{listed} holds other sentences; choose an empty folder")
    return States(np.load(rows, mmap_mode="r", allow_pickle=False), np.load(starts, allow_pickle=False))


def _slipped(text: str, rng: random.Random) -> str:
    """One letter dropped, doubled or swapped with its neighbor."""
    places = [at for at in range(1, len(text) - 1) if text[at].isalpha() and text[at + 1].isalpha()]
    if not places:
        return text
    at = rng.choice(places)
    changed = rng.choice((text[at + 1], text[at] * 2 + text[at + 1], text[at + 1] + text[at]))
    return text[:at] + changed + text[at + 2 :]
