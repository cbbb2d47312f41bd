"""A CLIP or SigLIP as the embedding: tiny ones with random weights, in folders of the published layout."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    CLIPConfig,
    CLIPModel,
    CLIPTextConfig,
    CLIPVisionConfig,
    PreTrainedTokenizerFast,
    SiglipConfig,
    SiglipModel,
    SiglipTextConfig,
    SiglipVisionConfig,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

from vlm.embeddings.contrastive import ContrastiveSpace
from vlm.embeddings.opening import LazySpace, open_space
from vlm.published.files import CheckpointError

WORDS = [
    "a",
    "red",
    "navy",
    "green",
    "coat",
    "dress",
    "shirt",
    "boots",
    "wool",
    "with",
    "long",
    "sleeves",
    "v",
    "neck",
    "vneck",
    "please",
]
SMALL = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}


def save_tokenizer(folder: Path, *, start: str | None, end: str, pad: str, name: str) -> int:
    """A tokenizer of whole words that ends (and starts) sentences as the published ones do; returns the end's id."""
    marks = list(dict.fromkeys(mark for mark in (pad, start, end, "<unk>") if mark))
    vocabulary = {word: at for at, word in enumerate([*marks, *WORDS, "-", "!"])}
    own = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    own.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation()])
    own.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}" if start else f"$A {end}",
        special_tokens=[(mark, vocabulary[mark]) for mark in marks],
    )
    saved = PreTrainedTokenizerFast(tokenizer_object=own, pad_token=pad, eos_token=end, unk_token="<unk>")
    saved.save_pretrained(str(folder))
    path = folder / "tokenizer_config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps(config | {"tokenizer_class": name}))
    return vocabulary[end]


def save_clip(folder: Path) -> Path:
    torch.manual_seed(1)
    end = save_tokenizer(folder, start="<s>", end="<e>", pad="<e>", name="CLIPTokenizerFast")
    text = CLIPTextConfig(
        **SMALL, vocab_size=40, max_position_embeddings=16, eos_token_id=end, projection_dim=24
    )
    vision = CLIPVisionConfig(**SMALL, image_size=32, patch_size=8, projection_dim=24)
    CLIPModel(
        CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=24)
    ).save_pretrained(str(folder))
    processor = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    processor.save_pretrained(str(folder))
    return folder


def save_siglip(folder: Path) -> Path:
    torch.manual_seed(2)
    save_tokenizer(folder, start=None, end="</s>", pad="</s>", name="SiglipTokenizer")
    text = SiglipTextConfig(**SMALL, vocab_size=40, max_position_embeddings=12, projection_size=32)
    vision = SiglipVisionConfig(**SMALL, image_size=32, patch_size=8)
    SiglipModel(SiglipConfig(text_config=text.to_dict(), vision_config=vision.to_dict())).save_pretrained(
        str(folder)
    )
    SiglipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(str(folder))
    return folder


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_clip(tmp_path_factory.mktemp("clip"))


@pytest.fixture(scope="module")
def siglip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_siglip(tmp_path_factory.mktemp("siglip"))


@pytest.fixture(params=["clip", "siglip"])
def folder(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


PICTURES = [
    Image.new("RGB", (40, 64), "navy"),
    Image.new("RGB", (64, 40), "red"),
    Image.new("L", (9, 9), 200),
]


def test_words_and_pictures_become_unit_vectors_of_one_length(folder: Path) -> None:
    space = open_space(str(folder))
    texts = space.embed_texts(["a red coat", "navy boots", "a red coat"])
    pictures = space.embed_pictures(PICTURES)
    assert texts.shape == (3, space.dimension)
    assert pictures.shape == (3, space.dimension)
    assert texts.dtype == pictures.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(np.concatenate([texts, pictures]), axis=1), 1.0, atol=1e-5)
    np.testing.assert_array_equal(texts[0], texts[2])
    assert abs(float(texts[0] @ texts[1])) < 0.9999
    assert space.embed_texts([]).shape == space.embed_pictures([]).shape == (0, space.dimension)


def test_a_sentence_has_the_same_vector_alone_and_in_a_batch(folder: Path) -> None:
    long = "a green wool dress with long sleeves please"
    alone = ContrastiveSpace.from_pretrained(folder).embed_texts(["a coat"])[0]
    beside = ContrastiveSpace.from_pretrained(folder).embed_texts([long, "a coat"])[1]
    np.testing.assert_allclose(alone, beside, atol=1e-5)


