"""Decoding steps of fixed shape say the same words as those of any shape."""

import pytest
import torch

from tests.vlm.tiny_model import CONFIG, plain_picture, tiny_model, tiny_network
from vlm.attention import SlotMemory
from vlm.backbone import Backbone
from vlm.engine.jobs import TextJob
from vlm.engine.text_work import TextWork
from vlm.engine.words import WordStream
from vlm.sampling import TextSettings
from vlm.static_decode import StaticDecoder
from vlm.text_generation import TextRunner


def filled(backbone, slots=5):
    memory = SlotMemory(backbone, slots, CONFIG.max_positions)
    runner = TextRunner(backbone, memory)
    generator = torch.Generator().manual_seed(1)
    lengths = [20, 33, 26]
    for slot, length in enumerate(lengths):
        runner.prefix(slot, torch.randn(19, CONFIG.hidden_size, generator=generator))
        runner.words(slot, 19, [5] * (length - 19), 19)
    return memory, lengths


@torch.inference_mode()
def test_rows_of_fixed_shape_give_the_logits_of_rows_of_any_shape():
    backbone = Backbone(tiny_network())
    memory, lengths = filled(backbone)
    before = memory.data.clone()
    wanted = TextRunner(backbone, memory).decode([0, 1, 2], lengths, [7, 8, 9])
    after = memory.data.clone()
    memory.data.copy_(before)
    given = StaticDecoder(backbone, memory, capture=False).logits(lengths, [7, 8, 9])
    torch.testing.assert_close(given, wanted, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(memory.data[..., :-1, :], after[..., :-1, :], atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_spare_rows_leave_what_other_slots_keep_as_it_was():
    backbone = Backbone(tiny_network())
    memory, lengths = filled(backbone)
    memory.data[:, :, 3:] = 0.5
    StaticDecoder(backbone, memory, capture=False).logits(lengths, [7, 8, 9])
    assert bool((memory.data[:, :, 3:, :, :-1] == 0.5).all())


def test_only_the_first_slots_can_be_decoded_so():
    backbone = Backbone(tiny_network())
    memory = SlotMemory(backbone, 3, 64)
    runner = TextRunner(backbone, memory, StaticDecoder(backbone, memory, capture=False))
    with pytest.raises(ValueError, match="first slots"):
        runner.decode([0, 2], [4, 4], [1, 1])


def job(model, words, color, count):
    events = []
    ids = model.prefixes.words([("user", words)])
    pictures = [plain_picture(color)]
    return events, TextJob(
        emit=events.append,
        look=model.prefixes.look(pictures),
        ids=ids,
        prompt=model.prefixes.length(pictures) + len(ids),
        room=count,
        settings=TextSettings(count),
        generator=None,
        words=WordStream(model.parts.text_tokenizer),
        end_of_text=-1,
    )


def answers(model, static):
    """Answers of different lengths that join and leave; the slots are brought to the front each time."""
    memory = SlotMemory(model.backbone, 3, CONFIG.max_positions)
    decoder = StaticDecoder(model.backbone, memory, capture=False) if static else None
    work = TextWork(TextRunner(model.backbone, memory, decoder), model.prefixes)
    waiting = [
        job(model, *what)
        for what in (("red", "red", 3), ("blue", "blue", 9), ("scarf", "red", 6), ("boots", "red", 5))
    ]
    heard, running = [events for events, _ in waiting], []
    queue = [one for _, one in waiting]
    while queue or running:
        if queue and len(running) < 3:
            running.append(queue.pop(0))
            work.begin(running[-1])
        else:
            work.step(running)
        for one in [one for one in running if one.last is not None]:
            work.release(one)
            running.remove(one)
    return ["".join(event.text for event in events) for events in heard]


def test_answers_that_join_and_leave_are_the_same_in_moved_slots():
    model = tiny_model()
    assert answers(model, static=True) == answers(model, static=False)
