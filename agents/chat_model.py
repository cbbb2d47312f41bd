"""A chat model behind any OpenAI-compatible endpoint: asked within limits of time, tokens and patience.

Every way in which it can fail (slow, away, refusing, out of budget, nonsense) ends in `ChatModelError`, which the callers
answer with what is built in. After several failures in a row it is left alone for a while.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass, field

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage

_FAILURES = 3
_REST_SECONDS = 60.0
_DAY_SECONDS = 86_400.0
_LETTERS_A_TOKEN = 4
"""A rough count where the endpoint does not say what it used."""


class ChatModelError(RuntimeError):
    """The chat model gave no usable answer; the message says why in a few words."""


class ChatModelMissingError(RuntimeError):
    """A chat model is set up but the extra that speaks to it is not installed."""


@dataclass(frozen=True, slots=True)
class ChatLimits:
    """What a chat model may take.

    Attributes:
        seconds: For one question, a second try included.
        tokens_a_day: Of prompts and answers together, counted from the first question of a day on.
        answer_tokens: The longest answer.
    """

    seconds: float = 8.0
    tokens_a_day: int = 200_000
    answer_tokens: int = 500


@dataclass
class ChatModel:
    """A chat model with its limits; safe to share between threads.

    Attributes:
        model: Any langchain chat model.
        limits: What it may take.
        failures: What the model raises when it is away or refuses to serve.
    """

    model: BaseChatModel
    limits: ChatLimits = field(default_factory=ChatLimits)
    failures: tuple[type[Exception], ...] = ()

    def __post_init__(self) -> None:
        """Nothing is spent yet."""
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="chat-model")
        self._spent, self._day_began = 0, time.monotonic()
        self._failed, self._rests_until = 0, 0.0

    def ask(self, messages: list[BaseMessage], *, deadline: float, as_json: bool = False) -> str:
        """The model's answer as text; blocking.

        Args:
            messages: The conversation, system message first.
            deadline: By `time.monotonic`, when the answer comes too late.
            as_json: Ask the endpoint to answer in JSON.

        Raises:
            ChatModelError: There is no usable answer in time.
        """
        self._admit()
        asking = self._pool.submit(self._invoke, messages, as_json)
        try:
            answer = self._wait(asking, deadline)
        except ChatModelError:
            # What it did in vain it may still have to be paid for.
            self._charge(messages, None)
            self._note(failed=True)
            raise
        self._charge(messages, answer)
        text = answer.text.strip()
        if answer.additional_kwargs.get("refusal") or not text:
            self._note(failed=True)
            raise ChatModelError("it refused or said nothing")
        self._note(failed=False)
        return text

    def deadline(self) -> float:
        """When a question that is asked at this moment must be answered."""
        return time.monotonic() + self.limits.seconds

    def _invoke(self, messages: list[BaseMessage], as_json: bool) -> AIMessage:
        if as_json:
            return self.model.bind(response_format={"type": "json_object"}).invoke(messages)
        return self.model.invoke(messages)

    def _wait(self, asking: Future[AIMessage], deadline: float) -> AIMessage:
        try:
            return asking.result(timeout=max(0.0, deadline - time.monotonic()))
        except LateError:
            asking.cancel()
            raise ChatModelError(f"no answer within {self.limits.seconds:g} seconds") from None
        except self.failures as error:
            raise ChatModelError(f"{type(error).__name__}: {str(error)[:120]}") from error

    def _admit(self) -> None:
        now = time.monotonic()
        with self._lock:
            if now - self._day_began >= _DAY_SECONDS:
                self._spent, self._day_began = 0, now
            if self._spent >= self.limits.tokens_a_day:
                raise ChatModelError("its tokens for today are used up")
            if now < self._rests_until:
                raise ChatModelError("it failed several times in a row and rests")

    def _note(self, *, failed: bool) -> None:
        with self._lock:
            self._failed = self._failed + 1 if failed else 0
            if self._failed >= _FAILURES:
                self._failed, self._rests_until = 0, time.monotonic() + _REST_SECONDS

    def _charge(self, messages: list[BaseMessage], answer: AIMessage | None) -> None:
        """Count an answer's tokens; of one that never came, the prompt and the longest answer."""
        asked = sum(len(message.text) for message in messages) // _LETTERS_A_TOKEN
        if answer is None:
            used = asked + self.limits.answer_tokens
        elif answer.usage_metadata:
            used = answer.usage_metadata["total_tokens"]
        else:
            used = asked + len(answer.text) // _LETTERS_A_TOKEN
        with self._lock:
            self._spent += used

    def close(self) -> None:
        """Stop waiting for answers."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def open_chat_model(url: str, name: str, key: str | None, limits: ChatLimits) -> ChatModel:
    """A chat model at an OpenAI-compatible endpoint; nothing is asked yet.

    Args:
        url: Base address, for example ``http://localhost:8000/v1``.
        name: The model's name there.
        key: Sent as a bearer token; None for an endpoint that wants none.
        limits: What it may take.

    Raises:
        ChatModelMissingError: The extra ``llm`` is not installed.
    """
    try:
        import httpx
        import openai
        from langchain_openai import ChatOpenAI
    except ImportError as error:
        raise ChatModelMissingError(
            "FASHIONM3_LLM_URL is set, but the package that speaks to it is missing: pip install 'fashionm3[llm]'"
        ) from error
    model = ChatOpenAI(
        base_url=url, model=name, api_key=lambda: key or "none", timeout=limits.seconds, max_retries=0,
        temperature=0.0, max_completion_tokens=limits.answer_tokens, use_responses_api=False,
    )  # fmt: skip
    # A body that is no JSON, or one without choices, surfaces as these from below langchain.
    failures = (
        openai.OpenAIError,
        httpx.HTTPError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
        RuntimeError,
    )
    return ChatModel(model, limits, failures)
