"""The page in a real Chromium."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PATIENCE = 90_000
"""Milliseconds that a step may take on a busy machine; every wait ends as soon as what it waits for is there."""


async def opened(browser: Browser, address: str, width: int = 1280, height: int = 900) -> Page:
    context = await browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    await page.goto(address)
    await page.wait_for_selector(".m3-chip")
    return page


async def say(page: Page, text: str, photo: Path | None = None) -> None:
    """Send a message as a person does, and wait for the finished answer."""
    turns = await page.locator("#m3-past .m3-stylist").count()
    if photo is not None:
        await page.set_input_files("#m3-box input[type=file]", photo)
        await page.wait_for_selector("#m3-box .thumbnail-item, #m3-box .thumbnails img")
    await page.fill("#m3-box textarea", text)
    await page.click("#m3-box .submit-button")
    await expect(page.locator("#m3-past .m3-stylist")).to_have_count(turns + 1, timeout=PATIENCE)


async def loaded(page: Page, selector: str) -> int:
    """How many pictures of a kind are really there, with pixels."""
    return await page.eval_on_selector_all(
        selector,
        "async images => { await Promise.all(images.map(i => { i.loading = 'eager'; return i.decode().catch(() => 0) }));"
        " return images.filter(i => i.naturalWidth > 0).length }",
    )


async def test_a_photo_and_a_sentence_are_answered_with_cards_that_have_pictures(
    chromium: Browser, address: str, photo: Path, environment: dict[str, str]
) -> None:
    page = await opened(chromium, address)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await say(page, "what shoes go with these?", photo)
    cards = await page.locator(".m3-card").count()
    assert cards >= 1
    assert await loaded(page, ".m3-card img") == cards
    assert await loaded(page, ".m3-photo img") == 1
    facts = await page.locator(".m3-card").first.inner_text()
    assert "€" in facts
    assert await page.locator(".m3-card .m3-reason").count() >= 1
    assert await page.locator(".m3-trace li").count() >= 1
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    uploads = Path(environment["FASHIONM3_HOME"]) / "uploads"
    assert [file for file in uploads.rglob("*") if file.suffix in {".jpg", ".png"}] == []


async def test_steps_are_shown_while_they_run_and_words_stream(chromium: Browser, address: str) -> None:
    page = await opened(chromium, address)
    await page.evaluate(
        "() => { window.frames_ = []; new MutationObserver(() => window.frames_.push("
        "document.querySelector('#m3-live').innerText)).observe(document.querySelector('#m3-live'),"
        " {childList: true, subtree: true}) }"
    )
    await say(page, "show me a white shirt for the office")
    frames = [frame for frame in await page.evaluate("window.frames_") if frame]
    assert any("…" in frame for frame in frames)
    assert len(set(frames)) >= 3


async def test_a_drawn_picture_appears_in_the_answer(chromium: Browser, address: str) -> None:
    page = await opened(chromium, address)
    await say(page, "draw me a red checked scarf")
    assert await loaded(page, ".m3-made img") == 1


async def test_the_buttons_of_a_card_send_a_turn_about_that_item(chromium: Browser, address: str) -> None:
    page = await opened(chromium, address)
    await say(page, "show me sneakers")
    title = await page.locator(".m3-card h3").first.inner_text()
    await page.locator(".m3-card .m3-up").first.click()
    await expect(page.locator("#m3-past .m3-stylist")).to_have_count(2, timeout=PATIENCE)
    assert title in await page.locator(".m3-said").last.inner_text()
    assert title in await page.locator("#m3-past .m3-stylist").last.inner_text()
    await say(page, "what do you know about me?")
    assert "1" in await page.locator("#m3-past .m3-stylist").last.inner_text()


async def test_the_similar_button_shows_others_and_never_the_item_itself(
    chromium: Browser, address: str
) -> None:
    page = await opened(chromium, address)
    await say(page, "show me two coats")
    title = await page.locator(".m3-card h3").first.inner_text()
    await page.locator(".m3-card").first.get_by_role("button", name="Similar").click()
    await expect(page.locator("#m3-past .m3-stylist")).to_have_count(2, timeout=PATIENCE)
    others = await page.locator("#m3-past .m3-stylist").last.locator(".m3-card h3").all_inner_texts()
    assert len(others) >= 2
    assert title not in others


@pytest.mark.parametrize("typed", ["", "   "])
async def test_sending_an_empty_box_leaves_the_examples_where_they_are(
    chromium: Browser, address: str, typed: str
) -> None:
    page = await opened(chromium, address)
    chips = await page.locator(".m3-chip").count()
    await page.fill("#m3-box textarea", typed)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/queue/join" in request.url else None)
    # A second message goes out only when the first one is answered.
    async with asyncio.timeout(PATIENCE / 1000):
        while len(sent) < 2:
            await page.press("#m3-box textarea", "Enter")
    assert await page.locator(".m3-chip").count() == chips >= 1
    assert await page.locator(".m3-turn").count() == 0


async def test_an_example_is_one_click(chromium: Browser, address: str) -> None:
    page = await opened(chromium, address)
    await page.locator(".m3-chip").first.click()
    await page.wait_for_selector("#m3-past .m3-card")
    assert await loaded(page, ".m3-photo img") == 1


async def test_a_file_that_is_no_picture_is_told_in_a_sentence(
    chromium: Browser, address: str, tmp_path: Path
) -> None:
    fake = tmp_path / "fake.jpg"
    fake.write_bytes(b"GIF89a not a picture at all")
    page = await opened(chromium, address)
    await say(page, "what is this?", fake)
    assert await page.locator(".m3-problem").count() == 1
    assert "Traceback" not in await page.inner_text("body")


async def test_another_browser_cannot_open_my_picture(chromium: Browser, address: str, photo: Path) -> None:
    mine, theirs = await opened(chromium, address), await opened(chromium, address)
    await say(mine, "what is this?", photo)
    source = await mine.locator(".m3-photo img").get_attribute("src")
    assert (await mine.request.get(f"{address}{source}")).status == 200
    assert (await theirs.request.get(f"{address}{source}")).status == 404


async def test_a_stopped_answer_stays_as_far_as_it_came_and_the_next_message_is_served(
    chromium: Browser, address: str
) -> None:
    page = await opened(chromium, address)
    await page.fill("#m3-box textarea", "draw me a yellow floral dress")
    await page.click("#m3-box .submit-button")
    await page.click("#m3-box .stop-button")
    await page.wait_for_selector("#m3-past .m3-note >> text=Stopped")
    await say(page, "hello")
    await expect(page.locator("#m3-past .m3-person")).to_have_count(2, timeout=PATIENCE)
    await expect(page.locator("#m3-past .m3-stylist")).to_have_count(2)
    assert await page.locator("#m3-past .m3-note >> text=Stopped").count() == 1


async def test_what_is_typed_during_an_answer_stays_in_the_box(chromium: Browser, address: str) -> None:
    page = await opened(chromium, address)
    await page.fill("#m3-box textarea", "draw me a blue linen shirt")
    await page.click("#m3-box .submit-button")
    await page.wait_for_selector("#m3-live .m3-turn")
    await expect(page.locator("#m3-box textarea")).to_have_value("")
    await page.fill("#m3-box textarea", "and then")
    await page.wait_for_selector("#m3-past .m3-made img")
    await expect(page.locator("#m3-box textarea")).to_have_value("and then")


async def test_a_new_conversation_starts_from_nothing(chromium: Browser, address: str) -> None:
    page = await opened(chromium, address)
    await say(page, "hello")
    await page.click("#m3-new")
    await page.wait_for_selector(".m3-chip")
    assert await page.locator(".m3-turn").count() == 0


async def test_a_phone_shows_everything_without_scrolling_sideways(chromium: Browser, address: str) -> None:
    page = await opened(chromium, address, width=390, height=844)
    await say(page, "show me sneakers")
    width = await page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1]
    await expect(page.locator("#m3-box .submit-button")).to_be_in_viewport()
    box = await page.locator(".m3-card").first.bounding_box()
    assert box is not None
    assert box["width"] >= 150


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
async def test_the_newest_question_stands_between_the_header_and_the_box_which_stay_in_view(
    chromium: Browser, address: str, width: int, height: int
) -> None:
    page = await opened(chromium, address, width, height)
    for text in ["show me sneakers", "show me a white shirt for the office", "show me a green coat"]:
        await say(page, text)
    await page.wait_for_function(
        "() => { const edges = (selector) => [...document.querySelectorAll(selector)].pop().getBoundingClientRect();"
        " const header = edges('#m3-header'), box = edges('#m3-composer'), asked = edges('#m3-past .m3-person');"
        " return scrollY > 0 && header.top === 0 && Math.abs(box.bottom - innerHeight) <= 1"
        " && header.bottom <= asked.top && asked.bottom <= box.top"
        " && edges('#m3-past .m3-words').top < box.top }",
        timeout=10_000,
    )


async def test_the_page_says_that_the_boutique_is_synthetic(chromium: Browser, address: str) -> None:
    page = await opened(chromium, address)
    assert "synthetic" in (await page.inner_text("#m3-header")).lower()


async def test_a_page_that_is_loaded_again_goes_on_with_its_conversation(
    chromium: Browser, address: str
) -> None:
    page = await opened(chromium, address)
    await say(page, "show me boots")
    cards = await page.locator(".m3-card").count()
    await page.reload()
    await expect(page.locator("#m3-past .m3-stylist")).to_have_count(1, timeout=PATIENCE)
    assert await page.locator(".m3-card").count() == cards
    await say(page, "cheaper")
    await page.click("#m3-new")
    await page.wait_for_selector(".m3-chip")
    await page.reload()
    await page.wait_for_selector(".m3-chip")
    assert await page.locator("#m3-past .m3-stylist").count() == 0


async def test_another_tab_begins_anew_and_a_name_of_a_thread_opens_nothing_for_another_visitor(
    chromium: Browser, address: str
) -> None:
    page = await opened(chromium, address)
    await say(page, "show me boots")
    name = await page.evaluate("sessionStorage.getItem('m3-thread')")
    stranger = await opened(chromium, address)
    await stranger.evaluate("name => sessionStorage.setItem('m3-thread', name)", name)
    await stranger.reload()
    await stranger.wait_for_selector(".m3-chip")
    assert await stranger.locator("#m3-past .m3-stylist").count() == 0
    tab = await page.context.new_page()
    await tab.goto(address)
    await tab.wait_for_selector(".m3-chip")
