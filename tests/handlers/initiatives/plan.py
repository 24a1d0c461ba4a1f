"""What tests of initiatives share: a plan to type, and how it is kept."""

from __future__ import annotations

from handlers.messages import Facts, Form, Items, Message, Text
from storage import Store
from storage.initiatives import Amendment, Criterion, Initiative
from tests.world import World

PLAN = {
    "title": "Checkout retry",
    "who": "Shop owners",
    "change": "Customers whose card fails at first still complete their order",
    "measure": "Failed payments recovered",
    "baseline": "12 %",
    "target": "20 %",
    "source": "payments dashboard",
    "stop_line": "support tickets about double charges double",
    "review_days": "30 days",
}


async def define(world: World, person: str = "ana", **changes: str) -> Message:
    """The plan defined by a person, with these answers changed, and the card that follows."""
    form = await world.form(person, "define-success")
    card = await world.submit(person, form, **{**PLAN, **changes})
    assert isinstance(card, Message), card.errors
    return card


async def started(world: World, person: str = "ana", **changes: str) -> Message:
    """The plan defined and started."""
    card = await world.press(person, await define(world, person, **changes), "Start it")
    assert isinstance(card, Message)
    return card


async def refused(world: World, **changes: str) -> Form:
    """The form as it comes back from a plan that cannot be taken."""
    form = await world.form("ana", "define-success")
    again = await world.submit("ana", form, **{**PLAN, **changes})
    assert isinstance(again, Form), again.title
    return again


async def kept(world: World, title: str = "Checkout retry") -> tuple[Initiative, list[Criterion], list[Amendment]]:
    """The newest initiative of a title as it is kept, with its criteria and amendments."""
    async with world.reading() as connection:
        store = Store(connection, 1)
        found = next(each for each in await store.initiatives.of_team(1) if each.title == title)
        return (
            found,
            await store.initiatives.criteria(found.id),
            await store.initiatives.amendments(found.id),
        )


async def titles(world: World) -> list[str]:
    """The titles of all the team's initiatives, newest first."""
    async with world.reading() as connection:
        return [each.title for each in await Store(connection, 1).initiatives.of_team(1)]


def lines(message: Message) -> list[str]:
    """All that a message says in text, lists and facts."""
    said: list[str] = []
    for block in message.blocks:
        match block:
            case Text(text):
                said.append(text)
            case Items(items):
                said += items
            case Facts(rows):
                said += [f"{label}: {value}" for label, value in rows]
            case _:
                pass
    return said


def inputs(form: Form) -> dict[str, str]:
    """What stands in a form's inputs."""
    return {shown.name: shown.value for shown in form.inputs}
