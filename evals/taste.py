"""An ablation of personalization: the same requests with a person's own history, none, and another person's.

The other person is the one whose hidden taste is least like, or (``drawn``) each of three drawn at random from all others,
whose scores are averaged. Two tastes drawn apart are about independent, so that a drawn person's history can hurt little
more than none: only the opposite taste must do worse. What is shown is judged by the hidden taste of the person who asks
(`evals.taste_people`). Items that occur in the notes of either are left out of every answer, so that nothing is won by
showing them again. Differences are per person, with a 95 % interval by bootstrap over people.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydantic import BaseModel, Field
from rich.table import Table

from evals.taste_people import Person, keep_notes, load_people, notes_of
from fashion.product import Product
from fashion.vocabulary import GROUPS
from stores.catalog import CatalogQuery
from tools.contracts import Services, ToolContext
from tools.personalize import PersonalizeResult
from tools.registry import call_tool
from tools.sight import Seen
from vlm.client import Drawing, FashionVLMClient, Reading, StepCallback

Progress = Callable[[int, int], None]
Others = Literal["least_alike", "drawn"]
DRAWN = 3
"""So many other people are drawn for each."""
REQUESTS: tuple[tuple[str, str], ...] = (
    ("which shoes should I get?", "footwear"),
    ("a bag for every day", "bags"),
    ("something warm to put over it", "outerwear"),
    ("a new top", "tops"),
)
_RESAMPLES = 4000
Scores = npt.NDArray[np.float64]


class Interval(BaseModel):
    """A mean difference with its 95 % interval."""

    mean: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether the whole interval lies above zero."""
        return self.low > 0


class TasteReport(BaseModel):
    """The figures of a run."""

    people: int
    requests: int
    with_model_words: bool
    others: Others = "least_alike"
    """Whose history the third column uses."""
    own: float
    """Mean suitability of what is shown with the person's own history; likewise the other two."""
    empty: float
    another: float
    own_over_empty: Interval
    empty_over_another: Interval
    foreign_citations: int
    """Answers that name a liked thing which is not in the history used; must be 0."""
    examples: list[str] = Field(default_factory=list)

    def table(self) -> Table:
        """The report for a terminal."""
        whose = (
            "the person least alike" if self.others == "least_alike" else f"{DRAWN} people drawn at random"
        )
        table = Table(
            title=f"Taste: {self.people} invented people, {self.requests} requests each; another is {whose}"
        )
        table.add_column("history")
        table.add_column("suits the hidden taste", justify="right")
        for name in ("own", "empty", "another"):
            table.add_row(name, f"{getattr(self, name):.3f}")
        table.add_section()
        for words, one in (
            ("own over empty", self.own_over_empty), ("empty over another's", self.empty_over_another)
        ):  # fmt: skip
            table.add_row(words, f"{one.mean:+.3f} [{one.low:+.3f}, {one.high:+.3f}]")
        table.add_row("another's things cited", str(self.foreign_citations))
        return table


@dataclass(frozen=True)
class Wordless:
    """FashionVLM without its words: only its embeddings answer, so that the ablation takes seconds."""

    model: FashionVLMClient

    async def converse(
        self, request: str, pictures: Sequence[Image.Image] = (), *, max_tokens: int = 96
    ) -> AsyncIterator[str]:
        """Say nothing."""
        silence: tuple[str, ...] = ()
        for piece in silence:
            yield piece

    async def describe(self, picture: Image.Image) -> Reading:
        """As the model does."""
        return await self.model.describe(picture)

    async def draw(
        self,
        prompt: str,
        *,
        seed: int = 0,
        candidates: int = 1,
        kept: int = 1,
        contrast: float | None = None,
        on_step: StepCallback | None = None,
    ) -> list[Drawing]:
        """As the model does."""
        return await self.model.draw(
            prompt, seed=seed, candidates=candidates, kept=kept, contrast=contrast, on_step=on_step
        )

    async def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """As the model does."""
        return await self.model.embed_texts(texts)

    async def embed_pictures(self, pictures: Sequence[Image.Image]) -> npt.NDArray[np.float32]:
        """As the model does."""
        return await self.model.embed_pictures(pictures)

    async def close(self) -> None:
        """Nothing of its own to close."""


