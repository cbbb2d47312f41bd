"""What the router is trained, calibrated and checked on, put together from the data files and FashionIQ's critiques."""

from __future__ import annotations

import json
import random
import zlib
from dataclasses import dataclass
from pathlib import Path

from agents.contracts import Route
from agents.spoken import alike, load_aside, load_trained, words_of
from agents.utterances import Example, critique_examples, expand, in_scene, load_shapes, varied

JOINED = 1100
CRITIQUES_TRAINED = 1200
_FREE: tuple[Route, ...] = (
    "recommend", "personalize", "generate_image", "search", "feedback", "history", "chat", "out_of_scope"
)  # fmt: skip
"""Routes whose sentences mean the same once something has been shown."""


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Examples by their use; no sentence of one part stands in another.

    Attributes:
        train: To fit the head.
        calibration: For the temperature, the threshold and the confidence.
        dev: To choose between ways of training by; empty once they are chosen (``everything``).
        aside: For the gate alone, from ``aside.yaml`` and ``aside_2.yaml``.
        critiques: Real critiques held aside.
    """

    train: list[Example]
    calibration: list[Example]
    dev: list[Example]
    aside: list[Example]
    critiques: list[Example]


def read_critiques(path: Path) -> dict[str, list[str]]:
    """Real critique sentences: a fixed fifth ``aside``, of the others `CRITIQUES_TRAINED` to ``train`` on."""
    captions = sorted({row["caption"].strip() for row in json.loads(path.read_text(encoding="utf-8"))})
    random.Random(5).shuffle(captions)
    fifth = len(captions) // 5
    held = {caption.lower().strip(" .") for caption in captions[:fifth]}
    others = [caption for caption in captions[fifth:] if caption.lower().strip(" .") not in held]
    return {"aside": captions[:fifth], "train": others[:CRITIQUES_TRAINED]}


def build(critiques: Path | None, *, everything: bool) -> TrainingSet:
    """Put the parts together; deterministic.

    Args:
        critiques: FashionIQ's critiques (JSON list of ``{"garment", "caption"}``), or None to do without.
        everything: Train on the development part too.
    """
    held = [words_of(sentence.request.text) for sentence in load_aside()]
    shapes = [shape for shape in load_shapes() if not alike(words_of(shape.text), held)]
    use = {"train", "aside"} if everything else {"train"}
    examples = expand([shape for shape in shapes if shape.part in use], seed=1, joined=JOINED)
    calibration = expand(
        [shape for shape in shapes if shape.part == "calibration"], seed=2, filled=3, plain=2, joined=150
    )
    dev = expand([shape for shape in shapes if shape.part == "aside"], seed=3, filled=2, plain=1)
    spoken: dict[str, list[Example]] = {"train": [], "calibration": [], "dev": []}
    rng = random.Random(8)
    for sentence in load_trained():
        bucket = zlib.crc32(b"spoken" + " ".join(sorted(words_of(sentence.request.text))).encode()) % 100
        part = "dev" if bucket < 15 and not everything else "calibration" if bucket >= 88 else "train"
        spoken[part].append(Example(sentence.request, sentence.routes))
        if part == "train":
            spoken[part] += _again(Example(sentence.request, sentence.routes), rng)
    captions = read_critiques(critiques) if critiques else {"train": [], "aside": []}
    return TrainingSet(
        train=[*examples, *spoken["train"], *critique_examples(captions["train"], seed=6)],
        calibration=[*calibration, *spoken["calibration"]],
        dev=[] if everything else [*dev, *spoken["dev"]],
        aside=[Example(sentence.request, sentence.routes) for sentence in load_aside()],
        critiques=critique_examples(captions["aside"], seed=7),
    )


def _again(example: Example, rng: random.Random) -> list[Example]:
    """The sentence once more with a slip or a polite word, and in another scene where it means the same there."""
    request = example.request
    more = [request.model_copy(update={"text": varied(request.text, rng)})]
    fresh = not request.context.last_items and not request.images
    free = all(route in _FREE for route in example.routes)
    if fresh and free and request.context.pending is None:
        more.append(in_scene(request.text, "shown", rng))
    elif request.context.last_items and not request.images:
        again = in_scene(request.text, "shown", rng)
        kept = {"context": request.context.model_copy(update={"has_history": rng.random() < 0.5})}
        more.append(request.model_copy(update=kept) if len(request.context.last_items) > 1 else again)
    return [Example(one, example.routes) for one in more]
