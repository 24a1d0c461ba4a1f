"""What must be true of every story, whatever went wrong in it, by the log and the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.nudges.pace import Rate
from handlers.holidays import holiday
from handlers.messages import MESSAGE
from storage.database import Connection
from storage.outbox import MAX_TRIES
from tests.simulation.chats import PACES
from tests.simulation.log import Call
from tests.simulation.machine import Machine
from tests.simulation.record import Promise, promises
from tests.simulation.town import Person, Town


async def rows(connection: Connection, query: str) -> Sequence[Any]:
    """What a query finds."""
    return (await connection.execute(sa.text(query))).all()  # type: ignore[no-any-return]


@dataclass
class Found:
    """All that is known when a story is over."""

    machine: Machine
    town: Town
    promises: Sequence[Promise]
    outbox: Sequence[Any]
    occurrences: Sequence[Any]
    schedules: Sequence[Any]
    people: dict[int, Person]
    channels: dict[int, tuple[str, str, str]]
    day_cards: Sequence[Any]


async def held(machine: Machine, town: Town) -> list[str]:
    """What is wrong with a story: nothing, where all invariants hold."""
    process = machine.any()
    assert process
    found = await process.database.read(lambda connection: _look(connection, machine, town))
    complaints = list(machine.log.complaints)
    for invariant in EVERY:
        complaints += [f"{invariant.__name__}: {each}" for each in invariant(found)]
    return complaints


async def _look(connection: Connection, machine: Machine, town: Town) -> Found:
    known = await rows(
        connection,
        "select p.id, w.platform, w.external_id, p.external_id from people p "
        "join workspaces w on w.id = p.workspace_id",
    )
    places = await rows(
        connection,
        "select c.id, w.platform, w.external_id, c.external_id from channels c "
        "join workspaces w on w.id = c.workspace_id",
    )
    return Found(
        machine,
        town,
        await promises(connection),
        await rows(
            connection, "select id, key, person_id, channel_id, state, tries, error, address, thread from outbox"
        ),
        await rows(
            connection,
            "select key, nudge, person_id, team_id, local_date, due_at, outcome, reason, rode from occurrences",
        ),
        await rows(connection, "select key, nudge, person_id, days, hour, zone, next_due_at from schedules"),
        {row[0]: town.people[(row[1], row[2]), row[3]] for row in known},
        {row[0]: (row[1], row[2], f"#{row[3]}") for row in places},
        await rows(connection, "select person_id, local_date, key from day_cards"),
    )


def everything_ends(found: Found) -> Iterator[str]:
    """Nothing stays on its way for ever, and what is called sent stands somewhere."""
    standing = len(found.machine.chats.standing)
    dead = {row.key for row in found.outbox if row.state == "dead"}  # a reply waits for its post to be sent again
    for row in found.outbox:
        if row.state in ("due", "sending") and row.thread not in dead:
            yield f"{row.key} is still {row.state}: {row.error}"
        if row.state == "dead" and not row.error:
            yield f"{row.key} is dead for no reason"
        if row.state == "sent" and not 0 < int(_number(row.address)) <= standing:
            yield f"{row.key} stands nowhere"
        if row.state == "unknown" and row.channel_id:
            yield f"{row.key}: a post that is not sent again"
        if row.tries > MAX_TRIES:
            yield f"{row.key} was tried {row.tries} times"


def _number(address: str) -> int:
    return int("".join(each for each in address if each.isdigit()) or 0)


def nothing_overdue(found: Found) -> Iterator[str]:
    """Nothing that is due waits for a sweep."""
    now = found.machine.time.now() - timedelta(minutes=10)
    for row in found.schedules:
        if row.next_due_at and _utc(row.next_due_at) < now:
            yield f"{row.key} was due at {row.next_due_at}"


def _utc(at: Any) -> datetime:
    read = datetime.fromisoformat(at) if isinstance(at, str) else at
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def nobody_gets_it_twice(found: Found) -> Iterator[str]:
    """No personal message twice, ever: as many stand there as were promised."""
    promised = _promised(found, lambda promise: promise.person_id is not None and promise.is_new)
    for (to, body), calls in _arrived(found).items():
        count = sum(call.person is not None for call in calls)
        if count > promised[to, body]:
            at = [str(call.at) for call in calls]
            yield f"{to} got {count} for {promised[to, body]} promised: {calls[0].title} at {at}"


def no_post_is_lost(found: Found) -> Iterator[str]:
    """Every channel post stands in its channel; and a second copy only where the first may not have arrived."""
    arrived = _arrived(found)
    dead = {row.id for row in found.outbox if row.state == "dead"}
    given_up = {row.key for row in found.outbox if row.state == "dead"}
    dead |= {row.id for row in found.outbox if row.thread in given_up and row.state == "due"}
    final = {row.id: row for row in found.outbox}
    last: dict[int, Promise] = {promise.outbox_id: promise for promise in found.promises if promise.channel_id}
    stands = Counter(
        MESSAGE.dump_json(each.message).decode()
        for each in found.machine.chats.standing.values()
        if not each.person
    )
    for promise in last.values():
        body = _canonical(promise.body)
        if promise.outbox_id in dead:
            row = final[promise.outbox_id]
            if (
                row.state == "dead"
                and row.tries < MAX_TRIES
                and row.error not in ("user_disabled", "channel archived")
            ):
                yield f"{row.key} was given up after {row.tries} tries: {row.error}"
        elif not stands[body]:
            yield f"{promise.key} does not stand in its channel"
    promised = _promised(found, lambda promise: promise.channel_id is not None and promise.is_new)
    unsure = Counter(
        (call.to, call.body)
        for call in found.machine.log.calls
        if call.channel and call.outcome in ("unknown", "gone")
    )
    unsaved = Counter(call.to for call in found.machine.log.calls if call.channel and call.outcome == "accepted")
    for (to, body), calls in arrived.items():
        extra = len(calls) - promised[to, body] - unsure[to, body]
        if calls[0].channel and extra > 0 and not _lost_settling(found, calls):
            yield f"{to} got {extra} too many of {calls[0].title} at {[str(c.at) for c in calls]}, {unsaved[to]}"


def _lost_settling(found: Found, calls: Sequence[Call]) -> bool:
    """Whether a process that was told of an arrival ended before it could say so."""
    ended = {process.name for process in found.machine.gone}
    return any(call.process in ended for call in calls)


def nobody_is_disturbed(found: Found) -> Iterator[str]:
    """No nudge arrives outside of the hours people work, on holidays, in a pause, or at somebody who has left."""
    nudges = {
        (_to(found, promise), _canonical(promise.body))
        for promise in found.promises
        if promise.person_id and promise.priority == 1 and _is_nudge(found, promise)
    }
    for call in found.machine.log.calls:
        if not (call.effect and call.person and not call.replacing and (call.to, call.body) in nudges):
            continue
        person = found.town.people[(call.platform, call.workspace), call.person]
        if _was_asked_for(found, person, call):
            continue
        problems = [_disturbs(found, person, call, zone) for zone in _zones(person, call.at)]
        if all(problems):
            yield f"{call.to} at {call.at}, by the clock {call.by_clock}: {problems[0]}: {call.title}"


def _is_nudge(found: Found, promise: Promise) -> bool:
    return promise.key.split(":")[0] in NUDGES


def _was_asked_for(found: Found, person: Person, call: Call) -> bool:
    """Whether they had asked to get it at that time, whenever that is."""
    at = [
        _utc(row.due_at)
        for row in found.occurrences
        if row.nudge == "checkin-again" and found.people[row.person_id] is person
    ]
    return any(timedelta(minutes=-2) <= call.by_clock - each <= timedelta(hours=5) for each in at)


NUDGES = ("checkin", "pulse", "learning", "stale", "action-due", "whether", "retro-ask", "review")


def _zones(person: Person, at: datetime) -> list[str]:
    """Where a person was around an instant, as far as the bot could know."""
    before = [zone for since, zone in person.zones if since <= at - timedelta(minutes=5)]
    recent = [
        zone for since, zone in person.zones if at - timedelta(minutes=5) < since <= at + timedelta(minutes=5)
    ]
    return [*before[-1:], *recent]


def _disturbs(found: Found, person: Person, call: Call, zone: str) -> str:
    local = call.by_clock.astimezone(ZoneInfo(zone))
    if not time(7, 58) <= local.time() < time(18, 1):
        return "outside of their hours"
    if local.isoweekday() > 5:
        return "at the weekend"
    regions = {found.town.regions[person.place, channel] for channel in person.channels}
    if all(holiday(region, local.date()) for region in regions):
        return "on a public holiday"
    pauses = [until for since, until in person.pauses if since <= call.at - timedelta(minutes=2)]
    resumed = any(abs(since - call.at) < timedelta(hours=26) and not until for since, until in person.pauses)
    if pauses and pauses[-1] and local.date() < date.fromisoformat(pauses[-1]) and not resumed:
        return "in a pause"
    if person.left and person.left < call.at - timedelta(minutes=2):
        return "after they left"
    return ""


def one_card_a_day(found: Found) -> Iterator[str]:
    """One card a person and local date: one promise of a card under the day's key, and one reminder at most."""
    promised: Counter[str] = Counter()
    for promise in found.promises:
        if promise.person_id and promise.is_new and promise.priority == 1 and promise.key.startswith("checkin:"):
            promised[promise.key] += 1
    asked_for = Counter(
        (row.person_id, str(row.local_date)) for row in found.occurrences if row.nudge == "checkin-again"
    )
    reminded = Counter(
        (row.person_id, str(row.local_date)) for row in found.occurrences if row.nudge == "checkin-remind"
    )
    for key, count in promised.items():
        number, day = int(key.split(":")[1]), key.split(":")[2]
        if count > 1 + asked_for[number, day] + reminded[number, day]:
            yield f"{key} was promised {count} times"


