"""Shares with their intervals, as the quality figures report them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many were right.

    Attributes:
        right: Cases that were right, 0..count.
        count: Cases, at least 1.
    """

    right: int
    count: int

    def __post_init__(self) -> None:
        """Refuse a share of nothing."""
        if not 0 <= self.right <= self.count or self.count < 1:
            raise ValueError(f"{self.right} of {self.count} is no share")

    @classmethod
    def of(cls, cases: Iterable[bool]) -> Share:
        """The share of True among cases."""
        found = list(cases)
        return cls(sum(found), len(found))

    @property
    def percent(self) -> float:
        """The share in percent."""
        return 100.0 * self.right / self.count

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % Wilson interval in percent."""
        p, n, z = self.right / self.count, self.count, _Z
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * sqrt((p * (1 - p) + z * z / (4 * n)) / n) / (1 + z * z / n)
        return 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)

    def facts(self) -> dict[str, float]:
        """For a JSON line: percent, its interval and the number of cases."""
        low, high = self.interval
        return {
            "percent": round(self.percent, 1),
            "low": round(low, 1),
            "high": round(high, 1),
            "n": self.count,
        }


Shares = Mapping[str, Share]
