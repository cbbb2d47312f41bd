"""Comparing this project's inference with numbers that were computed with the published code."""

from vlm.verify.checks import Check, NothingToVerifyError, verify

__all__ = ["Check", "NothingToVerifyError", "verify"]
