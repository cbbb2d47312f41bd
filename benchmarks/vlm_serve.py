"""How fast the FashionVLM server answers 1, 4 and 16 clients, ours and the naive method; a table, then one JSON line.

    python -m benchmarks.vlm_serve [--model DIR | --size full] [--device cpu|cuda] [--words 3] [--drawings 1] [--steps N] [--no-naive]

Each method runs in a server process of its own, one after the other, and is asked over HTTP by clients in this process. A
client makes its requests one after the other: questions about a picture (streamed, at most 32 tokens), then drawings. Both
servers first answer one request of each kind that is not counted. Time to first words, latencies and rates are what
the clients see. The naive method streams nothing, so that its first words come with its last. Memory is the
resident memory of the server process before, in the middle of and after `--mixed` requests of 16 clients, some canceled.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import httpx
import torch
from rich.console import Console
from rich.table import Table

from benchmarks.vlm_naive import SIZES
from fashion.drawing import draw_garment
from fashion.garment import Garment

CLIENTS = (1, 4, 16)
TOKENS = 32
QUESTIONS = (
    "What shoes go with this?",
    "What bag goes with this?",
    "Describe this item.",
    "What coat suits this?",
)
PROMPTS = ("a red checked scarf", "black leather boots", "a navy dress", "a green backpack")


def photo() -> str:
    buffer = BytesIO()
    draw_garment(Garment("Jeans", "blue", material="denim"), size=512, seed=1).save(
        buffer, "JPEG", quality=90
    )
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def serve(options: argparse.Namespace) -> None:
    """The server process of one method."""
    from benchmarks.naive_engine import NaiveEngine
    from benchmarks.vlm_naive import random_model
    from vlm.engine.engine import Engine
    from vlm.engine.protocol import ServingEngine
    from vlm.model import FashionVLMModel
    from vlm.server.app import build_app
    from vlm.server.options import ServerOptions
    from vlm.server.running import run_app

    def load() -> ServingEngine:
        if options.size:
            model = random_model(options.size, options.device)
        else:
            model = FashionVLMModel.from_pretrained(options.model, device=options.device)
        return Engine.from_model(model).start() if options.serve == "ours" else NaiveEngine(model, "naive")

    listening = socket.create_server(("127.0.0.1", options.port))
    app = build_app(load, ServerOptions(max_open=256, request_seconds=3600))
    asyncio.run(run_app(app, listening))


@contextmanager
def server(method: str, options: argparse.Namespace):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "benchmarks.vlm_serve",
        "--serve",
        method,
        "--port",
        str(port),
        "--device",
        options.device,
    ]
    command += ["--model", str(options.model)] if options.model else []
    command += ["--size", options.size] if options.size else []
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    process = subprocess.Popen(command, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                if httpx.get(f"{url}/ready", trust_env=False).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            if process.poll() is not None:
                raise SystemExit(f"the server of {method} ended with status {process.returncode}")
            time.sleep(0.2)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(60)


def resident(pid: int) -> float:
    """Megabytes; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


async def ask(http: httpx.AsyncClient, number: int, picture: str) -> dict[str, float]:
    """One streamed question: seconds to the first words and to the end, and tokens."""
    parts = [
        {"type": "text", "text": QUESTIONS[number % 4]},
        {"type": "image_url", "image_url": {"url": picture}},
    ]
    body = {
        "messages": [{"role": "user", "content": parts}], "stream": True, "max_completion_tokens": TOKENS,
        "stream_options": {"include_usage": True},
    }  # fmt: skip
    began, first, tokens = time.perf_counter(), 0.0, 0
    async with http.stream("POST", "/v1/chat/completions", json=body) as response:
        response.raise_for_status()
        async for line in response.aiter_lines():
            if not line.startswith("data: {"):
                continue
            chunk = json.loads(line[6:])
            if not first and chunk["choices"] and chunk["choices"][0]["delta"].get("content"):
                first = time.perf_counter() - began
            if chunk.get("usage"):
                tokens = chunk["usage"]["completion_tokens"]
    return {"first": first, "all": time.perf_counter() - began, "tokens": tokens}


async def draw(http: httpx.AsyncClient, number: int, steps: int | None) -> dict[str, float]:
    body = {"prompt": PROMPTS[number % 4], "seed": number} | ({"steps": steps} if steps else {})
    began = time.perf_counter()
    (await http.post("/v1/images/generations", json=body)).raise_for_status()
    return {"all": time.perf_counter() - began}


async def together(clients: int, each: int, one) -> tuple[float, list[dict[str, float]]]:
    """`clients` at once, `each` requests one after the other; seconds in all and what each request took."""
    taken: list[dict[str, float]] = []

    async def client(number: int) -> None:
        for turn in range(each):
            taken.append(await one(number * each + turn))

    began = time.perf_counter()
    await asyncio.gather(*(client(number) for number in range(clients)))
    return time.perf_counter() - began, taken


