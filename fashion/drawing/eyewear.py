"""Sunglasses: two lenses with a gradient, a bridge, and the temples seen behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import skia

from fashion.drawing.contours import cut, ribbon
from fashion.drawing.pattern import mix, paint
from fashion.drawing.shapes import mirrored, oval, trace
from fashion.drawing.studio import Studio

_LENSES = ((52, 46, 44), (44, 48, 54), (62, 48, 36))

# The left lens and the frame round it, for each style; the right side mirrors them.
_FORMS = {
    "aviator": (
        "M 72 216 C 104 202 186 204 222 220 C 228 264 202 344 142 342 C 88 340 58 274 72 216 Z",
        "M 44 190 C 92 170 200 172 248 194 C 262 272 218 376 142 374 C 66 372 22 280 44 190 Z",
    ),
    "cat-eye": (
        "M 60 212 C 100 204 180 210 226 236 C 232 300 196 342 146 340 C 92 338 66 280 60 212 Z",
        "M 16 156 C 90 178 190 180 250 216 C 256 312 210 366 144 364 "
        "C 74 362 46 296 40 236 C 32 206 22 182 16 156 Z",
    ),
    "square": (
        "M 70 208 L 214 208 Q 226 208 226 220 L 220 322 Q 218 338 202 338 "
        "L 92 338 Q 76 338 74 322 L 58 220 Q 58 208 70 208 Z",
        "M 54 178 L 236 182 Q 250 184 250 200 L 244 338 Q 242 362 218 362 "
        "L 82 362 Q 58 362 54 340 L 34 204 Q 34 178 54 178 Z",
    ),
}


def _lens(studio: Studio, path: skia.Path, tint: tuple[int, int, int]) -> None:
    bounds = path.getBounds()
    deep, light = mix(tint, (0, 0, 0), 0.45), mix(mix(tint, studio.rgb, 0.25), (255, 255, 255), 0.42)
    fill = skia.Paint(AntiAlias=True)
    ends = [skia.Point(bounds.centerX(), bounds.top()), skia.Point(bounds.centerX(), bounds.bottom())]
    fill.setShader(
        skia.GradientShader.MakeLinear(ends, [int(skia.Color(*c)) for c in (deep, tint, light)], [0, 0.4, 1])
    )
    studio.canvas.drawPath(path, fill)
    with studio.clipped(path):
        left, top, width, height = bounds.left(), bounds.top(), bounds.width(), bounds.height()
        for start, wide, alpha in ((0.12, 0.2, 0.2), (0.4, 0.07, 0.14)):
            x0 = left + width * start
            streak = trace(
                f"M {x0 + 46} {top} L {x0 + 46 + width * wide} {top} "
                f"L {x0 - 34 + width * wide} {top + height} L {x0 - 34} {top + height} Z"
            )
            studio.canvas.drawPath(streak, paint((255, 255, 255), alpha))
    studio.shadow(path, 0.5, 7)


def _sunglasses(studio: Studio) -> None:
    """Sunglasses from the front, a little from above, with open temples."""
    style = studio.garment.style or "square"
    tint = studio.rng.choice(_LENSES)
    cloth = replace(studio.fabric, scale=0.7)
    temple = trace("M 36 212 C 22 176 34 146 60 130 L 128 104 L 138 118 L 72 148 C 56 156 52 176 60 206 Z")
    if not studio.worn:
        for side in (temple, mirrored(temple)):
            studio.piece(side, cloth, shade=-0.25, volume=0.6)
    if style == "round":
        lens, rim = oval(142, 272, 88), oval(142, 272, 110)
    else:
        lens_spec, rim_spec = _FORMS.get(style, _FORMS["square"])
        lens, rim = trace(lens_spec), trace(rim_spec)
    bridge = (
        trace("M 226 244 C 240 214 272 214 286 244")
        if style != "square"
        else trace("M 236 232 C 246 216 266 216 276 232")
    )
    studio.piece(ribbon(bridge, 16 if style in ("round", "aviator") else 26), cloth, volume=0.6)
    if style == "aviator":
        studio.piece(ribbon(trace("M 190 190 Q 256 176 322 190"), 13), cloth, volume=0.5)
    for flip in (False, True):
        glass, frame = (mirrored(lens), mirrored(rim)) if flip else (lens, rim)
        _lens(studio, glass, tint)
        studio.piece(cut(frame, glass), cloth, gloss=0.35, volume=0.8)
        pad = trace("M 238 282 C 248 292 250 312 242 324 C 232 316 230 296 238 282 Z")
        studio.canvas.drawPath(mirrored(pad) if flip else pad, paint((235, 232, 226), 0.75))
        hinge = oval(56 if style != "round" else 46, 206 if style != "round" else 240, 5)
        studio.metal(mirrored(hinge) if flip else hinge, "silver")
    for flip in (False, True):
        edge = trace("M 92 190 Q 140 180 196 188") if style != "round" else trace("M 66 214 Q 96 172 150 170")
        studio.line(mirrored(edge) if flip else edge, width=3.5, rgb=(255, 255, 255), alpha=0.35)


DRAWERS: dict[str, Callable[[Studio], None]] = {"Sunglasses": _sunglasses}
