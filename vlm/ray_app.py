"""FashionVLM on many machines: the same server as a Ray Serve application, a replica for each GPU.

    serve run vlm.ray_app:build model=/models/fashionvlm min_replicas=1 max_replicas=8

Each replica holds an engine of its own, with its own queue and its own ``/metrics``. Ray sends a request to the
replica with fewer under way and adds replicas as their number grows (a request that waits in an engine's queue counts
as under way). Needs the extra ``scale``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field
from ray import serve
from ray.serve import Application

from vlm.engine.protocol import ServingEngine
from vlm.precision import Precision
from vlm.server.app import build_app
from vlm.server.options import ServerOptions

KEYS_VARIABLE = "FASHIONM3_VLM_KEYS"


class RayArguments(BaseModel):
    """What the application is built from; a Serve config file has them under ``args``.

    Keys come from the environment (``FASHIONM3_VLM_KEYS``, separated by commas), since Ray shows arguments on its
    dashboard.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Path | None = Field(
        default=None,
        description="Folder of a FashionVLM, the same on every machine; the shipped one if not given.",
    )
    min_replicas: int = Field(default=1, ge=1)
    max_replicas: int = Field(default=1, ge=1)
    dtype: Precision | None = Field(
        default=None,
        description="What the network computes in (`vlm.precision`); say it where replicas run on CPUs of several kinds.",
    )
    gpus: float = Field(default=0.0, ge=0, description="GPUs of a replica; 0 is the CPU.")
    cpus: float = Field(default=1.0, gt=0, description="CPU cores of a replica.")
    target_open: float = Field(
        default=8.0, gt=0, description="Requests under way for which another replica is added."
    )
    scale_up_seconds: float = Field(
        default=15.0, ge=0, description="How long it must stay so before one is added."
    )
    scale_down_seconds: float = Field(default=300.0, ge=0, description="And the other way round.")
    max_open: int = Field(default=64, ge=1, description="Requests that a replica takes at once.")
    request_seconds: float = Field(default=120.0, gt=0)
    grace_seconds: float = Field(
        default=30.0, ge=0, description="How long a replica that is removed may finish."
    )
    allow_anonymous: bool = Field(
        default=False, description="Serve everyone who reaches the cluster's HTTP port."
    )


def build(arguments: RayArguments) -> Application:
    """The application, for ``serve run`` and Serve config files.

    Raises:
        ValueError: There are no keys and anonymous use was not allowed.
    """
    return application(arguments, lambda: _engine(arguments.model, arguments.dtype))


def application(arguments: RayArguments, load: Callable[[], ServingEngine]) -> Application:
    """The application over engines that `load` builds, one in each replica; see `build`."""
    keys = tuple(key.strip() for key in os.environ.get(KEYS_VARIABLE, "").split(",") if key.strip())
    if not keys and not arguments.allow_anonymous:
        raise ValueError(
            f"Ray's HTTP port may be open to a network: set {KEYS_VARIABLE} to say who may use the model, or "
            "allow_anonymous=true if you mean everyone."
        )
    options = ServerOptions(
        keys=keys,
        max_open=arguments.max_open,
        request_seconds=arguments.request_seconds,
        grace_seconds=arguments.grace_seconds,
    )
    deployment = serve.deployment(
        _Replica,
        name="FashionVLM",
        ray_actor_options={"num_cpus": arguments.cpus, "num_gpus": arguments.gpus},
        # The engine's own limit speaks first, with a 429 that says when to come again.
        max_ongoing_requests=arguments.max_open + 16,
        graceful_shutdown_timeout_s=arguments.grace_seconds,
        autoscaling_config={
            "min_replicas": arguments.min_replicas,
            "max_replicas": max(arguments.min_replicas, arguments.max_replicas),
            "target_ongoing_requests": arguments.target_open,
            "upscale_delay_s": arguments.scale_up_seconds,
            "downscale_delay_s": arguments.scale_down_seconds,
        },
    )
    return deployment.bind(load, options)


@serve.ingress()
class _Replica:
    """One engine and the whole server over it; serves only once its model is loaded."""

    def __init__(self, load: Callable[[], ServingEngine], options: ServerOptions) -> None:
        self._load, self._options = load, options

    def __serve_build_asgi_app__(self) -> FastAPI:
        return build_app(self._load, self._options, load_first=True)


def _engine(directory: Path | None, dtype: Precision | None) -> ServingEngine:
    from vlm.engine.engine import Engine

    return Engine.from_pretrained(directory, dtype=dtype)
