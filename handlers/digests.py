"""The summary of the week: shown to whoever asks, posted on a button, or by itself on the last working day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers import scores
from handlers.checkins import QUESTION
from handlers.context import Context
from handlers.local_time import Rule
from handlers.messages import Block, Button, Facts, Message, Note, Text
from handlers.periods import week_of
from handlers.pulses import figures
from handlers.rows import Done, Skipped
from handlers.schedules import last_of_the_week
from prompts import Said
from storage.directory import Person
from storage.reflections import Figures, Period
from storage.releases import Stage
from storage.schedules import Schedule
from storage.teams import Team

WEEK = ("week", "this week", "weekly", "the week")
LATER = {"day": "day", "today": "day", "month": "month", "quarter": "quarter", "year": "year"}
HOUR = time(16, 0)
POSTABLE = timedelta(days=14)

Row = tuple[str, str]


def rule(team: Team, person: Person | None) -> Rule:
    """Each week on the last of its working days before its rest, in the team's zone."""
    return Rule((last_of_the_week(team.days),), HOUR)


async def summary(context: Context, period: str | None) -> Message:
    """The week so far, in private, with a button to post it."""
    asked = (period or "week").casefold()
    if asked not in WEEK:
        return _only_the_week(context, asked)
    week = week_of(context.team_reader.today)
    scored = await context.store.reflections.figures(context.team, week, context.now)
    if await _must_answer_first(context, scored):
        return _answer_first(context)
    message = await _message(context, week, scored)
    said = context.say("digests/posted", team=context.team)
    if await context.store.reflections.is_published(context.team.id, week):
        return replace(message, blocks=(*message.blocks, Note(said.stands)))
    values = {"monday": week.starts_on.isoformat()}
    to_post = Button(said.post, "summary.post", values, style="main", confirm=said.post_confirm)
    not_now = Button(said.not_now, "summary.leave")
    return replace(message, blocks=(*message.blocks, Note(said.who_sees)), buttons=(to_post, not_now))


async def _must_answer_first(context: Context, scored: Figures) -> bool:
    """Blind first: whoever has today's question before them sees nobody's scores by name before answering it."""
    if not scored.by_name or not await context.store.schedules.was_sent(context.me.id, "checkin", context.today):
        return False
    return await context.store.reflections.get(context.me.id, QUESTION, context.today) is None


def _answer_first(context: Context) -> Message:
    said = context.say("digests/first")
    answer = Button(said.answer, "checkin", style="main")
    return Message(said.title, (Text(said.body),), (answer, Button(said.again, "summary", {"period": "week"})))


async def post(context: Context, monday: date) -> Message:
    """Post a week's summary, once; its figures are closed from then on."""
    week = week_of(monday)
    said = context.say("digests/posted", team=context.team)
    again = Button(said.again, "summary", {"period": "week"})
    if not context.team_reader.today - POSTABLE <= week.starts_on <= context.team_reader.today:
        return Message(said.too_old, (Text(said.too_old_body),), (again,))
    if context.team.channel_is_archived:
        return Message(said.archived, (Text(said.archived_body),), (again,))
    if await context.is_shared():
        return Message(said.shared, (Text(said.shared_body),), (again,))
    is_new = await publish(context, week)
    return Message(
        said.posted if is_new else said.already, (Text(said.closed if is_new else said.once),), (again,)
    )


async def leave(context: Context) -> Message:
    """Not now: the summary still comes by itself."""
    said = context.say("digests/posted", team=context.team)
    return Message(said.left, (Text(said.left_body),), (Button(said.again, "summary", {"period": "week"}),))


async def due(context: Context, schedule: Schedule) -> Done | Skipped:
    """The last working day's afternoon: post the week, unless it is posted or there is nothing to say."""
    week = week_of(schedule.local_date or context.team_reader.today)
    something = (
        await context.store.reflections.has_any(context.team.id, week)
        or await context.store.reflections.pulsed(context.team.id, week.starts_on)
        or await _events(context, week)
        or await context.store.releases.unjudged(context.team.id)
    )
    if not something:
        return Skipped("nothing to say")
    return Done() if await publish(context, week) else Skipped("posted")


