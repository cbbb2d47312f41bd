"""The registry: typed, bounded, described; and the tools that read, search and draw."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from fashion.color import COLORS
from fashion.vocabulary import CATEGORIES
from stores.artifacts import ArtifactNotFoundError
from tools.contracts import ToolContext, ToolFailedError, ToolResult
from tools.langchain import to_langchain
from tools.nearest import differences
from tools.prompts import drawing_prompt
from tools.registry import REGISTRY, call_tool, tool_named
from tools.wishes import Wishes
from vlm.client import Reading


def test_every_tool_has_a_name_of_its_own_typed_arguments_and_a_typed_result() -> None:
    assert len({tool.name for tool in REGISTRY}) == len(REGISTRY)
    for tool in REGISTRY:
        assert issubclass(tool.arguments, BaseModel) and issubclass(tool.result, ToolResult)
        assert tool.access in ("read", "write")
        for name, field in tool.arguments.model_fields.items():
            assert field.description, f"{tool.name}.{name}"


def test_no_tool_takes_the_user_as_an_argument() -> None:
    assert not any("user" in tool.arguments.model_fields for tool in REGISTRY)


def test_the_tools_that_write_are_declared_so() -> None:
    assert {tool.name for tool in REGISTRY if tool.access == "write"} >= {"record_feedback", "forget_history"}


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("recommend", {"categories": ["Spaceships"]}, "'Spaceships' is not known here"),
        ("recommend", {"limit": 13}, "limit"),
        ("recommend", {"request": "x" * 2001}, "request"),
        ("search_catalog", {"min_price": 50, "max_price": 10}, "lowest price is above"),
        ("recommend", {"colour": "red"}, "colour"),
        ("generate_image", {"prompt": "please draw me"}, "say what the picture shows"),
        ("get_product", {"item_id": "nowhere"}, "no item 'nowhere'"),
        ("teleport", {}, "not something I can do"),
        ("describe_item", {}, "no picture to describe"),
    ],
)
async def test_bad_arguments_become_one_clear_sentence(
    use, name: str, arguments: dict, sentence: str
) -> None:
    with pytest.raises(ToolFailedError, match=sentence) as caught:
        await use(name, **arguments)
    assert "\n" not in str(caught.value)


def test_names_are_understood_in_any_case_and_by_their_everyday_words() -> None:
    wishes = Wishes(categories=["sneakers", "BOOTS"], colors=["Navy"], patterns=["Polka Dot"])
    assert (wishes.categories, wishes.colors, wishes.patterns) == (
        ["Sneakers", "Boots"],
        ["navy"],
        ["polka dot"],
    )


async def test_search_without_a_match_gives_the_nearest_and_names_what_differs(use) -> None:
    result = await use("search_catalog", text="silk boots", categories=["Boots"], materials=["silk"])
    assert not result.exact
    assert all(card.category == "Boots" and "not silk" in card.reason for card in result.items)
    assert "exactly" in result.text


async def test_search_never_gives_what_is_forbidden_not_even_as_the_nearest(use) -> None:
    result = await use(
        "search_catalog",
        text="boots",
        categories=["Boots"],
        materials=["silk"],
        not_colors=["black", "brown"],
        limit=12,
    )
    assert result.items and all(card.color not in ("black", "brown") for card in result.items)


async def test_search_by_picture_needs_one(use, photo) -> None:
    with pytest.raises(ToolFailedError, match="no picture to compare"):
        await use("search_catalog", like_picture=True)
    assert (await use("search_catalog", images=(photo,), like_picture=True, groups=["footwear"])).items


@settings(max_examples=40, deadline=None)
@given(
    categories=st.lists(st.sampled_from(sorted(CATEGORIES)), max_size=2, unique=True),
    colors=st.lists(st.sampled_from(sorted(COLORS)), max_size=2, unique=True),
    max_price=st.none() | st.floats(5, 500),
)
def test_an_exact_search_result_differs_in_nothing(catalog, categories, colors, max_price) -> None:
    wishes = Wishes(categories=categories, colors=colors, max_price=max_price)
    for one in catalog.search(wishes.query("something nice", limit=12)):
        assert differences(one.product, wishes) == []


async def test_drawing_keeps_the_picture_for_this_person_only(use, services) -> None:
    result = await use("generate_image", prompt="draw me a red plaid scarf")
    assert result.prompt == "a red plaid scarf"
    assert not result.doubts
    assert services.artifacts.open_for("ana", result.images[0]).size == (128, 128)
    with pytest.raises(ArtifactNotFoundError):
        services.artifacts.open_for("ben", result.images[0])


async def test_a_drawing_that_reads_as_something_else_is_doubted_aloud(use, services) -> None:
    services.vlm.drawn_reading = Reading("Scarves", "blue", "checked", "A blue scarf.")
    result = await use("generate_image", prompt="a red checked scarf")
    assert result.doubts == ["you asked for red, and I read blue in it"]
    assert "not sure" in result.text


async def test_an_item_is_drawn_from_its_record_with_the_changes_asked_for(use, services) -> None:
    (item,) = (await use("search_catalog", text="loafers", categories=["Loafers"], limit=1)).items
    other = "green" if item.color != "green" else "red"
    result = await use("generate_image", item_id=item.id, prompt=f"draw it in {other}")
    assert other in result.prompt and "loafers" in result.prompt
    assert item.color not in result.prompt


async def test_without_the_model_nothing_is_drawn_and_the_reason_is_told(use, services) -> None:
    services.vlm.away = "FashionVLM is still loading."
    with pytest.raises(ToolFailedError, match="cannot draw right now: FashionVLM is still loading"):
        await use("generate_image", prompt="a red scarf")


@pytest.mark.parametrize(
    ("words", "prompt"),
    [
        ("Could you please draw me a picture of a green coat?", "a green coat"),
        ("sketch a drawing dress", "a drawing dress"),
        ("a navy blazer", "a navy blazer"),
        ("make a picture of this jacket in red", "jacket in red"),
        ("draw this", "this"),
        ("draw", ""),
    ],
)
def test_openings_say_nothing_about_the_picture(words: str, prompt: str) -> None:
    assert drawing_prompt(words) == prompt


async def test_describing_gives_the_models_own_words(use, photo) -> None:
    result = await use("describe_item", images=(photo,))
    assert result.text == "These are blue denim jeans with a straight leg."
    assert result.images == [photo]


async def test_langchain_tools_have_the_same_names_schemas_and_answers(services) -> None:
    context = ToolContext(user="ana", services=services, effect_key="k")
    for tool in REGISTRY:
        made = to_langchain(tool, lambda: context)
        assert (made.name, made.description) == (tool.name, tool.description)
        assert set(made.args) == set(tool.arguments.model_fields)
    search = to_langchain(tool_named("search_catalog"), lambda: context)
    direct = await call_tool("search_catalog", context, {"text": "boots", "categories": ["Boots"]})
    message = await search.ainvoke(
        {
            "type": "tool_call",
            "id": "1",
            "name": "search_catalog",
            "args": {"text": "boots", "categories": ["Boots"]},
        }
    )
    assert message.artifact == direct
    failed = await to_langchain(tool_named("get_product"), lambda: context).ainvoke({"item_id": "nowhere"})
    assert "no item 'nowhere'" in failed
