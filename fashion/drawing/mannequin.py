"""A neutral mannequin to dress: one figure, facing the viewer, whose joints are known because we draw it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import skia
from PIL import Image

from fashion.drawing.shapes import oval, trace

WIDTH, HEIGHT = 720.0, 1160.0
"""The picture in units, x to the right and y down."""
_ABOVE = 44.0
"""Room for hats: every shape below is written as if the picture began this much lower."""
_MIDDLE = WIDTH / 2

_RIGHT: Mapping[str, tuple[float, float]] = {
    "eye": (22.0, 128.0),
    "ear": (54.0, 132.0),
    "mouth": (14.0, 168.0),
    "shoulder": (90.0, 248.0),
    "elbow": (126.0, 400.0),
    "wrist": (156.0, 536.0),
    "hand": (168.0, 592.0),
    "hip": (51.0, 524.0),
    "knee": (58.0, 776.0),
    "ankle": (62.0, 1002.0),
    "heel": (60.0, 1036.0),
    "toe": (100.0, 1058.0),
}

JOINTS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"nose": (_MIDDLE, 146.0 + _ABOVE)}
    | {f"{name}_right": (_MIDDLE + x, y + _ABOVE) for name, (x, y) in _RIGHT.items()}
    | {f"{name}_left": (_MIDDLE - x, y + _ABOVE) for name, (x, y) in _RIGHT.items()}
)
"""Joint name → place in units; left and right are the viewer's."""

_SKIN = ((243, 238, 231), (226, 218, 208), (184, 172, 160), (150, 137, 126))
_HEAD = (
    "M 360 52 C 396 52 416 82 415 122 C 414 160 398 196 374 208 Q 360 214 346 208"
    " C 322 196 306 160 305 122 C 304 82 324 52 360 52 Z"
)
_NECK = "M 334 184 C 334 206 332 216 318 224 L 402 224 C 388 216 386 206 386 184 Z"
_TORSO = (
    "M 360 218 C 384 218 394 220 404 226 C 428 234 450 234 464 248 C 474 258 472 292 458 320"
    " C 450 350 440 386 432 414 C 426 440 440 470 452 506 C 460 536 458 566 452 592"
    " L 362 592 L 360 574 L 358 592 L 268 592 C 262 566 260 536 268 506 C 280 470 294 440 288 414"
    " C 280 386 270 350 262 320 C 248 292 246 258 256 248 C 270 234 292 234 316 226 C 326 220 336 218 360 218 Z"
)
_LEG = (
    "M 362 560 C 364 600 372 690 388 756 C 392 778 388 800 386 826 C 384 866 398 930 408 990"
    " L 409 1014 L 437 1014 L 438 990 C 450 930 460 872 452 826 C 446 800 446 780 448 756"
    " C 458 690 466 600 452 520 C 430 500 370 520 362 560 Z"
)
_ARM = (
    "M 442 246 C 456 232 479 240 482 270 C 488 310 496 352 504 392 C 514 432 522 480 528 530 L 505 536"
    " C 494 490 478 446 470 408 C 460 376 450 344 446 318 C 442 290 440 264 442 246 Z"
)
_HAND = (
    "M 505 532 L 528 528 C 536 544 540 562 538 584 C 537 604 532 622 525 630 C 520 634 516 630 517 622"
    " C 512 626 508 618 510 606 C 508 596 504 586 503 574 C 498 578 492 572 494 562 C 498 550 502 544 505 532 Z"
)
_FOOT = (
    "M 408 996 C 404 1016 404 1034 412 1044 C 424 1058 446 1068 462 1066 C 474 1062 470 1050 460 1040"
    " C 448 1028 440 1014 438 996 Z"
)


@lru_cache(maxsize=4)
def draw_mannequin(height: int = 1160, *, feet: bool = True) -> Image.Image:
    """The bare mannequin on nothing.

    Args:
        height: Of the picture in pixels; its width is 18/29 of that.
        feet: Whether it has feet; they are left out where shoes bring their own.

    Returns:
        An RGBA picture. It is shared between callers: copy it before changing it.
    """
    scale = height / HEIGHT
    surface = skia.Surface(round(WIDTH * scale), height)
    canvas = surface.getCanvas()
    canvas.clear(0)
    canvas.scale(scale, scale)
    canvas.translate(0, _ABOVE)
    for spec, left, right in ((_LEG, 362, 456), (_FOOT, 404, 472))[: 2 if feet else 1]:
        _both(canvas, spec, left, right)
    _limb(canvas, trace(_TORSO), 250, 470)
    _shading(canvas)
    for spec, left, right in ((_HAND, 490, 540), (_ARM, 438, 530)):
        _both(canvas, spec, left, right)
    _limb(canvas, trace(_NECK), 318, 402)
    chin = oval(_MIDDLE, 206, 40, 15)
    canvas.drawPath(chin, _soft(_SKIN[3], 70, 9))
    _limb(canvas, trace(_HEAD), 304, 416, glow=True)
    _face(canvas)
    return Image.fromarray(surface.toarray(colorType=skia.ColorType.kRGBA_8888_ColorType))


