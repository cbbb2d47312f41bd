"""Failures at a front door: one clear sentence, and a stack trace only for those who ask for it."""

from __future__ import annotations

import os

import structlog

log = structlog.get_logger(__name__)


class BadInputError(ValueError):
    """What was given cannot be used; the message is one or two sentences for the person who gave it."""


def wants_trace() -> bool:
    """Whether ``FASHIONM3_DEBUG`` asks for stack traces."""
    return os.environ.get("FASHIONM3_DEBUG", "").lower() in {"1", "true", "yes", "on"}


def sentence_of(error: BaseException) -> str:
    """One sentence for a person: the error's own where it was written for people, else what went wrong.

    Errors of ours (`ui`, `stores`, `tools`, `vlm`, …) carry messages written for people. Anything else is
    unexpected here, so its kind is named and the way to see more.
    """
    if _is_ours(error):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    detail = str(error).strip().splitlines()
    shown = f"{type(error).__name__}: {detail[0][:200]}" if detail else type(error).__name__
    return f"Something went wrong inside FashionM3 ({shown}). Set FASHIONM3_DEBUG=1 to see where."


def report(error: BaseException, doing: str) -> str:
    """Log a failure that a front door survives and return the sentence to show."""
    if not _is_ours(error):
        log.error("a front door survived an error", doing=doing, error=repr(error), exc_info=wants_trace())
    return sentence_of(error)


def _is_ours(error: BaseException) -> bool:
    room = type(error).__module__.partition(".")[0]
    return room in {"fashion", "vlm", "stores", "tools", "agents", "graphs", "evals", "ui"}
