"""How much memory Linux's control groups leave to this process: a container may have far less than its machine."""

from __future__ import annotations

from pathlib import Path

_MOUNTED = Path("/sys/fs/cgroup")
_MINE = Path("/proc/self/cgroup")


def free_in_groups(mounted: Path = _MOUNTED, mine: Path = _MINE) -> int | None:
    """Bytes that the tightest of this process' control groups has left; None where none has a limit.

    Both versions are read, and every group up to the mounted folder: the limit of an outer one holds, too. What a group
    holds of files that were not used lately counts as free, as the kernel takes it back first.

    Args:
        mounted: Where the control groups are mounted.
        mine: The file that names this process' groups.
    """
    lines = mine.read_text(encoding="utf-8").splitlines() if mine.is_file() else []
    left: list[int] = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            top, names = mounted, ("memory.max", "memory.current")
        elif "memory" in controllers.split(","):
            top, names = mounted / "memory", ("memory.limit_in_bytes", "memory.usage_in_bytes")
        else:
            continue
        group = top / path.lstrip("/")
        # Inside a container the path may be the machine's, and its own group is the mounted folder itself.
        left += [
            free for folder in (group, *_above(group, top)) if (free := _free(folder, *names)) is not None
        ]
    return min(left, default=None)


def _above(group: Path, top: Path) -> list[Path]:
    return [folder for folder in group.parents if folder.is_relative_to(top)]


def _free(folder: Path, limit_name: str, used_name: str) -> int | None:
    limit_file, used_file = folder / limit_name, folder / used_name
    if not limit_file.is_file() or not used_file.is_file():
        return None
    limit = limit_file.read_text(encoding="ascii").strip()
    if limit == "max":
        return None
    used = int(used_file.read_text(encoding="ascii"))
    return max(0, int(limit) - used + _idle_files(folder / "memory.stat"))


def _idle_files(stat: Path) -> int:
    lines = stat.read_text(encoding="ascii").splitlines() if stat.is_file() else []
    counts = dict(line.split(" ", 1) for line in lines if " " in line)
    return int(counts.get("total_inactive_file", counts.get("inactive_file", 0)))
