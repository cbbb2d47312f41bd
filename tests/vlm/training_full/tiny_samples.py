"""A few samples of FashionRec and a tiny model of random weights to fine-tune on them."""

import io

from PIL import Image

from fashion.fashionrec import DrawingSample, Exchange, Item, Sample
from tests.vlm.tiny_model import CONFIG, tiny_model
from vlm.training.full.plan import FullPlan, Pace
from vlm.training.full.rows import Samples, StepComposer
from vlm.training.full.source import Source

COLORS = {"red": (220, 30, 40), "blue": (30, 60, 200), "white": (240, 240, 240), "green": (20, 140, 60)}
PLAN = FullPlan(
    steps=6,
    drawing=2,
    reading=2,
    text=1,
    learning_rate=3e-3,
    warmup_steps=2,
    text_tokens=60,
    bf16=False,
    gradient_checkpointing=False,
    seed=3,
)
QUIET = Pace(evaluate_steps=0, workers=0)


def jpeg(color, size=(16, 12)):
    file = io.BytesIO()
    Image.new("RGB", size, color).save(file, "JPEG")
    return file.getvalue()


def drawing(number):
    name = list(COLORS)[number % len(COLORS)]
    return DrawingSample(f"{number:07}", jpeg(COLORS[name]), f"a {name} scarf")


def dialogue(number):
    name = list(COLORS)[number % len(COLORS)]
    item = Item(str(number), "Clothing", "Scarves", "", f"a {name} scarf")
    talk = (
        Exchange("human", f"what goes with {name}?"),
        Exchange("gpt", "try boots"),
        Exchange("human", "and white?"),
        Exchange("gpt", f"a {name} scarf"),
    )
    return Sample(f"{number:07}", jpeg(COLORS[name]), talk, partial_outfit=(item,), target_items=(item,))


def tiny_samples(count=4):
    return Samples([drawing(i) for i in range(count)], [dialogue(i) for i in range(count)])


def tiny_source(seed=3):
    return Source("tiny", tiny_model(seed).parts, None)


def tiny_composer(source, plan=PLAN, process=(0, 1), samples=None):
    parts = source.parts
    return StepComposer(
        samples or tiny_samples(), parts.text_tokenizer, parts.network.config, 8, plan, process
    )


__all__ = [
    "CONFIG",
    "PLAN",
    "QUIET",
    "dialogue",
    "drawing",
    "jpeg",
    "tiny_composer",
    "tiny_samples",
    "tiny_source",
]