def test_vectors_are_those_of_transformers(clip: Path, siglip: Path) -> None:
    for folder, kind, processor in (
        (clip, CLIPModel, CLIPImageProcessorPil),
        (siglip, SiglipModel, SiglipImageProcessorPil),
    ):
        network = kind.from_pretrained(str(folder)).eval()
        pixels = processor.from_pretrained(str(folder))(images=PICTURES[:2], return_tensors="pt")
        tokenizer = PreTrainedTokenizerFast.from_pretrained(str(folder))
        filled = {"padding": "max_length", "max_length": 12} if kind is SiglipModel else {}
        words = tokenizer(["navy boots"], return_tensors="pt", **filled)
        with torch.inference_mode():
            looks = network.get_image_features(**pixels).pooler_output
            texts = network.get_text_features(input_ids=words["input_ids"]).pooler_output
        space = ContrastiveSpace.from_pretrained(folder)
        for ours, theirs in (
            (space.embed_pictures(PICTURES[:2]), looks),
            (space.embed_texts(["navy boots"]), texts),
        ):
            np.testing.assert_allclose(ours, torch.nn.functional.normalize(theirs, dim=-1).numpy(), atol=1e-5)


def test_siglip_reads_lower_case_without_punctuation_as_it_was_trained(siglip: Path) -> None:
    space = ContrastiveSpace.from_pretrained(siglip)
    rows = space.embed_texts(["A V-neck  Shirt!", "a vneck shirt"])
    np.testing.assert_allclose(rows[0], rows[1], atol=1e-6)


def test_a_sentence_longer_than_the_model_reads_is_cut(folder: Path) -> None:
    space = ContrastiveSpace.from_pretrained(folder)
    assert np.isfinite(space.embed_texts([" ".join(WORDS * 9)])).all()


def test_the_identity_changes_with_the_weights_and_is_known_before_loading(
    clip: Path, tmp_path: Path
) -> None:
    before = ContrastiveSpace.from_pretrained(clip).identity
    assert LazySpace(str(clip)).identity == before
    other = tmp_path / "other"
    shutil.copytree(clip, other)
    state = load_file(other / "model.safetensors")
    state["logit_scale"] = state["logit_scale"] + 1
    save_file(state, other / "model.safetensors", {"format": "pt"})
    assert ContrastiveSpace.from_pretrained(other).identity != before


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("tokenizer.json", "lacks tokenizer.json"),
        ("preprocessor_config.json", "lacks preprocessor_config.json"),
        ("model.safetensors", "no \\*.safetensors weights"),
    ],
)
def test_a_folder_that_lacks_a_file_is_named_with_it(
    folder: Path, tmp_path: Path, broken: str, said: str
) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / broken).unlink()
    with pytest.raises(CheckpointError, match=said):
        open_space(str(other))


def test_weights_that_are_missing_are_never_made_up(clip: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(clip, other)
    state = load_file(other / "model.safetensors")
    del state["text_projection.weight"]
    save_file(state, other / "model.safetensors", {"format": "pt"})
    with pytest.raises(CheckpointError, match=r"lack text_projection\.weight"):
        open_space(str(other))


def test_pickled_weights_are_not_read(clip: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(clip, other)
    torch.save(load_file(other / "model.safetensors"), other / "pytorch_model.bin")
    (other / "model.safetensors").unlink()
    with pytest.raises(CheckpointError, match="safetensors"):
        open_space(str(other))


def test_a_model_of_another_kind_is_refused_with_the_kinds_that_are_read(clip: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(clip, other)
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps(config | {"model_type": "bert"}))
    with pytest.raises(CheckpointError, match="'bert'; an embedding is one of: clip, siglip"):
        open_space(str(other))


def test_what_is_neither_folder_nor_hub_id_is_said_without_asking_a_network(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="neither a folder nor a hub id"):
        open_space(str(tmp_path / "not here"))


def test_a_hub_id_is_taken_from_the_hubs_cache(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    home = tmp_path / "models--someone--clip"
    shutil.copytree(clip, home / "snapshots" / "abc")
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text("abc")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("vlm.published.hub.snapshot_download", _offline(tmp_path))
    assert open_space("someone/clip").identity == ContrastiveSpace.from_pretrained(clip).identity


def _offline(cache: Path):
    from huggingface_hub import snapshot_download

    def download(source: str, **options: object) -> str:
        assert options.get("local_files_only"), "the network was asked"
        return snapshot_download(source, **(options | {"cache_dir": cache}))

    return download
