"""Several workspaces and teams that look alike from outside, with rows of everything and words of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

import sqlalchemy as sa

from bot.app import App, build
from bot.clock import SteppedClock
from bot.nudges.port import Address, Recipient
from bot.reading import Request
from bot.settings import Settings
from handlers.catalog import CATALOG
from handlers.messages import Form, Message, Reply
from storage import Store
from storage.arrivals import Envelope
from storage.database import Connection
from storage.directory import Role, add_workspace, workspace_called
from storage.initiatives import Status
from storage.schema import metadata
from tests.bot.matrix import NOW, REFERENCES, Case, filled, is_failure, marked

HERE, NEXT_DOOR, ELSEWHERE = ("test", "W1"), ("test", "W2"), ("other", "W1")
PLACES = (HERE, NEXT_DOOR, ELSEWHERE)
SURNAME = {HERE: "Quince", NEXT_DOOR: "Medlar", ELSEWHERE: "Pomelo"}
FRUIT = ("Kumquat", "Tamarind", "Persimmon", "Rambutan")
# Who takes part in which channel's team; the first leads it.
TEAMS = {"checkout": ("lead", "member", "third", "fourth"), "billing": ("elsewhere", "fifth", "sixth", "seventh")}
EMPTY = ((NEXT_DOOR, "billing"), (ELSEWHERE, "billing"))  # channels that are no teams
ADMIN = "admin"
# They have a place in the team from earlier, and must not get anything by it.
FORMER: dict[str, dict[str, Any]] = {
    "guest": {"role": Role.GUEST},
    "external": {"role": Role.OUTSIDER},
    "deactivated": {"role": Role.MEMBER, "is_active": False},
    "bot": {"role": Role.MEMBER, "is_bot": True},
}
WORK = ("idea", "chosen", "building", "planned", "numbers", "open", "closed", "dropped")
VERDICT = {"success": "partly", "worth": "yes"}


@dataclass
class Team:
    """A planted team: `word` stands in all that its people wrote, `cases` are the numbers of what it has."""

    place: tuple[str, str]
    channel: str
    word: str
    id: int = 0
    numbers: dict[str, list[int]] = field(default_factory=dict)
    cases: dict[str, list[Case]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the team is called, which whoever is refused there may read."""
        return f"{self.channel} of {' '.join(self.place)}"

    @property
    def people(self) -> Sequence[str]:
        """Who takes part, the lead first."""
        return TEAMS[self.channel]

    def envelope(self, person: str, channel: str | None = None) -> Envelope:
        """A request about the team."""
        return Envelope(*self.place, person, channel, self.id)


class NoChat:
    """A chat service that takes everything and shows it to nobody."""

    async def send(self, recipient: Recipient, message: Message) -> Address:
        return recipient.replacing or {"somewhere": 1}


class Story:
    """What the people of one team did with the bot until now."""

    def __init__(self, app: App, team: Team, deliveries: count[int]) -> None:
        self.team = team
        self._app = app
        self._deliveries = deliveries

    async def send(self, who: str, kind: Any, name: str, values: Case, channel: str | None = None) -> Reply:
        """One request."""
        envelope = replace(self.team.envelope(who, channel), team=self.team.id or None)
        request = Request(envelope, f"planted-{next(self._deliveries)}", kind, name, values)
        return (await self._app.dispatch(request)).reply

    async def do(self, who: str, name: str, channel: str | None = None, /, **values: str) -> Message:
        """One request that is done at once."""
        reply = await self.send(who, "form", name, values, channel)
        assert isinstance(reply, Message), (name, reply)
        assert not is_failure(reply), name
        return reply

    async def fill(self, who: str, name: str, opening: Case, /, **changes: str) -> Message:
        """A form opened by a button, and sent with these changes and the team's word wherever there is room."""
        form = await self.send(who, "tap", name, opening)
        assert isinstance(form, Form), (name, form)
        known = {each.name: each.value or self.team.word for each in form.inputs if each.kind == "text"}
        return await self.do(who, name, **{**filled(form, CATALOG.entries[name]), **known, **changes})