@lru_cache(maxsize=4)
def draw_studio(height: int = 1160) -> Image.Image:
    """The softly lit room the mannequin stands in, with its shadow on the floor; RGB, shared like the figure."""
    width = round(height * WIDTH / HEIGHT)
    rows = np.linspace(0, 1, height)[:, None]
    columns = np.linspace(-1, 1, width)[None, :]
    wall = 1 - 0.10 * np.hypot(columns * 0.9, rows - 0.35)
    floor = 1 / (1 + np.exp(-(rows - 0.91) * 90))
    light = wall - 0.05 * floor * (1 - 0.4 * (rows - 0.9))
    room = np.array([246.0, 244.0, 241.0]) * light[..., None]
    picture = Image.fromarray(np.clip(room, 0, 255).astype(np.uint8))
    surface = skia.Surface(width, height)
    canvas = surface.getCanvas()
    canvas.clear(0)
    canvas.scale(height / HEIGHT, height / HEIGHT)
    canvas.translate(0, _ABOVE)
    canvas.drawPath(oval(_MIDDLE, 1056, 196, 24), _soft((60, 54, 52), 90, 22))
    for side in (-1, 1):
        canvas.drawPath(oval(_MIDDLE + side * 74, 1058, 50, 11), _soft((50, 44, 42), 120, 8))
    shadow = Image.fromarray(surface.toarray(colorType=skia.ColorType.kRGBA_8888_ColorType))
    picture.paste(shadow, (0, 0), shadow)
    return picture


def draw_foot(canvas: skia.Canvas, path: skia.Path) -> None:
    """A foot of the mannequin's own skin, of the form `path` (pixels)."""
    bounds = path.getBounds()
    _limb(canvas, path, bounds.left() - 4, bounds.right() + 4, outline=False)


def _both(canvas: skia.Canvas, spec: str, left: float, right: float) -> None:
    for matrix in (skia.Matrix.MakeAll(-1, 0, WIDTH, 0, 1, 0, 0, 0, 1), skia.Matrix()):
        canvas.save()
        canvas.concat(matrix)
        _limb(canvas, trace(spec), left, right)
        canvas.restore()


def _soft(color: tuple[int, int, int], alpha: int, blur: float) -> skia.Paint:
    paint = skia.Paint(AntiAlias=True, Color=skia.Color(*color, alpha))
    paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    return paint


def _limb(
    canvas: skia.Canvas,
    path: skia.Path,
    left: float,
    right: float,
    *,
    glow: bool = False,
    outline: bool = True,
) -> None:
    """A rounded part of the body: light from the upper left, dark towards its right edge."""
    light, body, dark, edge = (int(skia.Color(*color)) for color in _SKIN)
    ends = [skia.Point(left, 0), skia.Point(right, 0)]
    paint = skia.Paint(AntiAlias=True)
    paint.setShader(
        skia.GradientShader.MakeLinear(ends, [dark, body, light, body, dark], [0, 0.2, 0.4, 0.72, 1])
    )
    canvas.drawPath(path, paint)
    canvas.save()
    canvas.clipPath(path, doAntiAlias=True)
    rim = skia.Paint(
        AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=16, Color=skia.ColorSetA(edge, 70)
    )
    rim.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 6))
    canvas.drawPath(path, rim)
    if glow:
        canvas.drawPath(oval(344, 98, 26, 34), _soft((255, 253, 250), 150, 16))
    canvas.restore()
    if not outline:
        return
    line = skia.Paint(
        AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=1.2, Color=skia.ColorSetA(edge, 150)
    )
    canvas.drawPath(path, line)


def _shading(canvas: skia.Canvas) -> None:
    """Collar bones, chest, navel and groin as faint forms, and the seam at the waist of a shop figure."""
    crease = skia.Paint(
        AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=5, Color=skia.Color(*_SKIN[3], 70)
    )
    crease.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 3))
    for spec in (
        "M 350 250 Q 320 240 292 246",
        "M 370 250 Q 400 240 428 246",
        "M 288 334 Q 320 356 352 336",
        "M 432 334 Q 400 356 368 336",
        "M 360 300 L 360 400",
        "M 300 520 Q 330 556 358 574",
        "M 420 520 Q 390 556 362 574",
    ):
        canvas.drawPath(trace(spec), crease)
    seam = skia.Paint(
        AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=1.3, Color=skia.Color(*_SKIN[3], 130)
    )
    canvas.drawPath(trace("M 288 424 Q 360 440 432 424"), seam)


def _face(canvas: skia.Canvas) -> None:
    """The hint of a face: brows, nose and lips as light and shade, no features."""
    for spec, alpha in (
        ("M 322 124 Q 336 114 350 122", 60),
        ("M 398 124 Q 384 114 370 122", 60),
        ("M 364 128 Q 368 148 366 156 Q 360 160 354 156", 70),
        ("M 346 174 Q 360 180 374 174", 60),
    ):
        pen = skia.Paint(
            AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=4, Color=skia.Color(*_SKIN[3], alpha)
        )
        pen.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 2.2))
        canvas.drawPath(trace(spec), pen)
