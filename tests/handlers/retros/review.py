"""What tests of reviews share: a release whose day has come, its numbers, and what people answer."""

from __future__ import annotations

from datetime import UTC, datetime

from handlers.messages import Form, Message
from storage import Store
from storage.releases import Outcome, Retro
from tests.handlers.initiatives.plan import kept, started
from tests.world import World, words_of

REVIEW_DAY = datetime(2026, 11, 30, 9, 42, tzinfo=UTC)
DEADLINE = datetime(2026, 12, 3, 9, 40, tzinfo=UTC)
TITLE = "Checkout retry"
VERDICT = {"success": "partly", "worth": "yes"}


async def released(world: World, **changes: str) -> Message:
    """Ana's plan, started and released, to be looked back on in a week."""
    await started(world, "ana", **changes)
    form = await world.form("ana", "release")
    card = await world.submit("ana", form, initiative=form.inputs[0].value, days="7 days")
    assert isinstance(card, Message), card.errors
    return card


async def asked(world: World, **changes: str) -> Message:
    """The card that asks Ana for the numbers, on the day: a part of her card of that day opens it."""
    await released(world, **changes)
    await world.go_to(REVIEW_DAY)
    return await opened_from_the_days_card(world, "ana", "Look back")


async def question_of(world: World, person: str) -> Message:
    """The card that asks a participant, opened by the command."""
    return await world.say(person, f"retro {TITLE}")


async def opened_from_the_days_card(world: World, person: str, label: str) -> Message:
    """What a button within a person's card of the day shows beside it."""
    reply = await world.press(person, card_of(world, person, "Would "), label)
    assert isinstance(reply, Message), reply
    return reply


def card_of(world: World, person: str, part: str) -> Message:
    """The last card to a person whose title has these words."""
    found = [message for message in world.chat.to(person) if part in message.title]
    assert found, [message.title for message in world.chat.to(person)]
    return found[-1]


async def numbers(world: World, card: Message, person: str = "ana", **changes: str) -> Message:
    """The form for the numbers filled in: 17.4 % from the planned source, or with these changes."""
    form = await world.press(person, card, "Give the numbers")
    assert isinstance(form, Form), form
    reply = await world.submit(person, form, **{value_of(form): "17.4", **changes})
    assert isinstance(reply, Message), reply.errors
    await world.go_to(world.clock.now())
    return reply


def value_of(form: Form, number: int = 0) -> str:
    """The name of the input for the nth criterion's value."""
    return [shown.name for shown in form.inputs if shown.name.startswith("value_")][number]


async def opened(world: World, **changes: str) -> Message:
    """A review that is open, with its numbers; Ana's own card to answer."""
    return await numbers(world, await asked(world, **changes))


async def answer(world: World, person: str, **said: str) -> Message:
    """A person's answer, given on the card they have or with the command."""
    card = await world.say(person, f"retro {TITLE}")
    form = await world.press(person, card, "Answer")
    assert isinstance(form, Form), form
    reply = await world.submit(person, form, **{**VERDICT, **said})
    assert isinstance(reply, Message), reply.errors
    return reply


async def closed(world: World) -> Message:
    """A review that all five have answered, and its summary in the channel."""
    await opened(world)
    for person in ("ana", "ben", "chi", "dev", "eva"):
        await answer(world, person, why=f"{person} knows why", learned=f"{person} learned")
    return summary_of(world)


def summary_of(world: World) -> Message:
    """The one summary that stands in the channel."""
    found = summaries(world)
    assert len(found) == 1, [message.title for message in found]
    return found[0]


def summaries(world: World) -> list[Message]:
    """Every summary of the review that stands in the channel."""
    return [message for message in world.chat.posted() if message.title.startswith(f"{TITLE}: ")]


def thread(world: World) -> str:
    """All that the summary's thread says."""
    return " ".join(words_of(message) for message in world.chat.posted(in_threads=True))


async def retro_of(world: World, title: str = TITLE) -> Retro:
    """The newest review of an initiative."""
    initiative, _, _ = await kept(world, title)
    async with world.reading() as connection:
        return (await Store(connection, 1).retros.of_initiative(initiative.id))[0]


async def outcome_of(world: World, floor: int = 4) -> Outcome:
    """What storage lets out about the review."""
    retro = await retro_of(world)
    async with world.reading() as connection:
        return await Store(connection, 1).retros.outcome(retro.id, floor)
