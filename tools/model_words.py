"""FashionVLM's own words for a request, and what they name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from fashion.mentions import Mentions, find_mentions
from fashion.product import Product
from tools.contracts import ToolContext
from tools.prompts import load_data
from vlm.client import FashionVLMUnavailableError


@dataclass(frozen=True, slots=True)
class ModelWords:
    """What FashionVLM answered.

    Attributes:
        text: Its answer; empty where it was away.
        mentions: What the answer names.
        away: Why it could not answer, one sentence; None where it did.
    """

    text: str
    mentions: Mentions
    away: str | None = None

    def agreement(self, product: Product) -> float:
        """How much of what the answer names is true of a product, 0..1 (0 where it names nothing)."""
        named = self.mentions
        tests = [
            (3.0, named.categories, product.category),
            (1.0, named.colors, product.color),
            (0.5, named.patterns, product.pattern),
            (0.5, named.materials, product.material),
            (0.5, named.styles, product.style),
        ]
        asked = [(weight, value in wanted) for weight, wanted, value in tests if wanted]
        total = sum(weight for weight, _ in asked)
        return sum(weight for weight, met in asked if met) / total if total else 0.0


async def ask_model(context: ToolContext, request: str, pictures: Sequence[Image.Image]) -> ModelWords:
    """Ask FashionVLM about a request and its pictures; never fails, an absence is told in ``away``."""
    question = request or load_data("prompts")["default_request"]
    try:
        pieces = [piece async for piece in context.services.vlm.converse(question, pictures)]
    except FashionVLMUnavailableError as error:
        return ModelWords("", find_mentions(""), away=str(error))
    text = "".join(pieces).strip()
    return ModelWords(text, find_mentions(text))
