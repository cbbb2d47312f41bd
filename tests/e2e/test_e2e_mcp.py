"""The official MCP client against the running server, over HTTP and over stdio."""

import base64
import io
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import CallToolResult, ImageContent
from PIL import Image

from tests.e2e.conftest import ROOT
from tools.registry import REGISTRY

pytestmark = pytest.mark.asyncio(loop_scope="session")


@asynccontextmanager
async def over_http(address: str) -> AsyncIterator[Client]:
    async with Client(f"{address}/mcp") as client:
        yield client


@asynccontextmanager
async def over_stdio(command: list[str], environment: dict[str, str]) -> AsyncIterator[Client]:
    started = StdioServerParameters(command=command[0], args=[*command[1:], "mcp"], env=environment, cwd=ROOT)
    async with Client(stdio_client(started)) as client:
        yield client


async def use_it(client: Client, picture: str) -> None:
    names = {tool.name for tool in (await client.list_tools()).tools}
    assert names == {tool.name for tool in REGISTRY} | {"ask_stylist"}
    shoes = await client.call_tool("recommend", {"groups": ["footwear"], "pictures": [picture]})
    items = structured(shoes)["items"]
    assert items
    assert all(item["price"] > 0 and item["reason"] for item in items)
    drawn = await client.call_tool("generate_image", {"prompt": "a red checked scarf"})
    assert len(structured(drawn)["images"]) == 1
    [content] = [content for content in drawn.content if isinstance(content, ImageContent)]
    assert min(Image.open(io.BytesIO(base64.b64decode(content.data))).size) >= 128


def in_base64(photo: Path) -> str:
    return base64.b64encode(photo.read_bytes()).decode()


def structured(result: CallToolResult) -> dict[str, list[dict[str, object]]]:
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


async def test_over_http_the_tools_are_listed_recommend_and_draw(address: str, photo: Path) -> None:
    async with over_http(address) as client:
        await use_it(client, in_base64(photo))


async def test_over_stdio_the_tools_are_listed_recommend_and_draw(
    command: list[str], environment: dict[str, str], small_home: Path, tmp_path: Path, photo: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(small_home, home)
    async with over_stdio(command, environment | {"FASHIONM3_HOME": str(home)}) as client:
        await use_it(client, in_base64(photo))
