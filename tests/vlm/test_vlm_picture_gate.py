"""The image gate: what it takes, what it refuses, and that nothing but `ImageRefusedError` comes out of it."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from vlm import picture_gate
from vlm.picture_gate import ImageRefusedError, admit, admit_transparency


def photo(width: int = 96, height: int = 64, mode: str = "RGB") -> Image.Image:
    rng = np.random.default_rng(3)
    coarse = Image.fromarray(rng.integers(0, 256, (4, 6, 3), dtype=np.uint8))
    return coarse.resize((width, height), Image.Resampling.BICUBIC).convert(mode)


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 999))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_kinds_come_out_as_rgb_of_the_same_size(kind: str) -> None:
    picture = admit(encoded(photo(), kind))
    assert (picture.mode, picture.size) == ("RGB", (96, 64))
    assert np.abs(np.asarray(picture, int) - np.asarray(photo(), int)).mean() < 12


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "RGBA", "I;16"])
def test_every_png_mode_becomes_rgb(mode: str) -> None:
    picture = (
        photo(mode="L").convert("I").point(lambda v: v * 257).convert("I;16")
        if mode == "I;16"
        else photo(mode=mode)
    )
    admitted = admit(encoded(picture, "PNG"))
    assert admitted.mode == "RGB"
    if mode == "I;16":
        assert np.abs(np.asarray(admitted.convert("L"), int) - np.asarray(photo(mode="L"), int)).max() <= 1


def test_a_cmyk_jpeg_becomes_rgb_of_about_the_same_color() -> None:
    picture = admit(encoded(photo().convert("CMYK"), "JPEG", quality=95))
    assert np.abs(np.asarray(picture, int) - np.asarray(photo(), int)).mean() < 12


def test_transparency_is_laid_on_white() -> None:
    assert admit(encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG")).getpixel((5, 5)) == (
        255,
        255,
        255,
    )


def test_a_palette_png_with_a_transparent_color_is_laid_on_white() -> None:
    picture = Image.new("P", (20, 20), 3)
    picture.putpalette([0, 0, 0] * 256)
    assert admit(encoded(picture, "PNG", transparency=3)).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_turned_upright(orientation: int) -> None:
    upright = photo()
    # The transform a camera would have stored, undone by the tag: inverse of what the viewer applies.
    inverse = {2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}.get(orientation)
    stored = upright if inverse is None else upright.transpose(picture_gate._UPRIGHT[inverse])
    exif = Image.Exif()
    exif[0x0112] = orientation
    admitted = admit(encoded(stored, "PNG", exif=exif))
    assert np.array_equal(np.asarray(admitted), np.asarray(upright))


def test_broken_exif_in_a_sound_jpeg_does_not_cost_the_picture() -> None:
    data = encoded(photo(), "JPEG")
    segment = b"Exif\0\0" + b"II*\0\x08\0\0\0\xff\xff" + b"\x12\x01" * 40
    admitted = admit(data[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + data[2:])
    assert admitted.size == (96, 64)


def test_metadata_is_dropped() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Location", "48.2082 N, 16.3738 E")
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    admitted = admit(encoded(photo(), "PNG", pnginfo=text, exif=exif, icc_profile=b"profile", dpi=(300, 300)))
    assert admitted.info == {}
    assert not dict(admitted.getexif())
    assert b"camera" not in encoded(admitted, "PNG")


def test_only_the_first_frame_of_an_animation_is_taken() -> None:
    frames = [Image.new("RGB", (32, 32), color) for color in ("red", "blue", "lime")]
    admitted = admit(encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True))
    assert admitted.getpixel((8, 8)) == (255, 0, 0)
    assert getattr(admitted, "n_frames", 1) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"hello, I am a text file", "not a picture"),
        (b"GIF89a" + bytes(40), "a GIF"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "HEIC"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "damaged"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence_that_says_what_it_is(data: bytes, words: str) -> None:
    with pytest.raises(ImageRefusedError, match=words) as refused:
        admit(data)
    assert str(refused.value).endswith(".")


def test_the_type_is_told_from_the_content_not_from_what_pillow_could_also_read() -> None:
    with pytest.raises(ImageRefusedError, match="TIFF"):
        admit(encoded(photo(), "TIFF"))


def test_a_picture_cut_short_is_refused() -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        data = encoded(photo(300, 300), kind)
        with pytest.raises(ImageRefusedError, match="damaged or cut short"):
            admit(data[: len(data) // 2])


def test_a_file_over_twelve_megabytes_is_refused_unread() -> None:
    with pytest.raises(ImageRefusedError, match=r"12\.0 MB.*at most 12 MB"):
        admit(b"\xff\xd8\xff" + bytes(picture_gate.MAX_BYTES))


@pytest.mark.parametrize("size", [(4900, 4900), (12_000, 12_000), (60_000, 60_000)])
def test_a_small_file_that_claims_many_pixels_is_refused_before_decoding(size: tuple[int, int]) -> None:
    with pytest.raises(ImageRefusedError, match="at most 24 megapixels"):
        admit(png_claiming(*size))


def test_twenty_four_megapixels_are_still_taken() -> None:
    assert admit(encoded(Image.new("L", (6000, 4000), 200), "PNG")).size == (6000, 4000)


def test_a_strip_is_refused() -> None:
    with pytest.raises(ImageRefusedError, match="2000x2, too narrow"):
        admit(encoded(Image.new("RGB", (2000, 2)), "PNG"))


def test_a_png_whose_text_unpacks_without_end_is_refused() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "x" * 3_000_000, zip=True)
    with pytest.raises(ImageRefusedError):
        admit(encoded(photo(), "PNG", pnginfo=text))


def test_a_jpeg_of_a_thousand_scans_is_refused() -> None:
    data = encoded(photo(), "JPEG", progressive=True)
    scan = data[data.index(b"\xff\xda") : -2]
    with pytest.raises(ImageRefusedError, match="scans"):
        admit(data[:-2] + scan * 1000 + data[-2:])


def test_an_honest_progressive_jpeg_is_taken() -> None:
    assert admit(encoded(photo(400, 300), "JPEG", progressive=True)).size == (400, 300)


def admits_or_refuses(data: bytes) -> None:
    try:
        picture = admit(data)
    except ImageRefusedError as refused:
        assert str(refused)
    else:
        assert picture.mode == "RGB"


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(
        [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"RIFF\x30\0\0\0WEBPVP8X"]
    ),
    st.binary(max_size=300),
)
def test_no_bytes_crash_the_gate(signature: bytes, rest: bytes) -> None:
    admits_or_refuses(signature + rest)


SOUND = [
    encoded(photo(), "JPEG"),
    encoded(
        photo(),
        "JPEG",
        progressive=True,
        exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0",
    ),
    encoded(photo(mode="P"), "PNG", transparency=0),
    encoded(photo(mode="RGBA"), "PNG", compress_level=0),
    encoded(photo(), "WEBP"),
    encoded(photo(mode="RGBA"), "WEBP", lossless=True),
]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(SOUND),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=8),
    st.floats(0.05, 1.0),
)
def test_no_damage_to_a_sound_file_crashes_the_gate(
    data: bytes, changes: list[tuple[float, int]], keep: float
) -> None:
    damaged = bytearray(data)
    for where, value in changes:
        damaged[int(where * len(damaged))] = value
    admits_or_refuses(bytes(damaged[: max(1, int(len(damaged) * keep))]))
    admits_or_refuses(bytes(damaged))


def test_transparency_comes_out_white_where_the_picture_is_clear() -> None:
    picture = Image.new("RGBA", (20, 10), (9, 9, 9, 255))
    picture.paste((0, 0, 0, 0), (0, 0, 10, 10))
    clear = admit_transparency(encoded(picture, "PNG"))
    assert clear is not None
    assert (clear.mode, clear.size, clear.getpixel((3, 3)), clear.getpixel((15, 3))) == (
        "L",
        (20, 10),
        255,
        0,
    )


def test_an_opaque_picture_has_no_transparency() -> None:
    assert admit_transparency(encoded(photo(), "PNG")) is None


@pytest.mark.parametrize("data", [b"", b"GIF89a" + bytes(40), encoded(photo(), "PNG")[:200]])
def test_transparency_is_asked_only_of_what_the_gate_admits(data: bytes) -> None:
    with pytest.raises(ImageRefusedError):
        admit_transparency(data)
