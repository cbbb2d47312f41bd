"""Where training computes, and how: device, bfloat16, compilation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

import torch

from vlm.network import FashionVLM


class NoDeviceError(ValueError):
    """The device that was asked for is not here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Compute:
    """A device and how to use it.

    Attributes:
        device: Where networks and batches go.
        bf16: Run forward passes in bfloat16; weights and optimizers stay in float32.
        compiled: Compile networks. Not tried on a GPU: what was trained on one ran without.
        lanes: 2 works on a transformer step's halves, drawing and reading, at once, each with one of torch's threads;
            the weights are the same.
    """

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    bf16: bool = False
    compiled: bool = False
    lanes: int = 1

    @classmethod
    def pick(cls, name: str = "auto") -> Compute:
        """The device of a name: ``cpu``, ``cuda``, or ``auto`` for a GPU where there is one.

        A GPU gets bfloat16. Where several processes train together, each gets the GPU of its number.

        Raises:
            NoDeviceError: The name is no such, or there is no GPU.
        """
        if name not in ("auto", "cpu", "cuda"):
            raise NoDeviceError(f"--device is {name!r}: expected auto, cpu or cuda.")
        if name == "cuda" and not torch.cuda.is_available():
            raise NoDeviceError(
                f"--device cuda: this torch ({torch.__version__}) sees no GPU. "
                "Use --device cpu, or install a torch for CUDA."
            )
        if name == "cpu" or not torch.cuda.is_available():
            return cls(lanes=min(2, os.cpu_count() or 1))
        return cls(torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))), bf16=True)

    def autocast(self) -> AbstractContextManager[object]:
        """Around a forward pass and its loss."""
        return torch.autocast(self.device.type, torch.bfloat16) if self.bf16 else nullcontext()

    @contextmanager
    def one_thread_a_lane(self) -> Iterator[None]:
        """While halves of a step are worked on at once, each has one of torch's threads."""
        before = torch.get_num_threads()
        torch.set_num_threads(1 if self.lanes > 1 else before)
        try:
            yield
        finally:
            torch.set_num_threads(before)

    def placed(self, network: FashionVLM) -> FashionVLM:
        """A network on the device, its layers compiled where that is wanted; parameters keep their names."""
        network = network.to(self.device)
        if self.compiled:
            for layer in network.showo.model.layers:
                # Sequences differ in length from batch to batch.
                layer.compile(dynamic=True)
        return network
