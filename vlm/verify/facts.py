"""What ``expected.json`` says of how the expected tensors were made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError, model_validator

from vlm.published.files import read_json
from vlm.verify.checks import NothingToVerifyError


class DrawingFacts(BaseModel):
    """How pictures were drawn."""

    max_text_slots: Annotated[int, Field(ge=4)]
    timesteps: Annotated[int, Field(ge=1)]
    temperature: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    generator_seed: Annotated[int, Field(ge=-(2**63), lt=2**64)]


class Facts(BaseModel):
    """The whole file; `ids` are those of special tokens, ``sot`` and ``eot`` among them."""

    t2i: DrawingFacts
    ids: dict[str, int]

    @model_validator(mode="after")
    def _edges_of_texts(self) -> Facts:
        if absent := [name for name in ("sot", "eot") if name not in self.ids]:
            raise ValueError(f"ids does not state {', '.join(absent)}")
        return self


def read_facts(path: Path) -> Facts:
    """Read the file.

    Raises:
        CheckpointError: It is missing, or no JSON object.
        NothingToVerifyError: It does not state what is needed.
    """
    try:
        return Facts.model_validate(read_json(path))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
    named = [(".".join(str(part) for part in problem["loc"]), problem) for problem in problems]
    if absent := [repr(name) for name, problem in named if problem["type"] == "missing"]:
        raise NothingToVerifyError(f"{path} does not state {', '.join(absent)}")
    name, first = named[0]
    told = first["msg"].removeprefix("Value error, ")
    raise NothingToVerifyError(f"{path}: {f'{name}: ' if name else ''}{told}")
