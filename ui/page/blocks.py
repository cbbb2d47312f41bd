"""The Gradio page: a header, the conversation as our own HTML, and the box to write in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import yaml

from stores.catalog_query import CatalogQuery
from ui.identity import Identity
from ui.page import render
from ui.page.conversation import Conversation, reopened

if TYPE_CHECKING:
    from ui.assembly import Parts

_HERE = Path(__file__).parent
_LISTEN = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-say]');
  if (button) trigger('say', {text: button.dataset.say, example: button.dataset.example || ''});
});
"""
# A tab keeps the name of its thread as long as it is open, so that loading the page again goes on with it.
_NAMED = """
  const name = () => 'page-' + Array.from(crypto.getRandomValues(new Uint8Array(8)), b => b.toString(16).padStart(2, '0'))
    .join('');
"""
_SAME_THREAD = f"""() => {{{_NAMED}
  const kept = sessionStorage.getItem('m3-thread') || name();
  sessionStorage.setItem('m3-thread', kept);
  return [kept];
}}"""
_NEW_THREAD = f"""() => {{{_NAMED}
  const fresh = name();
  sessionStorage.setItem('m3-thread', fresh);
  return [fresh];
}}"""
_SYSTEM_SANS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif"]
_SYSTEM_MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]


@dataclass(frozen=True, slots=True)
class Example:
    """A message to try, with a picture that goes along."""

    text: str
    item_id: str | None = None
    picture: Path | None = None


def theme() -> gr.themes.Base:
    """A theme with fonts of the system only, so that the page asks nobody else for anything."""
    return gr.themes.Base(
        primary_hue="orange", neutral_hue="stone", font=_SYSTEM_SANS, font_mono=_SYSTEM_MONO
    )


def load_examples(parts: Parts) -> list[Example]:
    """The examples of ``data/examples.yaml``; one whose picture the catalog lacks goes without."""
    found = []
    for entry in yaml.safe_load((_HERE / "data" / "examples.yaml").read_text(encoding="utf-8")):
        wanted = entry.get("picture")
        hits = parts.services.catalog.search(CatalogQuery(**wanted, limit=1)) if wanted else []
        product = hits[0].product if hits else None
        picture = parts.services.catalog.picture_path(product) if product else None
        found.append(Example(entry["text"], product.id if product and picture else None, picture))
    return found


def build_page(parts: Parts, identity: Identity) -> gr.Blocks:
    """Build the page over an open house."""
    examples = load_examples(parts)
    greeting = render.welcome(
        [(one.text, f"/pictures/items/{one.item_id}" if one.item_id else None) for one in examples]
    )

    async def start(thread: str, request: gr.Request) -> tuple[Conversation, str, str]:
        talk = await reopened(parts, identity.user_of(request.request), thread)
        return talk, talk.past or greeting, ""

    async def answer(
        message: str, pictures: list[Path | bytes], talk: Conversation, request: gr.Request
    ) -> AsyncIterator[tuple[Any, Any, Any]]:
        if talk.live is not None or not (message.strip() or pictures):
            # Nothing was said, or not yet: what is shown stays, the examples of an empty conversation too.
            yield gr.skip(), gr.skip(), gr.skip()
            return
        user = identity.user_of(request.request)
        if user is None:
            yield (
                gr.skip(),
                talk.past + render.problem("Your session has ended; please load the page again."),
                "",
            )
            return
        # Touched at the start and at the end only: what is typed meanwhile stays.
        box = _box(running=True)
        async for past, live in talk.take_turn(parts, user, message, pictures):
            yield box if live else _box(running=False), past, live
            box = gr.skip()

    async def on_submit(
        box: dict[str, Any], talk: Conversation, request: gr.Request
    ) -> AsyncIterator[tuple[Any, Any, Any]]:
        files: list[Path | bytes] = [Path(path) for path in box.get("files") or []]
        async for frame in answer(box.get("text") or "", files, talk, request):
            yield frame

    async def on_say(
        talk: Conversation, request: gr.Request, event: gr.EventData
    ) -> AsyncIterator[tuple[Any, Any, Any]]:
        said = event._data or {}
        number = str(said.get("example", ""))
        chosen = examples[int(number)] if number.isdigit() and int(number) < len(examples) else None
        pictures: list[Path | bytes] = []
        if chosen and chosen.picture:
            pictures = [await asyncio.to_thread(chosen.picture.read_bytes)]
        async for frame in answer(
            chosen.text if chosen else str(said.get("text", "")), pictures, talk, request
        ):
            yield frame

    def on_stop(talk: Conversation) -> tuple[Any, str, str]:
        talk.stop()
        return _box(running=False), *talk.frame()

    def after_stop(talk: Conversation) -> tuple[Any, str, str]:
        return gr.skip() if talk.live else _box(running=False), *talk.frame()

    with gr.Blocks(
        title="FashionM3", fill_width=True, analytics_enabled=False, delete_cache=(900, 900)
    ) as page:
        talk = gr.State(Conversation())
        with gr.Row(elem_id="m3-header"):
            gr.HTML((_HERE / "header.html").read_text(encoding="utf-8"))
            new = gr.Button("New conversation", elem_id="m3-new", size="sm", scale=0, min_width=0)
        past = gr.HTML(greeting, elem_id="m3-past", js_on_load=_LISTEN, apply_default_css=False)
        live = gr.HTML("", elem_id="m3-live", js_on_load=_LISTEN, apply_default_css=False)
        with gr.Column(elem_id="m3-composer"):
            box = gr.MultimodalTextbox(
                file_types=["image"],
                file_count="multiple",
                sources=["upload"],
                placeholder="Ask, or add a photo…",
                label="Message",
                show_label=False,
                container=False,
                autofocus=True,
                max_plain_text_length=parts.settings.max_text,
                elem_id="m3-box",
            )
            gr.HTML((_HERE / "footnote.html").read_text(encoding="utf-8"), elem_id="m3-footnote")
        shown = [box, past, live]
        tab = gr.Textbox("", visible=False)
        page.load(start, [tab], [talk, past, live], js=_SAME_THREAD, queue=False, api_visibility="private")
        running = [
            box.submit(
                on_submit,
                [box, talk],
                shown,
                show_progress="hidden",
                concurrency_limit=8,
                api_visibility="private",
            ),
            past.say(
                on_say, [talk], shown, show_progress="hidden", concurrency_limit=8, api_visibility="private"
            ),
        ]
        stopping = box.stop(on_stop, [talk], shown, cancels=running, queue=False, api_visibility="private")
        # A frame of the stopped turn may still be on its way; this one comes behind it.
        stopping.then(after_stop, [talk], shown, show_progress="hidden", api_visibility="private")
        new.click(
            start,
            [tab],
            [talk, past, live],
            js=_NEW_THREAD,
            cancels=running,
            queue=False,
            api_visibility="private",
        )
    return page


def _box(*, running: bool) -> Any:
    """The box while a turn runs (emptied, with a stop button) or while it waits for words."""
    if running:
        return gr.MultimodalTextbox(value=None, submit_btn=False, stop_btn=True)
    return gr.MultimodalTextbox(submit_btn=True, stop_btn=False)
