"""Activities that Teams has signed, with anything in any place of them: never a failure, whatever they say.

ODD is how many; ODD_SEED repeats a run.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from random import Random
from typing import Any

from bot.teams.buttons import Place, carried
from tests.bot.teams.office import CHANNEL, Office
from tests.fakes.teams import activities
from tests.fakes.teams.structure import Json

COUNT = int(os.environ.get("ODD", "40"))
SEED = int(os.environ.get("ODD_SEED", "1"))
ANYTHING: tuple[Any, ...] = (
    None, True, 5, -1, 1e308, 10**30, "", "x", "é" * 3_000, "\x00", "\ud800", [], [None], ["a"], [{}], [[]], {},
    {"id": None}, {"id": 5}, {"id": ""}, {"a": {"b": []}},
)  # fmt: skip


def kinds(here: Office) -> list[Json]:
    """One activity of each kind that the bot knows."""
    teams, ana, chat = here.teams, here.ana.state, here.ana.chat
    tapped = activities.executed({"type": "Action.Execute", "verb": "me"}, carried("me", {}, Place()), "manual")
    written = {**activities.done(teams, "message", ana, here.channel), "text": "<at>Worthwhile</at> help"}
    tag = {"type": "mention", "mentioned": {"id": teams.app.account, "name": "x"}, "text": "<at>Worthwhile</at>"}
    written["entities"] = [*written["entities"], tag]
    data = {"data": carried("define-success", {"title": "x"}, Place()), "context": {"theme": "default"}}
    quoted = {"messagePayload": {"body": {"content": "<p>x</p>", "contentType": "html"}, "from": {"user": {}}}}
    return [
        written,
        {**activities.done(teams, "message", ana, chat), "value": carried("me", {}, Place())},
        activities.invoked(teams, ana, chat, "adaptiveCard/action", tapped),
        activities.invoked(teams, ana, chat, "task/fetch", data),
        activities.invoked(teams, ana, chat, "task/submit", data),
        activities.invoked(teams, ana, chat, "composeExtension/fetchTask", quoted),
        activities.installed(teams, ana, here.channel, "add"),
        activities.changed(teams, ana, here.channel, membersAdded=[{"id": here.ben.id}]),
        activities.team_event(teams, ana, here.team, "channelRenamed", here.channel),
    ]


def places(piece: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in an activity."""
    if path:
        yield path
    inner = piece.items() if isinstance(piece, dict) else enumerate(piece) if isinstance(piece, list) else ()
    for name, each in inner:
        yield from places(each, (*path, name))


def changed(activity: Json, random: Random) -> Json:
    """The same activity with anything in one to three of its places."""
    made = copy.deepcopy(activity)
    for _ in range(random.randint(1, 3)):
        *way, last = random.choice(list(places(made)))
        inside: Any = made
        for name in way:
            inside = inside[name]
        inside[last] = copy.deepcopy(random.choice(ANYTHING))
    return made


async def test_whatever_stands_in_an_activity_nothing_fails(here: Office, capsys: Any) -> None:
    random = Random(SEED)  # noqa: S311 - a seed repeats it
    await here.ana.mention(CHANNEL, "help")
    every = [changed(random.choice(kinds(here)), random) for _ in range(COUNT)]

    for sent in every:
        service = sent.get("serviceUrl")
        token = here.teams.sign(serviceurl=service if isinstance(service, str) else None)
        reply = await here.teams.post(sent, f"Bearer {token}")
        await here.settle()
        assert reply.status in (200, 400, 401, 403), (SEED, sent)

    said = capsys.readouterr()
    assert "work failed" not in said.out + said.err
