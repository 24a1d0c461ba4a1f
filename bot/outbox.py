"""What an operator sees of the messages that were not sent, and may do about them; never their words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.settings import Settings
from storage import backlog, condition
from storage.backlog import Held
from storage.database import Database, open_database

AT_ONCE = 500
HEAD = ("ID", "State", "Kind", "Platform", "Workspace", "About", "Age", "Tries", "Why")
# What is kept of an error, and what it means.
REASONS = {
    "channel archived": "its channel was archived after it was promised",
    "channel shared": "people of another organisation came to read its channel after it was promised",
    "not askable": "its person left, or is a guest now",
    "paused": "it is a nudge, and its person paused before it could be sent",
    "too late": "it is a nudge, and its time was over before it could be sent",
    "is_archived": "its channel is archived",
    "channel_not_found": "there is no such channel, or the bot cannot see it",
    "not_in_channel": "the bot is not in its channel: invite it",
    "restricted_action": "the workspace lets only some people write there",
    "user_disabled": "its person was deactivated",
    "cannot_dm_bot": "its person is a bot",
    "account_inactive": "the bot was removed from the workspace",
    "token_revoked": "the bot's token was taken back: install it again",
    "invalid_auth": "the bot's token is not valid: install it again",
    "ratelimited": "the platform said to wait, each time",
    "lease lost": "the process ended while it was being sent: it may have arrived",
    "TimeoutError": "no answer came in time: it may have arrived",
    "MessageWritesBlocked": "its person blocked or removed the bot",
}
NO_REASON = {
    "unknown": "the process ended while it was being sent: it may have arrived",
    "dead": "all tries failed",
}


class NoOutbox(Exception):
    """There is no database to look into; the text says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Requeued:
    """What became of a wish to send again: a sentence for each message, and whether all of them go again."""

    text: str
    all_of_them: bool


async def listed(settings: Settings, clock: Clock, *, limit: int, state: str = "", workspace: str = "") -> str:
    """A table of what waits and what is dead, the oldest first, and how to go on."""
    async with _opened(settings) as database:
        found = await database.read(
            lambda connection: backlog.held(connection, limit=limit + 1, state=state, workspace=workspace)
        )
    if not found:
        return "Nothing waits, and nothing is dead."
    lines = _table([HEAD, *(_row(message, clock.now()) for message in found[:limit])])
    more = [f"There are more: --limit {limit * 10} shows them."] if len(found) > limit else []
    return "\n".join([*lines, "", *more, "To know more: python -m bot outbox explain ID"])


async def explained(settings: Settings, clock: Clock, number: int) -> str:
    """All there is to say about one message, but for its words. Raises LookupError where there is none."""
    async with _opened(settings) as database:
        found = await database.read(lambda connection: backlog.held_called(connection, [number]))
    message = found[number]
    again = backlog.why_not_again(message)
    facts = (
        f"Message {message.id}, {message.kind}, for {message.platform} workspace {message.workspace}",
        f"About: {message.key}",
        f"State: {message.state}, after {_times(message.tries)}",
        f"Why: {_why(message) or 'nothing went wrong so far'}",
        f"Promised: {message.created_at:%A %Y-%m-%d %H:%M} UTC, {_age(clock.now() - message.created_at)} ago",
        f"Last due: {message.due_at:%A %Y-%m-%d %H:%M} UTC",
        f"Again: no, {again}." if again else f"Again: python -m bot outbox requeue {message.id}",
    )
    return "\n".join(facts)


async def requeued(settings: Settings, clock: Clock, numbers: Sequence[int]) -> Requeued:
    """Send these messages again, as far as the published policy lets them."""
    async with _opened(settings) as database:
        found = await database.read(lambda connection: backlog.held_called(connection, numbers))
        gone = await _again(database, clock, numbers)
    lines = [_answer(number, found.get(number), is_queued=number in gone) for number in numbers]
    return Requeued("\n".join(lines), all(number in gone for number in numbers))


async def requeued_all(settings: Settings, clock: Clock, workspace: str = "") -> str:
    """Send all again that may go again, of one workspace (the chat service's id) or of all."""
    async with _opened(settings) as database:
        numbers = await database.read(lambda connection: backlog.dead(connection, workspace))
        gone = await _again(database, clock, numbers)
    return f"{_messages(len(gone))} will be sent again." if gone else "There is nothing that may be sent again."


async def _again(database: Database, clock: Clock, numbers: Sequence[int]) -> set[int]:
    gone: set[int] = set()
    for start in range(0, len(numbers), AT_ONCE):
        gone |= await _part_again(database, clock.now(), numbers[start : start + AT_ONCE])
    return gone


async def _part_again(database: Database, now: datetime, numbers: Sequence[int]) -> set[int]:
    return await database.write(lambda connection: backlog.requeue(connection, numbers, now))


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Database]:
    try:
        if not condition.is_made(settings.database_url):
            raise NoOutbox(f"There is no database at {condition.shown(settings.database_url)}.")
        database = open_database(settings.database_url)
        try:
            problem = await database.read(condition.schema_problem)
            if problem:
                raise NoOutbox(f"The database cannot be looked into: {problem}.")
            yield database
        finally:
            await database.close()
    except condition.FAILURES as failed:
        raise NoOutbox(f"The database cannot be used: {condition.why(failed)}.") from None


def _row(message: Held, now: datetime) -> Sequence[str]:
    age, tries = _age(now - message.created_at), str(message.tries)
    place = (message.platform, message.workspace, message.key)
    return (str(message.id), message.state, message.kind, *place, age, tries, _why(message))


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _why(message: Held) -> str:
    if message.error:
        return REASONS.get(message.error, f"the platform or its connection said: {message.error}")
    return NO_REASON.get(message.state, "")


def _answer(number: int, message: Held | None, *, is_queued: bool) -> str:
    if is_queued:
        return f"{number}: will be sent again."
    if message is None:
        return f"{number}: there is no such message. `python -m bot outbox` lists what there is."
    return (
        f"{number}: stays as it is, because {backlog.why_not_again(message) or 'somebody else has just taken it'}."
    )


def _age(age: timedelta) -> str:
    minutes = max(int(age.total_seconds()), 0) // 60
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


def _times(tries: int) -> str:
    return f"{tries} {'try' if tries == 1 else 'tries'}"


def _messages(count: int) -> str:
    return f"{count} {'message' if count == 1 else 'messages'}"
