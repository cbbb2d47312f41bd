"""The engine: many requests at once come out as each alone would, and none takes another with it."""

import asyncio
import contextlib

import numpy as np
import pytest
import torch
from PIL import Image

from tests.vlm.tiny_model import CONFIG, plain_picture, tiny_model
from vlm.canvas import DrawingSettings
from vlm.drawing import draw_codes
from vlm.engine.engine import Engine
from vlm.engine.intake import draw_job
from vlm.engine.memory import MemoryPlanError, plan_memory
from vlm.engine.requests import (
    MAX_CANDIDATES,
    DrawRequest,
    Failed,
    Message,
    PictureDone,
    Piece,
    QueueFullError,
    RequestFailedError,
    RequestRefusedError,
    Step,
    TextDone,
    TextRequest,
)


@pytest.fixture(scope="module")
def model():
    return tiny_model()


@pytest.fixture
async def engine(model):
    served = Engine.from_model(model, texts=4, drawings=3).start()
    yield served
    await served.close()


async def all_of(engine, request):
    return [event async for event in engine.events(request)]


def asked(text, color=None, **changes):
    pictures = [] if color is None else [plain_picture(color)]
    return TextRequest([Message("user", text)], pictures, **({"max_tokens": 12} | changes))


def said(events):
    return "".join(event.text for event in events if isinstance(event, Piece))


def pixels(events):
    return np.asarray(events[-1].picture)


MIXED = [
    asked("a red scarf", "red"),
    asked("blue jeans", "blue", temperature=1.5, seed=3),
    DrawRequest("a red scarf", seed=1),
    asked("white boots", "red", temperature=0.9, top_k=8, seed=4),
    DrawRequest("blue jeans", seed=2, steps=3, guidance=0.0),
    asked("a red scarf goes with", temperature=1.0, top_p=0.8, seed=5),
    DrawRequest("boots", seed=3, steps=9, guidance=4.0, temperature=2.0, candidates=3),
    asked("try", "white", max_tokens=1),
]


async def test_requests_in_company_come_out_as_each_does_alone(engine):
    together = await asyncio.gather(*(all_of(engine, request) for request in MIXED))
    for request, events in zip(MIXED, together, strict=True):
        alone = await all_of(engine, request)
        if isinstance(request, TextRequest):
            assert said(events) == said(alone)
            assert events[-1].completion_tokens == alone[-1].completion_tokens
        else:
            assert np.array_equal(pixels(events), pixels(alone))
            others = zip(events[-1].others, alone[-1].others, strict=True)
            assert all(np.array_equal(np.asarray(one), np.asarray(other)) for one, other in others)


async def test_an_answer_is_the_one_that_the_blocking_model_gives(engine, model):
    events = await all_of(engine, asked("a red scarf", "red"))
    assert said(events) == "".join(model.converse("a red scarf", [plain_picture("red")], 12))


async def test_a_drawing_is_the_one_that_the_blocking_model_gives(engine, model):
    events = await all_of(engine, DrawRequest("a red scarf", seed=7))
    ids = model.parts.text_tokenizer.encode("a red scarf")
    codes = draw_codes(
        model.drawing, [ids], settings=DrawingSettings(6, 2.0), generator=torch.Generator().manual_seed(7)
    )
    assert np.array_equal(pixels(events), np.asarray(model.enlarged(model.painted(codes)[0])))


async def test_the_same_picture_asked_about_again_is_not_run_again(engine, model, monkeypatch):
    first = await all_of(engine, asked("a red scarf", "green"))
    conversation = [
        Message("user", "a red scarf"),
        Message("assistant", said(first)),
        Message("user", "boots"),
    ]
    encoded = []
    monkeypatch.setattr(model.parts.image_tokenizer, "encode", lambda pixels: encoded.append(pixels))
    again = await all_of(engine, TextRequest(conversation, [plain_picture("green")], 12))
    assert not encoded
    assert first[-1].cached_tokens == 0
    assert again[-1].cached_tokens >= model.prefixes.length([plain_picture("green")])


