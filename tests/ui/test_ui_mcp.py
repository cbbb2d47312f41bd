"""The MCP endpoint, called by the official client in memory."""

import base64
import io
from dataclasses import replace
from pathlib import Path

import pytest
from mcp import Client
from mcp.server.auth.middleware.auth_context import auth_context_var
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.mcpserver import MCPServer
from mcp_types import ImageContent
from PIL import Image

from tools.registry import REGISTRY
from ui.assembly import Parts
from ui.identity import Identity
from ui.mcp_server import SEES_PICTURES, TokenDoor, build_mcp
from ui.settings import Settings

pytestmark = pytest.mark.asyncio(loop_scope="session")


def server(parts: Parts) -> MCPServer:
    async def source() -> Parts:
        return parts

    return build_mcp(source)


async def test_the_tools_are_those_of_the_registry_and_a_whole_turn(parts: Parts) -> None:
    async with Client(server(parts)) as client:
        listed = (await client.list_tools()).tools
    assert {tool.name for tool in listed} == {tool.name for tool in REGISTRY} | {"ask_stylist"}
    by_name = {tool.name: tool for tool in listed}
    for tool in REGISTRY:
        shown = by_name[tool.name]
        extra = {"pictures"} if tool.name in SEES_PICTURES else set()
        assert set(shown.input_schema["properties"]) == set(tool.arguments.model_fields) | extra
        assert shown.annotations is not None
        assert shown.annotations.read_only_hint == (tool.access == "read")
        assert shown.output_schema is not None
        assert "user" not in shown.input_schema["properties"]
    assert by_name["forget_history"].annotations.destructive_hint


async def test_a_tools_answer_is_structured_and_in_words(parts: Parts) -> None:
    async with Client(server(parts)) as client:
        result = await client.call_tool(
            "search_catalog", {"text": "something for the rain", "categories": ["Coats"]}
        )
    assert not result.is_error
    assert result.structured_content["items"]
    assert {item["category"] for item in result.structured_content["items"]} == {"Coats"}
    assert result.content[0].text


async def test_a_picture_that_was_made_comes_back_as_a_picture(parts: Parts) -> None:
    async with Client(server(parts)) as client:
        result = await client.call_tool("generate_image", {"prompt": "a red checked scarf"})
    assert not result.is_error, result.content
    pictures = [content for content in result.content if isinstance(content, ImageContent)]
    assert len(pictures) == len(result.structured_content["images"]) == 1
    assert min(Image.open(io.BytesIO(base64.b64decode(pictures[0].data))).size) >= 128


async def test_a_picture_can_be_sent_as_base64_and_asked_about(parts: Parts) -> None:
    product = parts.services.catalog.get("fm-0001")
    path = parts.services.catalog.picture_path(product)
    assert path is not None
    async with Client(server(parts)) as client:
        picture = base64.b64encode(path.read_bytes()).decode()
        result = await client.call_tool("describe_item", {"pictures": [f"data:image/jpeg;base64,{picture}"]})
        again = await client.call_tool("describe_item", {"pictures": result.structured_content["images"]})
    assert not result.is_error, result.content
    assert again.structured_content["seen"] == result.structured_content["seen"]


@pytest.mark.parametrize(
    ("picture", "sentence"),
    [("nonsense", "picture"), ("!" * 100, "neither"), (base64.b64encode(b"x" * 100).decode(), "picture 1")],
)
async def test_what_is_no_picture_is_refused_in_a_sentence(parts: Parts, picture: str, sentence: str) -> None:
    async with Client(server(parts)) as client:
        result = await client.call_tool("describe_item", {"pictures": [picture]})
    assert result.is_error
    assert sentence in result.content[0].text
    assert "Traceback" not in result.content[0].text


async def test_wrong_arguments_are_told_and_nothing_runs(parts: Parts) -> None:
    async with Client(server(parts)) as client:
        result = await client.call_tool("get_product", {"item_id": "no-such-item"})
        unknown = await client.call_tool("search_catalog", {"user": "somebody else"})
    assert result.is_error
    assert "no-such-item" in result.content[0].text
    assert unknown.is_error


async def test_a_whole_turn_answers_with_items_that_exist(parts: Parts) -> None:
    async with Client(server(parts)) as client:
        result = await client.call_tool(
            "ask_stylist", {"text": "show me white sneakers", "thread": "mcp-turn"}
        )
    record = result.structured_content
    assert record["error"] is None
    assert record["items"]
    assert all(parts.services.catalog.get(item["id"]).price == item["price"] for item in record["items"])


async def test_the_user_is_the_tokens_subject_and_never_an_argument(parts: Parts, tmp_path: Path) -> None:
    identity = Identity(Settings.model_validate({"tokens": "ana=anas-token,ben=bens-token"}).tokens)
    door = TokenDoor(identity)
    access = await door.verify_token("anas-token")
    assert access is not None
    assert await door.verify_token("not-a-token") is None
    token = auth_context_var.set(AuthenticatedUser(access))
    try:
        mcp = server(parts)
        tool = mcp._tool_manager.get_tool("record_feedback")
        assert tool is not None
        async with Client(mcp) as client:
            await client.call_tool("record_feedback", {"kind": "like", "colors": ["burgundy"]})
    finally:
        auth_context_var.reset(token)
    assert [event.user for event in parts.services.history.export("ana")] == ["ana"]
    assert parts.services.history.export("ben") == []


async def test_one_persons_picture_is_not_there_for_another(parts: Parts) -> None:
    theirs = parts.services.artifacts.put_picture(
        Image.new("RGB", (80, 80)), origin="upload", owner="somebody"
    )
    async with Client(server(replace(parts))) as client:
        result = await client.call_tool("describe_item", {"pictures": [theirs.id]})
    assert result.is_error


async def test_forgetting_by_the_tool_erases_the_conversations_too_once_it_is_confirmed(parts: Parts) -> None:
    async with Client(server(parts)) as client:
        await client.call_tool("ask_stylist", {"text": "hello", "thread": "to-forget"})
        await client.call_tool("forget_history", {})
        assert len(await parts.assistant.talk(parts.settings.user, "to-forget")) == 1
        await client.call_tool("forget_history", {"confirm": True})
    assert await parts.assistant.talk(parts.settings.user, "to-forget") == []
