"""The tools over MCP: everything in `tools.registry.REGISTRY`, and ``ask_stylist``, a whole turn.

The user is never an argument: over HTTP with tokens it is the token's subject, else the local user. Pictures
come in as base64 or as ids from earlier answers, and go out both as ids and as image content.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool as McpTool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp_types import CallToolResult, ImageContent, TextContent, ToolAnnotations
from pydantic import AnyHttpUrl, BaseModel, Field, create_model

from graphs.turn import Turn, TurnRecord
from tools.contracts import Tool, ToolContext
from tools.forget_history import ForgetHistoryResult
from tools.registry import REGISTRY, call_tool
from ui.failures import BadInputError, report
from ui.identity import Identity
from ui.incoming import admit_bytes, check_message

if TYPE_CHECKING:
    from ui.assembly import Parts

PartsSource = Callable[[], Awaitable["Parts"]]
"""Gives the open house; may wait for it to be opened."""

INSTRUCTIONS = (
    "FashionM3 is a fashion assistant over a synthetic demo boutique. Use ask_stylist for a whole "
    "conversation turn in plain words, or the single tools when you know what you want. Prices are in EUR. "
    "Send pictures as base64 (JPEG, PNG, WebP) or as ids from earlier answers."
)

SEES_PICTURES = frozenset(
    {"recommend", "personalize", "suggest_alternatives", "try_on", "describe_item", "record_feedback"}
)
"""Tools that look at the pictures at hand; over MCP they take them as an argument of their own."""

MAX_PICTURE_ID = 64
"""Longest picture id, in characters; anything longer is read as base64."""


def _pictures_field() -> Any:
    return Field(
        default_factory=list,
        max_length=4,
        description="Pictures to look at: base64 of a JPEG, PNG or WebP (or a data URI), or picture ids.",
    )


class AskStylistArguments(BaseModel):
    """One message to the assistant."""

    text: str = Field(default="", description="What to say, in plain words.")
    thread: str = Field(
        default="mcp",
        min_length=1,
        max_length=128,
        description="Conversation to go on with; each remembers itself.",
    )
    pictures: list[str] = _pictures_field()


class TokenDoor:
    """MCP's token verifier over our own tokens."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def verify_token(self, token: str) -> AccessToken | None:
        """The access token of a known token, with its name as subject; None for any other."""
        subject = self._identity.subject_of(token)
        if subject is None:
            return None
        return AccessToken(token=token, client_id=subject, scopes=[], subject=subject)


def build_mcp(
    source: PartsSource, identity: Identity | None = None, address: str = "http://localhost"
) -> MCPServer:
    """Build the MCP server.

    Args:
        source: Gives the open house.
        identity: The tokens that let people in; None (or no tokens) serves the local user.
        address: Where the server is reached, as told to clients that look for a login.
    """
    tools = [_mcp_tool(source, tool) for tool in REGISTRY]
    tools.append(_ask_stylist(source))
    guard: dict[str, Any] = {}
    if identity is not None and identity.guarded:
        url = AnyHttpUrl(address)
        guard = {
            "token_verifier": TokenDoor(identity),
            "auth": AuthSettings(issuer_url=url, resource_server_url=url, validate_token_resource=False),
        }
    return MCPServer(
        "fashionm3", title="FashionM3", instructions=INSTRUCTIONS, tools=tools, log_level="WARNING", **guard
    )


def _mcp_tool(source: PartsSource, tool: Tool[Any, Any]) -> McpTool:
    """One tool of the registry as an MCP tool with the same arguments and result."""

    async def call(ctx: Context, **given: Any) -> CallToolResult:
        parts = await source()
        user = _user(parts)
        image_ids = await _take_pictures(parts, user, given.pop("pictures", []))
        context = ToolContext(
            user=user,
            services=parts.services,
            effect_key=f"mcp-{uuid.uuid4().hex}",
            image_ids=tuple(image_ids),
            on_progress=_progress(ctx),
        )
        try:
            result = await call_tool(tool.name, context, given)
            if isinstance(result, ForgetHistoryResult) and not result.needs_confirmation:
                await parts.assistant.forget_talk(user)
        except Exception as error:
            raise ToolError(report(error, f"the MCP tool {tool.name}")) from error
        return await _answer(parts, user, result, result.text, result.images)

    arguments = tool.arguments
    if tool.name in SEES_PICTURES:
        arguments = create_model(
            tool.arguments.__name__, __base__=tool.arguments, pictures=(list[str], _pictures_field())
        )
    return _tool(
        call, tool.name, tool.description, arguments, tool.result, read_only=tool.access == "read",
        destructive=tool.name.startswith("forget"),
    )  # fmt: skip


