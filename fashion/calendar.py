"""Which season it is: from the month and the side of the equator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Hemisphere = Literal["north", "south"]
_BY_QUARTER = ("winter", "spring", "summer", "autumn")


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where and when a person dresses; the tropics, where these four seasons say little, count as one of the sides.

    Attributes:
        hemisphere: The side of the equator.
        month: 1 (January) .. 12, or None for today's.
    """

    hemisphere: Hemisphere = "north"
    month: int | None = None

    def __post_init__(self) -> None:
        if self.month is not None and not 1 <= self.month <= 12:
            raise ValueError(f"the month must be 1 to 12, got {self.month}")

    def season(self, today: date | None = None) -> str:
        """The meteorological season: December to February is winter in the north and summer in the south.

        Args:
            today: The day to judge where no month is set; None for the day it is.
        """
        month = self.month or (today or date.today()).month
        quarter = month % 12 // 3
        return _BY_QUARTER[(quarter + 2 * (self.hemisphere == "south")) % 4]
