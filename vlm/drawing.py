"""Step-wise masked drawing of image codes with guidance (MaskGIT's schedule as Show-o uses it, DESIGN.md section 3).

The words of a prompt never see the picture, so their keys and values are computed once a request, and those of the
unconditional prompt once for all. A step runs the picture's positions only, and computes logits for image codes only,
at the slots that are still unknown.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import torch
from torch import Tensor

from vlm.attention import PictureAttention, PrefixAttention
from vlm.backbone import Backbone
from vlm.canvas import Canvas, DrawingSettings, Prefix, leaders
from vlm.engine.requests import MAX_CANDIDATES
from vlm.lanes import lanes
from vlm.layouts import drawing_words
from vlm.masked_sampling import masked_step


class DrawingStoppedError(RuntimeError):
    """The step callback asked to stop."""


Row = tuple[Canvas, int]
"""A picture of a canvas."""


class DrawingRunner:
    """Advances canvases step by step, several of different settings together.

    Attributes:
        at_once: Pictures in one pass over the network.
        passes: Passes that run beside one another.
    """

    def __init__(self, backbone: Backbone, at_once: int | None = None) -> None:
        """Use these layers; the unconditional prompt is run at once.

        Args:
            backbone: The model's layers.
            at_once: Pictures in one pass over the network, with and without words counted as one; None is 4 on a GPU.
                On a CPU it is 1, so that a picture gets the same numbers in any company.
        """
        self.backbone, self.config = backbone, backbone.config
        self.at_once = at_once or (4 if backbone.device.type == "cuda" else 1)
        # Only of a network whose matrices leave cores idle (`vlm.lanes`); it is the small one that packs its codes.
        small = backbone.device.type == "cpu" and self.config.codes_per_position > 1
        self.passes = min(torch.get_num_threads(), MAX_CANDIDATES) if small else 1
        if self.passes > 1:
            lanes(self.passes)
        edges = [self.config.special_id("<|soi|>"), self.config.special_id("<|eoi|>")]
        self._mask = self.config.codebook_size
        self._edge_ids = torch.tensor(edges, device=backbone.device)
        self.unconditional: Prefix = self.prefix(())

    @torch.inference_mode()
    def prefix(self, prompt: Sequence[int]) -> Prefix:
        """Run the words of a prompt (token ids without layout tokens); they stand at the end of the text slots."""
        ids = torch.tensor(drawing_words(self.config, prompt), device=self.backbone.device)
        slots = self.config.text_slots
        positions = torch.arange(slots - len(ids), slots, device=ids.device)
        attention = PrefixAttention()
        last = torch.tensor([len(ids) - 1], device=ids.device)
        self.backbone.run(self.backbone.network.embed_text(ids), positions, attention, last)
        return attention.kept

    def begin(
        self,
        prompts: Sequence[Sequence[int]],
        settings: DrawingSettings,
        generator: torch.Generator,
        fixed: Tensor | None = None,
        plain: Sequence[Sequence[int] | None] | None = None,
    ) -> Canvas:
        """A canvas for these prompts; see `draw_codes` for the arguments.

        Raises:
            ValueError: `fixed` leaves nothing to draw.
        """
        shape = (len(prompts), self.config.num_vq_tokens)
        mask = self.config.codebook_size
        if fixed is None:
            codes = torch.full(shape, mask, device=self.backbone.device)
        else:
            codes = fixed.to(self.backbone.device, copy=True)
        if not bool((codes == mask).any(1).all()):
            raise ValueError("nothing is left to draw: every part of the picture is to stay")
        # Whoever wants no guidance wants none of either kind.
        contrasted = settings.guidance > 0 and settings.contrast > 0
        given = plain if plain is not None and contrasted else [None] * len(prompts)
        against = [None if one is None else tuple(one) for one in given]
        wanted = dict.fromkeys([*map(tuple, prompts), *(one for one in against if one is not None)])
        prefixes = {words: self.prefix(words) for words in wanted}
        return Canvas(
            [prefixes[tuple(prompt)] for prompt in prompts],
            [None if words is None else prefixes[words] for words in against],
            codes,
            settings,
            generator,
        )

    @torch.inference_mode()
    def step(self, canvases: Sequence[Canvas]) -> None:
        """Do the next step of each canvas, as many together as one pass over the network takes.

        At no time are there logits of more pictures than `at_once`, or than one canvas has; passes run beside one another
        within a canvas only.
        """
        for group in self._groups(canvases):
            for canvas, logits in zip(group, self.logits(group), strict=True):
                _advance(self.config.codebook_size, canvas, logits)

    def _groups(self, canvases: Sequence[Canvas]) -> Iterator[Sequence[Canvas]]:
        """Neighbors of `at_once` pictures in all at most; a canvas of more stands alone."""
        group: list[Canvas] = []
        for canvas in canvases:
            if group and sum(len(one.prefixes) for one in (*group, canvas)) > self.at_once:
                yield group
                group = []
            group.append(canvas)
        if group:
            yield group

    @torch.inference_mode()
    def logits(self, canvases: Sequence[Canvas]) -> list[Tensor]:
        """Guided logits of each canvas at its unknown slots, in raster order: ``[unknown, codebook_size]``."""
        wanted = [[(canvas, row) for row in leaders(canvas)] for canvas in canvases]
        rows = list(dict.fromkeys(itertools.chain.from_iterable(wanted)))
        parts = [rows[start : start + self.at_once] for start in range(0, len(rows), self.at_once)]
        several = self.passes > 1 and len(parts) > 1
        found = lanes(self.passes).map(self._guided, parts) if several else map(self._guided, parts)
        given = dict(zip(rows, itertools.chain.from_iterable(found), strict=True))
        return [torch.cat([given[row] for row in one]) for one in wanted]

    @torch.inference_mode()
    def _guided(self, rows: Sequence[Row]) -> list[Tensor]:
        """Logits of some pictures, each with guidance as its canvas wants it."""
        codes = torch.cat([canvas.codes[row : row + 1] for canvas, row in rows])
        # What an empty picture without words comes to never changes.
        blank = [canvas.step == 0 and bool((canvas.codes[row] == self._mask).all()) for canvas, row in rows]
        guided = [at for at, (canvas, _) in enumerate(rows) if canvas.settings.guidance > 0]
        plain = {at: canvas.plain[row] for at, (canvas, row) in enumerate(rows)}
        passes = [
            *((at, canvas.prefixes[row]) for at, (canvas, row) in enumerate(rows)),
            *((at, self.unconditional) for at in guided if not blank[at]),
            *((at, prefix) for at, prefix in plain.items() if prefix is not None),
        ]
        given = self._mixable([prefix for _, prefix in passes], codes[[at for at, _ in passes]])
        mixed, others = given[: len(rows)], iter(given[len(rows) :])
        unconditional = {at: self._blank if blank[at] else next(others) for at in guided}
        for at, (canvas, _) in enumerate(rows):
            g = canvas.settings.guidance if at in guided else 0.0
            against = plain[at] is not None
            h = canvas.settings.contrast if against else 0.0
            if g or h:
                # In float32, so that the mixture adds no rounding of its own to what bfloat16 layers give.
                mixed[at] = (1 + g + h) * mixed[at].float()
            if g:
                mixed[at] = mixed[at] - g * unconditional[at].float()
            if against:
                mixed[at] = mixed[at] - h * next(others).float()
        if self.config.codes_per_position > 1:
            return mixed
        dtype = self.backbone.dtype
        return [self._head(states.to(dtype), row) for states, row in zip(mixed, codes, strict=True)]

    @cached_property
    def _blank(self) -> Tensor:
        """What `_mixable` gives for a picture of which nothing is known, without words."""
        codes = torch.full((1, self.config.num_vq_tokens), self._mask, device=self.backbone.device)
        return self._mixable([self.unconditional], codes)[0]

    def _mixable(self, prefixes: Sequence[Prefix], codes: Tensor) -> list[Tensor]:
        """What guidance mixes, of pictures ``[B, N]``: logits, or states where a linear head may see the mixture."""
        states = self.picture_states(prefixes, codes)
        if self.config.codes_per_position == 1:
            return states
        return [self._head(one, row) for one, row in zip(states, codes, strict=True)]

    @torch.inference_mode()
    def picture_states(self, prefixes: Sequence[Prefix], codes: Tensor) -> list[Tensor]:
        """Final states of pictures ``[B, N]``, one tensor each.

        They are those of the unknown slots; of all positions where several codes share one.
        """
        config, network = self.config, self.backbone.network
        rows, size = codes.shape[0], config.image_positions + 2
        positions = torch.arange(config.text_slots, config.text_slots + size, device=codes.device)
        if config.codes_per_position == 1:
            edges = self._edge_ids.expand(rows, 2)
            ids = torch.cat([edges[:, :1], codes + config.image_offset, edges[:, 1:]], dim=1)
            distinct, which = ids.flatten().unique(return_inverse=True)  # type: ignore[no-untyped-call]
            embeddings, inner = network.embed_text(distinct), codes == config.codebook_size
        else:
            soi, eoi = (edge.expand(rows, 1, -1) for edge in network.embed_text(self._edge_ids))
            embeddings = torch.cat([soi, network.embed_codes(codes), eoi], dim=1).flatten(0, 1)
            # Positions that hold several codes are all kept; known codes are left out by the head.
            which, inner = None, codes.new_ones(rows, config.image_positions, dtype=torch.bool)
        wanted = torch.nn.functional.pad(inner, (1, 1)).flatten().nonzero()[:, 0]
        attention = PictureAttention(prefixes, size)
        hidden = self.backbone.run(embeddings, positions.repeat(rows), attention, wanted, which)
        return list(torch.split(hidden, inner.sum(-1).tolist()))

    @torch.inference_mode()
    def picture_logits(self, prefixes: Sequence[Prefix], codes: Tensor) -> list[Tensor]:
        """Logits of pictures ``[B, N]`` at their unknown slots, without guidance: ``[unknown, codebook_size]`` each."""
        states = self.picture_states(prefixes, codes)
        return [self._head(one, row) for one, row in zip(states, codes, strict=True)]

    def _head(self, states: Tensor, codes: Tensor) -> Tensor:
        """Logits of one picture's unknown slots from its states."""
        if self.config.codes_per_position == 1:
            return self.backbone.network.code_logits(states)
        return self.backbone.network.code_logits(states[None], (codes == self.config.codebook_size)[None])