def rates_are_kept(found: Found) -> Iterator[str]:
    """No window of time holds more calls than a platform lets through, by the clock that the bot goes by."""
    for platform, pace in PACES.items():
        calls = [call for call in found.machine.log.calls if call.platform == platform]
        yield from _over(pace.recipient, calls, lambda call: call.to)
        yield from _over(pace.workspace, calls, lambda call: call.workspace)


def _over(rates: Sequence[Rate], calls: Sequence[Call], who: Callable[[Call], Any]) -> Iterator[str]:
    by: dict[Any, list[Call]] = defaultdict(list)
    for call in calls:
        by[who(call)].append(call)
    for rate in rates:
        for name, theirs in by.items():
            for first, last in zip(theirs, theirs[rate.count :], strict=False):
                apart_s = (last.at - first.at).total_seconds()
                wrong = first.at - first.by_clock != last.at - last.by_clock
                if apart_s < rate.seconds and not wrong:
                    who_by = f"{first.process} and {last.process}"
                    yield f"{name}: {rate.count + 1} in {apart_s:.2f} s by {who_by} at {last.at}"


def dates_are_accounted_for(found: Found) -> Iterator[str]:
    """Every working day of everybody whose rule never changed has its occurrence, where no clock was wrong."""
    seen = {(row.person_id, row.nudge, str(row.local_date)) for row in found.occurrences}
    for number, person in found.people.items():
        if person.changed or _was_away(found):
            continue
        for day in _days(found, person):
            if (number, "checkin", day.isoformat()) not in seen:
                yield f"nothing is known of {person.name} on {day}"


