"""Writes a whole FashionRec folder: shard by shard by worker processes, each tar whole or not there, then the tables.

A folder that was left unfinished is gone on with; what is there already is kept. The same plan gives the same bytes.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

from fashion.dialogues import Dialogue
from fashion.fashionrec import DrawingSample, Item, Sample, Task, write_drawings, write_samples
from fashion.fashionrec_index import index_shard, read_sample
from fashion.fashionrec_making import (
    item_of,
    item_picture,
    jpeg,
    make_dialogue,
    make_drawing,
    make_sample,
    people_of,
)
from fashion.fashionrec_plan import Plan, Shard, settle, shards_of
from fashion.fashionrec_tables import Tables, write_tables
from fashion.people import Person
from fashion.pool_workers import end_with_parent
from fashion.sampling import Split

Progress = Callable[[int, int], None]
_SPLITS: dict[str, Split] = {"train": "train", "test": "heldout"}
_stopped: Event | None = None


class StoppedError(Exception):
    """A worker leaves off, because the others were stopped."""


def write_fashionrec(
    folder: Path,
    plan: Plan,
    *,
    workers: int = 1,
    on_progress: Progress | None = None,
) -> int:
    """Write what a plan says and the folder lacks; a KeyboardInterrupt leaves nothing half written.

    Args:
        folder: A new or empty folder, or one that this plan was written to before.
        plan: What to write.
        workers: Processes; 1 works in this one.
        on_progress: Told how many samples are there, and of how many.

    Returns:
        How many samples the folder holds.

    Raises:
        FashionRecError: The folder belongs to something else.
    """
    settle(folder, plan)
    jobs = shards_of(plan)
    total = sum(job.last - job.first for job in jobs)
    missing = [job for job in jobs if not (folder / job.path).is_file()]
    done = total - sum(job.last - job.first for job in missing)
    for job in _run(folder, plan, missing, workers):
        done += job.last - job.first
        if on_progress is not None:
            on_progress(done, total)
    write_tables(folder / "meta", _tables(folder, plan, jobs))
    return total


def _run(folder: Path, plan: Plan, jobs: Sequence[Shard], workers: int) -> Iterator[Shard]:
    if workers == 1:
        for job in jobs:
            yield _write_shard(folder, plan, job)
        return
    context = get_context("spawn")
    stopped = context.Event()
    with ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(stopped,)) as pool:
        try:
            waiting: set[Future[Shard]] = {pool.submit(_write_shard, folder, plan, job) for job in jobs}
            while waiting:
                finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield future.result()
        except BaseException:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _begin(stopped: Event) -> None:
    """Ctrl-C goes to every process of a terminal; the first one decides what it means."""
    global _stopped
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _stopped = stopped
    end_with_parent()


def _check_stopped() -> None:
    if _stopped is not None and _stopped.is_set():
        raise StoppedError


def _write_shard(folder: Path, plan: Plan, job: Shard) -> Shard:
    """Write one tar beside its place and move it there when it is whole."""
    target = folder / job.path
    unfinished = target.with_suffix(".part")
    try:
        if job.task is None:
            write_drawings(unfinished, _drawings(plan, job))
        else:
            write_samples(unfinished, _samples(folder, plan, job, job.task))
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return job


def _drawings(plan: Plan, job: Shard) -> Iterator[DrawingSample]:
    for number in range(job.first, job.last):
        _check_stopped()
        yield make_drawing(plan.seed, number, plan.side)


def _samples(folder: Path, plan: Plan, job: Shard, task: Task) -> Iterator[Sample]:
    people = people_of(plan.seed, _SPLITS[job.part], plan.people)
    for number in range(job.first, job.last):
        _check_stopped()
        made = make_dialogue(plan.seed, task, _SPLITS[job.part], number, people)
        if plan.item_pictures and job.part == "test":
            _draw_items(folder, made, plan.side)
        yield make_sample(made, f"{number:07d}", plan.side)


def _draw_items(folder: Path, made: Dialogue, side: int) -> None:
    for garment in (*made.items, *made.history, *(one.target for one in made.rounds)):
        path = folder / item_of(garment).path
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Two processes may draw the same item at once.
            unfinished = path.with_suffix(f".{os.getpid()}")
            unfinished.write_bytes(jpeg(item_picture(garment, side)))
            unfinished.replace(path)


def _tables(folder: Path, plan: Plan, jobs: Sequence[Shard]) -> Tables:
    """Items, outfits and people of all dialogues that were written.

    An outfit is what a dialogue shows with what it recommends at last; a person's are those, and each thing they have
    beside the first thing shown.
    """
    items: dict[str, Item] = {}
    outfits: dict[str, tuple[str, ...]] = {}
    users: dict[str, list[str]] = {}
    for job in jobs:
        if job.task is None:
            continue
        people = people_of(plan.seed, _SPLITS[job.part], plan.people)
        for record in index_shard(folder / job.path).records:
            sample = read_sample(record)
            every = (*sample.partial_outfit, *sample.target_items, *sample.changeable_items, *sample.history)
            items |= {item.item_id: item for item in every}
            name = f"{job.part}-{job.task}-{sample.key}"
            own = _outfits(sample, name)
            outfits |= own
            if job.task == "personalized":
                users.setdefault(_owner(people, sample.key).user_id, []).extend(own)
    return Tables(items, outfits, {user: tuple(names) for user, names in sorted(users.items())})


def _owner(people: Sequence[Person], key: str) -> Person:
    return people[int(key) % len(people)]


def _outfits(sample: Sample, name: str) -> dict[str, tuple[str, ...]]:
    replaced = {item.item_id for item in sample.changeable_items[1:]}
    shown = [item.item_id for item in sample.partial_outfit if item.item_id not in replaced]
    found = {name: tuple(dict.fromkeys((*shown, sample.target.item_id)))}
    for place, item in enumerate(sample.history):
        found[f"{name}-{place}"] = tuple(dict.fromkeys((sample.partial_outfit[0].item_id, item.item_id)))
    return found
