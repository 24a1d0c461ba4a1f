"""Modals: what is wrong stands beside its field, what was typed stays, the answer goes where it was asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest

from tests.bot.slack.office import Office, office
from tests.fakes.slack.cards import Card, Page
from tests.world import CHANNEL, MONDAY

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WORDS = "It saved my Saturday & <b>cost</b> *nothing*"
GIVEN = {"said_by": "Meera, shop owner", "strength": "said", "initiative": "none"}


@pytest.fixture
async def at_work(database_url: str) -> AsyncIterator[Office]:
    """An office whose team has started."""
    async with office(database_url) as opened:
        await opened.start_team()
        yield opened


def rows(database_url: str, table: str) -> int:
    """How many rows a table holds."""
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
        return int(connection.execute(f"select count(*) from {table}").fetchone()[0])  # noqa: S608


@contextmanager
def refusing(database_url: str, table: str) -> Iterator[None]:
    """While a database takes no new row of a table."""
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
        connection.execute(f"create trigger full before insert on {table} begin select raise(abort, 'full'); end")
        connection.commit()
        yield
        connection.execute("drop trigger full")
        connection.commit()


@contextmanager
def locked(database_url: str) -> Iterator[None]:
    """While somebody else writes to the database, and does not end."""
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        connection.execute("begin immediate")
        yield
        connection.execute("rollback")


async def form_for(at: Office, name: str, text: str, *, channel: str | None = None) -> Page:
    """The modal that a command opens."""
    opened = await at.types(name, text, channel=channel)
    assert isinstance(opened, Page), opened
    return opened


async def test_what_is_wrong_is_said_beside_its_field_and_all_that_was_typed_stays(
    at_work: Office, database_url: str
) -> None:
    page = await form_for(at_work, "eva", f"evidence {WORDS}")

    await at_work.sends("eva", page, **GIVEN, date="the day after tomorrow")

    assert page.is_open
    assert list(page.errors) == ["When was that?"]
    assert page.inputs["What did they say or do?"] == WORDS
    assert rows(database_url, "evidence") == 0


async def test_a_corrected_form_is_not_taken_for_a_repeat_of_the_wrong_one(
    at_work: Office, database_url: str
) -> None:
    page = await form_for(at_work, "eva", f"evidence {WORDS}")
    await at_work.sends("eva", page, **GIVEN, date="the day after tomorrow")

    receipt = await at_work.sends("eva", page, date="today")

    assert not page.is_open
    assert isinstance(receipt, Card)
    assert WORDS in receipt.words
    assert rows(database_url, "evidence") == 1


async def test_a_form_whose_choices_are_gone_is_drawn_anew_with_what_was_typed(
    at_work: Office, database_url: str
) -> None:
    await at_work.types("ana", "define-success Checkout retry")
    plan = {"change": "More of them complete their order", "measure": "Recovered", "baseline": "12 %"}
    await at_work.sends("ana", None, who="Shops", **plan, target="20 %", source="sheet", review_days="7 days")
    page = await form_for(at_work, "eva", f"evidence {WORDS}")
    value = at_work.person("eva").modal.options["Which piece of work is it about?"][0]  # type: ignore[union-attr]
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("pragma foreign_keys = off")
        connection.execute("delete from initiatives")
        connection.commit()

    shown = await at_work.sends("eva", page, said_by="Meera", strength="said", initiative=value)

    assert shown is not None
    assert page.is_open
    assert "not there any more" in f"{page.errors}{page.words}"
    assert WORDS in page.words
    assert rows(database_url, "evidence") == 0


async def test_where_the_database_fails_the_words_stay_and_a_sentence_says_so(
    at_work: Office, database_url: str
) -> None:
    page = await form_for(at_work, "eva", f"evidence {WORDS}")

    with refusing(database_url, "evidence"):
        await at_work.sends("eva", page, **GIVEN)

    assert page.is_open
    assert "nothing was saved" in next(iter(page.errors.values()))
    assert page.inputs["What did they say or do?"] == WORDS
    assert rows(database_url, "evidence") == 0

    receipt = await at_work.sends("eva", page)

    assert isinstance(receipt, Card)
    assert rows(database_url, "evidence") == 1


async def test_past_the_deadline_the_words_stay_and_nothing_is_saved_later(database_url: str) -> None:
    async with office(database_url, deadline_s=1.5) as at:
        await at.start_team()
        page = await form_for(at, "eva", f"evidence {WORDS}")

        with locked(database_url):
            await at.sends("eva", page, **GIVEN)

        assert "nothing was saved" in next(iter(page.errors.values()))
        await at.quiet()
    assert rows(database_url, "evidence") == 0


async def test_a_form_sent_twice_is_saved_and_shown_once(at_work: Office, database_url: str) -> None:
    page = await form_for(at_work, "eva", f"evidence {WORDS}")
    await at_work.sends("eva", page, **GIVEN)
    shown = len(at_work.person("eva").ephemerals())

    again = await at_work.slack.replay(at_work.slack.delivery.sent[-1])
    await at_work.quiet()

    assert again.status == 200
    assert rows(database_url, "evidence") == 1
    assert len(at_work.person("eva").ephemerals()) == shown


async def test_the_same_words_in_a_new_form_are_another_piece_of_evidence(
    at_work: Office, database_url: str
) -> None:
    for _ in range(2):
        page = await form_for(at_work, "eva", f"evidence {WORDS}")
        await at_work.sends("eva", page, **GIVEN)

    assert rows(database_url, "evidence") == 2


@pytest.mark.parametrize("channel", [CHANNEL, None])
async def test_a_form_opened_by_a_command_is_answered_where_it_was_typed(
    channel: str | None, at_work: Office
) -> None:
    page = await form_for(at_work, "eva", f"evidence {WORDS}", channel=channel)

    receipt = await at_work.sends("eva", page, **GIVEN)

    assert isinstance(receipt, Card)
    assert receipt.is_ephemeral
    assert receipt.channel == (
        at_work.slack.channel(CHANNEL).id if channel else at_work.person("eva").dms[0].channel
    )


async def test_a_form_opened_from_a_card_in_direct_messages_changes_that_card(at_work: Office) -> None:
    await at_work.go_to(MONDAY + timedelta(days=1, hours=2))
    card = at_work.person("ben").dms[-1]
    stood = len(at_work.person("ben").dms)
    await at_work.presses("ben", card, "3")

    page = await at_work.presses("ben", at_work.person("ben").dms[-1], "Add a sentence")
    await at_work.sends("ben", page, sentence="A shop said thanks.")

    assert len(at_work.person("ben").dms) == stood
    assert "A shop said thanks." in at_work.person("ben").dms[-1].words


async def test_a_form_opened_from_an_answer_only_one_sees_changes_that_answer(at_work: Office) -> None:
    receipt = await at_work.types("ben", "checkin 4", channel=CHANNEL)

    page = await at_work.presses("ben", receipt, "Add a sentence")
    await at_work.sends("ben", page, sentence="A shop said thanks.")

    assert len(at_work.person("ben").ephemerals(CHANNEL)) == 1
    assert "A shop said thanks." in at_work.person("ben").ephemerals(CHANNEL)[0].words


@pytest.mark.parametrize("minutes", [26, 31, 60])
async def test_a_form_sent_long_after_it_was_opened_is_saved_and_answered_elsewhere(
    minutes: int, at_work: Office, database_url: str
) -> None:
    page = await form_for(at_work, "eva", f"evidence {WORDS}", channel=CHANNEL)
    at_work.clock.set(at_work.clock.now() + timedelta(minutes=minutes))

    receipt = await at_work.sends("eva", page, **GIVEN)

    assert isinstance(receipt, Card)
    assert WORDS in receipt.words
    assert receipt.channel == at_work.slack.channel(CHANNEL).id
    assert receipt.message.ephemeral_to == at_work.person("eva").id
    assert at_work.slack.response_refusals == []
    assert rows(database_url, "evidence") == 1


async def test_where_the_address_to_answer_to_is_used_up_the_answer_goes_elsewhere(at_work: Office) -> None:
    page = await form_for(at_work, "eva", f"evidence {WORDS}", channel=CHANNEL)
    for link in at_work.slack.response_urls.values():
        link.uses = 5

    receipt = await at_work.sends("eva", page, **GIVEN)

    assert isinstance(receipt, Card)
    assert receipt.message.ephemeral_to == at_work.person("eva").id


async def test_somebody_who_left_the_channel_meanwhile_is_answered_in_direct_messages(at_work: Office) -> None:
    page = await form_for(at_work, "eva", f"evidence {WORDS}", channel=CHANNEL)
    at_work.clock.set(at_work.clock.now() + timedelta(hours=1))
    at_work.slack.fail("chat.postEphemeral", error="user_not_in_channel")

    await at_work.sends("eva", page, **GIVEN)

    assert WORDS in at_work.person("eva").dms[-1].words


@pytest.mark.parametrize(
    "metadata",
    ["", "{}", '{"values":{},"place":{"surface":"typed"}}', '{"values":[],"place":[]}', "[1]", "null"],
)
async def test_a_form_of_another_version_is_refused_beside_its_first_field_and_keeps_the_words(
    metadata: str, at_work: Office, database_url: str
) -> None:
    page = await form_for(at_work, "eva", f"evidence {WORDS}")
    page.view.body["private_metadata"] = metadata

    await at_work.sends("eva", page, **GIVEN)

    assert page.is_open
    assert "open it again" in page.errors["What did they say or do?"]
    assert page.inputs["What did they say or do?"] == WORDS
    assert rows(database_url, "evidence") == 0


async def test_a_form_whose_command_is_gone_keeps_the_words(at_work: Office) -> None:
    page = await form_for(at_work, "eva", f"evidence {WORDS}")
    page.view.body["callback_id"] = "evidence.of-old"

    await at_work.sends("eva", page, **GIVEN)

    assert page.is_open
    assert page.errors
    assert page.inputs["What did they say or do?"] == WORDS


async def test_an_answer_whose_modal_was_drawn_anew_meanwhile_comes_in_direct_messages(
    at_work: Office, database_url: str
) -> None:
    await at_work.person("ben").shortcut("checkin")
    await at_work.quiet()
    receipt = await at_work.sends("ben", None, tap="4 Happy")
    at_work.slack.fail("views.update", error="hash_conflict")

    await at_work.presses("ben", receipt, "Undo")

    assert rows(database_url, "reflections") == 0
    assert "happy to pay" in at_work.person("ben").dms[-1].words


async def test_updates_of_a_modal_carry_its_hash(at_work: Office) -> None:
    await at_work.person("ben").shortcut("checkin")
    await at_work.quiet()
    receipt = await at_work.sends("ben", None, tap="4 Happy")
    assert isinstance(receipt, Page)
    stood = receipt.view.hash

    await at_work.presses("ben", receipt, "Undo")

    assert at_work.slack.called("views.update")[-1].args["hash"] == stood


async def test_where_the_modal_cannot_be_opened_any_more_a_button_opens_it(
    at_work: Office, database_url: str
) -> None:
    at_work.slack.fail("views.open", error="expired_trigger_id")
    invitation = await at_work.types("eva", f"evidence {WORDS}", channel=CHANNEL)

    page = await at_work.presses("eva", invitation, "Open")
    await at_work.sends("eva", page, **GIVEN)

    assert rows(database_url, "evidence") == 1