def _was_away(found: Found) -> bool:
    troubles = ("trouble: clock", "trouble: sleep", "trouble: database")
    return any(what in troubles for _, what in found.machine.log.events)


def _days(found: Found, person: Person) -> Iterator[date]:
    rules = ZoneInfo(person.zone)
    first = person.zones[0][0].astimezone(rules).date() + timedelta(days=2)
    last = found.machine.time.now().astimezone(rules).date()
    for number in range((last - first).days):
        day = first + timedelta(days=number)
        if day.isoweekday() <= 5:
            yield day


def sent_has_a_message(found: Found) -> Iterator[str]:
    """What is called sent was promised."""
    keys = {promise.key for promise in found.promises}
    cards = {(row.person_id, str(row.local_date)): row.key for row in found.day_cards}
    for row in found.occurrences:
        if row.outcome == "skipped" and not row.reason:
            yield f"{row.key} was skipped for no reason"
        if row.outcome == "sent" and row.person_id and row.nudge == "checkin":
            key = cards.get((row.person_id, str(row.local_date)))
            if key not in keys:
                yield f"{row.key} is called sent, and no card was promised"


def figures_agree(found: Found) -> Iterator[str]:
    """What is counted is what happened, in every process that was not killed."""
    for process in found.machine.processes.values():
        counted: Counter[str] = Counter()
        for metric in process.metrics.registry.collect():
            for sample in metric.samples:
                if sample.name == "worthwhile_deliveries_total":
                    counted[sample.labels["outcome"]] += int(sample.value)
        if counted["sent"] != process.told["sent"] or counted["unknown"] < process.told["unknown"]:
            yield f"{process.name} counted {dict(counted)}, and was told {dict(process.told)}"
        if counted["retried"] + counted["dead"] < process.told["not sent"]:
            yield f"{process.name} counted {dict(counted)}, and was told {dict(process.told)}"


EVERY = (
    everything_ends,
    nothing_overdue,
    nobody_gets_it_twice,
    no_post_is_lost,
    nobody_is_disturbed,
    one_card_a_day,
    rates_are_kept,
    dates_are_accounted_for,
    sent_has_a_message,
    figures_agree,
)


def _canonical(body: str) -> str:
    return MESSAGE.dump_json(MESSAGE.validate_json(body)).decode()


def _to(found: Found, promise: Promise) -> tuple[str, str, str]:
    if promise.person_id:
        return found.people[promise.person_id].inbox
    return found.channels[promise.channel_id or 0]


def _promised(found: Found, wanted: Callable[[Promise], bool]) -> Counter[tuple[tuple[str, str, str], str]]:
    return Counter((_to(found, each), _canonical(each.body)) for each in found.promises if wanted(each))


def _arrived(found: Found) -> dict[tuple[tuple[str, str, str], str], list[Call]]:
    """The new messages that arrived, by where and what they say."""
    arrived: dict[tuple[tuple[str, str, str], str], list[Call]] = defaultdict(list)
    for call in found.machine.log.calls:
        if call.effect and not call.replacing:
            arrived[call.to, call.body].append(call)
    return arrived