async def test_reused_keys_and_values_change_no_word(engine, model):
    conversation = [
        Message("user", "a red scarf"),
        Message("assistant", "try boots"),
        Message("user", "blue"),
    ]
    request = TextRequest(conversation, [plain_picture("navy")], 12)
    await all_of(engine, TextRequest(conversation[:1], [plain_picture("navy")], 12))
    warm = await all_of(engine, request)
    fresh = Engine.from_model(model, texts=1).start()
    cold = await all_of(fresh, request)
    await fresh.close()
    assert warm[-1].cached_tokens > 0 == cold[-1].cached_tokens
    assert said(warm) == said(cold)


async def test_events_end_with_one_last_event_that_counts(engine):
    events = await all_of(engine, asked("a red scarf", "red", max_tokens=5))
    done = events[-1]
    assert isinstance(done, TextDone)
    assert sum(isinstance(event, (TextDone, PictureDone, Failed)) for event in events) == 1
    assert done.completion_tokens <= 5
    assert done.reason == ("length" if done.completion_tokens == 5 else "stop")


async def test_a_stop_string_ends_the_answer_before_it(engine):
    whole = said(await all_of(engine, asked("a red scarf", "red", max_tokens=30)))
    assert len(whole) > 4
    stop = whole[3:5]
    events = await all_of(engine, asked("a red scarf", "red", max_tokens=30, stop=[stop]))
    assert said(events) == whole[: whole.index(stop)]
    assert events[-1].reason == "stop"


async def test_every_step_is_told_and_previews_come_when_asked_for(engine):
    events = await all_of(engine, DrawRequest("a red scarf", steps=5, previews=2))
    steps = [event for event in events if isinstance(event, Step)]
    assert [(step.done, step.total) for step in steps] == [(done, 5) for done in range(1, 6)]
    assert [step.done for step in steps if step.preview is not None] == [2, 4]
    assert steps[1].preview.size == events[-1].picture.size


async def test_repainting_leaves_what_the_mask_keeps(engine, model):
    picture = Image.fromarray(np.random.default_rng(1).integers(0, 255, (8, 8, 3), dtype=np.uint8))
    mask = Image.new("L", (8, 8), 0)
    mask.paste(255, (0, 0, 4, 8))
    request = DrawRequest("boots", picture=picture, mask=mask, seed=3)
    drawn = (await all_of(engine, request))[-1].picture
    kept = model.prefixes.codes(picture).view(4, 4)
    jobs = []
    again = model.drawing.begin(
        [model.parts.text_tokenizer.encode("boots")],
        DrawingSettings(6, 2.0),
        torch.Generator().manual_seed(3),
        torch.where(torch.tensor([True, True, False, False]), 32, kept).view(1, 16),
    )
    while not again.finished:
        model.drawing.step([again])
        jobs.append(again.drawn)
    assert torch.equal(again.drawn.view(4, 4)[:, 2:], kept[:, 2:])
    assert np.array_equal(np.asarray(drawn), np.asarray(model.enlarged(model.painted(again.drawn)[0])))


def test_no_more_logits_are_held_than_one_pass_or_one_request_has(model, monkeypatch):
    logits, held = model.drawing.logits, []

    def counted(canvases):
        held.append([len(canvas.prefixes) for canvas in canvases])
        return logits(canvases)

    monkeypatch.setattr(model.drawing, "at_once", 2)
    monkeypatch.setattr(model.drawing, "logits", counted)
    canvases = [
        model.drawing.begin([[5]] * count, DrawingSettings(6, 2.0), torch.Generator().manual_seed(1))
        for count in (1, 1, 1, 3, 1)
    ]
    model.drawing.step(canvases)
    assert held == [[1, 1], [1], [3], [1]]
    assert all(canvas.step == 1 for canvas in canvases)


def test_the_plan_has_room_for_all_candidates_of_one_request():
    logits = CONFIG.num_vq_tokens * CONFIG.codebook_size * 4
    assert planned().work >= logits * (MAX_CANDIDATES * 5 + 2)


