"""Every setting of FashionM3, read once from the environment and from a ``.env`` file in the working folder.

Each setting is an environment variable with the prefix ``FASHIONM3_``; ``docs/settings.md`` is made from the
descriptions below by `ui.settings_table`. Nothing below ``ui`` sees this class: the rooms get plain values.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from vlm.shipped import named_directory

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


def default_home() -> Path:
    """The data folder that the operating system names for this user and program."""
    return platformdirs.user_data_path("fashionm3", appauthor=False)


class Settings(BaseSettings):
    """All settings with their defaults."""

    model_config = SettingsConfigDict(
        env_prefix="FASHIONM3_", env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    home: Path = Field(
        default_factory=default_home,
        description="Folder for all data: catalog, history, pictures, conversations.",
    )
    user: str = Field(
        default="me",
        min_length=1,
        max_length=64,
        description="Whose history the command line and an unguarded MCP endpoint use.",
    )
    host: str = Field(default="127.0.0.1", description="Address that `fashionm3 serve` listens on.")
    port: int = Field(
        default=7860,
        ge=0,
        le=65535,
        description="Port that `fashionm3 serve` listens on; 0 picks a free one.",
    )
    public_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Further host names under which the server may be reached, separated by commas, "
        "with the port where there is one; requests for any other host are refused.",
    )
    tokens: Annotated[dict[str, SecretStr], NoDecode] = Field(
        default_factory=dict,
        description="Who may use the server: `name=token` pairs separated by commas, each token of 8 "
        "characters or more. With tokens set, "
        "the page asks for one and MCP clients send one as a bearer token; each name has its own history.",
    )
    allow_anonymous: bool = Field(
        default=False,
        description="Serve on an address other than localhost without tokens (`fashionm3 vlm serve`: without keys): "
        "anyone who reaches it is in.",
    )
    secure_cookies: bool = Field(
        default=False, description="Mark the page's cookie `Secure`; set it when the server is behind HTTPS."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="How much is logged, on standard error."
    )
    debug: bool = Field(default=False, description="Show stack traces where a sentence would be shown.")
    vlm_dir: Path | None = Field(
        default=None,
        description="Folder of a FashionVLM checkpoint, or `mini` or `small` for one in the package; unset, `mini`. "
        "On a machine with a GPU it runs there.",
    )
    vlm_device: Literal["cpu", "cuda"] | None = Field(
        default=None, description="Where that model runs: `cpu` or `cuda`; unset, on a GPU if there is one."
    )
    vlm_dtype: Literal["float32", "bfloat16"] | None = Field(
        default=None,
        description="What that model computes in; unset, `bfloat16` on a GPU, and on a CPU with instructions for it if the "
        "model is `small` or larger, else `float32`. On other CPUs `bfloat16` is very slow.",
    )
    vlm_url: str | None = Field(
        default=None,
        description="Address of a FashionVLM server, for example `http://gpu-1:8000`; set, no model is loaded "
        "here and FASHIONM3_VLM_DIR is only for `fashionm3 vlm` commands.",
    )
    vlm_key: SecretStr | None = Field(
        default=None, description="The key that the server at FASHIONM3_VLM_URL asks for."
    )
    vlm_timeout: float = Field(
        default=120.0, gt=0, description="Longest wait for one answer of that server, in seconds."
    )
    vlm_host: str = Field(default="127.0.0.1", description="Address that `fashionm3 vlm serve` listens on.")
    vlm_port: int = Field(
        default=8000,
        ge=0,
        le=65535,
        description="Port that `fashionm3 vlm serve` listens on; 0 picks a free one.",
    )
    vlm_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        description="Keys of those who may use `fashionm3 vlm serve`, separated by commas, each of 8 "
        "characters or more; unset, only localhost is served, unless FASHIONM3_ALLOW_ANONYMOUS is true.",
    )
    vlm_max_open: int = Field(
        default=64,
        ge=1,
        description="Requests that `fashionm3 vlm serve` takes at once, waiting ones included; more get a 429.",
    )
    vlm_request_seconds: float = Field(
        default=120.0, gt=0, description="Longest time that server gives one request, in seconds."
    )
    vlm_grace_seconds: float = Field(
        default=30.0,
        ge=0,
        description="How long that server lets running requests finish once it gets SIGTERM, in seconds.",
    )
    embedding: str = Field(
        default="builtin",
        min_length=1,
        description="What words and pictures are compared by: `builtin`, a folder with a CLIP or SigLIP (safetensors), or "
        "its id on the Hugging Face hub, which is downloaded once. Another one makes the indexes again at the next start.",
    )
    boutique_size: int | None = Field(
        default=None,
        ge=51,
        le=20000,
        description="How many products the demo boutique has; unset, all of it.",
    )
    hemisphere: Literal["north", "south"] = Field(
        default="north", description="The side of the equator on which people dress: decides the season."
    )
    month: int | None = Field(
        default=None,
        ge=1,
        le=12,
        description="The month to dress for, 1 to 12; unset, the month it is.",
    )
    llm_url: str | None = Field(
        default=None,
        description="Base address of an OpenAI-compatible endpoint (`http://…/v1`) whose chat model routes messages "
        "and words replies; unset, the built-in router and phrases do. Needs the extra `llm`.",
    )
    llm_model: str = Field(default="", description="Name of the chat model at that endpoint.")
    llm_key: SecretStr | None = Field(
        default=None, description="Key for that endpoint, sent as a bearer token."
    )
    llm_seconds: float = Field(
        default=8.0,
        gt=0,
        le=120,
        description="How long a chat model may take; then the built-in parts answer.",
    )
    llm_tokens_a_day: int = Field(
        default=200_000,
        ge=0,
        description="How many tokens a day the chat model may use; then the built-in parts answer.",
    )
    max_upload_mb: int = Field(
        default=12, ge=1, le=12, description="Largest photo the page takes, in megabytes (never above 12)."
    )
    max_text: int = Field(default=4000, ge=100, description="Longest message, in characters.")

    @field_validator("home")
    @classmethod
    def _expand(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("vlm_dir")
    @classmethod
    def _model_folder(cls, value: Path | None) -> Path | None:
        return None if value is None else named_directory(value)

    @model_validator(mode="after")
    def _named_chat_model(self) -> Settings:
        if self.llm_url is not None and not self.llm_model:
            raise ValueError("llm_url is set, but llm_model is not: name the model at that endpoint")
        return self

    @field_validator("public_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("vlm_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        keys = tuple(part.strip() for part in value.split(",") if part.strip())
        if any(len(key) < 8 for key in keys):
            raise ValueError("each key must have 8 characters or more")
        return keys

    @field_validator("vlm_url")
    @classmethod
    def _an_address(cls, value: str | None) -> str | None:
        if not value:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an address such as http://gpu-1:8000")
        return value.rstrip("/").removesuffix("/v1")

    @field_validator("tokens", mode="before")
    @classmethod
    def _split_tokens(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs: dict[str, str] = {}
        for part in filter(None, (piece.strip() for piece in value.split(","))):
            name, equals, token = (piece.strip() for piece in part.partition("="))
            if not equals or not name or len(token) < 8:
                raise ValueError("each entry must be name=token, with a token of 8 characters or more")
            if name in pairs:
                raise ValueError(f"the name {name!r} has two tokens")
            pairs[name] = token
        if len(set(pairs.values())) < len(pairs):
            raise ValueError("two names share one token")
        return pairs

    @property
    def is_local(self) -> bool:
        """Whether the server listens on this machine only."""
        return self.host in LOCAL_HOSTS