def draw_codes(
    runner: DrawingRunner,
    prompts: Sequence[Sequence[int]],
    *,
    settings: DrawingSettings,
    generator: torch.Generator,
    fixed: Tensor | None = None,
    plain: Sequence[Sequence[int] | None] | None = None,
    on_step: Callable[[int, int], bool | None] | None = None,
) -> Tensor:
    """Draw one picture a prompt; returns image codes, long ``[B, num_vq_tokens]``.

    Args:
        runner: The model.
        prompts: Token ids of each prompt, without layout tokens.
        settings: Steps, guidance and temperature.
        generator: Source of all randomness, on the network's device.
        fixed: Codes that stay, with the mask code (``codebook_size``) where to draw: ``[B, num_vq_tokens]``.
        plain: Token ids of what each is held against with ``settings.contrast``, or None.
        on_step: Called after each step with (done, steps); returning True stops.

    Raises:
        DrawingStoppedError: Where `on_step` returned True.
        ValueError: `fixed` leaves nothing to draw.
    """
    canvas = runner.begin(prompts, settings, generator, fixed, plain)
    while not canvas.finished:
        runner.step([canvas])
        if on_step is not None and on_step(canvas.step, settings.steps):
            raise DrawingStoppedError(f"stopped after step {canvas.step} of {settings.steps}")
    return canvas.drawn


def _advance(mask: int, canvas: Canvas, logits: Tensor) -> None:
    """Do one step of a canvas; one that runs out of memory is as it was before, and can be tried again."""
    before = canvas.generator.get_state()
    try:
        ratio = (canvas.step + 1) / canvas.settings.steps
        temperature = canvas.temperature * (1.0 - ratio)
        probabilities = (logits.float() * canvas.settings.sharpness).softmax(-1)
        drawn, codes = masked_step(mask, canvas.codes, probabilities, ratio, temperature, canvas.generator)
    except (RuntimeError, MemoryError):
        canvas.generator.set_state(before)
        raise
    canvas.drawn, canvas.codes, canvas.temperature = drawn, codes, temperature
    canvas.step += 1
