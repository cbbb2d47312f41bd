"""``fashionm3 vlm verify`` on folders of other sizes, steps, seeds and salts, whose numbers come from the slow formulas."""

import json
import math
import zlib
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from tests.vlm.published_formulas import (
    Magvit,
    Phi,
    drawing_ids,
    drawing_logits,
    drawn,
    greedy,
    prompt_rows,
    reading_logits,
)
from vlm.published.files import CheckpointError
from vlm.verify import NothingToVerifyError, verify

SHAPES = {
    "one layer, three heads, no guidance": {
        "width": 48, "heads": 3, "layers": 1, "inner": 80, "slots": 36, "text": 9, "steps": 5, "seed": 7,
        "rotary": 0.25, "guidance": ("0", "3"), "temperature": 0.7, "codes": 64, "words": 97,
    },
    "no norm of queries, more steps than slots": {
        "width": 64, "heads": 8, "layers": 3, "inner": 100, "slots": 16, "text": 24, "steps": 40, "seed": 2**40,
        "rotary": 1.0, "guidance": ("1.5",), "temperature": 2.0, "codes": 200, "words": 53, "qk": False,
        "theta": 500.0, "eps": 1e-6, "file": "pytorch_model.bin",
    },
    "two long heads, one step, a prompt too long": {
        "width": 40, "heads": 2, "layers": 2, "inner": 160, "slots": 64, "text": 8, "steps": 1, "seed": 0,
        "rotary": 0.4, "guidance": ("12", "0"), "temperature": 0.0, "codes": 32, "words": 60,
        "prompts": ([5, 6, 7, 8, 9, 10, 11], [], [3]),
    },
    "weights of half precision": {
        "width": 32, "heads": 1, "layers": 2, "inner": 48, "slots": 25, "text": 30, "steps": 7, "seed": 20250425,
        "rotary": 0.5, "guidance": ("5",), "temperature": 1.0, "codes": 128, "words": 71, "dtype": torch.bfloat16,
        "reading": 2,
    },
}  # fmt: skip
NAMES = ("pad", "soi", "eoi", "sov", "eov", "t2i", "mmu", "t2v", "v2v", "lvg")


