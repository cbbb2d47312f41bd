"""What is tried again after memory ran out comes out as if it had not."""

import pytest
import torch

from tests.vlm.tiny_model import tiny_network
from vlm import masked_sampling
from vlm.backbone import Backbone
from vlm.canvas import DrawingSettings
from vlm.drawing import DrawingRunner


@pytest.mark.parametrize("where", ["_multinomial", "slots_to_mask"])
def test_a_drawing_step_that_ran_out_of_memory_and_is_tried_again_changes_no_code(monkeypatch, where):
    runner = DrawingRunner(Backbone(tiny_network()))
    work, calls = getattr(masked_sampling, where), []

    def scarce(*given):
        calls.append(where)
        result = work(*given)
        if len(calls) == 2:
            raise torch.OutOfMemoryError("no room")
        return result

    drawn = []
    for disturbed in (False, True):
        canvas = runner.begin([[5, 6]], DrawingSettings(5, 2.0, 4.0), torch.Generator().manual_seed(3))
        if disturbed:
            monkeypatch.setattr(masked_sampling, where, scarce)
        while not canvas.finished:
            try:
                runner.step([canvas])
            except torch.OutOfMemoryError:
                assert disturbed
        drawn.append(canvas.drawn)
    assert len(calls) == 6
    assert torch.equal(*drawn)
