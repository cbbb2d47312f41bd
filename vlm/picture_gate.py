"""The one gate for pictures from outside: what passes is plain RGB pixels, upright, with nothing attached.

Type is told from the content, never from a name. Size, pixel count, shape and scan count are checked before
any pixel is decoded, so a small file cannot claim a lot of memory or time. Embedded color profiles are
dropped with the rest of the metadata, not applied: running a stranger's profile through a color engine is
risk without need here.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import Image

MAX_BYTES = 12 * 1024 * 1024
MAX_PIXELS = 24_000_000
MAX_ASPECT = 32
"""Longest side over shortest: a strip of one pixel grows without bound when its short side is scaled up."""
MAX_JPEG_SCANS = 100
"""Cameras write one scan, progressive encoders about ten; thousands are made to burn time."""

_ACCEPTED = "a JPEG, PNG or WebP picture"
_FOREIGN = (
    (0, b"GIF8", "a GIF"),
    (0, b"BM", "a BMP picture"),
    (0, b"II*\0", "a TIFF picture"),
    (0, b"MM\0*", "a TIFF picture"),
    (0, b"%PDF", "a PDF"),
    (0, b"<svg", "an SVG drawing"),
    (0, b"<?xml", "an XML file"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftyphei", "a HEIC picture"),
    (4, b"ftypmif1", "a HEIC picture"),
    (4, b"ftyp", "a video"),
)
_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow's three decoders raise on hostile input, from fuzzing and from reading them.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    MemoryError,
    RuntimeError,
    AssertionError,
    struct.error,
    zlib.error,
    Warning,  # where a caller has turned warnings into errors
)


class ImageRefusedError(ValueError):
    """The bytes are not a picture we take; the message is one sentence fit for a person."""


def admit(data: bytes) -> Image.Image:
    """Turn untrusted bytes into a clean picture.

    Args:
        data: The whole file.

    Returns:
        A fresh RGB picture without metadata, turned upright by its EXIF orientation, transparency laid on
        white.

    Raises:
        ImageRefusedError: Empty, over 12 MB or 24 megapixels, too narrow, damaged, or not JPEG, PNG or WebP.
    """
    with _decoder_trouble(kind := _kind_of(_of_fair_size(data))):
        return _plain(_decoded(data, kind))


def admit_transparency(data: bytes) -> Image.Image | None:
    """How transparent an untrusted picture is, for masks; checked as `admit` checks it.

    Returns:
        An ``L`` picture, upright, 255 where the picture is fully transparent and 0 where it is opaque; None where
        it has no transparency at all.

    Raises:
        ImageRefusedError: As `admit`.
    """
    with _decoder_trouble(kind := _kind_of(_of_fair_size(data))):
        picture = _decoded(data, kind)
        if not picture.has_transparency_data:
            return None
        alpha = picture.convert("RGBA").getchannel("A").point(lambda value: 255 - value)
        turn = _UPRIGHT.get(_orientation(picture))
        return alpha if turn is None else alpha.transpose(turn)


def _of_fair_size(data: bytes) -> bytes:
    if not data:
        raise ImageRefusedError(f"The file is empty; please send {_ACCEPTED}.")
    if len(data) > MAX_BYTES:
        raise ImageRefusedError(
            f"The picture is {len(data) / 2**20:.1f} MB; please send one of at most {MAX_BYTES // 2**20} MB."
        )
    return data


@contextmanager
def _decoder_trouble(kind: str) -> Iterator[None]:
    try:
        yield
    except ImageRefusedError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageRefusedError(_too_many_pixels()) from None
    except _DECODER_ERRORS as error:
        raise _damaged(kind) from error


def _decoded(data: bytes, kind: str) -> Image.Image:
    if kind == "JPEG" and data.count(b"\xff\xda") > MAX_JPEG_SCANS:
        raise ImageRefusedError(
            "The JPEG has far too many scans to be a photo; please save it anew and send that."
        )
    picture = Image.open(BytesIO(data), formats=[kind])
    _check_shape(*picture.size)
    picture.load()
    return picture


def _kind_of(data: bytes) -> str:
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    for offset, signature, name in _FOREIGN:
        if data[offset : offset + len(signature)] == signature:
            raise ImageRefusedError(f"This file is {name}; please send {_ACCEPTED}.")
    raise ImageRefusedError(f"This file is not a picture we can read; please send {_ACCEPTED}.")


def _check_shape(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ImageRefusedError(_too_many_pixels(width, height))
    if min(width, height) < 1 or max(width, height) > MAX_ASPECT * min(width, height):
        raise ImageRefusedError(
            f"The picture is {width}x{height}, too narrow to show a garment; "
            f"please send one whose long side is at most {MAX_ASPECT} times the short one."
        )


def _too_many_pixels(width: int = 0, height: int = 0) -> str:
    size = f"{width}x{height} ({width * height / 1e6:.0f} megapixels)" if width else "enormous"
    return f"The picture is {size}; please send one of at most {MAX_PIXELS // 1_000_000} megapixels."


def _damaged(kind: str) -> ImageRefusedError:
    name = "WebP" if kind == "WEBP" else kind
    return ImageRefusedError(
        f"The {name} file is damaged or cut short; please send it again or save it anew."
    )


def _plain(picture: Image.Image) -> Image.Image:
    """Upright RGB pixels in a new picture that shares nothing with the decoded one."""
    turn = _UPRIGHT.get(_orientation(picture))
    if picture.mode.startswith(("I", "F")):
        # 16-bit grey: Pillow would clip, not scale, on its way to 8 bits.
        picture = picture.convert("I").point(lambda value: value / 257).convert("L")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        plain = Image.new("RGB", picture.size, "white")
        plain.paste(picture, mask=picture.getchannel("A"))
    else:
        plain = Image.new("RGB", picture.size)
        plain.paste(picture.convert("RGB"))
    return plain if turn is None else plain.transpose(turn)


def _orientation(picture: Image.Image) -> int:
    try:
        value = picture.getexif().get(_ORIENTATION_TAG, 1)
    except _DECODER_ERRORS:
        # Broken EXIF in a sound picture: it is dropped anyway, so the picture counts as upright.
        return 1
    return value if isinstance(value, int) else 1
