"""A person's learned taste, from their notes: the published preference score, improved.

As published, the score of a liked thing is cos(thing, centroid of the liked things of the wanted category that were worn
with what is at hand, weighted by how often) x (1 + 2 x count / highest count). Improved here:

- recency: a note counts 2^(-age / half-life), age being taken from the newest note, and never less than a floor;
- several tastes: things are clustered by likeness, each has the centroid of its own cluster, and an item is compared with
  every cluster, never with their mean;
- dislikes push away: likeness to a disliked thing, and its traits, count against an item;
- traits carry over: colors, materials, patterns and cuts liked in one kind of thing speak for another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fashion.mentions import find_mentions
from fashion.product import Product
from tools.preferences import MOST, Known, Liked
from tools.prompts import load_data
from tools.ranking import Liking

Vectors = npt.NDArray[np.float32]
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Taste:
    """What is learned of a person for one request.

    Attributes:
        things: The liked things, the weightiest first.
        scores: Their scores, in the same order.
        cluster_of: The cluster of each.
        centroids: Of the clusters, each of length 1, shape ``(clusters, d)``.
        masses: How much each cluster counts, the heaviest 1.
        pushed: Vectors of the disliked things, shape ``(disliked, d)``.
        push: How much each of them counts, 0..1.
        traits: For (attribute, value): -1 (disliked) .. 1 (liked).
    """

    things: tuple[Liked, ...]
    scores: tuple[float, ...]
    cluster_of: tuple[int, ...]
    centroids: Vectors
    masses: Vectors
    pushed: Vectors
    push: Vectors
    traits: Mapping[tuple[str, str], float]

    def preferred(self) -> list[Liked]:
        """The things for the "I prefer …" sentence: the best of every cluster in turn, so that no taste drowns another."""
        picked: list[int] = []
        while len(picked) < min(MOST, len(self.things)):
            before = len(picked)
            for cluster in dict.fromkeys(self.cluster_of):
                left = [at for at, own in enumerate(self.cluster_of) if own == cluster and at not in picked]
                picked += left[:1]
            if len(picked) == before:
                break
        return [self.things[at] for at in picked[:MOST]]

    def likings(self, products: Sequence[Product], vectors: Vectors) -> dict[str, Liking]:
        """How much the taste speaks for each product (-1..1), and the liked thing it can truly be traced to.

        Args:
            products: The candidates.
            vectors: Embeddings of what they are in words, ``(len(products), d)``.
        """
        weights = load_data("taste")["weights"]
        likeness = np.zeros(len(products), np.float32)
        if len(self.masses):
            likeness = np.clip(vectors @ self.centroids.T * self.masses, 0.0, 1.0).max(1)
        away = np.zeros(len(products), np.float32)
        if len(self.push):
            floor = load_data("taste")["push_from"]
            near = np.clip((vectors @ self.pushed.T - floor) / (1 - floor), 0.0, 1.0)
            away = (near * self.push).max(1)
        found = {}
        for at, product in enumerate(products):
            score = weights["likeness"] * float(likeness[at]) + weights["traits"] * self._traits(product)
            score -= weights["push"] * float(away[at])
            found[product.id] = Liking(min(max(score, -1.0), 1.0), self._reason(product))
        return found

    def _traits(self, product: Product) -> float:
        weights: dict[str, float] = load_data("taste")["traits"]
        total = sum(
            weight * self.traits.get((name, str(getattr(product, name))), 0.0)
            for name, weight in weights.items()
        )
        return float(np.tanh(total))

    def _reason(self, product: Product) -> str:
        """The first liked thing that shares something which can be named."""
        shared = ((shared_with(product, thing), thing) for thing in self.things)
        named = [(weight, clause) for (weight, clause), _ in shared if clause]
        return max(named, key=lambda pair: pair[0], default=(0, ""))[1]


def learn(
    known: Known, vectors: Mapping[str, Vectors], *, wanted: Collection[str], at_hand: Collection[str]
) -> Taste:
    """Learn a taste from notes.

    Args:
        known: The notes, summed up.
        vectors: The embedding of the words of every liked and disliked thing, each of length 1.
        wanted: The categories asked for; empty for all.
        at_hand: The categories of what is at hand; things noted together with one of them co-occur with it.
    """
    liked, disliked = known.liked, [one for one in known.disliked if one.traits]
    rows, pushed = _rows(liked, vectors), _rows(disliked, vectors)
    strengths = _strengths([*liked, *disliked], wanted)
    counts = np.asarray(_counts(liked, at_hand), np.float32)
    weights = strengths[: len(liked)] * np.maximum(counts, 0.5) if liked else counts
    clusters = _clusters(rows, weights)
    scores = np.zeros(len(liked), np.float32)
    for cluster in set(clusters):
        members = [at for at, own in enumerate(clusters) if own == cluster]
        centroid = _unit((rows[members] * weights[members, None]).sum(0))
        scores[members] = rows[members] @ centroid
    if liked:
        scores = scores * (1 + 2 * counts / max(float(counts.max()), 1e-9)) * strengths[: len(liked)]
    order = sorted(range(len(liked)), key=lambda at: (-scores[at], -at))
    names = list(dict.fromkeys(clusters[at] for at in order))
    members_of = [[at for at in range(len(liked)) if clusters[at] == name] for name in names]
    masses = np.asarray([weights[members].sum() for members in members_of], np.float32)
    masses = (masses / max(float(masses.max(initial=0.0)), 1e-9)) ** load_data("taste")["mass_power"]
    centroids = [_unit((rows[members] * weights[members, None]).sum(0)) for members in members_of]
    return Taste(
        things=tuple(liked[at] for at in order),
        scores=tuple(float(scores[at]) for at in order),
        cluster_of=tuple(names.index(clusters[at]) for at in order),
        centroids=np.stack(centroids) if centroids else np.zeros((0, rows.shape[1]), np.float32),
        masses=masses,
        pushed=pushed,
        push=strengths[len(liked) :],
        traits=_trait_scores(liked, disliked, strengths),
    )


def shared_with(product: Product, thing: Liked) -> tuple[float, str]:
    """What a product and a liked thing truly share: how much, and as a clause; (0, "") for nothing that can be named."""
    named = find_mentions(thing.words)
    traits = [
        trait
        for trait, values in ((product.color, named.colors), (product.material, named.materials))
        if trait and trait in values
    ]
    if product.pattern != "solid" and product.pattern in named.patterns:
        traits.append(product.pattern)
    same_kind = thing.category is not None and thing.category == product.category
    past = {"liked": "you liked", "own": "you own", "bought": "you bought", "wear": "you wear"}[thing.verb]
    if traits:
        return len(traits) + 0.5 * same_kind, f"{' '.join(traits)} like the {thing.words} {past}"
    return (0.5, f"the same kind of piece as the {thing.words} {past}") if same_kind else (0.0, "")


def _rows(things: Sequence[Liked], vectors: Mapping[str, Vectors]) -> Vectors:
    if things:
        return np.stack([vectors[one.words] for one in things])
    return np.zeros((0, len(next(iter(vectors.values()), ()))), np.float32)


def _strengths(things: Sequence[Liked], wanted: Collection[str]) -> Vectors:
    """How much each note counts by its age, its verb and the kind of thing it is about, 0..1."""
    table = load_data("taste")
    newest = max((one.at for one in things), default=None)
    values = []
    for one in things:
        age = (newest - one.at).total_seconds() / _DAY if newest else 0.0
        recency = max(table["least_recency"], 2.0 ** (-age / table["half_life_days"]))
        elsewhere = bool(wanted) and one.category is not None and one.category not in wanted
        values.append(recency * table["verbs"][one.verb] * (table["elsewhere"] if elsewhere else 1.0))
    return np.asarray(values, np.float32)


def _counts(liked: Sequence[Liked], at_hand: Collection[str]) -> list[float]:
    """How often each thing was noted together with what is at hand; where none was, how often at all."""
    hand = set(at_hand)
    together = [float(sum(bool(note & hand) for note in one.worn_with)) for one in liked]
    return together if any(together) else [float(one.count) for one in liked]


def _clusters(rows: Vectors, weights: Vectors) -> list[int]:
    """Greedy clusters: the weightiest thing left leads, and draws in all that are alike enough to it."""
    threshold = load_data("taste")["cluster_cosine"]
    cluster_of = [-1] * len(rows)
    cluster = 0
    for lead in sorted(range(len(rows)), key=lambda at: (-weights[at], at)):
        if cluster_of[lead] >= 0:
            continue
        for at in range(len(rows)):
            if cluster_of[at] < 0 and float(rows[at] @ rows[lead]) >= threshold:
                cluster_of[at] = cluster
        cluster_of[lead] = cluster
        cluster += 1
    return cluster_of


def _trait_scores(
    liked: Sequence[Liked], disliked: Sequence[Liked], strengths: Vectors
) -> dict[tuple[str, str], float]:
    """For each trait: (for - against) / (smoothing + all that was said of it)."""
    table = load_data("taste")
    for_: dict[tuple[str, str], float] = {}
    against: dict[tuple[str, str], float] = {}
    signed = [(one, for_) for one in liked] + [(one, against) for one in disliked]
    for (one, sums), strength in zip(signed, strengths, strict=True):
        for name in table["traits"]:
            # That a thing is plain says little: most things are.
            if (value := one.traits.get(name)) and value not in ("solid", "regular"):
                sums[name, value] = sums.get((name, value), 0.0) + float(strength) * min(one.count, 3)
    return {
        key: (for_.get(key, 0.0) - against.get(key, 0.0))
        / (table["smoothing"] + for_.get(key, 0.0) + against.get(key, 0.0))
        for key in for_.keys() | against.keys()
    }


def _unit(vector: Vectors) -> Vectors:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
