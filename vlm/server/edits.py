"""The files of an edit: a picture and where it is transparent, squared as the model draws.

OpenAI's convention: the transparent part of the mask (or, without a mask, of the picture) is what is painted anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image
from starlette.datastructures import FormData, UploadFile

from vlm.picture_gate import MAX_BYTES, ImageRefusedError, admit, admit_transparency
from vlm.pictures import squared
from vlm.server.errors import ApiError
from vlm.server.intake import decoding

_KEEP, _REPAINT = 0, 255
_HALF = 128


@dataclass(frozen=True, slots=True)
class Canvas:
    """What is painted on.

    Attributes:
        picture: Square, RGB.
        mask: Square, ``L``: 255 where to paint anew, 0 elsewhere.
        frame: Box of the sent picture within the square, as shares of its side: left, top, right, bottom.
        shape: Width and height of the sent picture.
    """

    picture: Image.Image
    mask: Image.Image
    frame: tuple[float, float, float, float]
    shape: tuple[int, int]

    def cut(self, drawn: Image.Image) -> Image.Image:
        """The sent picture's part of a drawn square, its longer side as long as the square's."""
        return drawn.crop(self.box(drawn.width))

    def box(self, side: int) -> tuple[int, int, int, int]:
        """Where the sent picture lies in a square of this side: left, top, right, bottom, in pixels."""
        left, top, right, bottom = (round(share * side) for share in self.frame)
        return left, top, max(right, left + 1), max(bottom, top + 1)


async def canvas_of(form: FormData, side: int) -> Canvas:
    """Read the files of an edit.

    Raises:
        ApiError: A file is missing, there is more than one picture, sizes differ, or nothing is transparent (400).
        ImageRefusedError: A file is no picture that we take.
    """
    picture_file = _the_file(form, "image")
    if picture_file is None:
        raise ApiError(400, "image: the picture to edit is missing.", "missing_image", param="image")
    mask_file = _the_file(form, "mask")
    data = await picture_file.read()
    mask_data = await mask_file.read() if mask_file is not None else None
    return await decoding(lambda: _canvas(data, mask_data, side))


def files_free(form: FormData) -> dict[str, str]:
    """The form's fields without its files."""
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def _the_file(form: FormData, name: str) -> UploadFile | None:
    files = [*form.getlist(name), *form.getlist(f"{name}[]")]
    found = [file for file in files if isinstance(file, UploadFile)]
    if len(found) > 1:
        raise ApiError(
            400, f"{name}: one file, please; {len(found)} were sent.", "too_many_files", param=name
        )
    if found and (found[0].size or 0) > MAX_BYTES:
        raise ApiError(400, f"{name}: larger than {MAX_BYTES // 2**20} MB.", "request_refused", param=name)
    return found[0] if found else None


def _canvas(data: bytes, mask_data: bytes | None, side: int) -> Canvas:
    try:
        picture = admit(data)
        clear = admit_transparency(data if mask_data is None else mask_data)
    except ImageRefusedError as error:
        raise ApiError(400, str(error), "request_refused") from error
    if clear is None or not any(clear.histogram()[_HALF:]):
        where = "image: there is no mask and" if mask_data is None else "mask:"
        raise ApiError(
            400, f"{where} nothing is transparent; what is transparent is painted anew.", "nothing_to_paint"
        )
    if clear.size != picture.size:
        raise ApiError(
            400,
            f"mask: is {clear.width}x{clear.height}, the picture {picture.width}x{picture.height}; they must agree.",
            "mask_size",
            param="mask",
        )
    width, height = (round(length * side / max(picture.size)) for length in picture.size)
    width, height = max(1, width), max(1, height)
    left, top = (side - width) // 2, (side - height) // 2
    mask = Image.new("L", (side, side), _KEEP)
    # The coarsest of what a picture is made of is far larger than a pixel: a touched pixel counts as a whole one.
    shrunk = clear.point(lambda value: _REPAINT if value >= _HALF else _KEEP).resize(
        (width, height), Image.Resampling.BOX
    )
    mask.paste(shrunk.point(lambda value: _REPAINT if value > 0 else _KEEP), (left, top))
    frame = (left / side, top / side, (left + width) / side, (top + height) / side)
    return Canvas(squared(picture, side), mask, frame, picture.size)
