"""Trying on: the right place, the right color, on a mannequin and on whoever a photo shows; honest where nobody is."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashion.color import rgb
from fashion.drawing import draw_garment
from fashion.drawing.mannequin import JOINTS
from fashion.garment import Garment
from fashion.vocabulary import CATEGORIES, slot_of
from stores.catalog_query import CatalogQuery
from tools.body.dressing import Wear, dress, dress_mannequin, level_of
from tools.body.hanging import hangs
from tools.body.placing import place_of
from tools.body.pose import find_person
from tools.body.standing import mannequin_figure
from tools.contracts import ToolFailedError

SHIRT = Garment(
    "T-shirts & vests", "red", material="cotton", style="t-shirt", sleeve="short", neckline="crew"
)
JEANS = Garment("Jeans", "navy", material="denim", style="straight")
WEIGHTS = Path(__file__).parents[2] / "tools" / "weights"


def difference(before: Image.Image, after: Image.Image) -> np.ndarray:
    return np.abs(np.asarray(before, float) - np.asarray(after, float)).max(axis=2) > 24


def color_at(picture: Image.Image, x: float, y: float, reach: int = 10) -> np.ndarray:
    box = (round(x) - reach, round(y) - reach, round(x) + reach, round(y) + reach)
    return np.median(np.asarray(picture.crop(box), float).reshape(-1, 3), axis=0)


def is_near(color: np.ndarray, name: str) -> bool:
    return float(np.abs(color - np.array(rgb(name))).max()) < 60


def middle_of(*joints: str) -> tuple[float, float]:
    places = np.array([JOINTS[joint] for joint in joints])
    x, y = places.mean(axis=0)
    return float(x), float(y)


@pytest.fixture(scope="module")
def bare() -> Image.Image:
    return dress_mannequin([])


def every_style() -> list[Garment]:
    return [
        Garment(name, "gold" if category.group == "jewelry" else "teal", style=style)
        for name, category in CATEGORIES.items()
        for style in category.styles or [None]
    ]


def test_a_top_colors_the_chest_and_not_the_legs(bare) -> None:
    dressed = dress_mannequin([Wear(SHIRT)])
    assert is_near(
        color_at(dressed, *middle_of("shoulder_left", "shoulder_right", "hip_left", "hip_right")), "red"
    )
    changed = difference(bare, dressed)
    assert not changed[round(JOINTS["knee_left"][1]) :].any()
    assert not changed[: round(JOINTS["mouth_left"][1])].any()


def test_short_sleeves_cover_the_upper_arms_only_and_long_ones_reach_the_wrists(bare) -> None:
    long = Garment(
        "Sweaters & knitwear", "red", material="wool", style="pullover", sleeve="long", neckline="crew"
    )
    above = tuple(np.array(JOINTS["shoulder_right"]) * 0.6 + np.array(JOINTS["elbow_right"]) * 0.4)
    below = tuple(np.array(JOINTS["elbow_right"]) * 0.3 + np.array(JOINTS["wrist_right"]) * 0.7)
    for garment, at_wrist in ((SHIRT, False), (long, True)):
        dressed = dress_mannequin([Wear(garment)])
        assert is_near(color_at(dressed, *above, reach=4), "red")
        assert is_near(color_at(dressed, *below, reach=4), "red") == at_wrist


def test_trousers_follow_both_legs(bare) -> None:
    dressed = dress_mannequin([Wear(JEANS)])
    for side in ("left", "right"):
        x, y = middle_of(f"knee_{side}", f"ankle_{side}")
        assert is_near(color_at(dressed, x, y), "navy")
    assert not difference(bare, dressed)[: round(JOINTS["elbow_left"][1]) - 20].any()


def test_longer_dresses_end_lower(bare) -> None:
    ends = []
    for length in ("mini", "knee", "midi", "maxi"):
        dress_ = Garment("Dresses", "red", material="cotton", style="a-line", length=length)
        ends.append(np.flatnonzero(difference(bare, dress_mannequin([Wear(dress_)])).any(axis=1))[-1])
    assert ends == sorted(ends)
    assert ends[0] < JOINTS["knee_left"][1] < ends[2] < ends[3]


@pytest.mark.parametrize(
    ("garment", "joints", "reach"),
    [
        (Garment("Hats", "red", material="wool", style="fedora"), ("eye_left", "eye_right"), 150),
        (Garment("Sunglasses", "red", material="acetate", style="square"), ("eye_left", "eye_right"), 60),
        (Garment("Sneakers", "red", material="canvas", style="high-top"), ("toe_left", "toe_right"), 170),
        (Garment("Tote bags", "red", material="leather", style="shopper"), ("hand_right",), 230),
        (Garment("Watches", "gold", material="metal", style="sport"), ("wrist_right",), 40),
        (
            Garment("Scarves", "red", material="wool", style="fringed"),
            ("shoulder_left", "shoulder_right"),
            220,
        ),
        (Garment("Belts", "red", material="leather", style="classic"), ("hip_left", "hip_right"), 120),
    ],
    ids=lambda value: value.category if isinstance(value, Garment) else "",
)
def test_small_things_go_where_they_are_worn(bare, garment, joints, reach) -> None:
    dressed = dress_mannequin([Wear(garment)])
    y, x = np.nonzero(difference(bare, dressed))
    place = np.array(middle_of(*joints))
    assert len(x) > 60
    assert np.hypot(x - place[0], y - place[1]).max() < reach


def test_every_style_of_every_category_can_be_worn() -> None:
    for garment in every_style():
        assert slot_of(garment) == "feet" or hangs(garment) or place_of(garment) is not None
        assert level_of(garment) >= 0


@pytest.mark.parametrize("category", list(CATEGORIES))
def test_what_is_put_on_can_be_seen(bare, category) -> None:
    garment = next(one for one in every_style() if one.category == category)
    assert difference(bare, dress_mannequin([Wear(garment)])).sum() > 30


def test_a_coat_lies_over_the_shirt_and_a_tucked_shirt_below_the_trousers() -> None:
    coat = Garment("Coats", "camel", material="wool", style="overcoat", length="knee")
    tucked = Garment("Shirts", "red", material="cotton", style="button-down", sleeve="long", fit="regular")
    hips = middle_of("hip_left", "hip_right")
    for things in ([SHIRT, coat, JEANS], [JEANS, coat, SHIRT]):
        x, y = hips
        assert is_near(color_at(dress_mannequin([Wear(one) for one in things]), x - 70, y), "camel")
    assert is_near(color_at(dress_mannequin([Wear(tucked), Wear(JEANS)]), hips[0] - 60, hips[1]), "navy")
    assert is_near(color_at(dress_mannequin([Wear(SHIRT), Wear(JEANS)]), hips[0] - 60, hips[1]), "red")


def test_what_is_worn_under_a_jacket_does_not_stick_out_of_its_sleeves(bare) -> None:
    jacket = Garment("Jackets", "black", material="leather", style="biker")
    wide = Garment(
        "T-shirts & vests", "red", material="cotton", style="t-shirt", sleeve="short", fit="relaxed"
    )
    alone = dress_mannequin([Wear(jacket)])
    outline, changed = difference(bare, alone), difference(alone, dress_mannequin([Wear(jacket), Wear(wide)]))
    assert changed.any()
    for row in range(*(round(JOINTS[name][1]) for name in ("shoulder_left", "elbow_left"))):
        columns = np.flatnonzero(outline[row])
        assert not changed[row, : columns[0] - 3].any()
        assert not changed[row, columns[-1] + 4 :].any()


def test_the_same_things_give_the_same_pixels_in_any_order() -> None:
    first = dress_mannequin([Wear(SHIRT), Wear(JEANS)])
    assert first.tobytes() == dress_mannequin([Wear(JEANS), Wear(SHIRT)]).tobytes()


def test_the_models_find_the_joints_of_the_mannequin_in_its_picture(bare) -> None:
    figure = find_person(bare)
    assert figure is not None
    truth = mannequin_figure()
    for name in (
        "shoulder_left",
        "shoulder_right",
        "elbow_left",
        "hip_left",
        "hip_right",
        "knee_right",
        "ankle_left",
        "wrist_right",
    ):
        assert np.linalg.norm(figure.joints[name] - truth.joints[name]) < 0.5 * truth.unit, name
    assert figure.sees("shoulder", "hip", "knee", "ankle", "wrist", "eye")
    assert float((figure.person > 0.5).mean()) == pytest.approx(float((truth.person > 0.5).mean()), abs=0.05)


def test_clothes_follow_a_person_who_stands_elsewhere_turned_and_in_warm_light(bare) -> None:
    room = Image.new("RGB", (1100, 1300), (236, 233, 229))
    room.paste(bare, (300, 60))
    tilted = np.asarray(room.rotate(5, Image.Resampling.BICUBIC, fillcolor=(236, 233, 229)), float)
    photo = Image.fromarray((tilted * [0.8, 0.74, 0.62]).astype(np.uint8))
    figure = find_person(photo)
    dressed = dress(photo, figure, [Wear(SHIRT)])
    chest = (figure.between("shoulder") + figure.between("hip")) / 2
    seen, drawn = (
        color_at(dressed, *chest),
        color_at(dress_mannequin([Wear(SHIRT)]), *middle_of("shoulder_left", "hip_right")),
    )
    assert seen[0] > 2 * max(seen[1], seen[2])
    assert seen[0] < 0.93 * drawn[0]


@pytest.mark.parametrize(
    "picture", [Image.new("RGB", (600, 800), (200, 190, 180)), draw_garment(JEANS)], ids=["wall", "jeans"]
)
def test_a_picture_without_a_person_has_none(picture) -> None:
    assert find_person(picture) is None


def test_the_weights_are_the_files_that_their_readme_names() -> None:
    readme = (WEIGHTS / "README.md").read_text(encoding="utf-8")
    files = sorted(WEIGHTS.glob("*.tflite"))
    assert len(files) == 2
    for file in files:
        assert hashlib.sha256(file.read_bytes()).hexdigest() in readme, file.name


def ids_of(services, *categories: str) -> list[str]:
    """Ids of the first catalog item of each category."""
    return [
        services.catalog.search(CatalogQuery(categories=[one], limit=1, in_stock_only=False))[0].product.id
        for one in categories
    ]


def upload(services, picture: Image.Image, owner: str = "ana") -> str:
    return services.artifacts.put_picture(picture, origin="upload", owner=owner).id


async def test_without_a_photo_the_tool_dresses_the_mannequin_and_says_so(use, services) -> None:
    ids = ids_of(services, "Coats", "Boots")
    result = await use("try_on", item_ids=ids)
    assert [card.id for card in result.items] == ids
    assert result.on == "mannequin"
    assert "mannequin" in result.text
    assert "approximation" in result.text
    assert services.artifacts.open_for("ana", result.images[0]).size == (720, 1160)


async def test_a_photo_of_a_person_is_dressed_and_says_so(use, services, bare) -> None:
    photo = upload(services, bare)
    result = await use("try_on", images=(photo,), item_ids=ids_of(services, "Jackets"))
    assert result.on == "photo"
    assert "your photo" in result.text
    assert "approximation" in result.text
    assert result.images != [photo]


async def test_no_person_in_the_photo_is_said_plainly(use, services) -> None:
    photo = upload(services, draw_garment(JEANS))
    ids = ids_of(services, "Jackets")
    with pytest.raises(ToolFailedError, match="no person in the photo"):
        await use("try_on", images=(photo,), item_ids=ids, on="photo")
    result = await use("try_on", images=(photo,), item_ids=ids)
    assert result.on == "mannequin"
    assert "no person in the photo" in result.text


async def test_a_photo_is_asked_for_where_there_is_none(use, services) -> None:
    with pytest.raises(ToolFailedError, match="no photo"):
        await use("try_on", item_ids=ids_of(services, "Jackets"), on="photo")


async def test_what_the_photo_does_not_show_is_left_out_and_named(use, services, bare) -> None:
    photo = upload(services, bare.crop((90, 20, 630, 680)))
    coat, boots = ids_of(services, "Jackets", "Boots")
    result = await use("try_on", images=(photo,), item_ids=[coat, boots])
    assert [card.id for card in result.items] == [coat]
    assert result.left_out == [boots]
    assert "feet" in result.text
    with pytest.raises(ToolFailedError, match="feet"):
        await use("try_on", images=(photo,), item_ids=[boots])


async def test_the_photo_of_somebody_else_is_not_opened(use, services, bare) -> None:
    photo = upload(services, bare, owner="ben")
    with pytest.raises(ToolFailedError, match="send the picture again"):
        await use("try_on", images=(photo,), item_ids=ids_of(services, "Jackets"))


async def test_of_a_larger_outfit_four_pieces_are_worn_and_the_rest_is_named(use, services) -> None:
    bag, *worn = ids_of(services, "Tote bags", "Shirts", "Skirts", "Boots", "Jackets")
    result = await use("try_on", item_ids=[bag, *worn])
    assert [card.id for card in result.items] == worn
    assert result.left_out == [bag]
    assert f"four pieces at most, so the {services.catalog.get(bag).title} is not in it" in result.text


async def test_of_two_pieces_of_a_kind_one_is_worn_and_the_other_is_named(use, services) -> None:
    found = services.catalog.search(CatalogQuery(categories=["Boots"], limit=2))
    first, second = (one.product.id for one in found)
    result = await use("try_on", item_ids=[first, second])
    assert [card.id for card in result.items] == [first]
    assert result.left_out == [second] and "one piece of a kind" in result.text


@pytest.mark.parametrize("ids", [[], ["x"] * 2 + list("abcdefg")])
async def test_no_item_and_too_many_items_are_refused(use, ids) -> None:
    with pytest.raises(ToolFailedError, match="try_on cannot"):
        await use("try_on", item_ids=ids)


async def test_an_unknown_item_is_refused_by_its_id(use) -> None:
    with pytest.raises(ToolFailedError, match="no item 'nothing'"):
        await use("try_on", item_ids=["nothing"])
