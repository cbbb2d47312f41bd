"""A garment as plain attributes: what is drawn, described, sold and matched.

Every value is a name from the vocabulary files in `fashion/data`; `fashion.vocabulary` validates them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Garment:
    """One garment or accessory, by its visible attributes.

    Attributes:
        category: One of the 51 category names, for example ``"Sneakers"``.
        color: A palette color name, for example ``"navy"``.
        pattern: ``solid``, ``striped``, ``checked``, ``polka dot``, ``floral`` or ``animal print``.
        material: A material name, for example ``"leather"``.
        style: The category's cut or kind (``"high-top"``, ``"pencil"``, ``"aviator"``), or None.
        sleeve: ``sleeveless``, ``short`` or ``long``; None where the category has no sleeves.
        neckline: ``crew``, ``v-neck``, ``scoop``, ``turtleneck``, ``collared``, ``square`` or None.
        length: ``mini``, ``knee``, ``midi``, ``maxi``, ``cropped``, ``regular``, ``long`` or None.
        fit: ``slim``, ``regular``, ``relaxed``, ``wide`` or None.
    """

    category: str
    color: str
    pattern: str = "solid"
    material: str | None = None
    style: str | None = None
    sleeve: str | None = None
    neckline: str | None = None
    length: str | None = None
    fit: str | None = None
