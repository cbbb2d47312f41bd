"""The circuit breaker: a model of its rules against the breaker itself, and a canceled trial."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlm.circuit import CircuitBreaker, CircuitOpenError, ServerAtFaultError


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def call(breaker: CircuitBreaker, error: type[BaseException] | None = None) -> bool:
    """Whether the call went through."""
    try:
        with breaker.call():
            if error is not None:
                raise error
    except CircuitOpenError:
        return False
    except (ServerAtFaultError, ValueError, asyncio.CancelledError):
        pass
    return True


STEPS = st.lists(st.sampled_from(["good", "refused", "bad", "canceled", "wait"]), max_size=30)


@given(STEPS)
def test_it_opens_after_three_failures_in_a_row_and_tries_one_call_after_each_rest(steps) -> None:
    clock = Clock()
    breaker = CircuitBreaker(3, 10, clock)
    errors = {
        "good": None,
        "refused": ValueError,
        "bad": ServerAtFaultError,
        "canceled": asyncio.CancelledError,
    }
    failures, opened_at = 0, None
    for step in steps:
        if step == "wait":
            clock.now += 6
            continue
        goes = opened_at is None or clock.now - opened_at >= 10
        assert call(breaker, errors[step]) == goes
        if not goes or step == "canceled":
            continue
        failures = failures + 1 if step == "bad" else 0
        opened_at = (clock.now if failures >= 3 or opened_at is not None else None) if failures else None
    assert (breaker.state == "closed") == (opened_at is None)


def test_half_open_a_second_call_is_refused_while_the_trial_runs() -> None:
    clock = Clock()
    breaker = CircuitBreaker(1, 10, clock)
    call(breaker, ServerAtFaultError)
    clock.now = 10
    with breaker.call():
        assert not call(breaker)
    assert breaker.state == "closed"
    assert call(breaker)


def test_an_open_circuit_says_so() -> None:
    breaker = CircuitBreaker(1, 10, Clock())
    call(breaker, ServerAtFaultError)
    with pytest.raises(CircuitOpenError), breaker.call():
        pass
