"""The playground as a newcomer meets it, in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.playground.conftest import Demo
from tests.playground.story import DEFINITION, become, fill, live_the_loop, pane, say


def test_a_newcomer_lives_the_whole_loop(page: Page) -> None:
    live_the_loop(page)

    ben = become(page, "Ben")
    ben.get_by_role("tab", name="#checkout").click()
    summary = ben.get_by_role("article").filter(has_text="Checkout retry: partly").first
    expect(summary).to_be_visible()
    expect(summary).to_contain_text("17.4")
    expect(page.get_by_text("5 of 5 done")).to_be_visible()


def test_people_see_each_other_answer_without_reloading(page: Page) -> None:
    page.locator(".clock-now").wait_for()
    left, right = become(page, "Ana", 0), become(page, "Ben", 1)
    left.get_by_role("tab", name="#checkout").click()
    right.get_by_role("tab", name="#checkout").click()

    say(left, "Who has the numbers? <img src=x onerror=alert(1)>")

    expect(right.get_by_text("Who has the numbers? <img src=x onerror=alert(1)>")).to_be_visible()


def test_words_typed_into_a_refused_form_stay_with_the_sentence_beside_the_field(page: Page) -> None:
    say(pane(page), "define-success Checkout retry")
    dialog = page.get_by_role("dialog")

    fill(dialog, {**DEFINITION, "To where?": "12 %"})

    expect(dialog.get_by_text("The target equals")).to_be_visible()
    expect(dialog.get_by_label("What changes for them?")).to_have_value(DEFINITION["What changes for them?"])


def test_the_loop_begins_by_keyboard_alone(page: Page) -> None:
    box = pane(page).get_by_role("textbox").last
    box.focus()

    page.keyboard.type("checkin")
    page.keyboard.press("Enter")
    score = pane(page).get_by_role("button", name="5 Delighted").last
    score.focus()
    page.keyboard.press("Enter")

    expect(pane(page).get_by_role("heading", name="Saved: 5 of 5").last).to_be_visible()


def test_a_killed_process_comes_back_with_everything_and_the_page_finds_it(page: Page, demo: Demo) -> None:
    say(pane(page), "checkin 3")
    expect(pane(page).get_by_role("heading", name="Saved: 3 of 5").last).to_be_visible()

    demo.kill()
    demo.start()
    say(pane(page), "me")

    expect(pane(page).get_by_role("heading", name="Ana: what you are asked")).to_be_visible()
    expect(pane(page).get_by_role("heading", name="Saved: 3 of 5").last).to_be_visible()


def test_the_page_fits_a_phone_and_the_dark(browser: Browser, demo: Demo) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark", has_touch=True)
    phone = context.new_page()
    phone.goto(demo.url)
    phone.get_by_role("button", name="Next thing due").wait_for()

    wider = phone.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    background = phone.evaluate("getComputedStyle(document.body).backgroundColor")

    assert not wider
    assert sum(int(part) for part in re.findall(r"\d+", background)[:3]) < 150
    context.close()


def test_starting_over_forgets_what_was_done(page: Page) -> None:
    done = pane(page).get_by_role("heading", name="Saved: 5 of 5")
    say(pane(page), "checkin 5")
    expect(done).to_have_count(1)

    page.get_by_role("button", name="More", exact=True).first.click()
    page.get_by_role("menuitem", name=re.compile("over")).click()
    page.get_by_role("dialog").get_by_role("button").last.click()

    expect(done).to_have_count(0)
