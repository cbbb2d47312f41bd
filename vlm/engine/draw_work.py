"""The engine's work on pictures: canvases begun, advanced and painted. Runs on the engine's thread only."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from vlm.canvas import Canvas
from vlm.engine.jobs import DrawJob
from vlm.engine.requests import Step
from vlm.model import FashionVLMModel


class DrawWork:
    """Begins drawings and advances several of them by a step."""

    def __init__(self, model: FashionVLMModel) -> None:
        """Draw with this model."""
        self._model = model
        self._config = model.parts.network.config

    def begin(self, job: DrawJob) -> None:
        """Run the words of a job; from here on it has a canvas.

        Raises:
            ValueError: Its mask leaves nothing to repaint.
        """
        job.canvas = self._model.drawing.begin(
            [job.prompt] * job.candidates,
            job.settings,
            torch.Generator(self._model.backbone.device).manual_seed(job.seed),
            self._fixed(job),
            [job.plain] * job.candidates,
        )

    def step(self, jobs: Sequence[DrawJob]) -> None:
        """Do a step of each job, tell it, and paint those that are finished."""
        canvases = [self._canvas(job) for job in jobs]
        # One that ran out of memory while it was painted is painted again.
        self._model.drawing.step([canvas for canvas in canvases if not canvas.finished])
        for job, canvas in zip(jobs, canvases, strict=True):
            if canvas.step > job.told:
                self._tell(job, canvas)
            if canvas.finished:
                job.finish(self._model.finished(job.words, canvas.drawn, job.kept))

    def _tell(self, job: DrawJob, canvas: Canvas) -> None:
        shown = job.previews and canvas.step % job.previews == 0 and not canvas.finished
        preview = self._model.finished(job.words, canvas.drawn[:1], 1)[0] if shown else None
        job.told = canvas.step
        job.emit(Step(canvas.step, job.settings.steps, preview))

    def _fixed(self, job: DrawJob) -> Tensor | None:
        if job.picture is None or job.anew is None:
            return None
        codes = self._model.prefixes.codes(job.picture)
        anew = job.anew.to(codes.device)
        return torch.where(anew, self._config.codebook_size, codes).repeat(job.candidates, 1)

    @staticmethod
    def _canvas(job: DrawJob) -> Canvas:
        if job.canvas is None:
            raise RuntimeError("a drawing that was not begun cannot be advanced")
        return job.canvas