async def measure(url: str, options: argparse.Namespace, counts: tuple[int, ...]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    picture = photo()
    limits = httpx.Limits(max_connections=64)
    async with httpx.AsyncClient(base_url=url, timeout=3600, trust_env=False, limits=limits) as http:
        await ask(http, 0, picture)
        await draw(http, 0, options.steps)
        for clients in counts:
            seconds, taken = await together(clients, options.words, lambda n: ask(http, n, picture))
            rows.append(
                {
                    "kind": "words", "clients": clients, "requests": len(taken),
                    "rate": round(sum(one["tokens"] for one in taken) / seconds, 2),
                    "first_s": round(statistics.median(one["first"] for one in taken), 3),
                    "median_s": round(statistics.median(one["all"] for one in taken), 3),
                    "worst_s": round(max(one["all"] for one in taken), 3),
                }
            )  # fmt: skip
        for clients in counts:
            seconds, taken = await together(clients, options.drawings, lambda n: draw(http, n, options.steps))
            rows.append(
                {
                    "kind": "drawings", "clients": clients, "requests": len(taken),
                    "rate": round(len(taken) / seconds, 4), "first_s": None,
                    "median_s": round(statistics.median(one["all"] for one in taken), 3),
                    "worst_s": round(max(one["all"] for one in taken), 3),
                }
            )  # fmt: skip
    return rows


async def mixed(url: str, options: argparse.Namespace) -> dict[str, int]:
    """Half of the mixed requests, of 16 clients: a fifth of them drawings, a fifth canceled, some refused; how they ended."""
    ended: dict[str, int] = {}
    picture = photo()
    numbers = iter(range(options.mixed // 2))

    async def one(http: httpx.AsyncClient, number: int) -> str:
        match number % 5:
            case 0:
                await draw(http, number, 4)
            case 1:
                body = {"messages": [{"role": "user", "content": "hello"}], "stream": True}
                async with http.stream("POST", "/v1/chat/completions", json=body) as response:
                    async for _ in response.aiter_bytes():
                        return "canceled"
            case 2:
                return str((await http.post("/v1/chat/completions", content=b"{")).status_code)
            case _:
                await ask(http, number, picture)
        return "200"

    async def client() -> None:
        async with httpx.AsyncClient(base_url=url, timeout=3600, trust_env=False) as http:
            for number in numbers:
                try:
                    word = await one(http, number)
                except httpx.HTTPStatusError as error:
                    word = str(error.response.status_code)
                ended[word] = ended.get(word, 0) + 1

    await asyncio.gather(*(client() for _ in range(16)))
    return dict(sorted(ended.items()))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path)
    parser.add_argument(
        "--size", choices=SIZES, help="random weights of this size in place of a model folder"
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--words", type=int, default=3, help="questions a client")
    parser.add_argument("--drawings", type=int, default=1, help="drawings a client")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--clients", type=int, nargs="*", default=list(CLIENTS))
    parser.add_argument("--mixed", type=int, default=200)
    parser.add_argument("--no-naive", action="store_true")
    parser.add_argument("--serve", choices=["ours", "naive"], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options)
        return
    report: dict[str, object] = {}
    for method in ("ours",) if options.no_naive else ("naive", "ours"):
        with server(method, options) as (url, pid):
            rows = asyncio.run(measure(url, options, tuple(options.clients)))
            report[method] = rows
            if method == "ours":
                before = resident(pid)
                halves = []
                for _ in range(2):
                    halves.append({"ended": asyncio.run(mixed(url, options)), "mb": round(resident(pid))})
                report["memory"] = {"before_mb": round(before), "halves": halves}
    table = Table(
        "method",
        "what",
        "clients",
        "requests",
        "tokens/s or pictures/s",
        "first words s",
        "median s",
        "worst s",
    )
    for method in ("naive", "ours"):
        for row in report.get(method, []):
            first = "" if row["first_s"] is None else f"{row['first_s']:.3f}"
            table.add_row(
                method, row["kind"], str(row["clients"]), str(row["requests"]), f"{row['rate']:.2f}", first,
                f"{row['median_s']:.3f}", f"{row['worst_s']:.3f}",
            )  # fmt: skip
    Console(width=120).print(table)
    print(f"memory and mixed load: {report['memory']}")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    facts = {
        "commit": commit.stdout.strip(), "torch": torch.__version__, "python": sys.version.split()[0],
        "date": time.strftime("%Y-%m-%d"), "device": options.device, "threads": torch.get_num_threads(),
        "model": options.size or str(options.model or "shipped mini"), "steps": options.steps,
    }  # fmt: skip
    print(json.dumps({"benchmark": "vlm_serve", **facts, **report}))


if __name__ == "__main__":
    main()
