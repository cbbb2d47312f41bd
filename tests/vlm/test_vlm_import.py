"""``fashionm3 vlm import``: published layouts, whole and broken, from folders and from the hub's cache."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import CLIPVisionConfig, CLIPVisionModel
from typer.testing import CliRunner

from ui.cli.app import app
from vlm.checkpoint import load_model
from vlm.image_tokenizer import ImageTokenizer, ImageTokenizerConfig
from vlm.model import FashionVLMModel
from vlm.published import importing
from vlm.published import showo as published
from vlm.published.files import CheckpointError
from vlm.published.importing import ImportPlan, import_checkpoint
from vlm.published.showo import load_published
from vlm.text_tokenizer import TextTokenizer

FIXTURE = Path(__file__).parents[3] / "shared" / "fixtures" / "showo-tiny"
pytestmark = pytest.mark.skipif(
    not FIXTURE.is_dir(), reason="shared/fixtures/showo-tiny is not beside this checkout"
)


def magvit_folder(folder):
    """A small MAGVIT-v2 as it is published, its tables included."""
    shape = ImageTokenizerConfig(
        channels=32,
        encoder_multipliers=(1, 2),
        encoder_blocks=(1, 2),
        decoder_multipliers=(1, 1),
        decoder_blocks=(2, 1),
        resolution=8,
    )
    torch.manual_seed(1)
    tokenizer = ImageTokenizer(shape)
    folder.mkdir()
    save_file(dict(tokenizer.state_dict()), folder / "pytorch_model.safetensors")
    return tokenizer


@pytest.fixture
def parts(tmp_path):
    """Folders in the published layout: the network with its language model beside it, words, image tokenizer."""
    shutil.copytree(FIXTURE / "fashionvlm", tmp_path / "fashionvlm", copy_function=shutil.copyfile)
    shutil.copytree(FIXTURE / "llm", tmp_path / "llm", copy_function=shutil.copyfile)
    for folder in (tmp_path / "fashionvlm", tmp_path / "llm"):
        folder.chmod(0o755)
    magvit_folder(tmp_path / "magvit")
    (tmp_path / "words").mkdir()
    TextTokenizer.train(["a red scarf USER: ASSISTANT:"] * 3, 320).save(tmp_path / "words" / "tokenizer.json")
    return tmp_path


def plan(parts, **changes):
    options = {
        "source": str(parts / "fashionvlm"),
        "words": str(parts / "words"),
        "image_tokenizer": str(parts / "magvit"),
        "text_slots": 16,
        "offline": True,
    }
    return ImportPlan(**(options | changes))


def weights_of(parts):
    return load_file(parts / "fashionvlm" / "pytorch_model.safetensors")


def rewrite(parts, weights, name="pytorch_model.safetensors"):
    (parts / "fashionvlm" / "pytorch_model.safetensors").unlink()
    path = parts / "fashionvlm" / name
    save_file(weights, path) if name.endswith("safetensors") else torch.save(weights, path)


def change_config(parts, **changes):
    path = parts / "fashionvlm" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_an_imported_model_has_the_published_weights_and_talks_and_draws(parts):
    made = import_checkpoint(plan(parts), parts / "out")
    assert (made.kind, made.folder) == ("model", parts / "out")
    given, network = weights_of(parts), load_model(parts / "out").network
    assert all(torch.equal(value, given[name]) for name, value in network.state_dict().items())
    model = FashionVLMModel.from_pretrained(parts / "out")
    assert model.defaults.steps == 50
    picture = Image.new("RGB", (20, 12), (200, 30, 40))
    assert isinstance("".join(model.converse("hello", [picture], 4)), str)
    codes = importing_codes(model)
    assert codes.shape == (1, 16)


def importing_codes(model):
    from vlm.canvas import DrawingSettings
    from vlm.drawing import draw_codes

    settings = DrawingSettings(3, 2.0)
    return draw_codes(model.drawing, [[5, 6]], settings=settings, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.safetensors"])
def test_either_file_format_and_precision_is_read_and_kept(parts, dtype, name):
    half = {key: value.to(dtype) for key, value in weights_of(parts).items()}
    rewrite(parts, half, name)
    import_checkpoint(plan(parts), parts / "out")
    stored = load_file(parts / "out" / "model.safetensors")
    assert {value.dtype for value in stored.values()} == {dtype}
    assert load_model(parts / "out", dtype=dtype).network.showo.lm_head.weight.dtype == dtype


def test_weights_in_shards_are_put_together(parts):
    weights = weights_of(parts)
    names = sorted(weights)
    shards = {"model-1.safetensors": names[::2], "model-2.safetensors": names[1::2]}
    folder = parts / "fashionvlm"
    (folder / "pytorch_model.safetensors").unlink()
    for shard, held in shards.items():
        save_file({name: weights[name] for name in held}, folder / shard)
    index = {"weight_map": {name: shard for shard, held in shards.items() for name in held}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert load_published(folder, text_slots=16, end_of_text_id=1).showo.lm_head.weight is not None
    (folder / "model-2.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"model-2\.safetensors: missing"):
        load_published(folder)


def test_a_pickle_that_holds_more_than_weights_is_refused(parts):
    class Sly:
        def __reduce__(self):
            return (Path.touch, (parts / "owned",))

    rewrite(parts, {"a": Sly()}, "pytorch_model.bin")
    with pytest.raises(CheckpointError, match="cannot be read as weights"):
        load_published(parts / "fashionvlm")
    assert not (parts / "owned").exists()


def test_missing_odd_and_misshapen_keys_are_named(parts):
    weights = weights_of(parts)
    del weights["showo.model.layers.1.mlp.fc2.bias"]
    weights["showo.surprise"] = torch.zeros(1)
    weights["showo.lm_head.bias"] = torch.zeros(3)
    rewrite(parts, weights)
    with pytest.raises(CheckpointError) as error:
        load_published(parts / "fashionvlm", text_slots=16, end_of_text_id=1)
    for words in (
        "1 missing: showo.model.layers.1.mlp.fc2.bias",
        "1 unknown: showo.surprise",
        "is [3], expected [8706]",
    ):
        assert words in str(error.value)


def test_rotary_frequencies_of_old_checkpoints_are_left_out(parts):
    weights = weights_of(parts) | {"showo.model.layers.0.self_attn.rotary_emb.inv_freq": torch.zeros(4)}
    rewrite(parts, weights)
    assert load_published(parts / "fashionvlm", text_slots=16, end_of_text_id=1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"vocab_size": 9000}, "its parts sum up to 8706"),
        ({"w_clip_vit": True}, "no mm_projector"),
        ({"num_vq_tokens": 15}, "square"),
        ({"llm_model_path": "elsewhere"}, "language model's config.json"),
        ({"llm_vocab_size": "50295"}, "llm_vocab_size is '50295'; whole numbers"),
        ({"codebook_size": None}, "codebook_size is None; whole numbers"),
    ],
)
def test_a_config_that_contradicts_itself_or_the_weights_is_refused(parts, changes, words):
    change_config(parts, **changes)
    with pytest.raises(CheckpointError, match=words):
        load_published(parts / "fashionvlm", text_slots=16, end_of_text_id=1)


def test_parts_that_belong_to_another_model_are_refused_and_nothing_is_left(parts):
    TextTokenizer.train(["many different words make many tokens " + str(i) for i in range(400)], 900).save(
        parts / "words" / "tokenizer.json"
    )
    with pytest.raises(CheckpointError, match="belongs to another"):
        import_checkpoint(plan(parts), parts / "out")
    assert sorted(path.name for path in parts.iterdir()) == ["fashionvlm", "llm", "magvit", "words"]


def test_an_existing_folder_is_not_overwritten(parts):
    (parts / "out").mkdir()
    (parts / "out" / "keep").touch()
    with pytest.raises(CheckpointError, match="exists already"):
        import_checkpoint(plan(parts), parts / "out")


def test_an_image_tokenizer_alone_is_imported_as_one(parts):
    made = import_checkpoint(ImportPlan(str(parts / "magvit"), offline=True), parts / "out")
    assert made.kind == "image tokenizer"
    again = ImageTokenizer.from_pretrained(parts / "out")
    pixels = torch.rand(1, 3, 8, 8) * 2 - 1
    torch.manual_seed(1)
    original = ImageTokenizer(ImageTokenizerConfig.from_dict(again.config.to_dict())).eval()
    assert torch.equal(again.encode(pixels), original.encode(pixels))


def test_a_tokenizer_in_the_old_two_files_encodes_the_same(parts):
    whole = json.loads((parts / "words" / "tokenizer.json").read_text())
    old = parts / "old-words"
    old.mkdir()
    (old / "vocab.json").write_text(json.dumps(whole["model"]["vocab"]))
    merges = [" ".join(pair) if isinstance(pair, list) else pair for pair in whole["model"]["merges"]]
    (old / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    first, second = importing.load_words(parts / "words"), importing.load_words(old)
    text = "USER: a red scarf, é😀 ASSISTANT:"
    assert first.encode(text) == second.encode(text)
    assert first.end_of_text_id == second.end_of_text_id


def cached(cache, repo, folder):
    """Lay a folder out as the hub caches it."""
    root = cache / f"models--{repo.replace('/', '--')}"
    snapshot = root / "snapshots" / "0123456789abcdef0123456789abcdef01234567"
    (root / "refs").mkdir(parents=True)
    (root / "refs" / "main").write_text(snapshot.name)
    (root / "blobs").mkdir()
    snapshot.mkdir(parents=True)
    for number, file in enumerate(sorted(folder.iterdir())):
        blob = root / "blobs" / f"blob{number}"
        shutil.copyfile(file, blob)
        (snapshot / file.name).symlink_to(blob)
    return snapshot


def test_hub_ids_are_found_in_the_cache_without_a_network(parts, tmp_path):
    cache = tmp_path / "hub"
    change_config(parts, llm_model_path="microsoft/phi-1_5")
    snapshot = cached(cache, "Anony100/FashionVLM", parts / "fashionvlm")
    (snapshot / "microsoft").mkdir()
    shutil.copytree(parts / "llm", snapshot / "microsoft" / "phi-1_5")
    cached(cache, "microsoft/phi-1_5", parts / "words")
    cached(cache, "showlab/magvitv2", parts / "magvit")
    made = import_checkpoint(
        ImportPlan("Anony100/FashionVLM", text_slots=16, cache=cache, offline=True), parts / "out"
    )
    assert made.kind == "model"
    assert FashionVLMModel.from_pretrained(parts / "out").parts.text_tokenizer.size <= 503


def test_what_is_not_cached_is_told_with_the_command_that_fetches_it(parts, tmp_path):
    with pytest.raises(CheckpointError, match=r"showlab/magvitv2 is not in the hub's cache.*hf download"):
        import_checkpoint(
            plan(parts, image_tokenizer="showlab/magvitv2", cache=tmp_path / "hub"), parts / "out"
        )
    with pytest.raises(CheckpointError, match="neither a folder nor a hub id"):
        import_checkpoint(plan(parts, source="nowhere at all"), parts / "out")


def test_a_cached_snapshot_that_lacks_its_weights_is_told(parts, tmp_path):
    (parts / "fashionvlm" / "pytorch_model.safetensors").unlink()
    cached(tmp_path / "hub", "Anony100/FashionVLM", parts / "fashionvlm")
    with pytest.raises(CheckpointError, match=r"not whole in the hub's cache.*has no weights"):
        import_checkpoint(plan(parts, source="Anony100/FashionVLM", cache=tmp_path / "hub"), parts / "out")


def test_the_published_language_model_needs_no_config_of_its_own(parts):
    weights = weights_of(parts)
    change_config(parts, llm_model_path="microsoft/phi-1_5")
    network = load_published(parts / "fashionvlm", text_slots=16, end_of_text_id=1)
    # Sizes come from the weights, the rest is phi-1_5's.
    assert (
        network.config.num_heads
        == 64 // weights["showo.model.layers.0.self_attn.q_layernorm.weight"].shape[0]
    )
    assert network.config.max_positions == 2048


def test_a_clip_variant_reads_patches_after_a_system_prompt(parts, monkeypatch):
    shape = CLIPVisionConfig(
        hidden_size=24,
        intermediate_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        image_size=28,
        patch_size=14,
    )
    torch.manual_seed(4)
    CLIPVisionModel(shape).save_pretrained(str(parts / "clip"))
    monkeypatch.setattr(published, "CLIP_PATCHES", 4)
    projector = {"0.weight": (40, 24), "0.bias": (40,), "2.weight": (64, 40), "2.bias": (64,)}
    weights = weights_of(parts) | {
        f"mm_projector.{name}": torch.randn(size) for name, size in projector.items()
    }
    rewrite(parts, weights)
    change_config(parts, w_clip_vit=True)
    with pytest.raises(CheckpointError, match="clip-vit-large-patch14-336 is not in the hub's cache"):
        import_checkpoint(plan(parts, cache=parts / "hub"), parts / "out")
    import_checkpoint(plan(parts, clip=str(parts / "clip")), parts / "out")
    model = FashionVLMModel.from_pretrained(parts / "out")
    red, blue = (Image.new("RGB", (30, 40), color) for color in ("red", "blue"))
    rows = model.prefixes.rows([red])
    system = model.parts.text_tokenizer.encode(
        "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, "
        "detailed, and polite answers to the user's questions."
    )
    assert rows.shape == (model.prefixes.length([red]), 64) == (2 + len(system) + 4, 64)
    changed = (rows - model.prefixes.rows([blue])).abs().sum(-1) > 0
    assert changed.nonzero().flatten().tolist() == list(range(len(rows) - 4, len(rows)))
    assert model.prefixes.words([("user", "hi")])[0] == model.parts.network.config.special_id("<|eoi|>")
    features = model.tower.patch_features(model.tower.preprocess([red]))
    assert features.shape == (1, 4, 24)
    assert torch.equal(rows[-4:], model.parts.network.embed_tower(features)[0])


def test_the_command_tells_what_it_made_and_refuses_in_one_line(parts):
    arguments = [
        "vlm",
        "import",
        str(parts / "fashionvlm"),
        "-o",
        str(parts / "out"),
        "--offline",
        "--text-slots",
        "16",
    ]
    arguments += ["--tokenizer", str(parts / "words"), "--image-tokenizer", str(parts / "magvit")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "model, 1.2 M parameters" in result.output
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert "exists already" in result.output
