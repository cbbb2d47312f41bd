"""The gate that every picture passes before it is kept; one for the whole house, so it lies below, in `vlm`."""

from __future__ import annotations

from vlm.picture_gate import MAX_BYTES, MAX_PIXELS, ImageRefusedError, admit

__all__ = ["MAX_BYTES", "MAX_PIXELS", "ImageRefusedError", "admit"]
