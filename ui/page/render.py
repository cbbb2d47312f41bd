"""The conversation as HTML. Everything that comes from people, models or records is escaped here.

Pictures are named by our own paths (``/pictures/…``), which check who is asking; no picture passes through
Gradio's cache, whose files everybody can read.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from graphs.turn import ToolCall, TurnRecord
from tools.contracts import ItemCard
from ui.wording import doing, done, price

_BRACES = str.maketrans({"{": "&#123;", "}": "&#125;", "$": "&#36;", "`": "&#96;"})
"""Gradio reads templates in what it shows: ``${…}`` and ``{{…}}`` must reach it as plain characters."""


@dataclass(slots=True)
class Step:
    """One tool at work."""

    name: str
    running: bool = True


@dataclass(slots=True)
class LiveTurn:
    """A turn while it runs."""

    text: str
    image_ids: list[str] = field(default_factory=list)
    status: str = "ingest"
    steps: list[Step] = field(default_factory=list)
    progress: tuple[int, int] | None = None
    words: str = ""


def safe(text: str) -> str:
    """Escape text for HTML and for Gradio's templates."""
    return html.escape(text, quote=True).translate(_BRACES)


def paragraphs(text: str) -> str:
    """Text as paragraphs and lists: blank lines part paragraphs, lines with a dash are list items."""
    blocks = []
    for block in text.strip().split("\n\n"):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        if lines and all(line.startswith(("- ", "• ", "* ")) for line in lines):
            blocks.append("<ul>" + "".join(f"<li>{safe(line[2:])}</li>" for line in lines) + "</ul>")
        elif lines:
            blocks.append("<p>" + "<br>".join(safe(line) for line in lines) + "</p>")
    return "".join(blocks)


def user_message(text: str, image_ids: Sequence[str]) -> str:
    """What the person said."""
    photos = "".join(_picture(image, "Your photo", "m3-photo") for image in image_ids)
    words = f"<div class='m3-said'>{paragraphs(text)}</div>" if text else ""
    return f"<div class='m3-turn m3-person'>{photos}{words}</div>"


def live_turn(turn: LiveTurn) -> str:
    """A running turn: the person's words, the steps so far, and the words as they come."""
    steps = "".join(
        f"<li class='{'m3-running' if step.running else 'm3-done'}'>"
        f"{safe(doing(step.name) + '…' if step.running else done(step.name))}</li>"
        for step in turn.steps
    )
    busy = any(step.running for step in turn.steps)
    status = "" if busy or turn.words else f"<li class='m3-running'>{safe(doing(turn.status))}…</li>"
    words = f"<div class='m3-words'>{paragraphs(turn.words)}</div>" if turn.words else ""
    body = f"<ul class='m3-steps' aria-live='polite'>{steps}{status}</ul>{_progress(turn.progress)}{words}"
    return user_message(turn.text, turn.image_ids) + _stylist(body)


def answer(record: TurnRecord) -> str:
    """A finished answer: words, pictures, cards, and what was done."""
    error = problem(record.error) if record.error else ""
    words = f"<div class='m3-words'>{paragraphs(record.reply)}</div>" if record.reply else ""
    pictures = "".join(_picture(image, "A picture for you", "m3-made") for image in record.images)
    shown = f"<div class='m3-pictures'>{pictures}</div>" if pictures else ""
    return _stylist(words + shown + cards(record.items) + error + _trace(record.tools, record.ms))


def stopped(turn: LiveTurn) -> str:
    """A turn that the person stopped."""
    words = f"<div class='m3-words'>{paragraphs(turn.words)}</div>" if turn.words else ""
    return user_message(turn.text, turn.image_ids) + _stylist(words + "<p class='m3-note'>Stopped.</p>")


def failed(turn: LiveTurn, sentence: str) -> str:
    """A turn that could not be served."""
    return user_message(turn.text, turn.image_ids) + _stylist(problem(sentence))


def problem(sentence: str) -> str:
    """A sentence about what went wrong."""
    return f"<p class='m3-problem' role='alert'>{safe(sentence)}</p>"


