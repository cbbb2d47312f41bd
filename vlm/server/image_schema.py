"""A request for pictures as the OpenAI API words it, held to what FashionVLM can do."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

SMALLEST_SIDE, LARGEST_SIDE = 64, 2048
_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")
_IDLE = frozenset({"input_fidelity", "moderation", "user", "safety_identifier"})
"""Arguments that change nothing about a picture here."""


class ImageRequest(BaseModel):
    """The arguments of ``/v1/images/generations``, and of ``/v1/images/edits`` besides its files.

    `steps`, `guidance`, `contrast` (against the same thing plain, `vlm.contrast`), `temperature`, `seed`, `candidates` (so
    many are drawn, the best `n` of them given) and `progress` (an event at every step of a stream) are ours:
    ``extra_body`` of OpenAI's client.
    """

    model_config = ConfigDict(extra="forbid")

    prompt: Annotated[str, Field(min_length=1, max_length=4000)]
    model: str | None = None
    n: Annotated[int, Field(ge=1, le=4)] | None = None
    size: str | None = None
    response_format: Literal["b64_json", "url"] | None = None
    output_format: Literal["png", "jpeg", "webp"] | None = None
    output_compression: Annotated[int, Field(ge=0, le=100)] | None = None
    quality: str | None = None
    background: str | None = None
    style: str | None = None
    stream: bool | None = None
    partial_images: Annotated[int, Field(ge=0, le=3)] | None = None
    steps: Annotated[int, Field(ge=1, le=200)] | None = None
    guidance: Annotated[float, Field(ge=0, le=50)] | None = None
    contrast: Annotated[float, Field(ge=0, le=50)] | None = None
    temperature: Annotated[float, Field(ge=0, le=10)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**62)] | None = None
    candidates: Annotated[int, Field(ge=1, le=8)] | None = None
    progress: bool = False

    @model_validator(mode="before")
    @classmethod
    def _without_what_changes_nothing(cls, value: Any) -> Any:
        return {k: v for k, v in value.items() if k not in _IDLE} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _draws_what_it_gives(self) -> ImageRequest:
        if self.candidates is not None and self.candidates < (self.n or 1):
            raise ValueError(f"of {self.candidates} candidates {self.n} cannot be given")
        return self

    @field_validator("prompt")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("is empty; say what the picture shows")
        return value.strip()

    @field_validator("response_format")
    @classmethod
    def _inside_the_answer(cls, value: str | None) -> str | None:
        if value == "url":
            raise ValueError("nothing is kept here that could have an address; ask for 'b64_json'")
        return value

    @field_validator("quality", "style", "background")
    @classmethod
    def _nothing_special(cls, value: str | None) -> str | None:
        if value not in (None, "auto", "standard", "opaque", "natural"):
            raise ValueError(
                f"FashionVLM knows no {value[:40]!r}; leave it out ('steps' trades time for quality)"
            )
        return value

    @field_validator("size")
    @classmethod
    def _a_square(cls, value: str | None) -> str | None:
        if value in (None, "auto"):
            return None
        found = _SIZE.fullmatch(value)
        if found is None or found[1] != found[2] or not SMALLEST_SIDE <= int(found[1]) <= LARGEST_SIDE:
            raise ValueError(
                f"FashionVLM draws squares: 'auto', or one of {SMALLEST_SIDE}x{SMALLEST_SIDE} to "
                f"{LARGEST_SIDE}x{LARGEST_SIDE} (others than its own are resized)"
            )
        return value

    @property
    def side(self) -> int | None:
        """Side in pixels that was asked for; None is the model's own."""
        return int(self.size.partition("x")[0]) if self.size else None

    @property
    def format(self) -> Literal["png", "jpeg", "webp"]:
        """How the picture is written."""
        return self.output_format or "png"
