"""A CLIP or SigLIP as the space of words and pictures, from a folder in transformers' layout.

Weights are safetensors only, no network is asked, and no code of the folder is run. Sentences longer than the model reads
are cut.
"""

from __future__ import annotations

import hashlib
import re
import string
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
from transformers import CLIPModel, PreTrainedTokenizerFast, SiglipModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
from transformers.utils import logging as transformers_logging

from vlm.embeddings.sentences import Remembered, Vectors
from vlm.published.files import CheckpointError, read_json

KINDS: dict[str, tuple[Any, Any]] = {
    "clip": (CLIPModel, CLIPImageProcessorPil),
    "siglip": (SiglipModel, SiglipImageProcessorPil),
}
"""By ``model_type`` of the configuration: network and preparation of pictures."""
FILES = ("config.json", "tokenizer.json", "tokenizer_config.json", "preprocessor_config.json")
_BATCH = 16
_CHUNK = 1 << 20
_PUNCTUATION = re.compile(f"[{re.escape(string.punctuation)}]")


def check_folder(folder: Path) -> str:
    """The model type of a folder that holds all that is needed.

    Raises:
        CheckpointError: A file is missing, or the model is of another kind; the message says which.
    """
    for name in FILES:
        if not (folder / name).is_file():
            raise CheckpointError(f"{folder} lacks {name}: an embedding needs {', '.join(FILES)} and weights")
    if not _weights(folder):
        raise CheckpointError(f"{folder} has no *.safetensors weights; other formats are not read")
    kind = read_json(folder / "config.json").get("model_type")
    if kind not in KINDS:
        raise CheckpointError(
            f"{folder} is a model of type {kind!r}; an embedding is one of: {', '.join(KINDS)}"
        )
    return str(kind)


class ContrastiveSpace:
    """Words and pictures by a CLIP or SigLIP; thread-safe."""

    def __init__(
        self, network: Any, processor: Any, tokenizer: PreTrainedTokenizerFast, identity: str, *, marks: bool
    ) -> None:
        """Wrap loaded parts; without `marks` punctuation is left out of sentences."""
        self._network = network.eval().requires_grad_(False)
        self._processor = processor
        self._tokenizer = tokenizer
        self._identity = identity
        self._words = network.config.text_config
        self._is_siglip = network.config.model_type == "siglip"
        self._marks = marks
        self._known = Remembered()
        self._lock = threading.Lock()

    @classmethod
    def from_pretrained(cls, folder: Path) -> ContrastiveSpace:
        """Load a folder.

        Raises:
            CheckpointError: A file is missing, the model is of another kind, or weights are missing or do not fit.
        """
        kind = check_folder(folder)
        network_class, processor_class = KINDS[kind]
        # Its progress bar would appear in the middle of a conversation.
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        network, told = network_class.from_pretrained(
            str(folder),
            local_files_only=True,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
        # transformers would go on with random numbers in their place.
        if lacking := sorted([*told["missing_keys"], *(str(row[0]) for row in told["mismatched_keys"])]):
            raise CheckpointError(f"the weights in {folder} lack {lacking[0]} and {len(lacking) - 1} more")
        processor = processor_class.from_pretrained(str(folder), local_files_only=True)
        tokenizer = PreTrainedTokenizerFast.from_pretrained(str(folder), local_files_only=True)
        if tokenizer.pad_token is None:
            raise CheckpointError(f"the tokenizer in {folder} names no padding token")
        # The first SigLIP's texts had no punctuation; the second's tokenizer has another name.
        named = str(read_json(folder / "tokenizer_config.json").get("tokenizer_class", ""))
        return cls(network, processor, tokenizer, identity_of(folder), marks="Siglip" not in named)

    @property
    def identity(self) -> str:
        """Kind of model, and twelve digits that change with any of its files."""
        return self._identity

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        shape = self._network.config
        return int(self._words.projection_size if self._is_siglip else shape.projection_dim)

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        """Sentences as unit rows; the latest are not computed again."""
        rows = self._known.get(texts)
        new = [text for text in dict.fromkeys(texts) if text not in rows]
        for start in range(0, len(new), _BATCH):
            chunk = new[start : start + _BATCH]
            rows |= dict(zip(chunk, self._text_vectors(chunk), strict=True))
        self._known.keep({text: rows[text] for text in new})
        return (
            np.stack([rows[text] for text in texts]) if texts else np.zeros((0, self.dimension), np.float32)
        )

    @torch.inference_mode()
    def embed_pictures(self, pictures: Sequence[Image.Image]) -> Vectors:
        """Pictures as unit rows."""
        rows = [np.zeros((0, self.dimension), np.float32)]
        for start in range(0, len(pictures), _BATCH):
            chunk = [picture.convert("RGB") for picture in pictures[start : start + _BATCH]]
            pixels = self._processor(images=chunk, return_tensors="pt")["pixel_values"]
            rows.append(_unit_rows(self._network.get_image_features(pixel_values=pixels).pooler_output))
        return np.concatenate(rows)

    @torch.inference_mode()
    def _text_vectors(self, texts: Sequence[str]) -> Vectors:
        longest = int(self._words.max_position_embeddings)
        if self._is_siglip:
            texts = [self._plain(text) for text in texts]
        with self._lock:
            batch = self._tokenizer(
                list(texts),
                # SigLIP learned from rows that were all filled up, without a mask.
                padding="max_length" if self._is_siglip else True,
                truncation=True,
                max_length=longest,
                return_tensors="pt",
            )
        given = {"input_ids": batch["input_ids"]}
        if not self._is_siglip:
            given["attention_mask"] = batch["attention_mask"]
        return _unit_rows(self._network.get_text_features(**given).pooler_output)

    def _plain(self, text: str) -> str:
        text = text.lower()
        return " ".join((text if self._marks else _PUNCTUATION.sub("", text)).split())


def identity_of(folder: Path) -> str:
    """The identity that the space of this folder will have, without loading it.

    Raises:
        CheckpointError: See `check_folder`.
    """
    return f"{check_folder(folder)}-{_digest(folder)}"


def _unit_rows(vectors: Tensor) -> Vectors:
    rows: Vectors = F.normalize(vectors, dim=-1).numpy().astype(np.float32)
    return rows


def _weights(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"))


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in [*(folder / name for name in FILES), *_weights(folder)]:
        digest.update(path.name.encode())
        with path.open("rb") as file:
            while block := file.read(_CHUNK):
                digest.update(block)
    return digest.hexdigest()[:12]
