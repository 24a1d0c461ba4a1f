"""The playground as a newcomer meets it, in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Locator, Page, expect

from tests.playground.conftest import Demo

DEFINITION = {
    "Who benefits?": "Shop owners",
    "What changes for them?": "Customers whose card fails at first still complete their order",
    "How will we know?": "failed payments recovered",
    "From where": "12 %",
    "To where?": "20 %",
    "Where does the number": "payments dashboard",
}


def pane(page: Page, number: int = 0) -> Locator:
    """The left or the right chat window."""
    return page.locator('section[aria-label^="Chat of"]').nth(number)


def become(page: Page, name: str, number: int = 0) -> Locator:
    """Look at the chat through somebody's eyes."""
    window = pane(page, number)
    window.locator(f'label.pick[title^="{name}"]').click()
    return window


def say(window: Locator, text: str) -> None:
    """Type something and send it."""
    box = window.get_by_role("textbox").last
    box.fill(text)
    box.press("Enter")


def step(page: Page) -> None:
    """Let time pass until the next thing due."""
    clock = page.locator(".clock-now")
    before = clock.inner_text()
    page.get_by_role("button", name="Next thing due").click()
    expect(clock).not_to_have_text(before)


def step_to(page: Page, what: str) -> None:
    """Let time pass until something further ahead."""
    page.get_by_role("button", name="Coming up").click()
    page.get_by_role("button", name=what).first.click()


def fill(dialog: Locator, answers: dict[str, str]) -> None:
    """Fill in a form and send it."""
    for label, answer in answers.items():
        dialog.get_by_label(label).first.fill(answer)
    dialog.get_by_role("button").last.click()


def pick(dialog: Locator, question: str, answer: str) -> None:
    """Choose one of a few."""
    group = dialog.get_by_role("radiogroup", name=re.compile(question))
    group.or_(dialog.get_by_role("group", name=re.compile(question))).get_by_label(answer, exact=True).check(
        force=True
    )


def judge(page: Page, name: str, success: str, worth: str) -> None:
    """Answer the retro as somebody."""
    window = become(page, name)
    window.get_by_role("button", name="Answer", exact=True).last.click()
    dialog = page.get_by_role("dialog")
    pick(dialog, "By what we planned", success)
    pick(dialog, "Was it worth it", worth)
    fill(dialog, {"What did we learn": f"{name} learned <b>something</b> @channel"})
    expect(dialog).to_have_count(0)


def test_a_newcomer_lives_the_whole_loop(page: Page) -> None:
    ana = pane(page)

    step(page)  # Chi's morning comes first
    step(page)
    ana.get_by_role("button", name="4 Happy").last.click()
    expect(ana.get_by_role("heading", name="Saved: 4 of 5").last).to_be_visible()

    say(ana, "define-success Checkout retry")
    fill(page.get_by_role("dialog"), DEFINITION)
    ana.get_by_role("button", name="Start it").last.click()
    expect(ana.get_by_role("button", name="It is out: release").last).to_be_visible()

    say(ana, "release Checkout retry")
    expect(ana.get_by_role("heading", name="Checkout retry is released")).to_be_visible()

    step_to(page, "Time to look back")
    ana.get_by_role("button", name="Give the numbers").click()
    fill(page.get_by_role("dialog"), {"failed payments recovered": "17.4 %"})

    for name, success, worth in (
        ("Ana", "Partly", "Yes"),
        ("Ben", "Partly", "Yes"),
        ("Chi", "Yes", "Partly"),
        ("Dev", "Partly", "Yes"),
        ("Eva", "No", "No"),
    ):
        judge(page, name, success, worth)

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
