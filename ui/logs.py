"""Logging: one place that sets it up, always on standard error, never on standard output."""

from __future__ import annotations

import logging
import os
import sys

import structlog


def set_up_logging(level: str) -> None:
    """Send our log lines and those of the libraries to standard error, from `level` up."""
    # Read by transformers when it is imported: its bars for loads of a second are noise, and no hub is asked.
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    number = getattr(logging, level.upper())
    logging.basicConfig(
        level=number, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s", force=True
    )
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(number),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=False),
        ],
        # Looked up at each call: a command may swap standard error while it runs.
        logger_factory=_StandardErrorFactory(),
    )


class _StandardErrorFactory:
    def __call__(self, *args: object) -> structlog.PrintLogger:
        return structlog.PrintLogger(sys.stderr)
