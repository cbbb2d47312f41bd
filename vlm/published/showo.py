"""A checkpoint in Show-o's published layout as a `FashionVLM`.

``config.json`` beside the weights; parameters carry the prefix ``showo.``, those of the CLIP variant's projector
``mm_projector.``. What ``config.json`` leaves open is read from the weights' own shapes, and the rest from the language
model's ``config.json``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vlm.config import SPECIAL_TOKENS, FashionVLMConfig
from vlm.network import FashionVLM
from vlm.published.files import CheckpointError, check_fit, read_json, read_weights

PHI = {
    "partial_rotary_factor": 0.5,
    "rope_theta": 10000.0,
    "max_position_embeddings": 2048,
    "layer_norm_eps": 1e-5,
}
"""What microsoft/phi-1_5's ``config.json`` says and the weights do not show."""
CLIP_PATCHES = 576
"""Of openai/clip-vit-large-patch14-336, the CLIP variant's tower."""
_CONFIG_KEYS = ("vocab_size", "llm_vocab_size", "codebook_size", "num_vq_tokens")
_RENAMED = {"mm_projector.": "tower_projector.project."}
_DERIVED = "rotary_emb.inv_freq"
_ACTIVATIONS = ("gelu_new", "gelu_pytorch_tanh")
"""Two names of the one that the network has."""


def load_published(
    folder: Path, *, llm: Path | None = None, text_slots: int = 382, end_of_text_id: int = 50256
) -> FashionVLM:
    """Read a published checkpoint; weights keep their dtype and stay mapped from the file, eval mode.

    Args:
        folder: ``config.json`` and weights.
        llm: Folder of the language model's ``config.json``; by default the one that ``llm_model_path`` names beside or
            in `folder`. For ``phi-1_5`` it may be absent.
        text_slots: Slots of a drawing prompt, which no file states.
        end_of_text_id: Start- and end-of-text token, likewise.

    Raises:
        CheckpointError: A file or key is missing, or the weights do not fit.
    """
    facts = read_json(folder / "config.json")
    if absent := [key for key in _CONFIG_KEYS if key not in facts]:
        raise CheckpointError(f"{folder / 'config.json'} does not state {', '.join(absent)}")
    if odd := [key for key in _CONFIG_KEYS if type(facts[key]) is not int]:
        raise CheckpointError(
            f"{folder / 'config.json'}: {', '.join(f'{key} is {facts[key]!r}' for key in odd)}; whole numbers are expected"
        )
    state = {_renamed(name): value for name, value in read_weights(folder).items() if _DERIVED not in name}
    phi = _language_model(folder, facts, llm)
    config = _config(folder, facts, phi, state, text_slots, end_of_text_id)
    with torch.device("meta"):
        network = FashionVLM(config)
    check_fit(str(folder), {name: tuple(value.shape) for name, value in network.state_dict().items()}, state)
    network.load_state_dict(state, assign=True)
    network.restore_buffers()
    return network.eval().requires_grad_(False)


def _renamed(name: str) -> str:
    for theirs, ours in _RENAMED.items():
        if name.startswith(theirs):
            return ours + name.removeprefix(theirs)
    return name


def _language_model(folder: Path, facts: dict[str, Any], llm: Path | None) -> dict[str, Any]:
    named = str(facts.get("llm_model_path", ""))
    places = [llm] if llm is not None else [folder / named, folder.parent / named] if named else []
    for place in places:
        if (place / "config.json").is_file():
            return read_json(place / "config.json")
    if llm is None and "phi-1_5" in named.replace(".", "_"):
        return PHI
    looked = ", ".join(str(place) for place in places) or "llm_model_path is not stated"
    raise CheckpointError(
        f"the language model's config.json of {folder} was not found ({looked}): give its folder"
    )


def _config(
    folder: Path,
    facts: dict[str, Any],
    phi: dict[str, Any],
    state: dict[str, Tensor],
    text_slots: int,
    end_of_text_id: int,
) -> FashionVLMConfig:
    embedding, widened = (
        state.get(f"showo.model.{name}.weight") for name in ("embed_tokens", "layers.0.mlp.fc1")
    )
    if embedding is None or widened is None:
        raise CheckpointError(f"{folder} holds no Show-o weights: showo.model.embed_tokens.weight is missing")
    sizes = {
        "hidden_size": embedding.shape[1],
        "intermediate_size": widened.shape[0],
        "num_hidden_layers": 1
        + max(int(name.split(".")[3]) for name in state if name.startswith("showo.model.layers.")),
    }
    for key, size in sizes.items():
        if phi.get(key, size) != size:
            raise CheckpointError(
                f"{folder}: the weights' {key} is {size}, but the language model's config.json says {phi[key]}"
            )
    norm = state.get("showo.model.layers.0.self_attn.q_layernorm.weight")
    if norm is not None:
        phi = {"num_attention_heads": sizes["hidden_size"] // norm.shape[0], **phi}
    phi = _checked(folder, phi | (phi.get("rope_parameters") or {}))
    for key in ("num_attention_heads", "max_position_embeddings"):
        if key not in phi:
            raise CheckpointError(f"the language model's config.json of {folder} does not state {key}")
    expected = facts["llm_vocab_size"] + len(SPECIAL_TOKENS) + facts["codebook_size"] + 1
    if facts["vocab_size"] != expected:
        raise CheckpointError(
            f"{folder / 'config.json'}: vocab_size is {facts['vocab_size']}, but its parts sum up to {expected}"
        )
    projector = state.get("tower_projector.project.0.weight")
    if bool(facts.get("w_clip_vit")) != (projector is not None):
        raise CheckpointError(
            f"{folder / 'config.json'} says w_clip_vit {bool(facts.get('w_clip_vit'))}, but the weights have "
            f"{'a' if projector is not None else 'no'} mm_projector"
        )
    try:
        return FashionVLMConfig.from_published(
            facts,
            PHI | sizes | phi,
            text_slots=text_slots,
            end_of_text_id=end_of_text_id,
            qk_layernorm=norm is not None,
            tower=None if projector is None else (projector.shape[1], projector.shape[0], CLIP_PATCHES),
        )
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{folder / 'config.json'}: {error}") from None


def _checked(folder: Path, phi: dict[str, Any]) -> dict[str, Any]:
    """A language model's configuration, where it is of the one kind that the network is."""
    heads = phi.get("num_attention_heads")
    wanted = {"hidden_act": _ACTIVATIONS, "num_key_value_heads": (None, heads), "rope_scaling": (None,)}
    wanted |= {"rope_type": (None, "default"), "tie_word_embeddings": (None, False)}
    for key, allowed in wanted.items():
        if key in phi and phi[key] not in allowed:
            raise CheckpointError(
                f"the language model's config.json of {folder} has {key} {phi[key]!r}; a Show-o has none but "
                f"{' or '.join(repr(value) for value in allowed if value is not None) or 'null'}"
            )
    return phi
