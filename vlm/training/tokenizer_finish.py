"""The last parts of an image tokenizer's training: both halves grown, then the decoder alone.

Both halves may learn together: codes then drift, and what was trained on the former ones has to go on with the new ones.
Where only the decoder learns, the codes stay as they are, and the transformer may be trained on them meanwhile. The losses
are those of the first part, the distance of a pretrained network's features, and towards the end a light patch
discriminator, whose share is kept small against the pixels' (its weight follows the ratio of the two gradients at the
last layer, as in VQGAN, arXiv 2012.09841).

Left in the output folder: the finished tokenizer (float16), ``reconstructions.png``, and a checkpoint to resume from.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from vlm.image_tokenizer import ImageTokenizer
from vlm.image_tokenizer.losses import pixel_losses
from vlm.training.feature_distance import FeatureDistance
from vlm.training.image_tokenizer import LOSS_WEIGHTS, SHEET_FILE, TokenizerProgress
from vlm.training.muon import FloatMuon
from vlm.training.patch_discriminator import PatchDiscriminator
from vlm.training.stopping import TrainingStoppedError
from vlm.training.tokenizer_checkpoint import Position, optimizer_tensors, restore_optimizers
from vlm.training.tokenizer_crops import Pictures
from vlm.training.tokenizer_report import measure, to_pixels
from vlm.vision_tower import VisionTower

_CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True)
class TokenizerFinish:
    """Settings of a run.

    Attributes:
        learning_rate: The highest, of AdamW on vectors and outer layers.
        matrix_learning_rate: The highest, of Muon on the weights inside.
        encoder_share: The encoder's rates against the decoder's; at 0 it is left as it is, and so are the codes.
        warmup_steps: Steps over which both rise.
        decay_from: Fraction of the budget after which both fall linearly to 0.
        ratio_weight: Of the mean over pictures of the logarithm of the squared error, which PSNR is a multiple of.
        feature_weight: Of the feature distance against the pixel losses.
        judged_from: Fraction of the budget after which the discriminator has a say; it learns from a tenth before.
        judged_share: The discriminator's gradient against the others', at the last layer.
        discriminator_rate: Its learning rate.
        average_decay: Of the weight average, which is what is kept.
        report_seconds: Between measurements, and checkpoints.
    """

    learning_rate: float = 1e-3
    matrix_learning_rate: float = 2e-3
    encoder_share: float = 0.0
    warmup_steps: int = 40
    decay_from: float = 0.2
    ratio_weight: float = 0.1
    feature_weight: float = 0.05
    judged_from: float = 0.7
    judged_share: float = 0.05
    discriminator_rate: float = 4e-4
    average_decay: float = 0.995
    report_seconds: float = 120.0


def joint_growth() -> TokenizerFinish:
    """Settings under which encoder and decoder learn together, for pixels alone and without a discriminator."""
    return TokenizerFinish(
        encoder_share=1.0,
        matrix_learning_rate=3e-3,
        decay_from=0.4,
        ratio_weight=0.4,
        feature_weight=0.0,
        judged_from=2.0,
        average_decay=0.99,
    )


def finish_tokenizer(
    tokenizer: ImageTokenizer,
    out_dir: Path,
    *,
    batches: Callable[[int], Pictures],
    aside: Pictures,
    steps: int,
    seed: int = 0,
    resume: bool = True,
    settings: TokenizerFinish | None = None,
    progress: Callable[[TokenizerProgress], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> ImageTokenizer:
    """Train `tokenizer` further, or its decoder alone, and return it with averaged weights, as it was stored.

    Args:
        tokenizer: Trained; its encoder is left as it is unless the settings say so. On the device that computes.
        out_dir: Folder for everything that is written.
        batches: Gives the crops of a step, uint8 ``[B, H, W, 3]``, by its number.
        aside: Pictures to measure on, uint8 ``[N, H, W, 3]``.
        steps: Budget.
        seed: Of the discriminator's first weights.
        resume: Go on from the folder's checkpoint when it has one.
        settings: See `TokenizerFinish`.
        progress: Called at every report and at the end.
        should_stop: Asked after every step.

    Raises:
        TrainingStoppedError: `should_stop` said so; a checkpoint is written.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    run = _Run(tokenizer, settings or TokenizerFinish(), seed, steps)
    if resume:
        run.restore(out_dir)
    run.train(out_dir, batches, aside, progress, should_stop)
    run.average.save_pretrained(out_dir, dtype=torch.float16)
    return ImageTokenizer.from_pretrained(out_dir).to(run.device)