def cards(items: Iterable[ItemCard]) -> str:
    """Product cards; their buttons say a sentence for the person."""
    drawn = "".join(_card(item) for item in items)
    return f"<div class='m3-cards'>{drawn}</div>" if drawn else ""


def welcome(examples: Sequence[tuple[str, str | None]]) -> str:
    """What an empty conversation shows: a greeting and the examples as (text, picture path or None)."""
    chips = "".join(
        f"<button type='button' class='m3-chip' data-say='{safe(text)}' data-example='{number}'>"
        + (f"<img src='{safe(picture)}' alt='' width='44' height='44'>" if picture else "")
        + f"<span>{safe(text)}</span></button>"
        for number, (text, picture) in enumerate(examples)
    )
    words = _words()["welcome"]
    return (
        f"<section class='m3-welcome'><h2>{safe(words['title'])}</h2><p>{safe(words['text'])}</p>"
        f"<div class='m3-chips'>{chips}</div></section>"
    )


@cache
def _words() -> dict[str, Any]:
    loaded = yaml.safe_load((Path(__file__).parent / "data" / "words.yaml").read_text(encoding="utf-8"))
    return dict(loaded)


def _stylist(body: str) -> str:
    mark = "<div class='m3-mark' aria-hidden='true'>M3</div>"
    return f"<div class='m3-turn m3-stylist'>{mark}<div>{body}</div></div>"


def _card(item: ItemCard) -> str:
    picture = f"/pictures/items/{safe(item.id)}"
    title = safe(item.title)
    about = " · ".join(safe(word) for word in (item.color, item.material or "", item.category) if word)
    stock = "" if item.in_stock else "<span class='m3-out'>sold out</span>"
    reason = f"<p class='m3-reason'>{safe(item.reason)}</p>" if item.reason else ""
    buttons = "".join(_button(spec, item.title) for spec in _words()["buttons"])
    return (
        f"<article class='m3-card' data-item='{safe(item.id)}'>"
        f"<a href='{picture}' target='_blank' rel='noopener'>"
        f"<img src='{picture}' alt='{title}' loading='lazy' width='512' height='512'></a>"
        f"{stock}<div class='m3-facts'><h3>{title}</h3>"
        f"<p class='m3-price'>{safe(price(item.price, item.currency))}</p></div>"
        f"<p class='m3-about'>{about}</p>{reason}<div class='m3-actions'>{buttons}</div></article>"
    )


def _button(spec: dict[str, str], title: str) -> str:
    name = safe(spec["name"].replace("{title}", title))
    says = safe(spec["says"].replace("{title}", title))
    return (
        f"<button type='button' class='{safe(spec['kind'])}' data-say='{says}' aria-label='{name}' "
        f"title='{name}'>{safe(spec['label'])}</button>"
    )


def _picture(image_id: str, alt: str, kind: str) -> str:
    path = f"/pictures/{safe(image_id)}"
    return (
        f"<a class='{kind}' href='{path}' target='_blank' rel='noopener'>"
        f"<img src='{path}' alt='{safe(alt)}'></a>"
    )


def _progress(progress: tuple[int, int] | None) -> str:
    if progress is None or not progress[1]:
        return ""
    at, total = (int(number) for number in progress)
    return (
        f"<progress class='m3-progress' value='{at}' max='{total}' aria-label='Progress'></progress>"
        f"<span class='m3-note'>{at} of {total}</span>"
    )


def _trace(tools: Sequence[ToolCall], ms: float) -> str:
    if not tools:
        return ""
    lines = "".join(
        f"<li class='m3-done'>{safe(done(tool.name))}<span>{tool.ms:.0f} ms</span></li>"
        if tool.ok
        else f"<li class='m3-failed'>{safe(doing(tool.name))}<span>{safe(tool.error or 'failed')}</span></li>"
        for tool in tools
    )
    count = f"{len(tools)} step{'s' if len(tools) > 1 else ''}"
    return (
        f"<details class='m3-trace'><summary>{count} · {ms / 1000:.1f} s</summary>"
        f"<ul class='m3-steps'>{lines}</ul></details>"
    )
