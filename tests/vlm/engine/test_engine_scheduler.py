"""What the scheduler decides, and what the slots remember: bookkeeping without tensors."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from vlm.engine.scheduler import Limits, Scheduler
from vlm.engine.slots import SlotTable

LIMITS = Limits(texts=2, drawings=2, together=1, waiting=8)


@dataclass(eq=False)
class Named:
    kind: str
    name: str


def scheduled(*jobs, limits=LIMITS):
    scheduler = Scheduler(limits)
    for job in jobs:
        scheduler.submit(job)
    return scheduler


def texts(count):
    return [Named("text", f"t{number}") for number in range(count)]


def drawings(count):
    return [Named("draw", f"d{number}") for number in range(count)]


def names(scheduler, count):
    done = []
    for _ in range(count):
        work = scheduler.next()
        done.append((work.action, *(job.name for job in work.jobs)))
        scheduler.charge(work.kind, 1.0)
    return done


def test_a_new_answer_joins_between_two_decoding_steps():
    scheduler = scheduled(*texts(2))
    assert names(scheduler, 4) == [("begin", "t0"), ("step", "t0"), ("begin", "t1"), ("step", "t0", "t1")]


def test_an_answer_that_ended_leaves_its_place_to_the_next():
    jobs = texts(3)
    scheduler = scheduled(*jobs)
    names(scheduler, 4)
    scheduler.remove(jobs[0])
    assert names(scheduler, 2) == [("begin", "t2"), ("step", "t1", "t2")]


def test_running_drawings_take_turns():
    scheduler = scheduled(*drawings(2))
    assert names(scheduler, 5)[2:] == [("step", "d0"), ("step", "d1"), ("step", "d0")]


def test_words_and_pictures_share_the_time_and_not_the_turns():
    scheduler = scheduled(*texts(1), *drawings(1))
    spent = {"text": 0.0, "draw": 0.0}
    costs = {"text": 1.0, "draw": 10.0}
    for _ in range(400):
        work = scheduler.next()
        scheduler.charge(work.kind, costs[work.kind])
        spent[work.kind] += costs[work.kind]
    assert abs(spent["text"] - spent["draw"]) <= 10.0


def test_a_kind_that_had_nothing_to_do_has_saved_no_time():
    scheduler = scheduled(*drawings(1))
    names(scheduler, 50)
    scheduler.submit(Named("text", "late"))
    kinds = names(scheduler, 20)
    assert sum("late" in entry for entry in kinds) in range(9, 12)


def test_nothing_to_do_is_none_and_waiting_jobs_are_counted():
    scheduler = scheduled(*texts(3))
    assert scheduler.waiting() == 3
    assert not scheduler.full
    for job in texts(5):
        scheduler.submit(job)
    assert scheduler.full
    assert Scheduler(LIMITS).next() is None


@given(st.lists(st.sampled_from(["text", "draw", "end", "go"]), max_size=60))
def test_limits_hold_and_every_job_is_served_in_order_of_its_kind(moves):
    scheduler = Scheduler(LIMITS)
    begun = {"text": [], "draw": []}
    running = []
    for number, move in enumerate(moves):
        if move in ("text", "draw"):
            scheduler.submit(Named(move, number))
        elif move == "end" and running:
            scheduler.remove(running.pop(0))
        elif (work := scheduler.next()) is not None:
            scheduler.charge(work.kind, 1.0)
            if work.action == "begin":
                running.append(work.jobs[0])
                begun[work.kind].append(work.jobs[0].name)
            assert len(work.jobs) <= (LIMITS.texts if work.kind == "text" else LIMITS.together)
            assert all(job in running for job in work.jobs)
        assert scheduler.running("text") <= LIMITS.texts
        assert scheduler.running("draw") <= LIMITS.drawings
    assert begun["text"] == sorted(begun["text"])
    assert begun["draw"] == sorted(begun["draw"])


def place_and_fill(table, picture, words, shared=10):
    place = table.place(picture, words)
    table.write(place.slot, shared, words)
    return place


def test_the_same_picture_asked_about_again_finds_its_prefix_and_conversation():
    table = SlotTable(2)
    first = place_and_fill(table, "shoes", [1, 2, 3])
    table.append(first.slot, 4)
    table.release(first.slot)
    again = table.place("shoes", [1, 2, 3, 4, 5, 6])
    assert (again.slot, again.source, again.held) == (first.slot, first.slot, 14)


def test_a_picture_that_is_being_asked_about_is_copied_to_a_free_slot():
    table = SlotTable(2)
    first = place_and_fill(table, "shoes", [1, 2, 3])
    second = table.place("shoes", [1, 9])
    assert second.slot != first.slot
    assert (second.source, second.held) == (first.slot, 11)


def test_another_picture_takes_the_slot_that_was_left_alone_for_longest():
    table = SlotTable(2)
    shoes, hat = place_and_fill(table, "shoes", [1, 2]), place_and_fill(table, "hat", [1, 2])
    table.release(hat.slot)
    table.release(shoes.slot)
    place = table.place("coat", [1, 2])
    assert (place.slot, place.held) == (hat.slot, 0)


def test_the_last_word_is_always_run_again_since_its_state_chooses_the_next():
    table = SlotTable(1)
    place = place_and_fill(table, "shoes", [1, 2, 3])
    table.release(place.slot)
    assert table.place("shoes", [1, 2, 3]).held == 12


def test_no_slot_is_given_where_all_are_busy_and_a_failed_one_is_not_trusted():
    table = SlotTable(1)
    place = place_and_fill(table, "shoes", [1, 2, 3])
    assert table.place("hat", [1]) is None
    table.release(place.slot, keep=False)
    assert table.place("shoes", [1, 2, 3]).held == 0