async def test_leaving_early_frees_the_slot_at_once(engine):
    for request in (
        asked("a red scarf", "red", max_tokens=90, temperature=9.0),
        DrawRequest("boots", steps=900),
    ):
        async with contextlib.aclosing(engine.events(request)) as events:
            async for _ in events:
                break
    after = await all_of(engine, asked("a red scarf", max_tokens=2))
    assert isinstance(after[-1], TextDone)
    stats = engine.stats()
    assert (stats.waiting, stats.running_texts, stats.running_drawings) == (0, 0, 0)
    assert stats.canceled == 2
    assert engine._texts.table.free == 4


BAD = [
    (asked("a", max_tokens=0), "max_tokens"),
    (asked("a", top_p=0.0), "top_p"),
    (asked("red " * 200, "red"), r"fills \d+ of 128 positions"),
    (asked("x" * 100_000), "100000 characters"),
    (TextRequest([]), "last message"),
    (TextRequest([Message("assistant", "hi")]), "last message"),
    (TextRequest([Message("user", "hi")], [plain_picture("red")] * 5), "at most 4 pictures"),
    (DrawRequest("a", steps=0), "steps >= 1"),
    (DrawRequest("a", steps=10**6), "at most 1000 steps"),
    (DrawRequest("a", guidance=float("nan")), "guidance"),
    (DrawRequest("a", candidates=0), "candidates"),
    (DrawRequest("a", candidates=2, kept=3), "of 2 candidates 3"),
    (DrawRequest("a", seed=2**70), "64 bits"),
    (DrawRequest("a", picture=plain_picture("red")), "both a picture and a mask"),
]


@pytest.mark.parametrize(("request_", "words"), BAD)
async def test_what_can_never_be_served_is_refused_before_the_first_event(engine, request_, words):
    with pytest.raises(RequestRefusedError, match=words):
        await anext(engine.events(request_))


async def test_a_mask_that_leaves_nothing_to_repaint_fails_that_request(engine):
    black = Image.new("L", (8, 8), 0)
    events = await all_of(engine, DrawRequest("a", picture=plain_picture("red"), mask=black))
    assert isinstance(events[-1].error, RequestRefusedError)
    assert "nothing is left to draw" in str(events[-1].error)


async def test_too_many_requests_are_turned_away_with_a_time_to_come_back(model):
    served = Engine.from_model(model, texts=1, waiting=2)
    waiting = [served.events(asked("a red scarf", max_tokens=2)) for _ in range(2)]
    firsts = [asyncio.ensure_future(anext(events)) for events in waiting]
    while served.stats().waiting < 2:  # noqa: ASYNC110
        await asyncio.sleep(0)
    with pytest.raises(QueueFullError) as refused:
        await anext(served.events(asked("blue")))
    assert refused.value.retry_after >= 1
    served._tally.pace.ended(0.0, 16.0)
    assert served.stats().wait_seconds == 2 * (1 + 0.2 * 15)
    served.start()
    assert all(await asyncio.gather(*firsts))
    await served.close()


async def test_running_out_of_memory_ends_one_request_and_not_the_others(engine, monkeypatch):
    decode, failed = engine._texts._runner.decode, []

    def scarce(slots, lengths, tokens):
        if len(slots) > 2:
            failed.append(len(slots))
            raise torch.OutOfMemoryError("no room")
        return decode(slots, lengths, tokens)

    monkeypatch.setattr(engine._texts._runner, "decode", scarce)
    requests = [asked("a red scarf", color, max_tokens=20) for color in ("red", "green", "blue", "white")]
    answers = await asyncio.gather(*(all_of(engine, request) for request in requests))
    lost = [events[-1].error for events in answers if isinstance(events[-1], Failed)]
    assert failed
    assert len(lost) == len(failed)
    assert all("not enough memory" in str(error) for error in lost)
    monkeypatch.undo()
    for request, events in zip(requests, answers, strict=True):
        if isinstance(events[-1], TextDone):
            assert said(events) == said(await all_of(engine, request))