def _ask_stylist(source: PartsSource) -> McpTool:
    async def ask(ctx: Context, text: str, thread: str, pictures: list[str]) -> CallToolResult:
        parts = await source()
        user = _user(parts)
        try:
            check_message(parts, text.strip(), len(pictures))
            image_ids = await _take_pictures(parts, user, pictures)
            record = await parts.assistant.run(
                Turn(user=user, thread=thread, text=text.strip(), image_ids=image_ids)
            )
        except ToolError:
            raise
        except Exception as error:
            raise ToolError(report(error, "ask_stylist")) from error
        return await _answer(parts, user, record, record.reply, record.images)

    return _tool(
        ask,
        "ask_stylist",
        "Say something to the stylist in plain words and get the whole answer: reply, items, pictures. It "
        "keeps the thread, and can do everything the other tools do.",
        AskStylistArguments,
        TurnRecord,
        read_only=False,
        destructive=True,
    )


def _tool(
    call: Callable[..., Awaitable[CallToolResult]],
    name: str,
    description: str,
    arguments: type[BaseModel],
    result: type[BaseModel],
    *,
    read_only: bool,
    destructive: bool,
) -> McpTool:
    model = create_model(f"{arguments.__name__}ForMcp", __base__=(arguments, ArgModelBase))
    return McpTool(
        fn=call,
        name=name,
        title=name.replace("_", " ").capitalize(),
        description=description,
        parameters=arguments.model_json_schema(),
        fn_metadata=FuncMetadata(arg_model=model, output_model=result),
        is_async=True,
        context_kwarg="ctx",
        annotations=ToolAnnotations(
            read_only_hint=read_only,
            destructive_hint=destructive and not read_only,
            idempotent_hint=read_only,
            open_world_hint=False,
        ),
    )


def _user(parts: Parts) -> str:
    token = get_access_token()
    return token.subject if token is not None and token.subject else parts.settings.user


async def _take_pictures(parts: Parts, user: str, pictures: list[str]) -> list[str]:
    """Artifact ids of pictures given as base64 or as ids; what is neither is refused in a sentence."""
    from stores.artifacts import ArtifactNotFoundError

    ids = []
    for number, given in enumerate(pictures, 1):
        try:
            if len(given) <= MAX_PICTURE_ID:
                ids.append((await asyncio.to_thread(parts.services.artifacts.get_for, user, given)).id)
            else:
                data = base64.b64decode(
                    given.partition(",")[2] if given.startswith("data:") else given, validate=True
                )
                ids.append(await admit_bytes(parts, user, data, f"picture {number}"))
        except binascii.Error as error:
            raise ToolError(f"Picture {number} is neither a picture id nor base64.") from error
        except (ArtifactNotFoundError, BadInputError) as error:
            raise ToolError(str(error)) from error
    return ids


async def _answer(parts: Parts, user: str, result: BaseModel, text: str, images: list[str]) -> CallToolResult:
    content: list[TextContent | ImageContent] = [TextContent(type="text", text=text)]
    for image in images:
        artifact = await asyncio.to_thread(parts.services.artifacts.get_for, user, image)
        data = await asyncio.to_thread(artifact.path.read_bytes)
        content.append(
            ImageContent(type="image", data=base64.b64encode(data).decode(), mime_type=artifact.media_type)
        )
    return CallToolResult(content=list(content), structured_content=result.model_dump(mode="json"))


def _progress(ctx: Context) -> Callable[[int, int], None]:
    """Pass progress on to the client; the model calls this from a thread of its own."""
    loop = asyncio.get_running_loop()

    def on_progress(done: int, total: int) -> None:
        asyncio.run_coroutine_threadsafe(ctx.report_progress(done, total), loop)

    return on_progress