async def plant(url: str) -> list[Team]:
    """Fill a database with teams that have work in every state: two HERE, which come first, one elsewhere each."""
    clock, deliveries, fruit = SteppedClock(NOW - timedelta(days=1)), count(), iter(FRUIT)
    settings = Settings(database_url=url, _env_file=None)  # type: ignore[call-arg]
    app = build(settings, clock, {"test": NoChat(), "other": NoChat()}, 60.0)
    planted = []
    for place in PLACES:
        await app.database.write(partial(_people, place=place, clock=clock))
        planted += [Team(place, channel, next(fruit)) for channel in TEAMS if (place, channel) not in EMPTY]
    stories = [Story(app, team, deliveries) for team in planted]
    for story in stories:
        await _set_up(app, story)
    clock.set(NOW)
    await app.tick()
    for story in stories:
        await _live(app, story)
        await app.database.write(partial(_finish, team=story.team))
    await app.tick()
    await app.close()
    return planted


async def _people(connection: Connection, place: tuple[str, str], clock: SteppedClock) -> None:
    """The same ids in every place, under names of its own."""
    workspace = await add_workspace(connection, *place, " ".join(place), clock.now())
    directory = Store(connection, workspace).directory
    for channel, members in TEAMS.items():
        numbers = []
        for who in (*members, *((ADMIN, *FORMER) if channel == "checkout" else ())):
            profile = {"role": Role.ADMIN if who == ADMIN else Role.MEMBER, **FORMER.get(who, {})}
            name = f"{who.capitalize()} {SURNAME[place]}"
            zone = {"zone": "Europe/London", "locale": "en_GB"}
            numbers.append(await directory.keep_person(who, clock.now(), name=name, **zone, **profile))
        here = await directory.keep_channel(channel, name=f"#{channel}")
        await directory.set_members(here, numbers)


async def _set_up(app: App, story: Story) -> None:
    team, lead = story.team, story.team.people[0]
    people = await app.database.read(partial(_numbers, team=team))
    picked = ",".join(str(people[who]) for who in team.people)
    form = await story.send(lead, "tap", "setup", {}, team.channel)
    assert isinstance(form, Form), form
    told = {
        "name": team.name,
        "payer": f"{team.word} payers",
        "pays": f"{team.word} is worth €49",
        "people": picked,
    }
    await story.do(lead, "setup", team.channel, **{**filled(form, CATALOG.entries["setup"]), **told})
    team.id = await app.database.read(partial(_team_id, team=team))
    await story.do(lead, "setup.start")


async def _live(app: App, story: Story) -> None:
    """Work in every state, reviews in every stage, and what people said on the way."""
    lead, member, word = story.team.people[0], story.team.people[1], story.team.word
    for status in WORK:
        await _define(story, lead, f"{word} {status}")
    work = await app.database.read(partial(_work, team=story.team))
    for status in WORK:
        await story.do(lead, "guardrail.add", initiative=work[status], **_guardrail(word))
    for status in WORK[2:-1]:
        await story.do(lead, "initiative.start", initiative=work[status])
    await story.fill(lead, "success.change", {"initiative": work["building"]}, stop_line=f"{word} stops")
    for status in WORK[3:-1]:
        await story.do(lead, "release", initiative=work[status], days="7 days")
    await story.fill(lead, "initiative.drop", {"initiative": work["dropped"]})
    retros = await app.database.read(partial(_retros, team=story.team))
    for stage in ("numbers", "open", "closed"):
        await story.do(lead, "retro.early", retro=retros[stage])
    for stage in ("open", "closed"):
        await story.fill(lead, "retro.numbers", {"retro": retros[stage]})
        await story.fill(lead, "retro.action", {"retro": retros[stage]}, trigger=word, deed=word, sign=word)
    await story.fill(member, "retro.answer", {"retro": retros["open"]}, **VERDICT)
    for who in story.team.people:
        await story.fill(who, "retro.answer", {"retro": retros["closed"]}, **VERDICT)
        await story.do(who, "checkin", score="4", sentence=f"{word} of {who}")
        await story.do(who, "pulse.edit", initiative=work["building"], week=f"{NOW:%Y-%m-%d}", **_pulse(word, who))
    await story.fill(member, "retro.add", {"retro": retros["closed"]})
    await story.do(member, "checkin.edit", date=NOW.date().isoformat(), score="5", about=work["building"])
    await story.do(lead, "summary", period="week")


