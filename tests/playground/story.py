"""A newcomer's story in the playground, told by the tests and by the script that takes the screenshot."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

DEFINITION = {
    "Who benefits?": "Shop owners",
    "What changes for them?": "Customers whose card fails at first still complete their order",
    "How will we know?": "failed payments recovered",
    "From where": "12 %",
    "To where?": "20 %",
    "Where does the number": "payments dashboard",
}


ANSWERS = (
    ("Ana", "Partly", "Yes", "Most failures are wallets, and a retry does not help a wallet."),
    ("Ben", "Partly", "Yes", "The second try succeeds within a minute or not at all."),
    ("Chi", "Yes", "Partly", "People trust a page that says what it is doing."),
    ("Dev", "Partly", "Yes", "Split by kind of payment before choosing the measure."),
    ("Eva", "No", "No", "Shops still write to us when a wallet fails."),
)


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
    button = page.get_by_role("button", name="Next thing due")
    button.click()
    expect(clock).not_to_have_text(before)
    expect(button).not_to_have_attribute("aria-busy", "true")


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


def judge(page: Page, name: str, success: str, worth: str, learned: str) -> None:
    """Answer the retro as somebody."""
    window = become(page, name)
    window.get_by_role("button", name="Answer", exact=True).last.click()
    dialog = page.get_by_role("dialog")
    pick(dialog, "By what we planned", success)
    pick(dialog, "Was it worth it", worth)
    fill(dialog, {"What did we learn": learned})
    expect(dialog).to_have_count(0)


def live_the_loop(page: Page) -> None:
    """From the first morning's question to the last answer of the retro."""
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
    in_the_days_card = ana.get_by_role("button", name="Look back", exact=True)
    give = ana.get_by_role("button", name="Give the numbers")
    expect(in_the_days_card.or_(give).last).to_be_visible()
    if in_the_days_card.count():
        in_the_days_card.last.click()
    give.last.click()
    fill(page.get_by_role("dialog"), {"failed payments recovered": "17.4 %"})

    judge(page, *ANSWERS[0])
    for answer in ANSWERS[1:]:
        say(become(page, answer[0]), "retro Checkout retry")  # or whenever their card of the day brings it
        judge(page, *answer)
