"""The port to Teams: where messages go, what stands in their place, and what each failure means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.nudges.port import Address, NotSent, Partly, Recipient, Refused
from bot.teams.failures import CallFailed
from handlers.messages import File, Items, Message, Text
from tests.bot.teams.office import CHANNEL, Office

NEWS = Message("News", (Text("There is some."),))
LATER = Message("Later news", (Text("There is more."),))
LONG = Message("A long one", (Items(tuple(f"{number} " + "word " * 300 for number in range(40))),))


def to_person(here: Office, actor: Any, **more: Any) -> Recipient:
    return Recipient(here.tenant.id, actor.id, None, **more)


def to_channel(here: Office, **more: Any) -> Recipient:
    return Recipient(here.tenant.id, None, here.channel.id, **more)


async def send(here: Office, recipient: Recipient, message: Message = NEWS) -> Address:
    return await here.bot.sender.send(recipient, message)


async def known(here: Office) -> None:
    """Ana has spoken in the channel, and so the bot knows everybody in it; nobody in private but her."""
    await here.ana.mention(CHANNEL, "help")
    await here.settle()


def titles(cards: list[Any]) -> list[str]:
    return [card.title for card in cards if card.message.by_bot]


async def test_somebody_who_never_spoke_to_the_bot_is_written_to(here: Office) -> None:
    await known(here)

    for message in (NEWS, LATER):
        await send(here, to_person(here, here.ben), message)

    assert titles(here.ben.dms) == ["News", "Later news"]
    assert len([call for call in here.teams.called("create") if here.ben.id in str(call.body)]) == 1


async def test_a_post_in_a_channel_is_a_thread_of_its_own_and_replies_stand_in_it(here: Office) -> None:
    await known(here)

    first = await send(here, to_channel(here))
    await send(here, to_channel(here, thread=first), LATER)

    posted = [card.message for card in here.ben.cards(here.channel) if card.title in ("News", "Later news")]
    assert [message.root for message in posted] == [None, posted[0].id]


async def test_a_message_takes_the_place_of_another(here: Office) -> None:
    await known(here)

    for recipient in (to_person(here, here.ana), to_channel(here)):
        standing = await send(here, recipient)
        address = await send(here, Recipient(here.tenant.id, None, None, replacing=standing), LATER)
        assert address == standing

    assert "News" not in titles(here.ana.dms) + titles(here.ana.cards(here.channel))
    assert titles(here.ana.dms)[-1] == titles(here.ana.cards(here.channel))[-1] == "Later news"


async def test_a_long_message_stands_whole_and_shrinks_again(here: Office) -> None:
    await known(here)
    standing = await send(here, to_person(here, here.ana), LONG)
    said = "".join(card.words for card in here.ana.dms)

    left = await send(here, Recipient(here.tenant.id, None, None, replacing=standing), NEWS)
    shrunk = titles(here.ana.dms)
    address = await send(here, Recipient(here.tenant.id, None, None, replacing=left), LONG)

    assert all(f"{number} word" in said for number in range(40))
    assert shrunk.count("News") == 1
    assert len(shrunk) == 2  # the answer to her words is the other one
    assert len(address["activities"]) == len(standing["activities"]) > 1


@pytest.mark.parametrize("to", [to_person, to_channel])
async def test_of_a_long_message_that_was_taken_in_part_only_the_rest_is_sent_again(here: Office, to: Any) -> None:
    await known(here)
    whom = (here, here.ana) if to is to_person else (here,)
    here.teams.fail("send", status=429, retry_after=17, skip=1 if to is to_person else 0)
    with pytest.raises(Partly) as part:
        await send(here, to(*whom), LONG)

    meant, standing = part.value.rest, part.value.address
    address = await send(here, to(*whom, replacing=standing), LONG)

    cards = here.ana.dms if to is to_person else here.ana.cards(here.channel)
    said = " ".join(card.words for card in cards if card.message.by_bot)
    assert isinstance(meant, NotSent)
    assert meant.retry_at == here.clock.now() + timedelta(seconds=17)
    assert list(standing["activities"]) == list(address["activities"][:1])
    assert [len(re.findall(rf"\b{number} word", said)) for number in range(40)] == [1] * 40


async def test_files_come_word_for_word(here: Office) -> None:
    await known(here)
    content = '{"a": "<b>*x*</b> [l](https://evil.example)"}'

    await send(here, to_person(here, here.ana), Message("Yours", (File("my.json", "application/json", content),)))

    assert content in "\n".join(card.words for card in here.ana.dms)
    assert here.teams.links == []


async def test_a_group_chat_is_posted_to_as_it_is(here: Office) -> None:
    group = here.teams.add_group("Lunch", members=["ana", "ben"])
    await here.ana.mention(group.id, "help")
    await here.settle()

    await send(here, Recipient(here.tenant.id, None, group.id))

    assert titles(here.ben.cards(group))[-1] == "News"


@pytest.mark.parametrize("recipient", [Recipient("nowhere", "29:x", None), Recipient("nowhere", None, "19:x")])
async def test_a_tenant_that_nobody_knows_is_written_to_never(here: Office, recipient: Recipient) -> None:
    with pytest.raises(Refused):
        await send(here, recipient)

    assert here.teams.calls == []


NOT_SENT: Mapping[str, dict[str, Any]] = {
    "throttled": {"status": 429, "retry_after": 17},
    "412": {"status": 412},
    "503": {"status": 503},
}
UNKNOWN: Mapping[str, dict[str, Any]] = {
    "500": {"status": 500, "after": True},
    "502": {"status": 502, "after": True},
    "504": {"status": 504},
    "cut before": {"drop": "before"},
    "cut after": {"drop": "after"},
}


@pytest.mark.parametrize("how", NOT_SENT.values(), ids=NOT_SENT)
@pytest.mark.parametrize("to", [to_person, to_channel])
async def test_what_teams_did_not_take_may_be_sent_again(here: Office, how: dict[str, Any], to: Any) -> None:
    await known(here)
    recipient = to(here, here.ana) if to is to_person else to(here)
    here.teams.fail("send" if to is to_person else "create", **how)

    with pytest.raises(NotSent) as told:
        await send(here, recipient)

    wait = how.get("retry_after")
    assert told.value.retry_at == (here.clock.now() + timedelta(seconds=wait) if wait else None)
    assert "News" not in titles(here.ana.dms) + titles(here.ana.cards(here.channel))


@pytest.mark.parametrize("how", UNKNOWN.values(), ids=UNKNOWN)
@pytest.mark.parametrize("to", [to_person, to_channel])
async def test_what_may_have_arrived_is_told_as_it_came(here: Office, how: dict[str, Any], to: Any) -> None:
    await known(here)
    recipient = to(here, here.ana) if to is to_person else to(here)
    here.teams.fail("send" if to is to_person else "create", **how)

    with pytest.raises((CallFailed, aiohttp.ClientError)) as told:
        await send(here, recipient)

    assert not isinstance(told.value, (NotSent, Refused))


@pytest.mark.parametrize("status", [412, 429, 500, 502, 503, 504])
async def test_changing_a_message_again_does_no_harm(here: Office, status: int) -> None:
    await known(here)
    standing = await send(here, to_person(here, here.ana))
    here.teams.fail("update", status=status)

    with pytest.raises(NotSent):
        await send(here, Recipient(here.tenant.id, None, None, replacing=standing), LATER)


@pytest.mark.parametrize("how", [*NOT_SENT.values(), *UNKNOWN.values()])
async def test_nor_does_beginning_a_conversation_again(here: Office, how: dict[str, Any]) -> None:
    await known(here)
    here.teams.fail("create", **how)

    with pytest.raises(NotSent):
        await send(here, to_person(here, here.ben))


async def test_nothing_listens_there(here: Office) -> None:
    await known(here)
    await here.teams.close()

    with pytest.raises(NotSent):
        await send(here, to_person(here, here.ana))


async def test_whoever_blocked_the_bot_is_not_tried_again_until_they_speak(here: Office) -> None:
    await known(here)
    here.ana.blocks()
    for _ in range(3):
        with pytest.raises(Refused):
            await send(here, to_person(here, here.ana))
    tried = [call for call in here.teams.called("send") if call.status == 403]

    here.ana.blocks(is_blocked=False)
    await here.ana.dm("help")
    await here.settle()
    await send(here, to_person(here, here.ana))

    assert len(tried) == 1
    assert titles(here.ana.dms)[-1] == "News"


async def test_a_channel_that_is_gone_is_final(here: Office) -> None:
    await known(here)
    here.channel.is_deleted = True

    with pytest.raises(Refused):
        await send(here, to_channel(here))
