"""What customers said: written down, seen by the team where it matters, changed and taken back."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from handlers.messages import Form, Message, Quote
from storage import Store
from storage.directory import Role, add_workspace
from storage.evidence import EvidenceLog
from storage.schema import metadata
from tests.handlers.initiatives.plan import define, inputs, lines
from tests.handlers.retros.review import asked, numbers, opened_from_the_days_card, released
from tests.handlers.setup import count, erase, facts, number, setup
from tests.handlers.setup import picked as picked_people
from tests.handlers.test_mine import second_team
from tests.world import MONDAY, World, words_of

SAID = "It took my card the second time."
LINK = "https://support.example.com/tickets/4711"
HEARD = {"said_by": "Meera", "strength": "did", "date": "Friday", "link": LINK}


async def heard(world: World, person: str = "ben", words: str = SAID, **changes: str) -> Message:
    """What a customer said, written down by a person, and the receipt."""
    form = await world.form(person, f"evidence {words}")
    receipt = await world.submit(person, form, **{**HEARD, **changes})
    assert isinstance(receipt, Message), receipt.errors
    return receipt


async def kept(world: World) -> list[dict[str, Any]]:
    """Every row of evidence, oldest first."""
    table = metadata.tables["evidence"]
    async with world.reading() as connection:
        rows = (await connection.execute(sa.select(table).order_by(table.c.id))).all()
    return [dict(row._mapping) for row in rows]


def quotes(message: Message) -> list[tuple[str, str]]:
    """The words on a card and whose they are."""
    return [(block.text, block.who) for block in message.blocks if isinstance(block, Quote)]


def labels(message: Message) -> list[str]:
    """The labels of all its buttons."""
    return [button.label for button in (*message.buttons, *message.more)]


async def test_typed_words_are_the_first_answer_and_the_rest_is_asked(world: World) -> None:
    await define(world)

    form = await world.form("ben", f"evidence {SAID}")

    assert form.title == "What a customer said or did"
    assert inputs(form) == {
        "words": SAID,
        "said_by": "",
        "initiative": "#1",
        "strength": "",
        "date": "2026-11-23",
        "link": "",
    }


async def test_the_receipt_says_what_was_kept_and_where_the_team_reads_it(world: World) -> None:
    await define(world)

    receipt = await heard(world)

    assert receipt.title == "Written down, about Checkout retry"
    assert quotes(receipt) == [(SAID, "Meera")]
    assert facts(receipt) == {
        "How strong": "They did it",
        "When": "Friday 20 November",
        "Read it": LINK,
        "Written down": "by you, today at 08:00",
    }
    assert "on the card of Checkout retry and in its review, with your name" in words_of(receipt)
    assert labels(receipt) == ["Edit", "Undo", "What customers said"]


async def test_it_may_be_about_no_piece_of_work_yet(world: World) -> None:
    receipt = await heard(world, link="")

    assert receipt.title == "Written down"
    assert "Read it" not in facts(receipt)
    assert "status, under “What customers said”" in words_of(receipt)
    assert [row["initiative_id"] for row in await kept(world)] == [None]
    overview = await world.say("chi", "status")
    everything = await world.press("chi", overview, "What customers said")
    assert quotes(everything) == [(SAID, "Meera, who did it, Fri 20 Nov")]


async def test_the_work_to_pick_from_is_what_is_open_or_out(world: World) -> None:
    await define(world, title="Wallet")
    await define(world, title="Gift cards")
    await world.ask("ana", "drop Gift cards")
    form = await world.form("ana", "drop Gift cards")
    await world.submit("ana", form, reason="nobody asked")

    form = await world.form("ben", "evidence")

    picked = next(shown for shown in form.inputs if shown.name == "initiative")
    assert [choice.label for choice in picked.choices] == ["Wallet", "None of them yet"]
    assert picked.value == "#1"


async def test_among_several_the_one_of_the_last_check_in_is_picked_already(world: World) -> None:
    await define(world, title="Wallet")
    await define(world, title="Retry")
    before = inputs(await world.form("ben", "evidence"))["initiative"]
    await world.tap("ben", "checkin.save", date="2026-11-23", score="4", about="#1")

    after = inputs(await world.form("ben", "evidence"))["initiative"]

    assert (before, after) == ("", "#1")


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("link", "javascript:alert(1)", "begins with https:// or http://"),
        ("link", "ftp://example.com", "begins with https:// or http://"),
        ("date", "tomorrow", "still to come"),
        ("words", "x" * 3001, "3,001 characters; 3,000 fit"),
        ("words", "\u200b", "no letter or sign"),
        ("said_by", "", "Please"),
        ("strength", "very", "pick one"),
        ("initiative", "#99", "not there any more"),
        ("initiative", "Checkout retry", "not there any more"),
    ],
)
async def test_what_cannot_be_taken_is_said_beside_its_field_and_the_rest_stays(
    world: World, field: str, typed: str, told: str
) -> None:
    await define(world)
    form = await world.form("ben", f"evidence {SAID}")

    again = await world.submit("ben", form, **{**HEARD, field: typed})

    assert isinstance(again, Form)
    assert list(again.errors) == [field]
    assert told in again.errors[field] or told == "Please"
    assert inputs(again) == {**inputs(form), **HEARD, field: typed}
    assert await kept(world) == []


async def test_three_thousand_characters_fit(world: World) -> None:
    await heard(world, words="x" * 3000)

    assert len((await kept(world))[0]["words"]) == 3000


async def test_a_message_opens_the_form_with_its_words_its_writer_its_link_and_its_day(world: World) -> None:
    form = await world.tap("ben", "evidence.log", words=SAID, said_by="Meera", link=LINK, date="2026-11-20")

    assert isinstance(form, Form)
    assert inputs(form) == {
        "words": SAID,
        "said_by": "Meera",
        "initiative": "none",
        "strength": "",
        "date": "2026-11-20",
        "link": LINK,
    }
    receipt = await world.submit("ben", form, strength="paid")
    assert facts(receipt)["How strong"] == "They paid for it, or left because of it"


async def test_a_message_too_long_is_cut_where_its_link_leads_to_all_of_it_and_the_form_says_so(
    world: World,
) -> None:
    form = await world.tap("ben", "evidence.log", words="x" * 4000, link=LINK)
    typed_by_hand = await world.tap("ben", "evidence.log", words="x" * 4000)

    assert inputs(form)["words"] == "x" * 2999 + "…"
    assert "its end is cut off" in repr(form.intro)
    assert form.errors == {}
    assert inputs(typed_by_hand)["words"] == "x" * 4000
    assert "4,000 characters" in typed_by_hand.errors["words"]


async def test_the_writer_changes_it_and_the_change_is_marked(world: World) -> None:
    await define(world)
    receipt = await heard(world)
    form = await world.press("ben", receipt, "Edit")

    changed = await world.submit("ben", form, words="It took it at once.", initiative="none", link="")

    assert inputs(form) == {**HEARD, "words": SAID, "initiative": "#1", "date": "2026-11-20"}
    assert quotes(changed) == [("It took it at once.", "Meera")]
    assert facts(changed)["Written down"] == "by you, today at 08:00; edited today at 08:00"
    row = (await kept(world))[0]
    assert (row["initiative_id"], row["link"], row["strength"]) == (None, "", "did")


async def test_undo_takes_it_back_and_shows_the_words_once_more(world: World) -> None:
    await define(world)
    receipt = await heard(world)

    undone = await world.press("ben", receipt, "Undo")
    again = await world.press("ben", undone, "Write it down after all")

    assert undone.title == "Taken back: it is not kept any more"
    assert quotes(undone) == [(SAID, "Meera")]
    assert await kept(world) == []
    assert inputs(again)["words"] == SAID
    assert "cannot find that" in (await world.press("ben", receipt, "Undo")).title
    assert "cannot find that" in (await world.press("ben", receipt, "Edit")).title


async def test_long_words_are_not_put_into_a_button(world: World) -> None:
    receipt = await heard(world, words="x" * 501)

    undone = await world.press("ben", receipt, "Undo")

    assert labels(undone) == []
    assert quotes(undone) == [("x" * 501, "Meera")]


async def test_a_lead_may_change_it_and_another_member_may_not(world: World) -> None:
    await define(world)
    receipt = await heard(world)
    all_of_it = await world.press("chi", receipt, "What customers said")

    seen = await world.press("chi", all_of_it, "Open")
    refused = [await world.press("chi", receipt, label) for label in ("Edit", "Undo")]
    direct = await world.tap("chi", "evidence.edit", evidence="1", team="1", initiative="none", words="x", **HEARD)

    assert seen.title == "What a customer said about Checkout retry"
    assert labels(seen) == ["What customers said"]
    assert facts(seen)["Written down"] == "by Ben Okafor, today at 09:00"  # as it is where Chi lives
    for reply in (*refused, direct):
        assert reply.title.startswith("Only whoever wrote this down, or a lead")
        assert labels(reply) == ["Add what a customer said"]
    assert (await kept(world))[0]["words"] == SAID
    by_the_lead = await world.press("ana", await world.press("ana", all_of_it, "Open"), "Remove")
    assert by_the_lead.title.startswith("Taken back")


async def test_removing_it_later_asks_first(world: World) -> None:
    receipt = await heard(world)
    everything = await world.press("ben", receipt, "What customers said")

    later = await world.press("ben", everything, "Open")

    assert not any(button.confirm for button in receipt.buttons)
    assert [(button.label, button.confirm) for button in later.buttons[:2]] == [
        ("Edit", ""),
        ("Remove", "It is then gone for the whole team."),
    ]


async def test_the_card_of_the_work_shows_the_latest_three_and_how_many_there_are(world: World) -> None:
    await define(world)
    for day, words in (("Wednesday", "one"), ("Friday", "two"), ("Thursday", "three"), ("today", "four")):
        await heard(world, words=words, date=day, strength="said")

    card = await world.say("chi", "status Checkout retry")

    assert "What customers said or did: 4 notes, the latest 3 here:" in lines(card)
    assert quotes(card) == [
        ("four", "Meera, Mon 23 Nov"),
        ("two", "Meera, Fri 20 Nov"),
        ("three", "Meera, Thu 19 Nov"),
    ]
    assert "What customers said" in labels(card)


async def test_a_card_without_evidence_only_offers_to_add_some_about_that_work(world: World) -> None:
    await define(world, title="Wallet")
    await define(world, title="Retry")

    card = await world.say("chi", "status Wallet")
    form = await world.press("chi", card, "Add what a customer said")

    assert "What customers said" not in labels(card)
    assert inputs(form)["initiative"] == "#1"


async def test_long_words_are_shortened_on_the_cards_and_whole_when_opened(world: World) -> None:
    await define(world)
    await heard(world, words="word " * 100)

    card = await world.say("chi", "status Checkout retry")
    everything = await world.press("chi", card, "What customers said")
    opened = await world.press("chi", everything, "Open: word word")

    assert quotes(card)[0][0].endswith("word…")
    assert len(quotes(card)[0][0]) <= 200
    assert quotes(opened) == [("word " * 99 + "word", "Meera")]


async def test_all_of_it_can_be_read_page_by_page(world: World) -> None:
    await define(world)
    for each in range(12):
        await heard(world, words=f"note {each}", date="today")

    first = await world.press("chi", await world.say("chi", "status Checkout retry"), "What customers said")
    second = await world.press("chi", first, "Older")

    assert first.title == "Checkout retry: what customers said"
    assert "1 to 10 of 12" in words_of(first)
    assert [text for text, _ in quotes(first)] == [f"note {each}" for each in range(11, 1, -1)]
    assert [text for text, _ in quotes(second)] == ["note 1", "note 0"]
    assert "11 to 12 of 12" in words_of(second)
    assert "Older" not in labels(second)


async def test_all_that_the_team_heard_says_what_each_is_about(world: World) -> None:
    await define(world)
    await heard(world, words="about the retry")
    await heard(world, words="about nothing yet", initiative="none")

    everything = await world.tap("chi", "evidence.all")

    assert quotes(everything) == [
        ("about nothing yet", "Meera, who did it, Fri 20 Nov"),
        ("about the retry", "Meera, who did it, Fri 20 Nov, about Checkout retry"),
    ]


async def test_where_nothing_was_heard_the_list_says_how_to_add_something(world: World) -> None:
    everything = await world.tap("chi", "evidence.all")

    assert "Nothing is written down yet" in words_of(everything)
    assert labels(everything) == ["Add what a customer said"]


async def test_a_review_hears_what_customers_said_since_the_release(world: World) -> None:
    await released(world)
    await heard(world, words="before it was out", date="20 November 2026")
    await heard(world, words="on the day", date="today")

    to_the_owner = await asked_of(world)
    await numbers(world, to_the_owner)
    to_a_member = await world.say("ben", "retro Checkout retry")

    for card in (to_the_owner, to_a_member):
        assert "Since the release customers said or did 1 thing:" in lines(card)
        assert [text for text, _ in quotes(card)] == ["on the day"]


async def asked_of(world: World) -> Message:
    """The card that asks the owner for the numbers, a week after the release."""
    await world.pass_days(7.1)
    return await opened_from_the_days_card(world, "ana", "Look back")


async def test_a_review_without_any_says_nothing_of_it(world: World) -> None:
    card = await asked(world)

    assert "customers said" not in words_of(card).replace("What customers said", "")


async def test_nobody_outside_of_the_team_reads_or_changes_it(world: World) -> None:
    await define(world)
    receipt = await heard(world)
    await setup(world, people=await picked_people(world, "ana", "ben", "chi", "dev"))

    replies = [
        await world.press("eva", receipt, "Edit"),
        await world.press("eva", receipt, "Undo"),
        await world.press("eva", receipt, "What customers said"),
        await world.tap("eva", "evidence.show", evidence="1", team="1"),
        await world.tap("eva", "evidence.log", words="x", team="1"),
    ]

    for reply in replies:
        assert SAID not in words_of(reply)
        assert "do not take part in Checkout" in reply.title
    assert (await kept(world))[0]["words"] == SAID


async def test_guests_are_refused(world: World) -> None:
    async with world.writing() as connection:
        await Store(connection, 1).directory.keep_person(
            "eva", MONDAY, role=Role.GUEST, name="Eva", zone="UTC", locale="en"
        )

    assert "guests" in (await world.ask("eva", "evidence")).title


async def test_evidence_of_another_team_is_not_found(world: World) -> None:
    await second_team(world, "ben")
    await define(world)
    await heard(world)

    for action in ("evidence.show", "evidence.edit", "evidence.remove"):
        reply = await world.tap("ana", action, evidence="1", team="2")
        assert "cannot find that" in reply.title
    listed = await world.tap("ana", "evidence.all", initiative="#1", team="2")
    form = await world.tap("ana", "evidence.log", words="x", team="2")
    again = await world.submit("ana", form, **{**HEARD, "initiative": "#1"})
    assert "cannot find that" in listed.title
    assert SAID not in words_of(await world.tap("ana", "evidence.all", team="2"))
    assert list(again.errors) == ["initiative"]
    assert [row["team_id"] for row in await kept(world)] == [1]


async def test_evidence_of_another_workspace_is_not_found(world: World) -> None:
    await heard(world)
    async with world.writing() as connection:
        other = EvidenceLog(connection, await add_workspace(connection, "test", "W2", "Other", MONDAY))

        await other.change(1, MONDAY, words="changed")
        await other.remove(1)
        found = [await other.get(1), await other.latest(1, limit=10), await other.count(1)]

    assert found == [None, [], 0]
    assert [row["words"] for row in await kept(world)] == [SAID]


@pytest.mark.parametrize("number", ["", "x", "-1", "0", "999", "9" * 40, "1.5", "１"])
async def test_a_number_that_is_none_finds_nothing(world: World, number: str) -> None:
    await heard(world)

    for action in ("evidence.show", "evidence.edit", "evidence.remove"):
        reply = await world.tap("ben", action, evidence=number)
        assert isinstance(reply, Message)
        assert "cannot find that" in reply.title or "earlier version" in reply.title
    assert await count(world, "evidence") == 1


async def test_the_words_stay_with_the_team_and_the_writers_name_goes_on_erasing(world: World) -> None:
    await heard(world)
    exported = await world.press("ben", await world.say("ben", "my-data"), "Export as JSON")

    await erase(world)

    seen = await world.tap("chi", "evidence.show", evidence="1")
    row = (await kept(world))[0]
    assert SAID in words_of(exported)
    assert (row["words"], row["person_id"]) == (SAID, None)
    assert facts(seen)["Written down"] == "today at 09:00"
    assert "Ben" not in words_of(seen)
    assert labels(await world.tap("ana", "evidence.show", evidence="1"))[:2] == ["Edit", "Remove"]


async def test_a_repeated_delivery_writes_it_down_once(world: World) -> None:
    values = {**HEARD, "words": SAID, "initiative": "none"}

    for _ in range(2):
        await world.tap("ben", "evidence.log", key="the same", **values)

    assert await count(world, "evidence") == 1
    assert await number(world, "ben") == (await kept(world))[0]["person_id"]
