"""The words for steps and tools that people read while a turn runs (``data/steps.yaml``), and for prices."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}


@cache
def _steps() -> dict[str, tuple[str, str]]:
    text = (Path(__file__).parent / "data" / "steps.yaml").read_text(encoding="utf-8")
    return {name: (str(doing), str(done)) for name, (doing, done) in yaml.safe_load(text).items()}


def doing(name: str) -> str:
    """What is happening now, for a step or tool name."""
    return _steps().get(name, (name.replace("_", " ").capitalize(), ""))[0]


def done(name: str) -> str:
    """What has happened, for a step or tool name."""
    return _steps().get(name, ("", name.replace("_", " ").capitalize()))[1]


def price(amount: float, currency: str) -> str:
    """A price as a person reads it, for example ``€79`` or ``€79.50``."""
    number = f"{amount:,.0f}" if amount == int(amount) else f"{amount:,.2f}"
    sign = _SIGNS.get(currency)
    return f"{sign}{number}" if sign else f"{number} {currency}"
