"""The server as a process of its own: what SIGTERM and a model that cannot be loaded come to."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[3]
PROGRAM = """
import asyncio, socket, sys, threading
from tests.vlm.server.small_engine import SmallEngine
from vlm.server.app import build_app
from vlm.server.running import ModelNotLoadedError, run_app

def load():
    if "broken" in sys.argv:
        raise FileNotFoundError("config.json is missing")
    return engine

def release(loop):
    sys.stdin.readline()
    loop.call_soon_threadsafe(engine.hold.set)

async def main():
    threading.Thread(target=release, args=[asyncio.get_running_loop()], daemon=True).start()
    await run_app(build_app(load), listening)

engine = SmallEngine()
engine.hold.clear()
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
try:
    asyncio.run(main())
except ModelNotLoadedError as error:
    sys.exit(f"not loaded: {error}")
print("ended well", flush=True)
"""


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_sigterm_lets_a_running_answer_finish_and_the_process_ends_well() -> None:
    process = start()
    port = process.stdout.readline().strip()
    body = {
        "messages": [{"role": "user", "content": "word " * 300}],
        "stream": True,
        "max_completion_tokens": 400,
    }
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as http:
        while http.get("/ready").status_code != 200:
            pass
        with http.stream("POST", "/v1/chat/completions", json=body) as response:
            pieces = response.iter_bytes()
            answer = next(pieces)
            process.send_signal(signal.SIGTERM)
            while http.get("/ready").status_code == 200:
                pass
            # The server drains; only now may the answer come to its end.
            print(file=process.stdin, flush=True)
            answer += b"".join(pieces)
    assert answer.rstrip().endswith(b"data: [DONE]")
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "ended well\n")


def test_a_server_whose_model_cannot_be_loaded_ends_with_the_reason() -> None:
    process = start("broken")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "not loaded: config.json is missing" in errors