async def _define(story: Story, lead: str, title: str) -> None:
    word = story.team.word
    values = {"who": f"{word} owners", "change": f"{word} changes", "measure": f"{word} measure", "source": word}
    numbers = {"baseline": "12 %", "target": "20 %", "review_days": "30 days", "stop_line": word}
    await story.do(lead, "define-success", title=title, **values, **numbers)


def _pulse(word: str, who: str) -> dict[str, str]:
    return {"answer": "unsure", "why": f"{word} of {who}"}


def _guardrail(word: str) -> dict[str, str]:
    numbers = {"baseline": "3 %", "bound": "at_most", "target": "4 %"}
    return {"measure": f"{word} guardrail", "source": word, **numbers}


async def _finish(connection: Connection, team: Team) -> None:
    """What no form makes, and those who were in the team once and may do nothing in it any more."""
    store = await _store(connection, team)
    work = {each.title.split()[-1]: each for each in await store.initiatives.of_team(team.id)}
    await store.initiatives.change(work["chosen"].id, status=Status.CHOSEN)
    for who in FORMER if team.channel == "checkout" else ():
        person = await store.directory.person_called(who)
        assert person
        await store.teams.join(team.id, person.id, Role.LEAD, NOW)
    people = await _numbers(connection, team)
    told = {"words": f"{team.word} said so", "said_by": team.word, "link": "", "strength": "said"}
    await store.directory.insert(
        metadata.tables["evidence"],
        team_id=team.id,
        initiative_id=work["building"].id,
        person_id=people[team.people[1]],
        said_on=NOW.date(),
        created_at=NOW,
        **told,
    )
    await _count(connection, team)


async def _count(connection: Connection, team: Team) -> None:
    """Note the numbers of all that the team has, and the cases that buttons about them could carry."""
    for name, table in REFERENCES.items():
        team.numbers[name] = await _ids(connection, team, metadata.tables[table])
        team.cases[name] = [{name: marked(name, number)} for number in team.numbers[name]]
    for name in ("criterion", "after"):
        team.cases[name] = await _pairs(connection, metadata.tables[REFERENCES[name]], name, team.numbers[name])


async def _ids(connection: Connection, team: Team, table: sa.Table) -> list[int]:
    work = metadata.tables["initiatives"]
    of: sa.ColumnElement[bool]
    if table.name == "teams":
        of = table.c.id == team.id
    elif table.name == "people":
        of = table.c.external_id.in_(team.people)
    elif "team_id" in table.c:
        of = table.c.team_id == team.id
    else:
        of = table.c.initiative_id.in_(sa.select(work.c.id).where(work.c.team_id == team.id))
    mine = table.c.workspace_id == await _workspace(connection, team)
    return list((await connection.execute(sa.select(table.c.id).where(of, mine).order_by(table.c.id))).scalars())


async def _pairs(connection: Connection, table: sa.Table, name: str, numbers: Sequence[int]) -> list[Case]:
    query = sa.select(table.c.initiative_id, table.c.id).where(table.c.id.in_(numbers)).order_by(table.c.id)
    rows = (await connection.execute(query)).all()
    return [{"initiative": marked("initiative", row[0]), name: marked(name, row[1])} for row in rows]


async def _workspace(connection: Connection, team: Team) -> int:
    found = await workspace_called(connection, *team.place)
    assert found
    return found


async def _store(connection: Connection, team: Team) -> Store:
    return Store(connection, await _workspace(connection, team))


async def _numbers(connection: Connection, team: Team) -> dict[str, int]:
    return {each.external_id: each.id for each in await (await _store(connection, team)).directory.everyone()}


async def _team_id(connection: Connection, team: Team) -> int:
    store = await _store(connection, team)
    channel = await store.directory.channel_called(team.channel)
    found = channel and await store.teams.of_channel(channel.id)
    assert found
    return found.id


async def _work(connection: Connection, team: Team) -> dict[str, str]:
    """The reference of each piece of work, by the state it is named after."""
    found = await (await _store(connection, team)).initiatives.of_team(team.id)
    return {each.title.split()[-1]: f"#{each.id}" for each in found}


async def _retros(connection: Connection, team: Team) -> dict[str, str]:
    """The number of each review, by the state that its work is named after."""
    retros = (await _store(connection, team)).retros
    work = {name: int(mark[1:]) for name, mark in (await _work(connection, team)).items()}
    found = {name: await retros.of_initiative(number) for name, number in work.items()}
    return {name: str(each[0].id) for name, each in found.items() if each}