class _Run:
    """The state of one run."""

    def __init__(self, tokenizer: ImageTokenizer, settings: TokenizerFinish, seed: int, steps: int) -> None:
        self.settings, self.steps, self.position = settings, steps, Position()
        self.device = next(tokenizer.parameters()).device
        self.model = tokenizer
        self.average = ImageTokenizer(tokenizer.config)
        self.average.load_state_dict(tokenizer.state_dict())
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.discriminator = PatchDiscriminator()
        for module in (self.model, self.average, self.discriminator):
            module.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.model.requires_grad_(False)
        self.average.requires_grad_(False)
        self.model.decoder.requires_grad_(True)
        self.model.encoder.requires_grad_(self.settings.encoder_share > 0)
        tower = VisionTower().to(self.device) if self.settings.feature_weight > 0 else None
        self.distance = None if tower is None else FeatureDistance(tower)
        self.optimizers = self._optimizers()

    def _optimizers(self) -> list[torch.optim.Optimizer]:
        """Of the discriminator first, then two for each half that learns; groups know their peak rates."""
        rate = self.settings.discriminator_rate
        optimizers: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(self.discriminator.parameters(), lr=rate, betas=(0.5, 0.9)),
            *self._half(self.model.decoder, 1.0),
        ]
        if self.settings.encoder_share > 0:
            optimizers += self._half(self.model.encoder, self.settings.encoder_share)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["peak"] = group["lr"]
        return optimizers

    def _half(self, half: nn.Module, share: float) -> list[torch.optim.Optimizer]:
        """Muon inside, AdamW at the ends."""
        inner: list[Tensor] = []
        outer: list[Tensor] = []
        for name, parameter in half.named_parameters():
            inside = parameter.ndim > 1 and name.split(".")[0] in {"up", "down", "mid"}
            (inner if inside and parameter.shape[1] > 1 else outer).append(parameter)
        settings = self.settings
        return [
            FloatMuon(inner, lr=share * settings.matrix_learning_rate),
            torch.optim.AdamW(outer, lr=share * settings.learning_rate, betas=(0.9, 0.98), weight_decay=0.0),
        ]

    def train(
        self,
        out_dir: Path,
        batches: Callable[[int], Pictures],
        aside: Pictures,
        progress: Callable[[TokenizerProgress], None] | None,
        should_stop: Callable[[], bool],
    ) -> None:
        began = reported = self.position.seconds
        first, losses = self.position.step, [0.0]

        def report(fraction: float) -> None:
            quality = measure(self.average, aside, out_dir / SHEET_FILE)
            if progress is not None:
                spent = max(self.position.seconds - began, 1e-9)
                speed = (self.position.step - first) * len(batches(0)) / spent
                loss = sum(losses[1:]) / max(len(losses) - 1, 1)
                progress(
                    TokenizerProgress(
                        self.position.step, fraction, loss, speed, quality.psnr, quality.codes_used
                    )
                )

        while self.position.step < self.steps:
            clock = time.perf_counter()
            fraction = self.position.step / self.steps
            losses.append(self._step(to_pixels(batches(self.position.step)).to(self.device), fraction))
            seconds = self.position.seconds + time.perf_counter() - clock
            self.position = Position(self.position.step + 1, seconds)
            stop = should_stop()
            if stop or seconds - reported > self.settings.report_seconds:
                reported = seconds
                self.save(out_dir)
                report(fraction)
                losses = [losses[-1]]
            if stop:
                raise TrainingStoppedError(self.position.step)
        self.save(out_dir)
        report(1.0)

    def _step(self, pixels: Tensor, fraction: float) -> float:
        """One step of what learns on ``[B, 3, H, W]``, and one of the discriminator; the weighted loss."""
        settings = self.settings
        warm = min(1.0, (self.position.step + 1) / settings.warmup_steps)
        fall = min(1.0, (1.0 - fraction) / (1.0 - settings.decay_from))
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * warm * fall
        with torch.set_grad_enabled(settings.encoder_share > 0):
            found = self.model.quantize(self.model.encoder(pixels), 1.0, None)
        ours = self.model.decoder(found.values)
        terms = pixel_losses(ours, pixels)
        if settings.encoder_share > 0:
            terms |= {name: getattr(found, name) for name in ("commitment", "entropy", "decorrelation")}
        loss = torch.stack([LOSS_WEIGHTS[name] * value for name, value in terms.items()]).sum()
        loss = loss + settings.ratio_weight * ((ours - pixels).square().mean((1, 2, 3)) + 1e-5).log().mean()
        if self.distance is not None:
            loss = loss + settings.feature_weight * self.distance(ours, pixels)
        whole = loss
        if fraction >= settings.judged_from:
            whole = loss + self._judged(loss, ours)
        self.model.zero_grad(set_to_none=True)
        whole.backward()
        for half in (self.model.decoder, self.model.encoder):
            nn.utils.clip_grad_norm_(half.parameters(), 1.0)
        for optimizer in self.optimizers[1:]:
            optimizer.step()
        if fraction >= settings.judged_from - 0.1:
            self._discriminate(pixels, ours.detach())
        self._follow()
        return float(loss.detach())

    def _judged(self, loss: Tensor, ours: Tensor) -> Tensor:
        """The discriminator's opinion of the reconstructions, weighed by the gradients at the last layer."""
        self.discriminator.requires_grad_(False)
        opinion: Tensor = -self.discriminator(ours).mean()
        self.discriminator.requires_grad_(True)
        last = self.model.decoder.conv_out.weight
        ratio = _norm(loss, last) / (_norm(opinion, last) + 1e-6)
        return self.settings.judged_share * ratio.clamp(max=100.0) * opinion

    def _discriminate(self, true: Tensor, ours: Tensor) -> None:
        hinge = F.relu(1.0 - self.discriminator(true)).mean() + F.relu(1.0 + self.discriminator(ours)).mean()
        self.optimizers[0].zero_grad(set_to_none=True)
        hinge.backward()  # type: ignore[no-untyped-call]
        self.optimizers[0].step()

    @torch.no_grad()
    def _follow(self) -> None:
        averages: list[Tensor] = list(self.average.parameters())
        values: list[Tensor] = list(self.model.parameters())
        torch._foreach_lerp_(averages, values, 1.0 - self.settings.average_decay)

    def save(self, folder: Path) -> None:
        """Write a checkpoint; a run that is cut off in between keeps the former one."""
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self.average.state_dict().items()}
        tensors |= {f"judge.{name}": value for name, value in self.discriminator.state_dict().items()}
        tensors |= {f"rates.{name}": value for name, value in optimizer_tensors(self.optimizers).items()}
        save_file(
            {name: value.detach().clone().contiguous() for name, value in tensors.items()},
            folder / "new.safetensors",
            metadata={"position": json.dumps(asdict(self.position))},
        )
        (folder / "new.safetensors").replace(folder / _CHECKPOINT)

    def restore(self, folder: Path) -> None:
        """Go on from a checkpoint, where there is one."""
        if not (folder / _CHECKPOINT).is_file():
            return
        groups: dict[str, dict[str, Tensor]] = {"model": {}, "average": {}, "judge": {}, "rates": {}}
        for name, value in load_file(folder / _CHECKPOINT, device=str(self.device)).items():
            head, _, tail = name.partition(".")
            groups[head][tail] = value
        self.model.load_state_dict(groups["model"])
        self.average.load_state_dict(groups["average"])
        self.discriminator.load_state_dict(groups["judge"])
        restore_optimizers(self.optimizers, groups["rates"])
        self.position = _position(folder / _CHECKPOINT)


def _position(path: Path) -> Position:
    with safe_open(path, framework="pt") as file:
        return Position(**json.loads(file.metadata()["position"]))


def _norm(value: Tensor, weight: Tensor) -> Tensor:
    gradient: Tensor = torch.autograd.grad(value, weight, retain_graph=True)[0]
    return gradient.square().sum().sqrt()
