"""Every size of FashionVLM as one configuration: the published checkpoint and the mini model differ only here."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from transformers import PhiConfig

ColorHint = bool | Literal["always", "items"]

SPECIAL_TOKENS = (
    "[PAD]",
    "<|soi|>",
    "<|eoi|>",
    "<|sov|>",
    "<|eov|>",
    "<|t2i|>",
    "<|mmu|>",
    "<|t2v|>",
    "<|v2v|>",
    "<|lvg|>",
)
"""In id order right after the text vocabulary; image codes follow, and the mask token is last (Show-o)."""


@dataclass(frozen=True, slots=True)
class FashionVLMConfig:
    """Shape of the network and of its sequences.

    Attributes:
        llm_vocab_size: Text entries; special tokens start at this id.
        codebook_size: Image codes; they start at ``llm_vocab_size + 10``, the mask token follows them.
        num_vq_tokens: Image codes of one picture: a square number of places times ``codes_per_place``.
        codes_per_place: Image codes of one place of the picture (published: 1).
        text_slots: Slots of the drawing prompt, padding included (published: 382).
        end_of_text_id: Start- and end-of-text token (published: 50256 for both).
        pack: ``pack x pack`` neighboring places share one position; 1 for the published size.
        tower_features: Width of the vision tower's patch features; 0 where the model has no tower.
        tower_patches: Patch positions of one picture read through the tower.
        tower_hidden: Inner width of the tower's projector; 0 for a single linear layer.
        tower_kind: ``lite`` (EfficientNet-lite0 beside the image codes, `vlm.vision_tower`) or ``clip`` (Show-o's variant:
            CLIP patches in place of the codes, a system prompt before them, `vlm.clip_tower`).
        qk_layernorm: Layer norm over queries and keys; published checkpoints have it whatever their file says.
        fit: How a picture becomes square: ``pad`` with its border's color, or ``crop`` to its middle as published.
        several: How up to four pictures are read: pasted into one ``grid`` as published, or whole, in a ``row``.
        color_hint: Whether the model was trained with the measured color in the request for a description; ``always``: in
            every request about pictures; ``items``: in every one, and outside descriptions with the kind of thing that the
            tower's heads see in each picture.
        drawing_steps: Passes over a picture if nobody says otherwise; ``docs/benchmarks`` has figures at these values.
        drawing_guidance: Guidance scale if nobody says otherwise.
        drawing_sharpness: Of the sampling (`vlm.canvas.DrawingSettings`).
        drawing_contrast: How strongly a pattern is held against the same thing plain (`vlm.contrast`).
    """

    llm_vocab_size: int = 50295
    codebook_size: int = 8192
    num_vq_tokens: int = 1024
    codes_per_place: int = 1
    text_slots: int = 382
    end_of_text_id: int = 50256
    hidden_size: int = 2048
    intermediate_size: int = 8192
    num_layers: int = 24
    num_heads: int = 32
    partial_rotary_factor: float = 0.5
    rope_theta: float = 10000.0
    max_positions: int = 2048
    layer_norm_eps: float = 1e-5
    qk_layernorm: bool = True
    pack: int = 1
    tower_features: int = 0
    tower_patches: int = 0
    tower_hidden: int = 0
    tower_kind: Literal["lite", "clip"] = "lite"
    fit: Literal["pad", "crop"] = "pad"
    several: Literal["grid", "row"] = "grid"
    color_hint: ColorHint = True
    drawing_steps: int = 16
    drawing_guidance: float = 3.0
    drawing_sharpness: float = 1.0
    drawing_contrast: float = 0.0

    def __post_init__(self) -> None:
        """Refuse sizes that cannot form sequences."""
        side = self.grid_side
        if side * side * self.codes_per_place != self.num_vq_tokens or side % self.pack:
            each = f" times {self.codes_per_place} codes a place" if self.codes_per_place > 1 else ""
            raise ValueError(
                f"num_vq_tokens is {self.num_vq_tokens}: expected a square whose side divides by pack "
                f"({self.pack}){each}"
            )

    @property
    def pad_id(self) -> int:
        """The padding token's id."""
        return self.llm_vocab_size

    def special_id(self, token: str) -> int:
        """Id of one of `SPECIAL_TOKENS`."""
        return self.llm_vocab_size + SPECIAL_TOKENS.index(token)

    @property
    def image_offset(self) -> int:
        """Id of image code 0."""
        return self.llm_vocab_size + len(SPECIAL_TOKENS)

    @property
    def mask_token_id(self) -> int:
        """Id of the mask token, one past the last image code."""
        return self.image_offset + self.codebook_size

    @property
    def vocab_size(self) -> int:
        """All ids: text, special tokens, image codes, mask."""
        return self.mask_token_id + 1

    @property
    def grid_side(self) -> int:
        """Places along one side of a picture."""
        side: int = round((self.num_vq_tokens // self.codes_per_place) ** 0.5)
        return side

    @property
    def codes_per_position(self) -> int:
        """Image codes that share one sequence position."""
        return self.pack**2 * self.codes_per_place

    @property
    def image_positions(self) -> int:
        """Sequence positions that one picture's codes take."""
        return self.num_vq_tokens // self.codes_per_position

    def phi(self) -> PhiConfig:
        """The backbone's configuration; with packing, image codes live outside its embedding table.

        The activation is the published ``gelu_new`` under its fused name.
        """
        return PhiConfig(
            vocab_size=self.vocab_size if self.codes_per_position == 1 else self.image_offset,
            hidden_size=self.hidden_size,
            intermediate_size=self.intermediate_size,
            num_hidden_layers=self.num_layers,
            num_attention_heads=self.num_heads,
            num_key_value_heads=self.num_heads,
            hidden_act="gelu_pytorch_tanh",
            max_position_embeddings=self.max_positions,
            layer_norm_eps=self.layer_norm_eps,
            rope_parameters={
                "rope_type": "default",
                "rope_theta": self.rope_theta,
                "partial_rotary_factor": self.partial_rotary_factor,
            },
            qk_layernorm=self.qk_layernorm,
            tie_word_embeddings=False,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attention_dropout=0.0,
            bos_token_id=self.end_of_text_id,
            eos_token_id=self.end_of_text_id,
        )

    def save(self, path: Path) -> None:
        """Write as JSON, the derived ids of the published format included."""
        derived = {
            "vocab_size": self.vocab_size,
            "mask_token_id": self.mask_token_id,
            "w_clip_vit": self.tower_features > 0,
        }
        path.write_text(json.dumps({**asdict(self), **derived}, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> FashionVLMConfig:
        """Read what `save` wrote; raises ValueError for a file that is no such configuration."""
        data = json.loads(path.read_text(encoding="utf-8"))
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        if "hidden_size" not in known:
            raise ValueError(f"{path} is no FashionVLM configuration: it has no hidden_size")
        return cls(**known)

    @classmethod
    def from_published(
        cls,
        config: dict[str, Any],
        phi: dict[str, Any],
        *,
        text_slots: int = 382,
        end_of_text_id: int = 50256,
        qk_layernorm: bool = True,
        tower: tuple[int, int, int] | None = None,
    ) -> FashionVLMConfig:
        """Combine a published ``config.json`` and its language model's ``config.json``.

        Those files do not state the rest, nor whether there is ``qk_layernorm``. `tower` is the width of the CLIP
        tower's features, its projector's inner width, and its patches.
        """
        features, hidden, patches = tower or (0, 0, 0)
        return cls(
            llm_vocab_size=config["llm_vocab_size"],
            codebook_size=config["codebook_size"],
            num_vq_tokens=config["num_vq_tokens"],
            hidden_size=phi["hidden_size"],
            intermediate_size=phi["intermediate_size"],
            num_layers=phi["num_hidden_layers"],
            num_heads=phi["num_attention_heads"],
            partial_rotary_factor=phi.get("partial_rotary_factor", 0.5),
            rope_theta=phi.get("rope_theta", 10000.0),
            max_positions=phi["max_position_embeddings"],
            layer_norm_eps=phi["layer_norm_eps"],
            text_slots=text_slots,
            end_of_text_id=end_of_text_id,
            qk_layernorm=qk_layernorm,
            tower_kind="clip" if tower else "lite",
            tower_features=features,
            tower_hidden=hidden,
            tower_patches=patches,
            fit="crop",
            color_hint=False,
            drawing_steps=50,
            drawing_guidance=5.0,
        )
