"""The front door of `fashionm3 vlm serve`, and the settings that put the model elsewhere."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from tests.vlm.server.conftest import run_server
from tests.vlm.server.small_engine import SmallEngine
from ui.assembly import start_model
from ui.cli.app import app
from ui.cli.doctor import _ask_server
from ui.cli.vlm_serve import server_options
from ui.settings import Settings
from vlm.client import FashionVLMUnavailableError
from vlm.server.options import ServerOptions


def test_a_server_open_to_the_network_needs_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FASHIONM3_VLM_KEYS", "FASHIONM3_ALLOW_ANONYMOUS"):
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(app, ["vlm", "serve", "--host", "0.0.0.0"])
    assert result.exit_code == 2
    assert "FASHIONM3_VLM_KEYS" in result.output


def test_only_own_host_names_are_served_where_browsers_could_reach_the_server() -> None:
    hosts = server_options(Settings(public_hosts=("shop.example",)), 8000).hosts
    assert {"localhost:8000", "127.0.0.1:8000", "[::1]:8000", "shop.example"} <= hosts
    assert server_options(Settings(vlm_host="0.0.0.0", allow_anonymous=True), 8000).hosts == frozenset()


def test_keys_are_read_as_secrets_and_short_ones_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHIONM3_VLM_KEYS", "first-key, second-key")
    settings = Settings()
    assert server_options(settings, 8000).keys == ("first-key", "second-key")
    assert "first-key" not in repr(settings)
    monkeypatch.setenv("FASHIONM3_VLM_KEYS", "short")
    with pytest.raises(ValidationError, match="8 characters"):
        Settings()


@pytest.mark.parametrize("url", ["gpu-1:8000", "ftp://gpu-1", "http://"])
def test_an_address_that_is_none_is_refused(url) -> None:
    with pytest.raises(ValidationError, match="must be an address"):
        Settings(vlm_url=url)


def test_an_address_may_end_like_the_api_and_an_empty_one_is_none() -> None:
    assert Settings(vlm_url="http://gpu-1:8000/v1/").vlm_url == "http://gpu-1:8000"
    assert Settings(vlm_url="").vlm_url is None


async def test_with_an_address_set_the_assistants_model_is_the_server() -> None:
    engine = SmallEngine()
    async with run_server(lambda: engine, ServerOptions(keys=("secret-key",))) as running:
        await running.service.settled.wait()
        model = start_model(Settings(vlm_url=running.url, vlm_key="secret-key"))
        answer = "".join([piece async for piece in model.converse("what goes with jeans?")])
        await model.close()
    assert answer == "You said: what goes with jeans?, with 0 pictures"


async def test_the_doctor_asks_the_server_instead_of_loading_a_model() -> None:
    async with run_server(SmallEngine, ServerOptions(keys=("secret-key",))) as running:
        await running.service.settled.wait()
        settings = Settings(vlm_url=running.url, vlm_key="secret-key")
        assert await _ask_server(settings) == f"small at {running.url}"
        with pytest.raises(FashionVLMUnavailableError, match="FASHIONM3_VLM_KEY"):
            await _ask_server(Settings(vlm_url=running.url, vlm_key="wrong-key"))
