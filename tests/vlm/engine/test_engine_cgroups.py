"""What a container may take: the smaller of what its machine and its control groups have free."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from vlm.engine import memory
from vlm.engine.cgroups import free_in_groups

UNLIMITED = 2**63 - 4096
"""How version 1 writes that there is no limit."""


def groups(folder: Path, mine: str, **files: int | str) -> tuple[Path, Path]:
    """A folder of control groups; `files` are named by their path, with ``__`` for a slash."""
    (folder / "mine").write_text(mine)
    for name, text in files.items():
        path = folder / "cgroup" / (name.replace("__", "/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    return folder / "cgroup", folder / "mine"


@pytest.mark.parametrize(
    "mine, files, free",
    [
        ("0::/", {"memory.max": 1000, "memory.current": 300}, 700),
        ("0::/", {"memory.max": "max", "memory.current": 300}, None),
        ("0::/", {"memory.max": 1000, "memory.current": 1200}, 0),
        ("0::/", {"memory.max": 1000, "memory.current": 300, "memory.stat": "anon 100\ninactive_file 50"}, 750),
        ("0::/a/b", {"a__memory.max": 500, "a__memory.current": 100, "a__b__memory.max": "max",
                     "a__b__memory.current": 90}, 400),
        ("0::/gone/far", {"memory.max": 1000, "memory.current": 300}, 700),
        ("3:cpu:/\n4:memory:/", {"memory__memory.limit_in_bytes": 900, "memory__memory.usage_in_bytes": 100}, 800),
        ("4:memory:/docker/1", {"memory__memory.limit_in_bytes": 900, "memory__memory.usage_in_bytes": 100}, 800),
        ("4:memory:/x", {"memory__memory.limit_in_bytes": 900, "memory__memory.usage_in_bytes": 100,
                         "memory__x__memory.limit_in_bytes": 300, "memory__x__memory.usage_in_bytes": 100,
                         "memory__x__memory.stat": "inactive_file 1\ntotal_inactive_file 20"}, 220),
        ("0::/", {}, None),
        ("", {"memory.max": 1000, "memory.current": 300}, None),
    ],
)  # fmt: skip
def test_the_tightest_group_says_what_is_left(tmp_path, mine, files, free) -> None:
    assert free_in_groups(*groups(tmp_path, mine, **files)) == free


def test_without_control_groups_there_is_no_limit(tmp_path) -> None:
    assert free_in_groups(tmp_path / "none", tmp_path / "nor_here") is None


def test_a_container_is_planned_with_its_own_limit_and_not_with_its_machines(tmp_path, monkeypatch) -> None:
    places = groups(tmp_path, "0::/", **{"memory.max": 1100, "memory.current": 100})
    monkeypatch.setattr(memory, "free_in_groups", lambda: free_in_groups(*places))
    assert memory.memory_limit(torch.device("cpu"), 50) == 920 + 50
    places[0].joinpath("memory.max").write_text(str(UNLIMITED))
    assert memory.memory_limit(torch.device("cpu"), 0) > 2**20
