import asyncio
import dataclasses

import pytest
import torch
from PIL import Image

from fashion.drawing import draw_garment
from fashion.garment import Garment
from vlm.client import Reading
from vlm.local import LocalFashionVLM
from vlm.model import FashionVLMModel
from vlm.photo_attributes import PhotoReader, attributes_of
from vlm.reading import counted, no_garment, talk_request
from vlm.tower_heads import HEADS, TowerHeads
from vlm.vision_tower import VisionTower

SAID = Reading("Dresses", "red", "solid", "This is a red dress.")


def scores(**sure):
    """Scores of one picture in which the given answers are certain."""
    made = {name: torch.zeros(1, len(rows)) for name, rows in HEADS.items()}
    for name, answer in sure.items():
        made[name][0, HEADS[name].index(answer)] = 20.0
    return made


@pytest.mark.parametrize("count", ["none", "one", "several"])
def test_how_many_garments_is_said_where_it_is_certain_and_is_one_where_it_is_open(count):
    assert attributes_of(scores(count=count)).count == count
    assert attributes_of(scores()).count == "one"


def test_attributes_are_named_only_where_they_are_sure_and_chances_sum_to_one():
    seen = attributes_of(scores(pattern="striped", sleeve="long"))
    assert (seen.sure_pattern, seen.sure_sleeve) == ("striped", "long")
    open_question = attributes_of(scores())
    assert open_question.sure_pattern is None and open_question.sure_sleeve is None
    for chances in (seen.photo_class, seen.category, seen.pattern, seen.sleeve, seen.length, seen.counts):
        assert sum(chances.values()) == pytest.approx(1.0, abs=1e-4)


def test_another_thing_is_no_garment():
    assert attributes_of(scores(count="one"), other=0.95).count == "none"
    assert attributes_of(scores(count="one"), other=0.3).count == "one"


def test_a_reading_says_that_there_is_no_garment_or_that_there_are_several_and_names_the_main_one():
    assert counted(SAID, "one") == SAID
    several = counted(SAID, "several")
    assert (several.category, several.color, several.pattern) == ("Dresses", "red", "solid")
    assert "several garments" in several.text and several.text.endswith(SAID.text)
    assert counted(SAID, "none") == no_garment()
    nothing = no_garment()
    assert (nothing.category, nothing.color, nothing.pattern) == (None, None, None)
    assert "no garment" in nothing.text


def heads_that_say(count):
    heads = TowerHeads().eval()
    with torch.no_grad():
        heads.layers["count"].bias[HEADS["count"].index(count)] = 20.0
        heads.layers["photo_class"].bias[0] = 20.0
    return heads


@pytest.mark.parametrize(
    ("hint", "added"),
    [
        (True, ""),
        ("always", " Measured colors: navy, red."),
        ("items", " Shown: navy scarf, red scarf."),
    ],
)
def test_a_request_about_pictures_tells_what_the_model_was_trained_to_be_told(hint, added):
    heads = TowerHeads().eval()
    with torch.no_grad():
        heads.layers["category"].bias[HEADS["category"].index("Scarves")] = 1000.0
    pictures = [draw_garment(Garment("Dresses", color), size=128, seed=4) for color in ("navy", "red")]
    asked = talk_request("What goes with these?", pictures, hint, PhotoReader(VisionTower(), heads))
    assert asked == "What goes with these?" + added


def test_without_the_heads_only_the_colors_are_told():
    picture = draw_garment(Garment("Dresses", "navy"), size=128, seed=4)
    assert talk_request("What goes with this?", [picture], "items") == (
        "What goes with this? Measured color: navy."
    )


@pytest.mark.parametrize("count", ["none", "several"])
def test_describing_a_picture_counts_its_garments_in_both_ways_to_ask(count, tmp_path):
    heads_that_say(count).save_pretrained(tmp_path)
    model = FashionVLMModel.from_pretrained()
    model.photos = PhotoReader.of_folder(tmp_path, VisionTower())
    picture = draw_garment(Garment("Dresses", "red"), size=128, seed=4)
    there = model.describe(picture)

    async def ask():
        local = LocalFashionVLM(model, space=None)
        try:
            return await local.describe(picture)
        finally:
            await local.close()

    assert asyncio.run(ask()) == there
    if count == "none":
        assert there == no_garment()
    else:
        assert there.category is not None and "several garments" in there.text


def test_a_folder_without_heads_counts_nothing(tmp_path):
    assert PhotoReader.of_folder(tmp_path, VisionTower()) is None


def test_the_reader_asks_imagenet_only_where_the_class_is_open(monkeypatch):
    asked = []
    reader = PhotoReader(VisionTower(), heads_that_say("one"))
    monkeypatch.setattr(reader, "_other", dataclasses.make_dataclass("Other", [])())
    monkeypatch.setattr(
        type(reader._other), "share", lambda self, lower: asked.append(1) or 0.9, raising=False
    )
    picture = Image.new("RGB", (60, 80), "teal")
    assert reader.read(picture).count == "one" and not asked
    with torch.no_grad():
        reader._heads.layers["photo_class"].bias.zero_()
    assert reader.read(picture).count == "none" and asked
