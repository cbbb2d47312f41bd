"""A scripted OpenAI-compatible server: real HTTP on localhost."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

REFUSAL = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}


@dataclass
class Script:
    """What the server answers, in order; the last answer again and again. ``release`` ends a slow answer."""

    answers: list[object]
    asked: list[dict] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)


class Slow:
    """An answer that does not come until the test is over."""


class Trickle:
    """An answer that begins at once and goes on a letter at a time until the test is over."""


class ChatServers:
    """Servers that stop when the block ends."""

    def __init__(self) -> None:
        self._running: list[tuple[ThreadingHTTPServer, Script]] = []

    def __enter__(self) -> ChatServers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server, script in self._running:
            script.release.set()
            server.shutdown()
            server.server_close()

    def start(self, *answers: object) -> tuple[str, Script]:
        """Start one; gives its base address and its script.

        Args:
            answers: Each a text, an object (sent as JSON), a whole message, ``(status, body)``, `Slow`, `Trickle`, or a
                function of the request's body that gives one of these.
        """
        script = Script(list(answers))

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                answering(self, script)

            def log_message(self, *args: object) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._running.append((server, script))
        return f"http://127.0.0.1:{server.server_port}/v1", script


def answering(handler: BaseHTTPRequestHandler, script: Script) -> None:
    body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
    script.asked.append(body)
    answer = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
    if isinstance(answer, Callable):
        answer = answer(body)
    if isinstance(answer, Slow):
        script.release.wait(20)
        return
    status, text = (
        answer
        if isinstance(answer, tuple)
        else (200, "" if isinstance(answer, Trickle) else completion(answer))
    )
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    try:
        while isinstance(answer, Trickle) and not script.release.wait(0.05):
            handler.wfile.write(b" ")
        handler.wfile.write(text.encode())
    except OSError:
        return  # whoever asked has gone


def completion(answer: object) -> str:
    message = answer if isinstance(answer, dict) and "role" in answer else None
    content = answer if isinstance(answer, str) else json.dumps(answer)
    return json.dumps(
        {
            "id": "c", "object": "chat.completion", "created": 0, "model": "m",
            "choices": [
                {"index": 0, "finish_reason": "stop", "message": message or {"role": "assistant", "content": content}}
            ],
            "usage": {"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100},
        }
    )  # fmt: skip
