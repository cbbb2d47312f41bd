"""Conversations of published data sets as a model should see them: no picture marks, turn by turn, the answer last."""

from __future__ import annotations

import re
from dataclasses import replace

from fashion.fashionrec import Exchange, FashionRecError, Sample

_MARKS = re.compile(
    r"<\s*/?\s*(?:image|img|im_start|im_end|video|picture)[\w-]*\s*/?\s*>|<\|(?:soi|eoi|mmu|t2i|image|im)[\w-]*\|>",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[^\S\n]+")


def without_marks(text: str) -> str:
    """Text without image tokens (``<image>``, ``<|soi|>``) and without the gaps that they leave."""
    lines = (_SPACES.sub(" ", line).strip() for line in _MARKS.sub(" ", text).splitlines())
    return "\n".join(line for line in lines if line)


def cleaned(sample: Sample) -> Sample:
    """The sample with its conversation put in order.

    Picture marks go, neighboring messages of one speaker become one, an answer before the first request goes.

    Raises:
        FashionRecError: No request or no answer is left.
    """
    messages: list[Exchange] = []
    for message in sample.conversation:
        text = without_marks(message.text)
        if not text or (not messages and message.speaker == "gpt"):
            continue
        if messages and messages[-1].speaker == message.speaker:
            messages[-1] = Exchange(message.speaker, f"{messages[-1].text}\n{text}")
        else:
            messages.append(Exchange(message.speaker, text))
    if len(messages) < 2 or messages[-1].speaker != "gpt":
        raise FashionRecError(
            f"sample {sample.key}: no request with an answer in its conversation", reason="no answer"
        )
    return replace(sample, conversation=tuple(messages))
