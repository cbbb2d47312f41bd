"""Training of the built-in embedding: what counts as a match, what a batch holds, and that the heads learn."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from fashion.boutique import generate_products
from fashion.product import Product
from fashion.queries import Query, meets
from fashion.sampling import combination_is_held_out
from vlm.embeddings.builtin import BuiltinSpace, fingerprint
from vlm.embeddings.heads import EmbeddingHeads, HeadShape, read_facts
from vlm.embeddings.sentences import TextEmbedder
from vlm.training.embedding import EmbeddingPlan, fit, gather, save
from vlm.training.embedding_attributes import COLUMNS, UNKNOWN, items, near_ones, wanted
from vlm.training.embedding_batches import Batches, Material, lacking
from vlm.training.embedding_losses import EmbeddingObjective
from vlm.training.embedding_pool import hold_to, pool_products
from vlm.training.embedding_texts import States, free_sentences, joined, look_up, product_text
from vlm.vision_tower import FEATURES, PATCH_COLORS, VisionTower

PRODUCTS = pool_products(1, 7, 204)


def states(rng: np.random.Generator, count: int) -> States:
    lengths = rng.integers(3, 9, count)
    rows = rng.standard_normal((int(lengths.sum()), 384)).astype(np.float16)
    return States(rows, np.concatenate([[0], np.cumsum(lengths)]))


@pytest.fixture(scope="module")
def material() -> Material:
    """Products with features and sentences that are noise, and six photos."""
    rng = np.random.default_rng(1)
    count = len(PRODUCTS)
    asked = [look_up(one, random.Random(at)) for at, one in enumerate(PRODUCTS) for _ in range(2)]
    photos = PRODUCTS[:6]
    every = [*PRODUCTS, *photos]
    asked += [look_up(one, random.Random(at)) for at, one in enumerate(photos) for _ in range(2)]

    def patches(rows: int) -> np.ndarray:
        return rng.standard_normal((rows, 4, FEATURES + PATCH_COLORS)).astype(np.float16)

    return Material(
        patches=(patches(count), patches(6)),
        has=items(every, [*[()] * count, *[("pattern", "material")] * 6]),
        kinds=[one.category for one in every],
        drawn=count,
        item_texts=states(rng, count + 6),
        queries=states(rng, len(asked)),
        queries_of=np.arange(len(asked)).reshape(-1, 2),
        wants=wanted(asked),
        free=states(rng, 10),
    )


def test_products_to_learn_from_are_never_of_a_held_out_combination() -> None:
    assert len(PRODUCTS) > 170
    assert not any(combination_is_held_out(one.category, one.color, one.pattern) for one in PRODUCTS)
    assert len({one.id for one in pool_products(2, 7, 51)}) == len(pool_products(2, 7, 51))


def test_an_item_lacks_nothing_exactly_where_it_meets_the_sentence() -> None:
    asked = [look_up(one, random.Random(at)) for at, one in enumerate(PRODUCTS[:60])]
    missing = lacking(wanted(asked), items(PRODUCTS))
    for row, query in zip(missing, asked, strict=True):
        assert [meets(one, query) for one in PRODUCTS] == (row == 0).tolist()
        assert row.max() <= len(query.named)


def test_what_is_unknown_is_half_a_match() -> None:
    photo = Product(id="p", title="p", category="Shirts", color="red", price=0)
    has = items([photo], [("pattern", "sleeve")])
    silk = Query("", {"sleeve": frozenset({"long"}), "color": frozenset({"red"})})
    assert lacking(wanted([silk]), has)[0, 0] == pytest.approx(UNKNOWN)
    assert has[0, COLUMNS["pattern", "solid"]] == UNKNOWN


def test_families_share_their_category_and_differ_in_little() -> None:
    has = items(PRODUCTS)
    near = near_ones(has, [one.category for one in PRODUCTS], 3)
    for at, others in enumerate(near):
        assert at not in others
        assert {PRODUCTS[other].category for other in others} <= {PRODUCTS[at].category}


def test_a_batch_holds_families_and_photos_with_their_own_sentences(material: Material) -> None:
    batch = Batches(material, size=24, photos=4, free=3, seed=1).next()
    assert batch.patches.shape == (24, 4, FEATURES + PATCH_COLORS)
    assert batch.texts[0].shape[0] == batch.queries[0].shape[0] == 24
    assert batch.free[0].shape[0] == 3
    # Each look-up was made from its own item; what a photo's names of unknown slots counts half.
    assert (batch.lacking.diagonal()[:20] == 0).all()
    assert batch.alike.diagonal().eq(1).all()
    again = Batches(material, size=24, photos=4, free=3, seed=1).next()
    torch.testing.assert_close(batch.patches, again.patches)


def test_the_heads_learn_and_the_same_seed_gives_the_same_heads(material: Material) -> None:
    plan = EmbeddingPlan(steps=12, size=24, photos=4, free=3)
    told: list[float] = []
    heads = fit(material, plan, lambda step, steps, losses: told.append(sum(losses.values())))
    assert np.mean(told[-3:]) < 0.8 * np.mean(told[:3])
    again = fit(material, plan, lambda step, steps, losses: None)
    for name, value in heads.state_dict().items():
        torch.testing.assert_close(value, again.state_dict()[name])


def test_losses_fall_where_the_sentence_points_to_its_item(material: Material) -> None:
    torch.manual_seed(1)
    objective = EmbeddingObjective(HeadShape())
    batch = Batches(material, size=24, photos=0, free=3, seed=2).next()
    plain = float(objective(batch)["words"].detach())
    perfect = replace(batch, lacking=torch.zeros_like(batch.lacking))
    # With every item as good an answer, an untrained head is already close.
    assert float(objective(perfect)["words"].detach()) < plain


def test_heads_are_stored_in_a_byte_a_weight_and_read_back_with_their_facts(tmp_path: Path) -> None:
    heads = EmbeddingHeads(HeadShape())
    tower = VisionTower()
    save(heads, tower, EmbeddingPlan(), tmp_path)
    back = EmbeddingHeads.from_pretrained(tmp_path)
    assert back.facts["identity"].startswith("builtin-")
    assert back.facts["tower"] == fingerprint(tower)
    for name, value in heads.state_dict().items():
        step = value.abs().amax(-1, keepdim=True) / 127 if value.dim() > 1 else value.abs().max() / 1000
        assert ((back.state_dict()[name] - value).abs() <= 0.51 * step + 1e-4 * value.abs()).all()
    weights = sum(value.numel() for value in heads.state_dict().values())
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 1.15 * weights


def test_the_identity_changes_with_the_heads_and_with_the_tower(tmp_path: Path) -> None:
    heads, names = EmbeddingHeads(HeadShape()), set()
    for at, tower in enumerate((VisionTower(), VisionTower(squeeze=4 / 3))):
        save(heads, tower, EmbeddingPlan(), tmp_path / str(at))
        names.add(read_facts(tmp_path / str(at))["identity"])
    with torch.no_grad():
        heads.text.whole.weight[0].add_(0.5)
    # Only the weights' file is another: what stands beside it is not asked.
    heads.save_pretrained(tmp_path / "1")
    names.add(read_facts(tmp_path / "1")["identity"])
    assert len(names) == 3


def test_heads_of_another_tower_are_refused(tmp_path: Path) -> None:
    tower = VisionTower()
    save(EmbeddingHeads(HeadShape()), tower, EmbeddingPlan(), tmp_path)
    with torch.no_grad():
        tower.head.conv.weight.add_(0.01)
    with pytest.raises(ValueError, match=r"train them again with python -m vlm\.training\.embedding"):
        BuiltinSpace(EmbeddingHeads.from_pretrained(tmp_path), words=None, tower=tower)  # type: ignore[arg-type]


def test_a_towers_fingerprint_changes_with_how_it_fits_pictures() -> None:
    assert fingerprint(VisionTower()) == fingerprint(VisionTower())
    assert fingerprint(VisionTower(squeeze=4 / 3)) != fingerprint(VisionTower())


def test_a_folder_without_heads_or_with_other_ones_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"lacks config\.json"):
        EmbeddingHeads.from_pretrained(tmp_path)
    EmbeddingHeads(HeadShape(dimension=64)).save_pretrained(tmp_path)
    path = tmp_path / "config.json"
    path.write_text(path.read_text().replace('"dimension": 64', '"dimension": 32'))
    with pytest.raises(ValueError, match="do not fit"):
        EmbeddingHeads.from_pretrained(tmp_path)


def test_a_run_folder_belongs_to_one_plan(tmp_path: Path) -> None:
    hold_to(tmp_path, {"seed": 1})
    hold_to(tmp_path, {"seed": 1})
    with pytest.raises(ValueError, match="another plan"):
        hold_to(tmp_path, {"seed": 2})


def test_sentences_to_read_are_varied_and_free_ones_name_no_item(tmp_path: Path) -> None:
    texts = {product_text(one, random.Random(at)) for at, one in enumerate(PRODUCTS)}
    assert len(texts) == len(PRODUCTS)
    critiques = tmp_path / "critiques.json"
    critiques.write_text('[{"garment": "dress", "caption": "is longer"}]')
    assert "is longer" in free_sentences(critiques)
    assert len(free_sentences(None)) > 100


def test_sets_of_sentences_are_joined_in_order() -> None:
    rng = np.random.default_rng(2)
    first, second = states(rng, 3), states(rng, 2)
    both = joined([first, second])
    np.testing.assert_array_equal(both[3], second[0])
    np.testing.assert_allclose(np.linalg.norm(both.means(), axis=1), 1, rtol=1e-5)


def plain_pictures(products: list[Product], seed: int, workers: int) -> list[list[Image.Image]]:
    """In the place of drawings: one color each."""
    return [[Image.new("RGB", (64, 64), (10 * at, 90, 40)) for at in range(len(products))]]


@pytest.mark.slow
def test_all_is_made_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photos = tmp_path / "photos" / "hat"
    photos.mkdir(parents=True)
    for name, color in (("a", "navy"), ("b", "red")):
        Image.new("RGB", (60, 80), color).save(photos / f"{name}.jpg")
    plan = EmbeddingPlan(shops=1, each=12, seed=3)
    told: list[str] = []
    monkeypatch.setattr(
        "vlm.training.embedding.free_sentences", lambda critiques: ["it packs well", "is longer"]
    )
    monkeypatch.setattr("vlm.training.embedding.drawn", plain_pictures)
    words, tower = TextEmbedder(), VisionTower()

    def made() -> Material:
        return gather(
            tmp_path / "run",
            photos.parent,
            tower,
            words,
            plan,
            on_progress=lambda what, done, total: told.append(what),
        )

    first = made()
    assert first.drawn == len(
        [
            one
            for one in generate_products(3, 12)
            if not combination_is_held_out(one.category, one.color, one.pattern)
        ]
    )
    assert len(first.has) == first.drawn + 2
    assert [len(rows) for rows in first.patches] == [first.drawn, 2]
    assert told
    told.clear()
    again = made()
    assert not told
    np.testing.assert_array_equal(first.wants, again.wants)
    np.testing.assert_array_equal(first.patches[0], again.patches[0])