def weights_of(shape, generator):
    width, inner, vocabulary = (
        shape["width"],
        shape["inner"],
        shape["words"] + len(NAMES) + shape["codes"] + 1,
    )
    sizes = {"model.embed_tokens.weight": (vocabulary, width), "lm_head.weight": (vocabulary, width)}
    sizes |= {"lm_head.bias": (vocabulary,)}
    norms = {"model.final_layernorm": width}
    for layer in range(shape["layers"]):
        name = f"model.layers.{layer}"
        norms[f"{name}.input_layernorm"] = width
        for part in ("q_proj", "k_proj", "v_proj", "dense"):
            sizes |= {
                f"{name}.self_attn.{part}.weight": (width, width),
                f"{name}.self_attn.{part}.bias": (width,),
            }
        sizes |= {f"{name}.mlp.fc1.weight": (inner, width), f"{name}.mlp.fc1.bias": (inner,)}
        sizes |= {f"{name}.mlp.fc2.weight": (width, inner), f"{name}.mlp.fc2.bias": (width,)}
        if shape.get("qk", True):
            norms |= {f"{name}.self_attn.{part}_layernorm": width // shape["heads"] for part in "qk"}
    weights = {name: torch.randn(size, generator=generator) * 0.2 for name, size in sizes.items()}
    for name, size in norms.items():
        weights[f"{name}.weight"] = 1 + 0.1 * torch.randn(size, generator=generator)
        weights[f"{name}.bias"] = 0.1 * torch.randn(size, generator=generator)
    return {f"showo.{name}": value.to(shape.get("dtype", torch.float32)) for name, value in weights.items()}


def write_language_folder(folder: Path, shape) -> None:
    generator = torch.Generator().manual_seed(11)
    words, codes, slots = shape["words"], shape["codes"], shape["slots"]
    tokens = {name: words + number for number, name in enumerate(NAMES)}
    tokens |= {"sot": 1, "eot": 1, "image_offset": words + len(NAMES), "mask": words + len(NAMES) + codes}
    weights = weights_of(shape, generator)
    (folder / "fashionvlm").mkdir(parents=True)
    (folder / "llm").mkdir()
    config = {
        "vocab_size": tokens["mask"] + 1, "llm_vocab_size": words, "llm_model_path": "llm", "codebook_size": codes,
        "num_vq_tokens": slots, "mask_token_id": tokens["mask"], "w_clip_vit": False,
    }  # fmt: skip
    (folder / "fashionvlm" / "config.json").write_text(json.dumps(config))
    theta, eps = shape.get("theta", 10000.0), shape.get("eps", 1e-5)
    phi_config = {
        "hidden_size": shape["width"], "intermediate_size": shape["inner"], "num_hidden_layers": shape["layers"],
        "num_attention_heads": shape["heads"], "partial_rotary_factor": shape["rotary"], "rope_theta": theta,
        "layer_norm_eps": eps, "max_position_embeddings": 256, "hidden_act": "gelu_new", "qk_layernorm": False,
    }  # fmt: skip
    (folder / "llm" / "config.json").write_text(json.dumps(phi_config))
    file = folder / "fashionvlm" / shape.get("file", "model.safetensors")
    torch.save(weights, file) if file.suffix == ".bin" else save_file(weights, file)

    rotated = int(shape["width"] // shape["heads"] * shape["rotary"])
    whole = {name: value.float() for name, value in weights.items()}
    phi = Phi(whole, heads=shape["heads"], rotated=rotated, theta=theta, eps=eps)
    rows = shape.get("reading", 1)
    picture = torch.randint(0, codes, (rows, slots), generator=generator)
    text = torch.randint(2, words, (rows, 6), generator=generator)
    edge = torch.ones(rows, 1, dtype=torch.long)
    parts = [
        tokens["mmu"] * edge,
        tokens["soi"] * edge,
        picture + tokens["image_offset"],
        tokens["eoi"] * edge,
    ]
    ids = torch.cat([*parts, tokens["sot"] * edge, text], 1)
    prefix = slots + 3
    prompts = shape.get("prompts", ([3, 4, 5], [9]))
    given = prompt_rows(prompts, shape["text"], tokens)
    empty = prompt_rows([[]] * len(prompts), shape["text"], tokens)
    unknown = torch.full((len(prompts), slots), tokens["mask"])
    expected = {
        "mmu_input_ids": ids, "mmu_image_codes": picture, "mmu_text_ids": text,
        "mmu_logits": reading_logits(phi, ids, prefix),
        "mmu_greedy_ids": torch.tensor(greedy(phi, ids[:1], prefix, 10, tokens["eot"])),
        "t2i_input_ids": drawing_ids(given, unknown, tokens),
        "t2i_uncond_input_ids": drawing_ids(empty, unknown, tokens),
        "t2i_first_step_image_logits_cond": drawing_logits(phi, given, unknown, tokens).contiguous(),
        "t2i_first_step_image_logits_uncond": drawing_logits(phi, empty, unknown, tokens).contiguous(),
    }  # fmt: skip
    expected |= {
        f"t2i_prompt_ids_{row}": torch.tensor(prompt, dtype=torch.long) for row, prompt in enumerate(prompts)
    }
    how = {
        "slots": slots,
        "steps": shape["steps"],
        "temperature": shape["temperature"],
        "seed": shape["seed"],
    }
    for scale in shape["guidance"]:
        expected[f"t2i_codes_g{scale}"] = drawn(phi, given, empty, tokens, guidance=float(scale), **how)
    save_file(expected, folder / "expected.safetensors")
    facts = {
        "max_text_slots": shape["text"],
        "timesteps": shape["steps"],
        "temperature": shape["temperature"],
    }
    facts |= {"generator_seed": shape["seed"], "num_vq_tokens": slots, "guidance_scale": [0.0]}
    (folder / "expected.json").write_text(json.dumps({"ids": tokens, "t2i": facts}))


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_language_model_of_any_size_agrees_with_the_slow_formulas(tmp_path, shape):
    write_language_folder(tmp_path, shape)
    checks = list(verify(tmp_path))
    assert not [check for check in checks if not check.passed]
    assert {check.name for check in checks} == {"ids", *load_file(tmp_path / "expected.safetensors")}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    write_language_folder(folder, SHAPES["one layer, three heads, no guidance"])
    return folder


def copied(small, folder):
    for file in small.rglob("*.*"):
        target = folder / file.relative_to(small)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    return folder


@pytest.mark.parametrize("part", ["q_proj", "k_layernorm", "dense", "mlp.fc2", "lm_head", "final_layernorm"])
def test_one_changed_weight_of_any_part_is_seen(small, tmp_path, part):
    path = copied(small, tmp_path) / "fashionvlm" / "model.safetensors"
    weights = load_file(path)
    name = next(name for name in weights if f"{part}.weight" in name)
    weights[name].view(-1)[7] += 0.5
    save_file(weights, path)
    assert {check.name for check in verify(tmp_path) if not check.passed} & {"mmu_logits"}


def spoiled(folder, **changes):
    path = folder / "expected.safetensors"
    expected = load_file(path)
    for name, change in changes.items():
        expected[name] = change(expected[name]) if name in expected else change(None)
    save_file({name: value for name, value in expected.items() if value is not None}, path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mmu_text_ids": lambda ids: ids + 10_000}, "has ids from"),
        ({"mmu_image_codes": lambda ids: -ids - 1}, "has ids from"),
        ({"mmu_image_codes": lambda ids: ids[:, :-1].contiguous()}, "35 codes a picture, config.json 36"),
        ({"mmu_text_ids": lambda ids: ids.float()}, "expected ids"),
        ({"mmu_text_ids": lambda ids: ids.repeat(3, 1)}, "3 rows"),
        ({"mmu_text_ids": lambda ids: ids.repeat(1, 40)}, "max_position_embeddings"),
        ({"mmu_image_codes": lambda ids: None}, "'mmu_image_codes' is missing"),
        ({"t2i_prompt_ids_2": lambda _: torch.tensor([3])}, "there is a prompt 2"),
        ({"t2i_prompt_ids_0": lambda ids: ids[None]}, "expected ids of 1 dimensions"),
    ],
)
def test_expectations_that_no_network_can_be_given_end_with_what_is_wrong(small, tmp_path, changes, words):
    spoiled(copied(small, tmp_path), **changes)
    with pytest.raises(NothingToVerifyError, match=words):
        list(verify(tmp_path))


def test_names_that_say_nothing_known_are_told_and_fail(small, tmp_path):
    spoiled(
        copied(small, tmp_path),
        t2i_codes_gmuch=lambda _: torch.zeros(1),
        t2i_first_step_image_logits_other=lambda _: torch.zeros(1),
        t2i_prompt_ids_=lambda _: torch.zeros(1),
    )
    failed = []
    with pytest.raises(NothingToVerifyError):
        failed.extend(check.name for check in verify(tmp_path) if not check.passed)
    spoiled(tmp_path, t2i_prompt_ids_=lambda _: None)
    failed = [check.name for check in verify(tmp_path) if not check.passed]
    assert failed == ["t2i_codes_gmuch", "t2i_first_step_image_logits_other"]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("hidden_act", "relu", "hidden_act 'relu'"),
        ("num_key_value_heads", 1, "num_key_value_heads 1"),
        ("rope_scaling", {"type": "linear"}, "rope_scaling"),
        ("num_attention_heads", 5, "of another shape|divi"),
        ("hidden_size", 64, "the weights' hidden_size is 48"),
    ],
)
def test_a_language_model_of_another_kind_is_refused(small, tmp_path, key, value, words):
    path = copied(small, tmp_path) / "llm" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(CheckpointError, match=words):
        list(verify(tmp_path))


