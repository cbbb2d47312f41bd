"""The mannequin as a figure to dress."""

from __future__ import annotations

import numpy as np

from fashion.drawing.mannequin import HEIGHT, JOINTS, draw_mannequin
from tools.body.figure import Figure


def mannequin_figure(height: int = 1160) -> Figure:
    """The drawn mannequin's joints and outline, all of them sure."""
    scale = height / HEIGHT
    alpha = np.asarray(draw_mannequin(height).getchannel("A"), dtype=np.float32) / np.float32(255)
    joints = {name: np.array(place) * scale for name, place in JOINTS.items()}
    return Figure(joints, dict.fromkeys(JOINTS, 1.0), alpha.shape[1], alpha.shape[0], alpha)