async def test_an_error_in_the_network_is_told_and_the_engine_goes_on(engine, model, monkeypatch):
    def broken(canvases):
        raise RuntimeError("kernel launch failed\nmany lines")

    monkeypatch.setattr(model.drawing, "step", broken)
    events = await all_of(engine, DrawRequest("a"))
    assert str(events[-1].error) == "the model could not go on: kernel launch failed"
    monkeypatch.undo()
    assert isinstance((await all_of(engine, DrawRequest("a")))[-1], PictureDone)
    assert engine.stats().failed == 1


@pytest.mark.parametrize(
    "error", [IndexError("out of range"), OSError("truncated"), ZeroDivisionError("by zero")]
)
async def test_an_error_that_data_can_cause_ends_that_request_alone(engine, model, monkeypatch, error):
    def broken(canvases):
        raise error

    monkeypatch.setattr(model.drawing, "step", broken)
    events = await all_of(engine, DrawRequest("a"))
    assert isinstance(events[-1].error, RequestFailedError)
    monkeypatch.undo()
    assert isinstance((await all_of(engine, DrawRequest("a")))[-1], PictureDone)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_broken_device_ends_the_engine_and_it_says_so(model, monkeypatch):
    def broken(canvases):
        raise RuntimeError("CUDA error: device-side assert triggered")

    served = Engine.from_model(model, texts=1).start()
    assert served.stats().taking
    monkeypatch.setattr("vlm.engine.engine.works", lambda device: False)
    monkeypatch.setattr(model.drawing, "step", broken)
    events = await all_of(served, DrawRequest("a"))
    assert isinstance(events[-1].error, RequestFailedError)
    assert not served.stats().taking
    await served.close()


async def test_closing_leaves_nobody_waiting(model):
    served = Engine.from_model(model, texts=1).start()
    tasks = [asyncio.ensure_future(all_of(served, DrawRequest("boots", steps=900))) for _ in range(3)]
    while served.stats().running_drawings == 0:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await served.close()
    for events in await asyncio.gather(*tasks, return_exceptions=True):
        error = events if isinstance(events, Exception) else events[-1].error
        assert isinstance(error, RequestFailedError)
        assert "closed" in str(error)
    with pytest.raises(RequestFailedError, match="closed"):
        await anext(served.events(asked("a")))


def planned(**changes):
    options = {"weights": 1000, "element": 4, "limit": 10**9, "slots": 3, "drawings": 2, "together": 1}
    return plan_memory(CONFIG, **(options | changes))


def test_memory_is_planned_and_what_does_not_fit_is_refused_with_numbers():
    plan = planned()
    assert plan.total <= plan.limit
    assert plan.slot == 3 * 2 * 32 * 4 * 129
    assert planned(slots=None).slots == 16
    tight = plan.total - plan.slot
    with pytest.raises(
        MemoryPlanError, match=r"weights 0\.00 GiB, 3 answers at once .* at most 2 answers fit"
    ):
        planned(limit=tight)
    assert planned(limit=tight, slots=None).slots == 2
    with pytest.raises(MemoryPlanError, match="not even one answer fits"):
        planned(limit=2000, slots=None)


async def test_the_slots_are_allocated_once_and_hold_what_was_planned(engine):
    before = engine.stats().memory_bytes
    await asyncio.gather(*(all_of(engine, request) for request in MIXED))
    assert engine.stats().memory_bytes == before == engine._model.weight_bytes + engine.plan.slot * 4


def test_a_request_s_contrast_is_used_where_a_pattern_is_asked_for(model):
    def job(prompt, **more):
        return draw_job(model, DrawRequest(prompt, **more), lambda event: None)

    striped = job("a red striped scarf", contrast=1.5)
    assert striped.settings.contrast == 1.5
    assert striped.plain == model.parts.text_tokenizer.encode("a red scarf")
    assert job("a red scarf", contrast=1.5).plain is None
    assert job("a red striped scarf").plain is None
    with pytest.raises(RequestRefusedError, match="contrast"):
        job("a red striped scarf", contrast=-1.0)
