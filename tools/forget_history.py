"""Tool: forget everything kept about this person, after an explicit yes."""

from __future__ import annotations

import asyncio

from pydantic import BaseModel, ConfigDict, Field

from tools.contracts import Tool, ToolContext, ToolResult
from tools.kept import DRAWN, kept_words, what_is_kept


class ForgetHistoryArguments(BaseModel):
    """Leave to forget."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    confirm: bool = Field(
        default=False, description="True only after the person said yes to forgetting everything."
    )


class ForgetHistoryResult(ToolResult):
    """What was forgotten, or the question that must be answered first."""

    forgotten: int = 0
    """Notes erased."""
    forgotten_pictures: int = 0
    """Pictures erased: those the person sent and those that show them; pictures drawn from words stay."""
    pictures_left: int = 0
    """Pictures drawn from words for this person, which stay."""
    needs_confirmation: bool = False
    """Nothing was erased: ask the person, then call again with ``confirm`` true."""


async def run(context: ToolContext, arguments: ForgetHistoryArguments) -> ForgetHistoryResult:
    """Erase this person's history, or say what a yes would erase."""
    history = context.services.history
    if not arguments.confirm:
        kept = kept_words(await what_is_kept(context, but_origins=DRAWN)) or "nothing so far"
        return ForgetHistoryResult(
            text=f"This erases all I keep about you ({kept}) for good. Shall I do that? Answer yes or no.",
            needs_confirmation=True,
        )
    forgotten = await asyncio.to_thread(history.forget, context.user, effect_key=context.effect_key)
    # A picture drawn from words shows nothing of the person, and the answer that pointed to it still does.
    pictures = await asyncio.to_thread(context.services.artifacts.forget, context.user, keep_origins=DRAWN)
    left = len(await asyncio.to_thread(context.services.artifacts.owned, context.user))
    stays = f" Pictures that I drew from words stay ({left}): they show nothing of you." if left else ""
    return ForgetHistoryResult(
        text=f"I have erased everything I kept about you.{stays}",
        forgotten=forgotten,
        forgotten_pictures=pictures,
        pictures_left=left,
    )


TOOL: Tool[ForgetHistoryArguments, ForgetHistoryResult] = Tool(
    name="forget_history",
    description=(
        "Erase everything kept about this person. Without confirm=true nothing is erased: "
        "the answer is then the question to ask first."
    ),
    access="write",
    arguments=ForgetHistoryArguments,
    result=ForgetHistoryResult,
    run=run,
)
