"""The two MediaPipe models: pictures in, numbers out.

- detection: 224x224 RGB in -1..1; 2254 anchors with 12 numbers each (box, then four key points) and a score.
- landmarks: 256x256 RGB in 0..1; 39 points of 5 numbers (x, y, z in pixels; visibility, presence as logits), the
  probability that there is a person, a 256x256 mask of the person as logits, and more that is not used here.
"""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

Numbers = npt.NDArray[np.float32]

_WEIGHTS = Path(__file__).parent.parent / "weights"
DETECTION_SIDE = 224
LANDMARK_SIDE = 256


class Model:
    """One TensorFlow Lite model; safe to call from several threads."""

    def __init__(self, name: str) -> None:
        """Load ``tools/weights/<name>.tflite``."""
        self._interpreter = Interpreter(model_path=str(_WEIGHTS / f"{name}.tflite"), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [detail["index"] for detail in self._interpreter.get_output_details()]
        self._one_at_a_time = threading.Lock()

    def __call__(self, picture: Numbers) -> list[Numbers]:
        """Run on one picture of shape (side, side, 3); the outputs without their batch axis."""
        with self._one_at_a_time:
            self._interpreter.set_tensor(self._input, picture[None].astype(np.float32))
            self._interpreter.invoke()
            return [np.array(self._interpreter.get_tensor(index))[0] for index in self._outputs]


@cache
def model(name: str) -> Model:
    """A model, loaded once a process."""
    return Model(name)
