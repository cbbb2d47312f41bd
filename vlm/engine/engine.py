"""The engine: one thread that runs the network, many requests that share it.

`Engine.events` is its whole use: it submits a request and yields what comes of it. What goes next is the scheduler's
business, tensors are the work classes'; this module is the thread between them, and the border to asyncio.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import torch
from PIL import Image

from vlm.attention import SlotMemory
from vlm.config import ColorHint
from vlm.engine.draw_work import DrawWork
from vlm.engine.intake import job_of
from vlm.engine.jobs import DrawJob, Job, TextJob
from vlm.engine.memory import MemoryPlan, plan_for
from vlm.engine.pressure import free_memory, out_of_memory, works
from vlm.engine.requests import (
    LAST_EVENTS,
    EngineStats,
    Event,
    Failed,
    Look,
    QueueFullError,
    Request,
    RequestFailedError,
    RequestRefusedError,
)
from vlm.engine.scheduler import Limits, Scheduler, Work
from vlm.engine.tally import Tally
from vlm.engine.text_work import TextWork
from vlm.model import FashionVLMModel, chosen_device
from vlm.precision import Precision, named_dtype
from vlm.shipped import NAMES, shipped_directory
from vlm.static_decode import StaticDecoder
from vlm.text_generation import TextRunner

_CLOSED = "the engine is closed"


class Engine:
    """Serves a loaded model; safe to use from any event loop and thread."""

    def __init__(self, model: FashionVLMModel, plan: MemoryPlan, limits: Limits, name: str) -> None:
        """Allocate what the plan says; `from_model` makes the plan. Nothing runs before `start`."""
        self._model, self.plan, self._name = model, plan, name
        config = model.parts.network.config
        self._memory = SlotMemory(model.backbone, plan.slots, config.max_positions)
        on_gpu = model.backbone.device.type == "cuda"
        # The signs of what the image tokenizer computes are its codes: in TF32 some would flip.
        torch.backends.cudnn.allow_tf32 = False
        static = StaticDecoder(model.backbone, self._memory) if on_gpu else None
        self._texts = TextWork(TextRunner(model.backbone, self._memory, static), model.prefixes)
        self._drawings = DrawWork(model)
        self._scheduler: Scheduler[Job] = Scheduler(limits)
        self._wake = threading.Condition()
        self._closing = False
        self._canceled: list[Job] = []
        self._tally = Tally()
        self._thread = threading.Thread(target=self._run, name="fashionvlm-engine", daemon=True)

    @classmethod
    def from_model(
        cls,
        model: FashionVLMModel,
        *,
        name: str = "fashionvlm",
        texts: int | None = None,
        drawings: int | None = None,
        waiting: int = 64,
        memory_bytes: int | None = None,
    ) -> Engine:
        """Plan and allocate an engine for a loaded model; `start` sets it going.

        Args:
            model: On the device and in the dtype that it is to run in.
            name: What ``/v1/models`` shows.
            texts: Answers at once; None is as many as the memory allows, at most 16.
            drawings: Pictures at once; None is 8 on a GPU and 2 on a CPU, where more only makes all of them late.
            waiting: Requests that may wait; more are refused with `QueueFullError`.
            memory_bytes: What may be taken, weights included; None is what the device has free.

        Raises:
            MemoryPlanError: It does not fit; the message has the numbers.
        """
        plan, limits = plan_for(model, texts, drawings, waiting, memory_bytes)
        return cls(model, plan, limits, name)

    @classmethod
    def from_pretrained(
        cls,
        directory: Path | None = None,
        *,
        device: str | None = None,
        dtype: Precision | None = None,
        name: str | None = None,
    ) -> Engine:
        """Load a model folder (the shipped one by default) and start an engine for it; blocking.

        Args:
            directory: See `vlm.checkpoint.load_model`.
            device: ``cpu`` or ``cuda``; None is a GPU if there is one.
            dtype: What the network computes in; None is as `vlm.precision` has it.
            name: What ``/v1/models`` shows; None is the folder's name.

        Raises:
            FileNotFoundError: The folder lacks a file.
            ValueError: Its weights do not fit its configuration, or the model does not fit the memory.
        """
        model = FashionVLMModel.from_pretrained(
            directory, device=chosen_device(device), dtype=named_dtype(dtype)
        )
        folder = (directory or shipped_directory()).resolve()
        ours = "fashionvlm-" if folder in map(shipped_directory, NAMES) else ""
        named = name or f"{ours}{folder.name}"
        return cls.from_model(model, name=named).start()

    def start(self) -> Engine:
        """Set the thread going; returns the engine itself."""
        self._thread.start()
        return self

    @property
    def model_name(self) -> str:
        """See `vlm.engine.protocol.ServingEngine`."""
        return self._name

    @property
    def resolution(self) -> int:
        """See `vlm.engine.protocol.ServingEngine`."""
        return self._model.output_side

    @property
    def default_steps(self) -> int:
        """See `vlm.engine.protocol.ServingEngine`."""
        return self._model.defaults.steps

    @property
    def color_hint(self) -> ColorHint:
        """See `vlm.engine.protocol.ServingEngine`."""
        return self._model.parts.network.config.color_hint

    def look(self, pictures: Sequence[Image.Image]) -> Look:
        """See `vlm.engine.protocol.ServingEngine`."""
        return self._model.prefixes.look(pictures)

    async def events(self, request: Request) -> AsyncGenerator[Event, None]:
        """See `vlm.engine.protocol.ServingEngine`."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Event] = asyncio.Queue()

        def emit(event: Event) -> None:
            # A loop that is closed has nobody left to tell.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(queue.put_nowait, event)

        job = await asyncio.to_thread(job_of, self._model, request, emit)
        # It may hold pictures far larger than the job needs.
        del request
        self._submit(job)
        try:
            while True:
                event = await queue.get()
                yield event
                if isinstance(event, LAST_EVENTS):
                    return
        finally:
            self._cancel(job)

    def stats(self) -> EngineStats:
        """See `vlm.engine.protocol.ServingEngine`."""
        with self._wake:
            return EngineStats(
                waiting=self._scheduler.waiting(),
                running_texts=self._scheduler.running("text"),
                running_drawings=self._scheduler.running("draw"),
                tokens=self._tally.tokens,
                pictures=self._tally.pictures,
                failed=self._tally.failed,
                canceled=self._tally.canceled,
                memory_bytes=self._held(),
                memory_limit_bytes=self.plan.limit,
                wait_seconds=self._tally.pace.seconds_for(max(1, self._scheduler.waiting())),
                taking=not self._closing,
            )

    async def close(self) -> None:
        """See `vlm.engine.protocol.ServingEngine`."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)

    def _submit(self, job: Job) -> None:
        with self._wake:
            if self._closing:
                raise RequestFailedError(_CLOSED)
            if self._scheduler.full:
                waiting = self._scheduler.waiting()
                raise QueueFullError(waiting, self._tally.pace.seconds_for(waiting))
            self._scheduler.submit(job)
            self._wake.notify()

    def _cancel(self, job: Job) -> None:
        with self._wake:
            # A closing engine ends all its jobs by itself.
            if job.last is None and not self._closing:
                self._canceled.append(job)
                self._wake.notify()

    def _held(self) -> int:
        if self._model.backbone.device.type == "cuda":
            return torch.cuda.memory_allocated(self._model.backbone.device)
        return self._model.weight_bytes + self._memory.bytes

    def _run(self) -> None:
        """The thread: what the scheduler says, until the engine is closed."""
        try:
            while (work := self._next()) is not None:
                began = time.monotonic()
                self._do(work)
                with self._wake:
                    self._scheduler.charge(work.kind, time.monotonic() - began)
                    self._clear(work.jobs)
                # While the engine waits nothing of what has ended is kept.
                del work
        finally:
            # However the thread ends, nobody is left waiting.
            with self._wake:
                self._closing = True
                for job in self._scheduler.jobs:
                    self._fail(job, RequestFailedError(_CLOSED))
                self._clear(self._scheduler.jobs)
                self._canceled.clear()

    def _next(self) -> Work[Job] | None:
        with self._wake:
            while not self._closing:
                self._drop_canceled()
                if (work := self._scheduler.next()) is not None:
                    return work
                self._wake.wait()
            return None

    def _do(self, work: Work[Job]) -> None:
        """Do one thing; what goes wrong ends the requests that it concerns and no others, unless the device is broken."""
        try:
            self._work_on(work)
        except (RuntimeError, MemoryError, LookupError, ArithmeticError, OSError) as error:
            if out_of_memory(error):
                # The newest asked for too much; the others try again without it.
                newest = max(work.jobs, key=lambda job: job.asked_at)
                self._fail(newest, RequestFailedError("not enough memory was left for this request"))
                free_memory(self._model.backbone.device)
                return
            if not works(self._model.backbone.device):
                raise
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            for job in work.jobs:
                self._fail(job, RequestFailedError(f"the model could not go on: {reason}"))
        except ValueError as error:
            for job in work.jobs:
                self._fail(job, RequestRefusedError(str(error)))

    def _work_on(self, work: Work[Job]) -> None:
        texts = [job for job in work.jobs if isinstance(job, TextJob)]
        drawings = [job for job in work.jobs if isinstance(job, DrawJob)]
        if work.action == "begin":
            for text in texts:
                self._texts.begin(text)
            for drawing in drawings:
                self._drawings.begin(drawing)
        elif texts:
            self._texts.step(texts)
        else:
            self._drawings.step(drawings)
        self._tally.tokens += len(texts)

    def _fail(self, job: Job, error: Exception) -> None:
        if job.last is None:
            job.last, job.failed = Failed(error), True

    def _clear(self, jobs: Sequence[Job]) -> None:
        """Free what ended jobs hold, then tell their last event: who hears it finds the engine as it is without it."""
        for job in jobs:
            if job.last is None:
                continue
            self._forget(job)
            self._tally.ended(job)
            job.emit(job.last)

    def _drop_canceled(self) -> None:
        for job in self._canceled:
            # One that ended meanwhile has been freed already.
            if job.last is None:
                self._tally.canceled += 1
                self._forget(job)
        self._canceled.clear()

    def _forget(self, job: Job) -> None:
        """Free all that a job holds."""
        self._scheduler.remove(job)
        if isinstance(job, TextJob):
            self._texts.release(job, keep=not job.failed)
        else:
            job.canvas = None
