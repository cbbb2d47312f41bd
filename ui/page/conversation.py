"""One browser tab's conversation: runs a turn and gives the page's two halves, past and live, as HTML."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graphs.turn import Turn, TurnEvent
from ui.failures import report
from ui.incoming import admit_bytes, check_message
from ui.page import render
from ui.page.render import LiveTurn, Step
from ui.picture_files import read_picture

if TYPE_CHECKING:
    from ui.assembly import Parts

_FRAME_S = 0.06
"""Least time between two frames of streamed words; more would only keep the browser busy."""


_THREAD = re.compile(r"page-[0-9a-f]{16,32}")


async def reopened(parts: Parts, user: str | None, thread: str) -> Conversation:
    """The conversation that a tab had before its page was loaded again; a new one where there is none.

    A thread is looked for among those of the person who asks alone, so that the name of another's opens nothing.

    Args:
        parts: The open house.
        user: Who asks, from the session; None for nobody.
        thread: The name that the tab keeps; anything else than such a name starts a new conversation.
    """
    if user is None or not _THREAD.fullmatch(thread):
        return Conversation()
    turns = await parts.assistant.talk(user, thread)
    past = "".join(
        render.user_message(turn.text, turn.image_ids) + render.answer(turn.record) for turn in turns
    )
    return Conversation(thread=thread, past=past)


@dataclass(slots=True)
class Conversation:
    """What a tab has shown so far, and the turn that is running."""

    thread: str = ""
    """Named at the first turn: Gradio copies one conversation for every tab."""
    past: str = ""
    live: LiveTurn | None = None

    def frame(self) -> tuple[str, str]:
        """The HTML of the finished turns and of the running one."""
        return self.past, render.live_turn(self.live) if self.live else ""

    def stop(self) -> None:
        """Keep what a stopped turn has said so far."""
        if self.live is not None:
            self.past += render.stopped(self.live)
            self.live = None

    async def take_turn(
        self, parts: Parts, user: str, text: str, pictures: Sequence[Path | bytes]
    ) -> AsyncIterator[tuple[str, str]]:
        """Run one turn and yield frames of (past, live) HTML; in the last, the answer is in the past half.

        Args:
            parts: The open house.
            user: Who speaks, from the session.
            text: What was said.
            pictures: Uploaded files, which are deleted once they passed the gate, or picture bytes.
        """
        self.thread = self.thread or f"page-{uuid.uuid4().hex[:16]}"
        live = self.live = LiveTurn(text=text.strip())
        yield self.frame()
        try:
            check_message(parts, live.text, len(pictures))
            for picture in pictures:
                live.image_ids.append(await _admit(parts, user, picture))
            yield self.frame()
            turn = Turn(user=user, thread=self.thread, text=live.text, image_ids=live.image_ids)
            shown_at = 0.0
            async for event in parts.assistant.stream(turn):
                if self.live is not live:
                    return
                self._take(event, live)
                now = asyncio.get_running_loop().time()
                if event.kind != "token" or now - shown_at > _FRAME_S:
                    shown_at = now
                    yield self.frame()
        except Exception as error:
            self._finish(render.failed(live, report(error, "a turn of the page")))
        yield self.frame()

    def _take(self, event: TurnEvent, live: LiveTurn) -> None:
        if event.kind == "step":
            live.status = event.text
        elif event.kind == "tool_start":
            live.steps.append(Step(event.text))
        elif event.kind == "tool_end":
            live.progress = None
            for step in live.steps:
                if step.name == event.text and step.running:
                    step.running = False
                    break
        elif event.kind == "progress":
            live.progress = (event.done, event.total)
        elif event.kind == "token":
            live.words += event.text
        elif event.record is not None:
            self._finish(render.user_message(live.text, live.image_ids) + render.answer(event.record))

    def _finish(self, html: str) -> None:
        self.past += html
        self.live = None


async def _admit(parts: Parts, user: str, picture: Path | bytes) -> str:
    if isinstance(picture, bytes):
        return await admit_bytes(parts, user, picture, "The picture")
    try:
        data = await asyncio.to_thread(read_picture, picture)
        return await admit_bytes(parts, user, data, picture.name)
    finally:
        await asyncio.to_thread(picture.unlink, missing_ok=True)
