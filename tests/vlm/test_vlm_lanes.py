"""Threads of one torch thread each."""

import threading

import pytest
import torch

from vlm.lanes import Lanes, lanes


def test_items_come_back_in_order_from_threads_of_one_torch_thread_each():
    own = torch.get_num_threads()
    both = threading.Barrier(2)

    def work(item):
        both.wait(timeout=30)
        return item, torch.get_num_threads(), threading.get_ident()

    torch.set_num_threads(2)
    try:
        found = Lanes(2).map(work, [1, 2])
        after = torch.get_num_threads()
    finally:
        torch.set_num_threads(own)
    assert [item for item, _, _ in found] == [1, 2]
    assert {threads for _, threads, _ in found} == {1}
    assert len({name for _, _, name in found}) == 2
    assert after == 2


def test_an_error_in_a_lane_is_raised():
    with pytest.raises(ZeroDivisionError):
        Lanes(2).map(lambda item: 1 // item, [1, 0, 1])
    assert lanes(2) is lanes(2)
