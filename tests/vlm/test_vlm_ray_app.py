"""The server as a Ray Serve application; the test with a real cluster on this machine runs where it is asked for."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

pytest.importorskip("ray", reason="the extra 'scale' (ray[serve]) is not installed")

from tests.vlm.server.small_engine import SmallEngine, held_engine
from vlm.ray_app import KEYS_VARIABLE, RayArguments, application, build

ROOT = Path(__file__).parents[2]


def test_an_application_without_keys_is_refused_unless_that_is_meant(monkeypatch) -> None:
    monkeypatch.delenv(KEYS_VARIABLE, raising=False)
    with pytest.raises(ValueError, match=KEYS_VARIABLE):
        build(RayArguments())
    build(RayArguments(allow_anonymous=True))
    monkeypatch.setenv(KEYS_VARIABLE, "first-key, second-key")
    _, options = build(RayArguments())._bound_deployment.init_args
    assert options.keys == ("first-key", "second-key")


def test_replicas_are_scaled_by_the_requests_that_are_under_way() -> None:
    arguments = RayArguments(
        min_replicas=2, max_replicas=5, target_open=3, gpus=1, cpus=4, allow_anonymous=True
    )
    deployment = application(arguments, SmallEngine)._bound_deployment
    scaling = deployment._deployment_config.autoscaling_config
    assert (scaling.min_replicas, scaling.max_replicas, scaling.target_ongoing_requests) == (2, 5, 3)
    assert deployment.ray_actor_options == {"num_cpus": 4, "num_gpus": 1}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    if os.environ.get("FASHIONM3_TEST_RAY") != "1":
        pytest.skip("starts a Ray cluster, a minute or more: set FASHIONM3_TEST_RAY=1 to run it")
    for name, value in {
        "RAY_AUTH_MODE": "disabled",
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "600",
        "RAY_SERVE_PROXY_HEALTH_CHECK_TIMEOUT_S": "120",
        # Ray gives its workers the lowest priority, at which a busy machine starts none.
        "RAY_worker_niceness": "0",
        # The workers inherit these, which spares them Ray's own way of setting an environment.
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    import ray
    from ray import serve

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    ray.init(num_cpus=4, include_dashboard=False, object_store_memory=200 * 2**20)
    options = {"host": "127.0.0.1", "port": port}
    # On a busy machine the proxy may need more than the minute that this waits; a second call finds it starting.
    with contextlib.suppress(TimeoutError):
        serve.start(http_options=options)
    serve.start(http_options=options)
    yield f"http://127.0.0.1:{port}"
    serve.shutdown()
    ray.shutdown()


@pytest.mark.slow
async def test_a_second_replica_comes_as_requests_pile_up_and_hanging_up_frees_both(cluster: str) -> None:
    from ray import serve

    arguments = RayArguments(
        max_replicas=2,
        request_seconds=3600,
        cpus=0.5,
        target_open=1,
        scale_up_seconds=1,
        scale_down_seconds=600,
        allow_anonymous=True,
    )
    await asyncio.to_thread(serve.run, application(arguments, held_engine))
    patient = httpx.AsyncHTTPTransport(retries=8)
    async with httpx.AsyncClient(base_url=cluster, timeout=300, transport=patient) as http:
        drawing = [
            asyncio.create_task(http.post("/v1/images/generations", json={"prompt": "a hat"}))
            for _ in range(6)
        ]
        replicas: set[str] = set()
        async with asyncio.timeout(300):
            while len(replicas) < 2:
                replicas.add((await http.get("/v1/models")).json()["data"][0]["id"])
        assert not any(task.done() for task in drawing)
        for task in drawing:
            task.cancel()
        await asyncio.gather(*drawing, return_exceptions=True)
        free: set[str] = set()
        async with asyncio.timeout(120):
            while free != replicas:
                model = (await http.get("/v1/models")).json()["data"][0]["id"]
                # Each answer may come from either replica; its own figures name no replica, so both must be free.
                figures = [(await http.get("/metrics")).text for _ in range(6)]
                if all("fashionvlm_open_requests 0.0" in text for text in figures):
                    free.add(model)
