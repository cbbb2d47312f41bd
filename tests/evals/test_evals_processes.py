"""Work in processes that share nothing finds what it finds in one, row by row."""

from collections.abc import Mapping
from functools import partial

import pytest

from evals.processes import work_apart
from vlm.client import FashionVLMClient


async def squares(vlm: FashionVLMClient, rows: Mapping[int, int], add: int = 0) -> dict[int, int]:
    """Squares, last row first."""
    assert vlm.__class__.__name__ == "LocalFashionVLM"
    return {number: row * row + add for number, row in reversed(rows.items())}


async def refuse(vlm: FashionVLMClient, rows: Mapping[int, int]) -> dict[int, int]:
    """Find nothing."""
    raise ValueError(f"nothing in {len(rows)} rows")


@pytest.mark.slow
def test_every_row_keeps_its_number_and_its_place_and_is_told_once() -> None:
    rows = {number: number - 40 for number in range(90, 45, -1)}
    told: list[int] = []
    found = work_apart(partial(squares, add=1), rows, None, 2, lambda number, _: told.append(number))
    assert [*found.items()] == [(number, row * row + 1) for number, row in rows.items()]
    assert sorted(told) == sorted(rows)
    with pytest.raises(ValueError, match="nothing in 5 rows"):
        work_apart(refuse, dict.fromkeys(range(5), 1), None, 1)


def test_no_rows_start_no_process() -> None:
    assert work_apart(squares, {}, None, 2) == {}
