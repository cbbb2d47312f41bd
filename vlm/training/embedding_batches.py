"""Batches for the embedding heads: items in families that differ little, each with a sentence that names some of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from vlm.embeddings.builtin import padded
from vlm.embeddings.sentences import Vectors
from vlm.training.embedding_attributes import SLOT_COLUMNS, UNKNOWN, looks, near_ones
from vlm.training.embedding_pool import Rows
from vlm.training.embedding_texts import States

Numbers = npt.NDArray[np.int64]
_FAMILY = 4
_NEAREST = 12


@dataclass(frozen=True, slots=True)
class Material:
    """All that is learned from; items are drawn products first, then photos.

    Attributes:
        patches: Of each kind of item, in order: float16 ``[N, 49, 1286]``.
        has: What each item has (`embedding_attributes.items`).
        kinds: Each item's category.
        drawn: How many of the items are drawn products.
        item_texts: The sentence that describes each item.
        queries: Look-up sentences, by number.
        queries_of: Numbers of each item's own, ``[items, queries]``.
        wants: What each look-up allows (`embedding_attributes.wanted`).
        free: Sentences that name nothing of ours.
    """

    patches: Sequence[Rows]
    has: Vectors
    kinds: Sequence[str]
    drawn: int
    item_texts: States
    queries: States
    queries_of: Numbers
    wants: Vectors
    free: States


@dataclass(frozen=True, slots=True)
class Batch:
    """One step's tensors; rows of items, texts and queries belong together.

    Attributes:
        patches: ``[B, 49, 1286]``.
        texts: Token states and mask of the items' sentences.
        queries: Token states and mask of the look-ups.
        free: Token states and mask of free sentences.
        text_means: MiniLM's own vectors of the items' sentences, ``[B, 384]``; likewise `free_means`.
        lacking: How many of the attributes named by look-up i item j lacks, ``[B, B]``.
        alike: How much of the look of item i item j shares, 0..1, ``[B, B]``.
        has: What each item has, ``[B, columns]``.
        wants: What each look-up allows, ``[B, columns]``.
    """

    patches: Tensor
    texts: tuple[Tensor, Tensor]
    queries: tuple[Tensor, Tensor]
    free: tuple[Tensor, Tensor]
    text_means: Tensor
    free_means: Tensor
    lacking: Tensor
    alike: Tensor
    has: Tensor
    wants: Tensor


class Batches:
    """Draws batches by seed: families of drawn products that share a category and differ in little, and some photos."""

    def __init__(self, material: Material, *, size: int, photos: int, free: int, seed: int) -> None:
        """Find each item's nearest ones, from which families are drawn.

        Args:
            material: What is learned from.
            size: Items in a batch.
            photos: How many of them are photos.
            free: Free sentences in a batch.
            seed: Decides everything.
        """
        self._material = material
        self._families = (size - photos) // _FAMILY
        self._photos, self._free = photos, free
        self._rng = np.random.default_rng(seed)
        self._near = near_ones(material.has[: material.drawn], material.kinds[: material.drawn], _NEAREST)
        self._heads = np.asarray([at for at, near in enumerate(self._near) if len(near)])
        self._looks = looks(material.has)
        self._text_means, self._free_means = material.item_texts.means(), material.free.means()

    def next(self) -> Batch:
        """The next batch."""
        items = self._items()
        queries = self._one_of(self._material.queries_of[items])
        free = self._rng.integers(0, len(self._free_means), self._free)
        has, wants = self._material.has[items], self._material.wants[queries]
        return Batch(
            patches=torch.from_numpy(np.stack([self._patches(int(at)) for at in items]).astype(np.float32)),
            texts=padded([self._material.item_texts[int(at)] for at in items]),
            queries=padded([self._material.queries[int(at)] for at in queries]),
            free=padded([self._material.free[int(at)] for at in free]),
            text_means=torch.from_numpy(self._text_means[items]),
            free_means=torch.from_numpy(self._free_means[free]),
            lacking=torch.from_numpy(lacking(wants, has)),
            alike=torch.from_numpy(_alike(self._looks[items])),
            has=torch.from_numpy(has),
            wants=torch.from_numpy(wants),
        )

    def _items(self) -> Numbers:
        heads = self._rng.choice(self._heads, self._families, replace=False)
        rows = [np.concatenate([[head], self._relatives(self._near[head])]) for head in heads]
        count = len(self._material.has)
        if self._photos:
            rows.append(self._rng.choice(np.arange(self._material.drawn, count), self._photos, replace=False))
        return np.concatenate(rows).astype(np.int64)

    def _relatives(self, near: Numbers) -> Numbers:
        return self._rng.choice(near, _FAMILY - 1, replace=len(near) < _FAMILY - 1)

    def _one_of(self, choices: Numbers) -> Numbers:
        columns = self._rng.integers(0, choices.shape[1], len(choices))
        return choices[np.arange(len(choices)), columns]

    def _patches(self, at: int) -> Rows:
        for rows in self._material.patches:
            if at < len(rows):
                one: Rows = rows[at]
                return one
            at -= len(rows)
        raise IndexError(at)


def lacking(wants: Vectors, has: Vectors) -> Vectors:
    """How many of the attributes that each sentence names each item lacks, ``[sentences, items]``.

    An item that has one of the allowed values lacks nothing there; of what is unknown it lacks half.

    Args:
        wants: Rows of `embedding_attributes.wanted`.
        has: Rows of `embedding_attributes.items`.
    """
    missing = np.zeros((len(wants), len(has)), np.float32)
    for columns in SLOT_COLUMNS.values():
        asked = wants[:, columns]
        met = np.minimum(asked @ has[:, columns].T, 1.0)
        # Several allowed values of an unknown slot are still half a match.
        known = (has[:, columns] != UNKNOWN).all(1)
        met = np.where(known, met, np.minimum(met, UNKNOWN))
        missing += np.any(asked, axis=1)[:, None] * (1.0 - met)
    return missing


def _alike(rows: Vectors) -> Vectors:
    """Shared looks against all looks of the first; what is unknown counts half, with itself too."""
    shared = rows @ rows.T
    own = np.maximum(np.diag(shared), 1e-6)
    alike: Vectors = np.minimum(shared / own[:, None], 1.0).astype(np.float32)
    np.fill_diagonal(alike, 1.0)
    return alike
