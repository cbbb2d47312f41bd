"""Puts the rooms together: from `Settings` to an assistant that answers, and tidily apart again.

Everything heavy is imported inside the functions, so that ``fashionm3 --help`` does not wait for torch.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ui.failures import BadInputError
from ui.lazy_model import LoadingFashionVLM
from ui.settings import Settings

if TYPE_CHECKING:
    from agents.contracts import Router
    from agents.reply_contracts import Stylist
    from graphs.assistant import Assistant
    from stores.catalog import Catalog
    from tools.contracts import Services
    from vlm.client import FashionVLMClient
    from vlm.embeddings.sentences import TextEmbedder
    from vlm.embeddings.space import EmbeddingSpace

# Checkpoints may only hold types that the graph declares; langgraph reads this when it is imported.
os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")

Progress = Callable[[str, int, int], None]
"""Called as ``on_progress(what, done, total)`` while something long is built."""


@dataclass(frozen=True, slots=True)
class Parts:
    """An assembled FashionM3."""

    settings: Settings
    services: Services
    router: Router
    assistant: Assistant
    model: LoadingFashionVLM


def silent(what: str, done: int, total: int) -> None:
    """A `Progress` that shows nothing."""


def open_embedding(settings: Settings, words: TextEmbedder | None = None) -> EmbeddingSpace:
    """The space of words and pictures that the settings name. Blocking.

    Args:
        settings: Which.
        words: MiniLM, where it is loaded already.

    Raises:
        BadInputError: There is no such embedding, or it cannot be read; the sentence says why.
    """
    from vlm.embeddings.opening import open_space
    from vlm.published.files import CheckpointError

    try:
        return open_space(settings.embedding, words)
    except CheckpointError as error:
        raise BadInputError(f"FASHIONM3_EMBEDDING: {error}") from error


def check_model(settings: Settings) -> None:
    """Refuse a model folder that cannot be one, before anything is opened; looks at names of files only.

    Raises:
        BadInputError: The folder lacks a part of a model; the sentence says what to name instead.
    """
    from vlm.model_folder import check_model_folder

    if settings.vlm_url is not None or settings.vlm_dir is None:
        return
    try:
        check_model_folder(settings.vlm_dir)
    except FileNotFoundError as error:
        raise BadInputError(str(error)) from error


def start_model(settings: Settings, space: EmbeddingSpace | None = None) -> LoadingFashionVLM:
    """Begin to load FashionVLM in the background, or reach for the server that the settings name.

    Args:
        settings: Where the model is.
        space: The embedding, where it is open already; else it is opened when it is first needed.

    Raises:
        BadInputError: The settings name a folder that cannot be a model.
    """
    check_model(settings)
    from vlm.embeddings.opening import LazySpace

    url, key = settings.vlm_url, settings.vlm_key

    def load() -> FashionVLMClient:
        if url is not None:
            from vlm.http_client import HttpFashionVLM
            from vlm.http_transport import HttpTransport
            from vlm.towers import shipped_photo_reader

            secret = key.get_secret_value() if key is not None else None
            transport = HttpTransport(url, secret, seconds=settings.vlm_timeout)
            space_here = space or LazySpace(settings.embedding)
            return HttpFashionVLM(transport, space_here, photos=shipped_photo_reader())
        from vlm.local import LocalFashionVLM

        space_here = space or LazySpace(settings.embedding)
        return LocalFashionVLM.from_pretrained(
            settings.vlm_dir, space_here, device=settings.vlm_device, dtype=settings.vlm_dtype
        )

    return LoadingFashionVLM(load)


def open_catalog(settings: Settings, space: EmbeddingSpace, on_progress: Progress = silent) -> Catalog:
    """Open the catalog; first build the demo boutique or the index where it is missing or outdated. Blocking."""
    from stores.catalog import Catalog

    settings.home.mkdir(parents=True, exist_ok=True)
    catalog = Catalog(settings.home / "catalog", space, demo_size=settings.boutique_size)
    catalog.build_demo(lambda done, total: on_progress("the demo boutique", done, total))
    return catalog


@asynccontextmanager
async def open_services(
    settings: Settings, on_progress: Progress = silent
) -> AsyncIterator[tuple[Services, Router, LoadingFashionVLM]]:
    """Open stores, model and router; build the demo boutique where there is none yet.

    Args:
        settings: Where the data lives and what is used.
        on_progress: Told of the boutique being built, from another thread.

    Yields:
        The stores and the model for the tools, the router, and the model once more as what is being loaded.

    Raises:
        BadInputError: A setting names what cannot be used, told before anything is built.
    """
    check_model(settings)
    from agents.router import load_router
    from fashion.calendar import Calendar
    from stores.artifacts import Artifacts
    from stores.history import History
    from tools.contracts import Services
    from vlm.embeddings.sentences import TextEmbedder

    words = await asyncio.to_thread(TextEmbedder)
    router = await asyncio.to_thread(load_router, words)
    space = await asyncio.to_thread(open_embedding, settings, words)
    catalog = await asyncio.to_thread(open_catalog, settings, space, on_progress)
    told = partial(on_progress, "the history index")
    history = await asyncio.to_thread(History, settings.home / "history", space, told)
    artifacts = await asyncio.to_thread(Artifacts, settings.home / "pictures")
    # Only now, so that the load does not compete with a boutique being drawn.
    model = start_model(settings, space)
    try:
        calendar = Calendar(settings.hemisphere, settings.month)
        services = Services(
            catalog=catalog, history=history, artifacts=artifacts, vlm=model, calendar=calendar
        )
        yield services, router, model
    finally:
        await model.close()
        for store in (artifacts, history, catalog):
            await asyncio.to_thread(store.close)


@contextmanager
def speaking(settings: Settings, router: Router) -> Iterator[tuple[Router, Stylist]]:
    """The router and stylist that serve: the built-in ones, or a chat model over them where one is set up."""
    from agents.stylist import Stylist as BuiltIn

    if settings.llm_url is None:
        yield router, BuiltIn()
        return
    from agents.chat_model import ChatLimits, open_chat_model
    from agents.chat_router import ChatModelRouter
    from agents.chat_stylist import ChatModelStylist

    key = settings.llm_key.get_secret_value() if settings.llm_key else None
    limits = ChatLimits(seconds=settings.llm_seconds, tokens_a_day=settings.llm_tokens_a_day)
    chat = open_chat_model(settings.llm_url, settings.llm_model, key, limits)
    try:
        yield ChatModelRouter(router, chat), ChatModelStylist(BuiltIn(), chat)
    finally:
        chat.close()


@asynccontextmanager
async def open_assistant(settings: Settings, on_progress: Progress = silent) -> AsyncIterator[Parts]:
    """Open everything; what `open_services` opens, and the assistant with its conversations.

    Yields:
        The parts, ready for turns; FashionVLM may still be loading.
    """
    check_model(settings)
    from graphs.assistant import Assistant
    from graphs.checkpoints import Checkpoints

    async with open_services(settings, on_progress) as (services, router, model):
        conversations = str(settings.home / "conversations.sqlite")
        async with Checkpoints.from_conn_string(conversations) as saver:
            with speaking(settings, router) as (routing, stylist):
                assistant = Assistant(services, routing, stylist, saver)
                yield Parts(settings, assistant.services, routing, assistant, model)
