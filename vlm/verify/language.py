"""The network, its words and its drawing against the published code's numbers, by the runners that serve."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from vlm.attention import SlotMemory
from vlm.backbone import Backbone
from vlm.canvas import DrawingSettings
from vlm.config import FashionVLMConfig
from vlm.drawing import DrawingRunner, draw_codes
from vlm.layouts import drawing_text, reading_prefix
from vlm.published.showo import load_published
from vlm.sampling import TextSettings
from vlm.text_generation import TextRunner, generate
from vlm.verify.checks import (
    LOGITS_TOLERANCE,
    Check,
    NothingToVerifyError,
    close,
    ids_of,
    read_expected,
    same_ids,
    unknown,
)
from vlm.verify.facts import Facts, read_facts

_GUIDANCE = re.compile(r"\d+(\.\d+)?")
_PROMPT, _DRAWN, _FIRST = "t2i_prompt_ids_", "t2i_codes_g", "t2i_first_step_image_logits_"


def verify_language_model(folder: Path) -> Iterator[Check]:
    """See `vlm.verify.checks.verify`."""
    expected = read_expected(folder)
    facts = read_facts(folder / "expected.json")
    slots, end, start = facts.t2i.max_text_slots, facts.ids["eot"], facts.ids["sot"]
    if start != end:
        raise NothingToVerifyError(
            f"{folder}: start of text ({start}) and end of text ({end}) must be one token"
        )
    network = load_published(folder / "fashionvlm", text_slots=slots, end_of_text_id=end).float()
    if not 0 <= end < network.config.vocab_size:
        raise NothingToVerifyError(f"{folder}: the network has no token {end}, which is to end a text")
    return _Verification(Backbone(network), expected, facts).checks()


@dataclass(frozen=True)
class _Verification:
    backbone: Backbone
    expected: Mapping[str, Tensor]
    facts: Facts

    @property
    def config(self) -> FashionVLMConfig:
        return self.backbone.config

    def checks(self) -> Iterator[Check]:
        self._check_room()
        yield self._special_ids()
        drawing = DrawingRunner(self.backbone)
        for name, wanted in sorted(self.expected.items()):
            if name.startswith(("mmu_", "t2i_")):
                try:
                    yield self._check(name, wanted, drawing)
                except KeyError as error:
                    raise NothingToVerifyError(f"{name} cannot be compared: {error} is missing") from None
            else:
                yield unknown(name)

    def _check_room(self) -> None:
        """Refuse sequences for whose positions the network has no rotary table."""
        config = self.config
        words = self.expected["mmu_text_ids"].shape[-1] if "mmu_text_ids" in self.expected else 0
        said = self.expected["mmu_greedy_ids"].shape[-1] if "mmu_greedy_ids" in self.expected else 0
        longest = max(config.text_slots, 2 + words + said) + config.image_positions + 2
        if longest > config.max_positions:
            raise NothingToVerifyError(
                f"the sequences take up to {longest} positions, but the language model's config.json allows "
                f"{config.max_positions} (max_position_embeddings)"
            )

    def _ids(self, name: str, dimensions: int = 2, below: int | None = None) -> Tensor:
        return ids_of(name, self.expected[name], dimensions, below or self.config.vocab_size)

    @property
    def _codes(self) -> Tensor:
        codes = self._ids("mmu_image_codes", below=self.config.codebook_size)
        if codes.shape[1] != self.config.num_vq_tokens:
            raise NothingToVerifyError(
                f"mmu_image_codes has {codes.shape[1]} codes a picture, config.json {self.config.num_vq_tokens}"
            )
        return codes

    def _check(self, name: str, wanted: Tensor, drawing: DrawingRunner) -> Check:
        if name == "mmu_logits":
            return close(name, self._reading_logits(), wanted, LOGITS_TOLERANCE)
        if name == "mmu_greedy_ids":
            return same_ids(name, self._greedy(wanted), wanted)
        if name in ("mmu_input_ids", "mmu_image_codes", "mmu_text_ids"):
            return same_ids(name, self._reading_ids(name), wanted)
        if name in ("t2i_input_ids", "t2i_uncond_input_ids"):
            return same_ids(name, self._drawing_ids(name), wanted)
        if name.startswith(_PROMPT) and name.removeprefix(_PROMPT).isdecimal():
            return same_ids(name, self._prompt_of_row(int(name.removeprefix(_PROMPT)), wanted), wanted)
        if name in (f"{_FIRST}cond", f"{_FIRST}uncond"):
            return close(name, self._first_step(name.removeprefix(_FIRST), drawing), wanted, LOGITS_TOLERANCE)
        if name.startswith(_DRAWN) and (found := _GUIDANCE.fullmatch(name.removeprefix(_DRAWN))):
            return same_ids(name, self._drawn(float(found[0]), drawing), wanted)
        return unknown(name)

    def _special_ids(self) -> Check:
        config = self.config
        ours = {name: config.special_id(f"<|{name}|>") for name in ("soi", "eoi", "t2i", "mmu")}
        ours |= {"pad": config.pad_id, "image_offset": config.image_offset, "mask": config.mask_token_id}
        ids = self.facts.ids
        wrong = [
            f"{name} is {ours[name]}, expected {ids[name]}"
            for name in ours
            if ids.get(name, ours[name]) != ours[name]
        ]
        return Check("ids", not wrong, ", ".join(wrong) or f"all {len(ours)} special ids equal")

    @property
    def _prompts(self) -> list[list[int]]:
        count = sum(name.startswith(_PROMPT) for name in self.expected)
        if not count:
            raise NothingToVerifyError(f"nothing says what to draw: there is no {_PROMPT}0")
        return [self._ids(f"{_PROMPT}{row}", 1).tolist() for row in range(count)]

    @property
    def _words(self) -> Tensor:
        words = self._ids("mmu_text_ids")
        if len(words) != len(self._codes):
            raise NothingToVerifyError(
                f"mmu_text_ids has {len(words)} rows, mmu_image_codes {len(self._codes)}"
            )
        return torch.cat([torch.full((len(words), 1), self.config.end_of_text_id), words], dim=1)

    @torch.inference_mode()
    def _reading_logits(self) -> Tensor:
        """Prefix and words through a slot, as a request would go, but with the states of all positions."""
        prefixes = reading_prefix(self.backbone.network, self._codes)
        shared, words = prefixes.shape[1], self._words
        runner = TextRunner(self.backbone, SlotMemory(self.backbone, 1, shared + words.shape[1]))
        rows = []
        for prefix, ids in zip(prefixes, words.tolist(), strict=True):
            states = [
                runner.prefix(0, prefix, all_rows=True),
                runner.words(0, shared, ids, shared, all_rows=True),
            ]
            rows.append(runner.logits(torch.cat(states)))
        return torch.stack(rows)

    def _greedy(self, wanted: Tensor) -> Tensor:
        prefix = reading_prefix(self.backbone.network, self._codes)
        count = wanted.shape[-1]
        rows = []
        for row, ids in enumerate(self._words.tolist()[: 1 if wanted.ndim == 1 else len(wanted)]):
            said = list(generate(self.backbone, prefix[row : row + 1], ids, TextSettings(max_tokens=count)))
            # The published code also gives the end of text out.
            rows.append([*said, self.config.end_of_text_id][:count])
        return torch.tensor(rows[0] if wanted.ndim == 1 else rows)

    def _reading_ids(self, name: str) -> Tensor:
        config, given, codes = self.config, self._ids("mmu_input_ids"), self._codes
        if name == "mmu_image_codes":
            return given[:, 2 : 2 + config.num_vq_tokens] - config.image_offset
        if name == "mmu_text_ids":
            return given[:, 4 + config.num_vq_tokens :]
        edges = [
            torch.full((len(codes), 1), config.special_id(f"<|{edge}|>")) for edge in ("mmu", "soi", "eoi")
        ]
        return torch.cat([edges[0], edges[1], codes + config.image_offset, edges[2], self._words], dim=1)

    def _drawing_ids(self, name: str) -> Tensor:
        config, prompts = self.config, self._prompts
        text = drawing_text(config, prompts if name == "t2i_input_ids" else [[]] * len(prompts))
        rows = len(prompts)
        unknown_codes = torch.full((rows, config.num_vq_tokens), config.mask_token_id)
        edges = [torch.full((rows, 1), config.special_id(f"<|{edge}|>")) for edge in ("soi", "eoi")]
        return torch.cat([text, edges[0], unknown_codes, edges[1]], dim=1)

    def _prompt_of_row(self, row: int, prompt: Tensor) -> Tensor:
        """The prompt as its row of the input has it; the end that found no room there is taken as it is."""
        rows, slots = self._ids("t2i_input_ids"), self.config.text_slots
        if row >= len(rows):
            raise NothingToVerifyError(f"t2i_input_ids has {len(rows)} rows, but there is a prompt {row}")
        kept = min(len(prompt), slots - 3)
        return torch.cat([rows[row, slots - 1 - kept : slots - 1], prompt[kept:]])

    def _first_step(self, kind: str, drawing: DrawingRunner) -> Tensor:
        prompts: Sequence[Sequence[int]] = self._prompts
        codes = torch.full((len(prompts), self.config.num_vq_tokens), self.config.codebook_size)
        prefixes = [
            drawing.unconditional if kind == "uncond" else drawing.prefix(prompt) for prompt in prompts
        ]
        return torch.stack(drawing.picture_logits(prefixes, codes))

    def _drawn(self, guidance: float, drawing: DrawingRunner) -> Tensor:
        how = self.facts.t2i
        return draw_codes(
            drawing,
            self._prompts,
            settings=DrawingSettings(how.timesteps, guidance, how.temperature),
            generator=torch.Generator().manual_seed(how.generator_seed),
        )
