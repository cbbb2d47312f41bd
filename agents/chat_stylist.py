"""Words a reply by a chat model where there is one: the built-in reply said in the person's language, facts unchanged.

What it says is used only where every number and every item title of the built-in reply is in it and no other number is.
Claims in words (a material, a color) are left to `agents.claims`, which reads every reply before it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import structlog
from langchain_core.messages import HumanMessage, SystemMessage

from agents.amount_claims import percents_in, spelled_amounts, unmarked_money
from agents.chat_model import ChatModel, ChatModelError
from agents.language import foreign_language
from agents.reply_contracts import ReplyFacts, Stylist
from agents.tables import load_table

_PIECE = re.compile(r"\S+\s*|\s+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LONGEST = 4000
_log = structlog.get_logger(__name__)


class ChatModelStylist:
    """A `Stylist` that lets a chat model say what the built-in one found."""

    def __init__(self, built_in: Stylist, model: ChatModel) -> None:
        """Use a chat model over the built-in stylist."""
        self._built_in = built_in
        self._model = model

    def compose(self, facts: ReplyFacts) -> Iterator[str]:
        """Yield the reply in pieces; blocking, within the chat model's time limit. Falls back to the built-in words."""
        draft = "".join(self._built_in.compose(facts))
        yield from _PIECE.findall(self._said(draft, facts))

    def _said(self, draft: str, facts: ReplyFacts) -> str:
        if not draft.strip() or facts.pending is not None or len(draft) > _LONGEST:
            # A question that waits for a yes or no is asked in the words that the yes or no is read by.
            return draft
        table = load_table("chat_model")
        language = foreign_language(facts.text) or "the language of the message"
        messages = [
            SystemMessage(table["word"].format(language=language)),
            HumanMessage(table["word_message"].format(text=facts.text[:1200], draft=draft)),
        ]
        try:
            said = self._model.ask(list(messages), deadline=self._model.deadline())
        except ChatModelError as error:
            _log.warning("chat_model_wording_failed", reason=str(error))
            return draft
        titles = [item.title for _, result in facts.results for item in result.items if item.title in draft]
        if not keeps_facts(said, draft, titles):
            _log.warning("chat_model_wording_refused", reason="it changed a number or a title")
            return draft
        return said


def keeps_facts(said: str, draft: str, titles: list[str]) -> bool:
    """Whether words hold the same numbers as a draft, in words and in percent too, and every title that it named.

    Number words are read in English; in any language a word of money without digits beside it is refused where the draft
    has none, and so is a percentage.
    """
    if not all(title in said for title in titles) or sorted(_numbers(said)) != sorted(_numbers(draft)):
        return False
    # Titles may hold a number word or a sign; they are in both.
    for title in titles:
        said, draft = said.replace(title, " "), draft.replace(title, " ")
    stated = spelled_amounts(draft) | {float(one) for one in _numbers(draft) if one.count(".") < 2}
    return (
        spelled_amounts(said) <= stated
        and percents_in(said) <= percents_in(draft)
        and unmarked_money(said) <= unmarked_money(draft)
    )


def _numbers(text: str) -> list[str]:
    return [found.replace(",", ".") for found in _NUMBER.findall(text)]