@given(
    facts=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
            ["ids", "t2i", "sot", "eot", "max_text_slots", "timesteps", "temperature", "generator_seed"]
        ), inner, max_size=6),
        max_leaves=12,
    )
)  # fmt: skip
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_expected_json_is_read_or_refused(small, tmp_path, facts):
    if not (tmp_path / "expected.json").is_file():
        copied(small, tmp_path)
    (tmp_path / "expected.json").write_text(json.dumps(facts))
    with pytest.raises((NothingToVerifyError, CheckpointError)):
        list(verify(tmp_path))


def test_the_newer_way_to_write_a_rotary_embedding_is_read(small, tmp_path):
    path = copied(small, tmp_path) / "llm" / "config.json"
    config = json.loads(path.read_text())
    turning = {
        "rope_type": "default", "rope_theta": config.pop("rope_theta"),
        "partial_rotary_factor": config.pop("partial_rotary_factor"),
    }  # fmt: skip
    path.write_text(json.dumps(config | {"rope_parameters": turning}))
    assert all(check.passed for check in verify(tmp_path))


def magvit_shapes(channels, bits, encoder, decoder):
    """Names and shapes; `encoder` and `decoder` are (multiplier, blocks) a level, finest first."""
    shapes = {}

    def conv(name, inward, outward, side):
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = [outward, inward, side, side], [outward]

    def norm(name, width):
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = [width], [width]

    def block(name, inward, outward):
        norm(f"{name}.norm1", inward)
        conv(f"{name}.conv1", inward, outward, 3)
        norm(f"{name}.norm2", outward)
        conv(f"{name}.conv2", outward, outward, 3)
        if inward != outward:
            conv(f"{name}.nin_shortcut", inward, outward, 1)

    def middle(name, width):
        block(f"{name}.block_1", width, width)
        norm(f"{name}.attn_1.norm", width)
        for part in ("q", "k", "v", "proj_out"):
            conv(f"{name}.attn_1.{part}", width, width, 1)
        block(f"{name}.block_2", width, width)

    width = channels
    conv("encoder.conv_in", 3, width, 3)
    for level, (multiplier, count) in enumerate(encoder):
        for number in range(count):
            block(f"encoder.down.{level}.block.{number}", width, channels * multiplier)
            width = channels * multiplier
        if level < len(encoder) - 1:
            conv(f"encoder.down.{level}.downsample.conv", width, width, 3)
    middle("encoder.mid", width)
    norm("encoder.norm_out", width)
    conv("encoder.conv_out", width, bits, 3)
    conv("encoder.quant_conv", bits, bits, 1)
    conv("decoder.post_quant_conv", bits, bits, 1)
    width = channels * decoder[-1][0]
    conv("decoder.conv_in", bits, width, 3)
    middle("decoder.mid", width)
    for level, (multiplier, count) in reversed(list(enumerate(decoder))):
        for number in range(count):
            block(f"decoder.up.{level}.block.{number}", width, channels * multiplier)
            width = channels * multiplier
        if level:
            conv(f"decoder.up.{level}.upsample.conv", width, width, 3)
    norm("decoder.norm_out", width)
    conv("decoder.conv_out", width, 3, 3)
    return shapes