async def run_taste(
    services: Services,
    *,
    people: Sequence[Person] | None = None,
    words: bool = False,
    others: Others = "least_alike",
    seed: int = 20261123,
    on_progress: Progress | None = None,
) -> TasteReport:
    """Run the ablation.

    Args:
        services: The stores and the model; the people are users of their own and are forgotten afterwards.
        people: Who asks; None for all of ``data/people.yaml``. At least two.
        words: Let FashionVLM speak, too; without it only the taste and the rules decide, and the run is quick.
        others: Whose history is the other's.
        seed: Decides the notes, and who is drawn.
        on_progress: Called as ``on_progress(done, total)`` after each person.
    """
    who = list(people or load_people())
    model = services.vlm if words else cast(FashionVLMClient, Wordless(services.vlm))
    services = replace(services, vlm=model)
    stock = await asyncio.to_thread(_stock, services)
    run = uuid.uuid4().hex[:8]
    notes = {person.name: notes_of(person, stock, seed) for person in who}
    users = {person.name: f"taste-{run}-{person.name}" for person in who}
    for person in who:
        await asyncio.to_thread(keep_notes, services.history, users[person.name], notes[person.name])
    scores: dict[str, list[list[float]]] = {"own": [], "empty": [], "another": []}
    foreign = 0
    examples: list[str] = []
    try:
        for at, person in enumerate(who):
            foreigners = _others(person, who, others, seed)
            left_out = [product.id for one in (person, *foreigners) for _, product in notes[one.name]][:24]
            histories: list[tuple[str, str | None]] = [("own", person.name), ("empty", None)]
            histories += [("another", one.name) for one in foreigners]
            rows: dict[str, list[list[float]]] = {name: [] for name in scores}
            for name, owner in histories:
                user = users[owner] if owner else f"taste-{run}-nobody"
                row = []
                for request, group in REQUESTS:
                    result = await _ask(services, user, request, group, left_out)
                    foreign += cites_foreign(result, notes[owner] if owner else [])
                    shown = [services.catalog.get(card.id) for card in result.items]
                    row.append(float(np.mean([person.suits(one) for one in shown])) if shown else 0.0)
                    if name == "own" and len(examples) < 5 and result.items:
                        examples.append(f"{person.name}: {result.items[0].title} – {result.items[0].reason}")
                rows[name].append(row)
            for name, found in rows.items():
                scores[name].append([float(value) for value in np.mean(found, axis=0)])
            if on_progress is not None:
                on_progress(at + 1, len(who))
    finally:
        for user in users.values():
            await asyncio.to_thread(services.history.forget, user, effect_key=f"{user}/end")
    means = {name: np.asarray(rows).mean(1) for name, rows in scores.items()}
    return TasteReport(
        people=len(who),
        requests=len(REQUESTS),
        with_model_words=words,
        others=others,
        own=round(float(means["own"].mean()), 4),
        empty=round(float(means["empty"].mean()), 4),
        another=round(float(means["another"].mean()), 4),
        own_over_empty=interval(means["own"] - means["empty"], seed),
        empty_over_another=interval(means["empty"] - means["another"], seed),
        foreign_citations=foreign,
        examples=examples,
    )


def _others(person: Person, who: Sequence[Person], others: Others, seed: int) -> list[Person]:
    """The people whose histories are tried in a person's place."""
    rest = [one for one in who if one is not person]
    if others == "least_alike":
        return [min(rest, key=person.alike)]
    return random.Random(f"{seed}/{person.name}/others").sample(rest, min(DRAWN, len(rest)))


def interval(differences: Scores, seed: int) -> Interval:
    """The mean of paired differences, with the 2.5th and 97.5th percentile of its bootstrap."""
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(differences), (_RESAMPLES, len(differences)))
    low, high = np.percentile(differences[picks].mean(1), [2.5, 97.5])
    return Interval(
        mean=round(float(differences.mean()), 4), low=round(float(low), 4), high=round(float(high), 4)
    )


def cites_foreign(result: PersonalizeResult, notes: Sequence[tuple[str, Product]]) -> bool:
    """Whether an answer names a liked thing that is not among the notes."""
    own = {_words(product) for _, product in notes}
    named = [*result.preferences, *result.disliked]
    for card in result.items:
        for verb in (" you liked", " you own", " you bought", " you wear"):
            if verb in card.reason:
                thing = card.reason.split(verb)[0].rsplit(" the ", 1)[-1]
                named.append(thing)
    return any(one not in own for one in named)


def _words(product: Product) -> str:
    return Seen.item(product).words()


async def _ask(
    services: Services, user: str, request: str, group: str, left_out: list[str]
) -> PersonalizeResult:
    context = ToolContext(user=user, services=services, effect_key=f"{user}/{request}")
    arguments = {"request": request, "groups": [group], "exclude_ids": left_out, "limit": 5}
    result = await call_tool("personalize", context, arguments)
    return cast(PersonalizeResult, result)


def _stock(services: Services) -> list[Product]:
    groups = [group for _, group in REQUESTS] + ["bottoms", "one-piece"]
    found = services.catalog.search(
        CatalogQuery(categories=[name for group in groups for name in GROUPS[group]], limit=1000)
    )
    return [one.product for one in found]