async def publish(context: Context, week: Period) -> bool:
    """Freeze a week's figures and post its summary. Returns False where it was posted before."""
    scored = await context.store.reflections.publish(context.team, week, context.now)
    if scored is None:
        return False
    await figures.publish(context, week.starts_on)
    inside = context.seen_by_team()
    await inside.post(key(context.team.id, week), await _message(inside, week, scored))
    return True


def key(team_id: int, week: Period) -> str:
    """The key of a week's summary in the channel."""
    return f"digest:{team_id}:{week.starts_on.isoformat()}"


async def _message(context: Context, week: Period, scored: Figures) -> Message:
    said = context.say("digests/week", team=context.team, monday=week.starts_on)
    rows = [(label, value) for label, value in await _events(context, week) if value]
    rows += [
        *await figures.rows(context, week.starts_on),
        *await _kept(context, week, said),
        *await _standing(context, said),
    ]
    quiet = () if await _events(context, week) else (Note(said.quiet),)
    blocks: tuple[Block, ...] = (*scores.blocks(context, scored), Facts(tuple(rows)), *quiet)
    return Message(said("title", mean=scores.mean(context, scored)), blocks)


async def _events(context: Context, week: Period) -> list[Row]:
    """What was defined, started, released and judged in a week of the team's."""
    since, until = await _bounds(context, week)
    work = await context.store.initiatives.of_team(context.team.id)
    titles = {each.id: each.title for each in work}
    judged = await context.store.retros.closed_between(context.team.id, since, until)
    released = await context.store.releases.between(context.team.id, since, until)
    happened = {
        "defined": [each.title for each in reversed(work) if since <= each.created_at < until],
        "started": [each.title for each in reversed(work) if _is_in(each.started_at, since, until)],
        "released": [title for title, _ in released],
        "judged": [titles[each.initiative_id] for each in judged],
    }
    said = context.say("digests/week")
    return [(said(f"{what}_label"), said("titles", titles=found)) for what, found in happened.items() if found]


async def _kept(context: Context, week: Period, said: Said) -> list[Row]:
    """How many actions were kept of those due since the summary before; one due today has until tonight."""
    since, until = await _bounds(context, week)
    rules, today = ZoneInfo(context.team.zone), context.team_reader.today
    first, last = since.astimezone(rules).date(), min(until.astimezone(rules).date(), today) - timedelta(days=1)
    kept, count = await context.store.retros.kept(context.team.id, first, last)
    late = [
        each for each in await context.store.retros.to_do(context.team.id) if each.due_on and each.due_on < first
    ]
    has_any = count or late
    return [(said.actions_label, said("actions", kept=kept, count=count, late=len(late)))] if has_any else []


async def _standing(context: Context, said: Said) -> list[Row]:
    """What is being reviewed, and the value debt: released and never judged."""
    titles = {each.id: each.title for each in await context.store.initiatives.of_team(context.team.id)}
    retros = await context.store.retros.of_team(context.team.id, Stage.OPEN)
    rows = [(said.open_label, said("open", title=titles[each.initiative_id], retro=each)) for each in retros]
    unjudged = await context.store.releases.unjudged(context.team.id)
    if not unjudged:
        return [*rows, (said.debt_label, said.no_debt)]
    oldest = min(unjudged, key=lambda each: unjudged[each])
    rules = ZoneInfo(context.team.zone)
    days = (context.now.astimezone(rules).date() - unjudged[oldest].astimezone(rules).date()).days
    return [*rows, (said.debt_label, said("debt", count=len(unjudged), title=titles[oldest], days=days))]


def _only_the_week(context: Context, asked: str) -> Message:
    said = context.say("digests/other")
    body = said("body", period=LATER[asked]) if asked in LATER else said.unclear
    return Message(said.title, (Text(body),), (Button(said.week, "summary", {"period": "week"}, style="main"),))


async def _bounds(context: Context, week: Period) -> tuple[datetime, datetime]:
    """From when until when a week's events count: from the summary before it on, so that none falls between."""
    rules = ZoneInfo(context.team.zone)
    before = await context.store.reflections.published_at(
        context.team.id, week_of(week.starts_on - timedelta(days=1))
    )
    closed = await context.store.reflections.published_at(context.team.id, week)
    days = (week.starts_on, week.ends_on + timedelta(days=1))
    since, until = (datetime.combine(day, time(0), rules).astimezone(UTC) for day in days)
    return before or since, closed or until


def _is_in(at: datetime | None, since: datetime, until: datetime) -> bool:
    return at is not None and since <= at < until
