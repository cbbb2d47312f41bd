"""How a training run ends before its budget is spent."""

from __future__ import annotations


class TrainingStoppedError(RuntimeError):
    """A run was asked to stop and has written its checkpoint."""

    def __init__(self, step: int) -> None:
        """`step` steps are done."""
        super().__init__(f"stopped after step {step}")
        self.step = step
