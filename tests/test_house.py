"""The house plan of the packages: who may import whom, how long a module is, what a folder is called."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
FLOORS = ["fashion", "vlm", "stores", "tools", "agents", "graphs", "evals", "ui"]
LONGEST = 320
FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "core", "misc", "manager"}


def _modules() -> list[Path]:
    return [path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py"))]


def _imported(path: Path) -> set[str]:
    """Top-level names a module imports, inside functions and type-checking blocks too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_every_floor_of_the_house_is_there() -> None:
    assert all((ROOT / floor / "__init__.py").is_file() for floor in FLOORS)


def test_an_import_never_points_up_the_house() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in _modules()
        for name in _imported(path) & set(FLOORS)
        if FLOORS.index(name) > FLOORS.index(path.relative_to(ROOT).parts[0])
    ]
    assert not wrong, "\n".join(wrong)


def test_a_module_stays_short() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {count} lines"
        for path in _modules()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    ]
    assert not long, "\n".join(long)


def test_no_folder_or_module_has_a_name_that_says_nothing() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in _modules()
        if FORBIDDEN & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}
    ]
    assert not wrong, "\n".join(wrong)
