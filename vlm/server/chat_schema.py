"""A chat request as the OpenAI API words it, held to what FashionVLM can do."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from vlm.server.options import MAX_PICTURES, MAX_TEXT

DEFAULT_TOKENS = 256
_CANNOT: dict[str, tuple[object, ...]] = {
    "tools": (None, []),
    "tool_choice": (None, "none", "auto"),
    "functions": (None, []),
    "function_call": (None, "none", "auto"),
    "response_format": (None, {"type": "text"}),
    "logprobs": (None, False),
    "top_logprobs": (None, 0),
    "logit_bias": (None, {}),
    "presence_penalty": (None, 0),
    "frequency_penalty": (None, 0),
    "audio": (None,),
    "modalities": (None, ["text"]),
    "prediction": (None,),
    "web_search_options": (None,),
}
"""Arguments that FashionVLM cannot honor, with the values that ask for nothing."""
_IDLE = frozenset(
    {
        "metadata", "parallel_tool_calls", "prompt_cache_key", "reasoning_effort", "safety_identifier",
        "service_tier", "store", "user", "verbosity",
    }
)  # fmt: skip
"""Arguments that change nothing about an answer here."""


class TextPart(BaseModel):
    """Words."""

    type: Literal["text"]
    text: str


class ImageAddress(BaseModel):
    """Where a picture is; here always inside the request itself."""

    url: str = Field(repr=False)
    detail: str | None = None


class ImagePart(BaseModel):
    """A picture."""

    type: Literal["image_url"]
    image_url: ImageAddress


class ChatMessage(BaseModel):
    """One message; ``developer`` is another word for ``system``."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[Annotated[TextPart | ImagePart, Field(discriminator="type")]] | None = None

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if isinstance(part, TextPart)).strip()
        return (self.content or "").strip()

    @property
    def addresses(self) -> list[str]:
        """Its pictures' addresses."""
        parts = self.content if isinstance(self.content, list) else []
        return [part.image_url.url for part in parts if isinstance(part, ImagePart)]


class StreamOptions(BaseModel):
    """What a stream carries besides words."""

    include_usage: bool = False
    include_obfuscation: bool = False


class ChatRequest(BaseModel):
    """The body of ``/v1/chat/completions``."""

    model_config = ConfigDict(extra="forbid")

    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=200)]
    model: str | None = None
    stream: bool = False
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    top_k: Annotated[int, Field(ge=0)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=100_000)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1, le=100_000)] | None = None
    stop: (
        str | Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=4)] | None
    ) = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    n: int | None = None

    @model_validator(mode="before")
    @classmethod
    def _only_what_can_be_done(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        for name, idle in _CANNOT.items():
            if name in value and value[name] not in idle:
                raise ValueError(f"FashionVLM has no {name}; leave it out")
        return {name: one for name, one in value.items() if name not in _IDLE and name not in _CANNOT}

    @field_validator("n")
    @classmethod
    def _one_answer(cls, value: int | None) -> int | None:
        if value not in (None, 1):
            raise ValueError("one answer a request; send the request again for another")
        return value

    @field_validator("stop")
    @classmethod
    def _stops_at_something(cls, value: str | list[str] | None) -> str | list[str] | None:
        if value == "":
            raise ValueError("must not be empty")
        return value

    @model_validator(mode="after")
    def _a_conversation(self) -> ChatRequest:
        if sum(len(message.text) for message in self.messages) > MAX_TEXT:
            raise ValueError(f"messages: more than {MAX_TEXT} characters")
        if self.messages[-1].role != "user":
            raise ValueError("messages: the last one must be the user's")
        if any(message.addresses and message.role != "user" for message in self.messages):
            raise ValueError("messages: pictures belong to the user's messages")
        if len(self.addresses) > MAX_PICTURES:
            raise ValueError(f"messages: {len(self.addresses)} pictures; at most {MAX_PICTURES} are taken")
        if not self.addresses and not self.messages[-1].text:
            raise ValueError("messages: the last one is empty")
        return self

    @property
    def addresses(self) -> list[str]:
        """The pictures of the whole conversation, in order."""
        return [address for message in self.messages for address in message.addresses]

    @property
    def stops(self) -> list[str]:
        """Strings at which the answer ends."""
        return [self.stop] if isinstance(self.stop, str) else list(self.stop or ())

    @property
    def limit(self) -> int:
        """New tokens at most."""
        return self.max_completion_tokens or self.max_tokens or DEFAULT_TOKENS