def made(salt, name, shape):
    drawn = torch.randn(shape, generator=torch.Generator().manual_seed(zlib.crc32((salt + name).encode())))
    if "norm" in name:
        return 1 + 0.05 * drawn if name.endswith("weight") else 0.05 * drawn
    return drawn / math.sqrt(drawn[0].numel()) if drawn.ndim > 1 else 0.02 * drawn


PUBLISHED = {
    "encoder": [(1, 1), (2, 2), (2, 1), (4, 1), (4, 1)],
    "decoder": [(1, 1), (1, 2), (2, 1), (2, 1), (4, 1)],
}
TOKENIZERS = {
    "five levels, other salt, wide and high": {
        "salt": "other:", "channels": 32, "bits": 13, "pictures": [(16, 80), (64, 32)], "batch": 2, **PUBLISHED,
    },
    "three levels, fewer bits": {
        "salt": "", "channels": 64, "bits": 10, "pictures": [(12, 20)], "batch": 1,
        "encoder": [(1, 2), (1, 1), (2, 1)], "decoder": [(2, 1), (1, 1), (1, 3)],
    },
}  # fmt: skip


def write_tokenizer_folder(folder: Path, shape) -> None:
    shapes = magvit_shapes(shape["channels"], shape["bits"], shape["encoder"], shape["decoder"])
    described = {name: [size, "float32"] for name, size in shapes.items()}
    described |= {"quantize.embedding": [[2 ** shape["bits"], shape["bits"]], "float32"]}
    (folder / "manifest.json").write_text(json.dumps({"salt": shape["salt"], "state_dict": described}))
    magvit = Magvit({name: made(shape["salt"], name, size) for name, size in shapes.items()})
    generator, expected = torch.Generator().manual_seed(5), {}
    factor = 2 ** (len(shape["encoder"]) - 1)
    for height, width in shape["pictures"]:
        size = f"{height}x{width}"
        picture = torch.rand(shape["batch"], 3, height, width, generator=generator) * 2 - 1
        expected |= {f"image_{size}": picture, f"codes_{size}": magvit.encode(picture)}
        rows, columns = height // factor, width // factor
        codes = torch.randint(0, 2 ** shape["bits"], (shape["batch"], rows * columns), generator=generator)
        expected |= {
            f"decode_codes_{size}": codes,
            f"decode_image_{size}": magvit.decode(codes, rows, columns),
        }
    save_file(expected, folder / "expected.safetensors")


