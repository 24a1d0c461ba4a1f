"""The story: a team is set up, answers for a fortnight, ships something, looks back on it, and one leaves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from tests.world import MONDAY

EVERYBODY = ("ana", "ben", "chi", "dev", "eva")
SCORES = {"ana": "34423", "ben": "42334", "chi": "54435", "dev": "23344", "eva": "34325"}
PLAN = {
    "who": "Shop owners",
    "change": "Customers whose card fails at first still complete their order",
    "measure": "Failed payments recovered",
    "baseline": "12 %",
    "target": "20 %",
    "source": "payments dashboard",
    "review_days": "7 days",
}
ANSWERS = {
    "ana": ("partly", "yes", "Most failures are wallets, and a retry does not help a wallet."),
    "ben": ("partly", "yes", "The second try succeeds within a minute or not at all."),
    "chi": ("yes", "partly", "People trust a page that says what it is doing."),
    "dev": ("partly", "yes", "Split by kind of payment before choosing the measure."),
    "eva": ("no", "no", "Shops still write to us when a wallet fails. <!channel> *now* & then"),
}


def is_called(label: str, wanted: str) -> bool:
    """Whether a button is the one that is meant: scores are labelled by a number and a word."""
    return label == wanted or label.startswith(f"{wanted} ")


class Stage(Protocol):
    """A platform on which the story is told. People are called by their first names, in small letters."""

    async def types(self, name: str, text: str, *, in_channel: bool = False) -> None:
        """Somebody types a command, in private or in the team's channel."""
        ...

    async def presses(self, name: str, label: str, **fill: str) -> None:
        """Somebody presses the newest button of this label that they see, with the card's inputs filled in."""
        ...

    async def sends(self, name: str, **fill: str) -> None:
        """Somebody fills in the form that is open and sends it."""
        ...

    async def sees(self, name: str) -> str:
        """All that stands on somebody's newest card."""
        ...

    async def goes_to(self, to: datetime) -> None:
        """Time passes, and what is due happens."""
        ...


async def told(stage: Stage) -> None:
    """The whole story."""
    await set_up(stage)
    await a_fortnight(stage)
    await shipped(stage)
    await looked_back(stage)
    await one_leaves(stage)


async def set_up(stage: Stage) -> None:
    """Ana makes the channel a team, sees what will happen, and starts it."""
    await stage.types("ana", "setup", in_channel=True)
    await stage.sends("ana", payer="Shop owners", pays="Shop owners pay us €49 a month.")
    await stage.presses("ana", "Start")


async def a_fortnight(stage: Stage) -> None:
    """Everybody answers in one tap, some with a sentence; one skips, one takes it back, one answers by typing.

    Ideas for new members come with it; one wants none of them.
    """
    days = [day for day in range(1, 12) if (MONDAY + timedelta(days=day)).isoweekday() <= 5]
    for day in days:
        await stage.goes_to(MONDAY + timedelta(days=day, hours=2))
        for name in EVERYBODY:
            await _answers(stage, name, day, SCORES[name][day % 5])


async def _answers(stage: Stage, name: str, day: int, score: str) -> None:
    if (name, day) == ("dev", 2):
        await stage.presses(name, "Skip today")
    elif name == "eva" and day % 3 == 0:
        await stage.types(name, f"checkin {score} a shop said it works")
    elif (name, day) == ("chi", 1):
        await stage.presses(name, "Stop these")
        await stage.presses(name, score)
    elif name == "chi":
        await stage.presses(name, score, sentence=f"Day {day}: talked to *two* customers & <@U1>")
    else:
        await stage.presses(name, score)
    if (name, day) == ("ben", 3):
        await stage.presses(name, "Undo")
        await stage.presses(name, "2")


async def shipped(stage: Stage) -> None:
    """Ana says what success is, logs what a customer said, and releases."""
    await stage.types("ana", "define-success Checkout retry")
    await stage.sends("ana", **PLAN)
    await stage.presses("ana", "Start it")
    await stage.types("eva", "evidence It saved my Saturday")
    await stage.sends("eva", said_by="Meera, shop owner", strength="said")
    await stage.types("ana", "release Checkout retry")


async def looked_back(stage: Stage) -> None:
    """On the day: Ana gives the numbers, everybody judges unseen, and the channel gets the summary."""
    await stage.goes_to(MONDAY + timedelta(days=18, hours=2))
    await stage.types("ana", "retro Checkout retry")
    await stage.presses("ana", "Give the numbers")
    await stage.sends("ana", value_1="17.4")
    await stage.goes_to(MONDAY + timedelta(days=18, hours=3))
    for name in EVERYBODY:
        success, worth, learned = ANSWERS[name]
        await stage.types(name, "retro Checkout retry")
        await stage.presses(name, "Answer")
        await stage.sends(name, success=success, worth=worth, learned=learned)
    await stage.goes_to(MONDAY + timedelta(days=18, hours=4))
    await stage.types("ben", "summary week")


async def one_leaves(stage: Stage) -> None:
    """Ben pauses; Dev takes his data with him and erases it."""
    await stage.types("ben", "pause Monday")
    await stage.types("dev", "my-data")
    await stage.presses("dev", "Erase…")
    await stage.presses("dev", "Erase it all")
