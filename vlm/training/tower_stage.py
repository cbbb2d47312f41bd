"""The stage of a training run that makes the model's own vision tower and its heads; skipped where they are there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vlm.tower_heads import HEADS_FILE, TowerHeads
from vlm.training.tower import TowerTraining, train_tower
from vlm.training.tower_views import ViewPlan, build_views
from vlm.vision_tower import VisionTower

SQUEEZE = 4 / 3
"""Phone photos are 3 : 4; pressed into the square they fill it, and a third more of the network's sight is garment."""

Report = Callable[[str, int, int, str], None]
"""Called as ``report(stage, done, total, note)``."""


def trained_tower(
    run: Path,
    photos: Path,
    *,
    views: ViewPlan | None = None,
    training: TowerTraining | None = None,
    resume: bool = True,
    report: Report | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[VisionTower, TowerHeads]:
    """Build the views, train, and write ``run/tower``; a model folder gets a copy of it as ``tower``.

    Args:
        run: Folder of intermediate results; the views take 44 KB each.
        photos: Folder of training photos, ``<class>/*.jpg``.
        views: How many views of what.
        training: Steps and rates.
        resume: Take what an earlier call left; otherwise the training starts anew, on the views that are there.
        report: Told of progress.
        should_stop: Asked after every step of the training.

    Raises:
        FileNotFoundError: `photos` holds no photos.
        TrainingStoppedError: `should_stop` said so; a checkpoint is written.
    """
    tell = report or (lambda stage, done, total, note: None)
    out = run / "tower"
    if resume and (out / HEADS_FILE).is_file():
        return VisionTower.from_pretrained(out), TowerHeads.from_pretrained(out)
    training = training or TowerTraining()
    tower = VisionTower(squeeze=SQUEEZE)
    made = build_views(
        run / "tower_views",
        photos,
        tower,
        views or ViewPlan(seed=training.seed),
        on_progress=lambda done, total: tell("tower views", done, total, ""),
    )
    tower, heads = train_tower(
        tower,
        made,
        run / "tower_training",
        training,
        resume=resume,
        progress=lambda p: tell(
            "tower",
            p.step,
            training.steps,
            f"loss {p.loss:.3f}" + ("" if p.held is None else f", class of photos aside {p.held:.1%}"),
        ),
        should_stop=should_stop,
    )
    tower.save_pretrained(out)
    heads.save_pretrained(out)
    # As it was rounded to be stored: a run that goes on from here reads that one.
    return VisionTower.from_pretrained(out), TowerHeads.from_pretrained(out)