@pytest.mark.parametrize("shape", TOKENIZERS.values(), ids=TOKENIZERS)
def test_an_image_tokenizer_of_any_size_agrees_with_the_slow_formulas(tmp_path, shape):
    write_tokenizer_folder(tmp_path, shape)
    checks = list(verify(tmp_path))
    assert len(checks) == 2 * len(shape["pictures"])
    assert not [check for check in checks if not check.passed]
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps(manifest | {"salt": "yet another"}))
    assert not any(check.passed for check in verify(tmp_path))


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    write_tokenizer_folder(folder, TOKENIZERS["three levels, fewer bits"])
    return folder


@pytest.mark.parametrize(
    ("name", "shape", "words"),
    [
        ("encoder.conv_in.weight", None, "missing"),
        ("encoder.surprise", [[3], "float32"], "unknown: encoder.surprise"),
        ("encoder.conv_out.bias", [[4], "float32"], "of another shape"),
        ("encoder.conv_in.weight", [[48, 3, 3, 3], "float32"], "no MAGVIT-v2|does not fit"),
        ("encoder.conv_in.weight", [[0, 3, 3, 3], "float32"], "no shape for encoder.conv_in.weight"),
        ("encoder.mid.block_1.conv1.weight", [[10**9, 10**9, 3, 3], "float32"], "far larger"),
        ("encoder.conv_in.weight", 7, "no shape for"),
    ],
)
def test_a_manifest_that_describes_no_tokenizer_is_refused(tokenizer, tmp_path, name, shape, words):
    manifest = json.loads((copied(tokenizer, tmp_path) / "manifest.json").read_text())
    manifest["state_dict"].pop(name, None)
    if shape is not None:
        manifest["state_dict"][name] = shape
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises((NothingToVerifyError, CheckpointError), match=words):
        list(verify(tmp_path))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"image_12x20": lambda picture: picture[..., :-1].contiguous()}, "multiples of 4"),
        ({"image_12x20": lambda picture: picture[0]}, "expected pictures"),
        ({"image_12x20": lambda picture: picture.long()}, "expected pictures"),
        ({"decode_codes_12x20": lambda codes: codes + 1024}, "has ids from"),
        ({"decode_codes_12x20": lambda codes: codes[:, 1:].contiguous()}, "cannot be decoded"),
    ],
)
def test_pictures_that_no_tokenizer_can_be_given_end_with_what_is_wrong(tokenizer, tmp_path, changes, words):
    spoiled(copied(tokenizer, tmp_path), **changes)
    with pytest.raises(NothingToVerifyError, match=words):
        list(verify(tmp_path))


def test_a_picture_without_its_codes_and_codes_without_their_picture_are_told(tokenizer, tmp_path):
    spoiled(copied(tokenizer, tmp_path), codes_12x20=lambda _: None, decode_image_12x20=lambda _: None)
    failed = [check.name for check in verify(tmp_path) if not check.passed]
    assert failed == ["decode_codes_12x20", "image_12x20"]


def test_a_folder_that_expects_nothing_is_refused(tokenizer, tmp_path):
    save_file({}, copied(tokenizer, tmp_path) / "expected.safetensors")
    with pytest.raises(NothingToVerifyError, match="expects nothing"):
        list(verify(tmp_path))
