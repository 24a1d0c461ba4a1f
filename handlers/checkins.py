"""The daily question: if your paying customer knew what they are funding, how happy would they be?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from handlers import calendars, periods, schedules
from handlers.context import Context
from handlers.errors import FieldError, HandlerError, OldButton
from handlers.initiatives.finding import by_reference, reference
from handlers.local_time import Rule
from handlers.messages import (
    Ask,
    Block,
    Button,
    Choice,
    Divider,
    Input,
    Message,
    Note,
    Quote,
    Scale,
    Text,
    about_team,
)
from handlers.rows import Opening, Skipped
from prompts.questions import rotating
from storage.directory import Person, Role
from storage.initiatives import OPEN, Initiative
from storage.reflections import Added, Reflection
from storage.schedules import Schedule
from storage.teams import Team

QUESTION = "paying_customer"
SCORES = ("1", "2", "3", "4", "5")
OWN_WORK = "work"
ANSWERABLE_DAYS = 14
SNOOZE = timedelta(hours=1)


def read_typed(text: str) -> Mapping[str, str]:
    """What follows `checkin`: a score and, after it, a sentence."""
    score, _, sentence = text.partition(" ")
    return {"score": score, "sentence": sentence} if score else {}


async def checkin(context: Context, score: int | None, sentence: str | None) -> Message:
    """Today's question, or its receipt where it is answered. A typed score answers it."""
    if score is not None:
        return await save(context, score=score, date=context.today, about=None, sentence=sentence)
    return await card(context, context.today)


async def due(context: Context, schedule: Schedule) -> Message | Skipped:
    """The morning's question, once a day over all of a person's teams, unless it was answered before it came."""
    day = schedule.local_date or context.today
    if await context.store.reflections.get(context.me.id, QUESTION, day):
        return Skipped("answered")
    return await _question(context, day)


async def remind(context: Context, schedule: Schedule) -> Message | Skipped:
    """The same afternoon, once: the question is still open, unless they asked to get it again later anyway."""
    again = await context.store.schedules.called(_again_key(context.me.id))
    if again and again.next_due_at:
        return Skipped("asked for later")
    asked = await due(context, schedule)
    if isinstance(asked, Skipped):
        return asked
    return replace(asked, title=context.say("checkins/remind", question=asked.title).title)


def rule(team: Team, person: Person | None) -> Rule:
    """Each member on each day they are asked. Raises LookupError for a channel, which is not asked."""
    if person is None:
        raise LookupError("a channel is not asked")
    return calendars.rule_of(team, person)


def key_of(schedule: Schedule, person: Person) -> str:
    """The key of a person's card for the day that a schedule is for, whichever nudge brings it."""
    due_at = schedule.next_due_at
    if due_at is None:
        raise ValueError("a schedule that is not due has no card")
    return key(person.id, schedule.local_date or due_at.astimezone(ZoneInfo(schedule.zone)).date())


async def card(context: Context, day: date) -> Message:
    """The card for a day as it is now: the question, the receipt, or that it was skipped."""
    given = await context.store.reflections.get(context.me.id, QUESTION, day)
    if given is None:
        return await _question(context, day)
    return await _receipt(context, given) if given.score else await _skipped(context, day)


async def around(context: Context, day: date) -> Message:
    """The card of a day around something else that stands on it, in the team whose question it asks."""
    return await _drawn_in(await _asked_by(context, day), day)


async def _drawn_in(context: Context, day: date) -> Message:
    return about_team(await card(context, day), context.team.id)


async def show(context: Context, date: date) -> Message:
    """The question for a day, to be answered after all."""
    given = await context.store.reflections.get(context.me.id, QUESTION, date)
    return await _receipt(context, given) if given and given.score else await _question(context, date)


async def save(context: Context, score: int, date: date, about: str | None, sentence: str | None) -> Message:
    """Save a score for a day. One tap is enough; a later one changes it, and is marked as an edit."""
    if not _is_answerable(context, date):
        return _too_old(context, date)
    subject = await _subject(context, about)
    given, around = await _add(context, score, date, subject, sentence)
    if given is None:
        context, given = await _change(context, score, date, about, sentence)
        subject = given.initiative_id
    if about is not None and context.membership and context.membership.about_id != subject:
        await context.store.teams.remember_about(context.team.id, context.me.id, subject)
    receipt = await _receipt(context, given, around)
    return receipt if around and not around.has_card else await _shown(context, date, receipt)


async def add_sentence(context: Context, date: date, sentence: str) -> Message:
    """Add words to an answer already saved."""
    given = await context.store.reflections.get(context.me.id, QUESTION, date)
    if given is None:
        return await _question(context, date)
    edited = context.now if given.sentence else given.edited_at
    await context.store.reflections.change(given.id, sentence=sentence, edited_at=edited)
    return await _settled(context, date)


async def undo(context: Context, date: date) -> Message:
    """Take an answer back and ask again."""
    given = await context.store.reflections.get(context.me.id, QUESTION, date)
    if given:
        await context.store.reflections.remove(given.id)
    return await _settled(context, date)


async def skip(context: Context, date: date) -> Message:
    """Leave a day out. An answer that is there already stays."""
    if not _is_answerable(context, date):
        return _too_old(context, date)
    given = await context.store.reflections.get(context.me.id, QUESTION, date)
    if given is None:
        await _add(context, None, date, None, None)
    return await _settled(context, date)


async def snooze(context: Context, date: date) -> Message:
    """Ask again in an hour."""
    at = context.now + SNOOZE
    await context.store.schedules.put(
        _again_key(context.me.id),
        nudge="checkin-again",
        team_id=context.team.id,
        person_id=context.me.id,
        zone=context.me.zone,
        local_date=date,
        next_due_at=at,
    )
    said = context.say("checkins/snoozed", at=at)
    return Message(said.title, buttons=(Button(said.answer, "checkin.show", {"date": date.isoformat()}),))


async def tomorrow(context: Context, date: date) -> Message:
    """Ask nothing more today; tomorrow's question comes as ever, and today's can still be answered."""
    await context.store.schedules.cancel(_again_key(context.me.id))
    await context.store.schedules.cancel(f"checkin-remind:{context.me.id}")
    at = await schedules.coming(context, context.me.paused_until)
    said = context.say("checkins/tomorrow", at=at)
    return Message(said.title, buttons=(Button(said.answer, "checkin.show", {"date": date.isoformat()}),))


def _again_key(person_id: int) -> str:
    return f"checkin-again:{person_id}"


async def opening(context: Context, typed: Mapping[str, str]) -> Opening:
    """What an edit starts from: the answer that is there."""
    day = _carried(typed)
    given = await context.store.reflections.get(context.me.id, QUESTION, day)
    if given is None:
        return Opening(choices={"about": await _subjects(context, day)})
    context = await _of_its_team(context, given)
    about = reference(given.initiative_id) if given.initiative_id else OWN_WORK
    known = {"score": str(given.score or ""), "sentence": given.sentence, "about": about}
    return Opening(known=known, choices={"about": await _subjects(context, day, given.initiative_id)})


def _carried(typed: Mapping[str, str]) -> date:
    """The date that a button carries. Raises OldButton for none."""
    try:
        return date.fromisoformat(typed.get("date", ""))
    except ValueError as wrong:
        raise OldButton from wrong


def key(person_id: int, day: date) -> str:
    """The key of a person's card for a day."""
    return f"checkin:{person_id}:{day.isoformat()}"


async def _settled(context: Context, day: date) -> Message:
    """The card as it is after a change, here and wherever else it stands."""
    message, asked_by = await card(context, day), await _asked_by(context, day)
    standing = message if asked_by is context else await _drawn_in(asked_by, day)
    await context.redraw(key(context.me.id, day), standing)
    return message


async def _shown(context: Context, day: date, message: Message) -> Message:
    await context.redraw(key(context.me.id, day), message)
    return message


async def _add(
    context: Context, score: int | None, day: date, subject: int | None, sentence: str | None
) -> tuple[Reflection, Added] | tuple[None, None]:
    """Save an answer, and learn what stands around it; None where the day has one, which a constraint tells."""
    kept: dict[str, Any] = {
        "team_id": context.team.id,
        "person_id": context.me.id,
        "question": QUESTION,
        "local_date": day,
        "score": score,
        "sentence": sentence or "",
        "prompt": rotating("daily", day, context.me.id).id,
        "initiative_id": subject,
        "is_late": day < context.today,
        "created_at": context.now,
    }
    added = await context.store.reflections.add_to_day(
        periods.week_of(day), key(context.me.id, day), promised=context.team.visibility, **kept
    )
    return (Reflection(id=added.id, edited_at=None, **kept), added) if added else (None, None)


async def _change(
    context: Context, score: int, day: date, about: str | None, sentence: str | None
) -> tuple[Context, Reflection]:
    """Change the day's answer, in the team it was given for, and mark it as an edit or as late."""
    given = await context.store.reflections.get(context.me.id, QUESTION, day)
    if given is None:
        raise LookupError("an answer that was there a moment ago is gone")
    own = await _of_its_team(context, given)
    subject = await _subject(own, about)
    if own.role < Role.MEMBER and subject not in (None, given.initiative_id):
        raise _gone()  # of a team that they have left, they are shown nothing they have not named themselves
    was_skipped = given.score is None
    changes = {
        "score": score,
        "initiative_id": subject,
        "sentence": given.sentence if sentence is None else sentence,
        "edited_at": None if was_skipped else context.now,
        "is_late": day < context.today if was_skipped else given.is_late,
    }
    await context.store.reflections.change(given.id, **changes)
    return own, replace(given, **changes)  # type: ignore[arg-type]


async def _of_its_team(context: Context, given: Reflection) -> Context:
    """The case of the team an answer was given for, whose promise it keeps, whatever team is asked from."""
    if given.team_id == context.team.id:
        return context
    team = await context.store.teams.get(given.team_id)
    membership = await context.store.teams.membership(given.team_id, context.me.id)
    return replace(context, found_team=team, membership=membership)


async def _subject(context: Context, about: str | None) -> int | None:
    """The number of the initiative a score is about; None for the person's own work."""
    if about == OWN_WORK:
        return None
    if about:
        found = await by_reference(context, about)
        if found is None:
            raise _gone()
        return found.id
    last = context.membership and context.membership.about_id
    return last if last and await _open(context, last) else None


def _gone() -> FieldError:
    return FieldError("about", "That initiative is not there any more. Pick another, or your work today.")


async def _open(context: Context, initiative_id: int) -> Initiative | None:
    found = await context.store.initiatives.get(initiative_id)
    return found if found and found.team_id == context.team.id and found.status in OPEN else None


async def _question(context: Context, day: date) -> Message:
    question = rotating("daily", day, context.me.id)
    team = context.team
    said = context.say(
        "checkins/question",
        payer=team.payer,
        pays=team.pays,
        question=question,
        is_today=day == context.today,
        date=day,
        channel=team.channel_name,
        visibility=team.visibility,
        floor=team.floor,
    )
    values = {"date": day.isoformat()}
    last = context.membership.about_id if context.membership else None
    about = reference(last) if last and await _open(context, last) else OWN_WORK
    subjects = await _subjects(context, day)
    scale = tuple(Button(said(f"score_{score}"), "checkin.save", {**values, "score": score}) for score in SCORES)
    part = await _part(context, day)
    asked = Input("sentence", said.sentence, optional=True, hint=said.sentence_hint, limit=1000)
    picked = Ask(Input("about", said.about, "choice", about, choices=subjects))
    return Message(
        said.title,
        (
            Text(said.body),
            *((picked,) if len(subjects) > 1 else ()),
            Scale(scale),
            *(part or (Ask(asked),)),
            Note(said.who_sees),
        ),
        more=(
            Button(said.skip, "checkin.skip", values),
            Button(said.snooze, "checkin.snooze", values),
            Button(said.tomorrow, "checkin.tomorrow", values),
            Button(said.away, "pause"),
            Button(said.why, "why"),
        ),
    )


async def _subjects(context: Context, day: date, present: int | None = None) -> tuple[Choice, ...]:
    """What a score can be about: the team's open work, to whoever takes part, and what it is about at present."""
    said = context.say("checkins/question", is_today=day == context.today)
    takes_part = context.role >= Role.MEMBER
    found = await context.store.initiatives.of_team(context.team.id, *OPEN) if takes_part else []
    also = await context.store.initiatives.get(present) if present else None
    found += [also] if also and also not in found else []
    return (Choice(OWN_WORK, said.about_work), *(Choice(reference(i.id), i.title) for i in found))


async def _receipt(context: Context, given: Reflection, around: Added | None = None) -> Message:
    """What was saved. What stands `around` a new answer is known; else it is looked up."""
    context = await _of_its_team(context, given)
    about = given.initiative_id and await context.store.initiatives.get(given.initiative_id)
    week, reflections = periods.week_of(given.local_date), context.store.reflections
    said = context.say(
        "checkins/receipt",
        score=given.score,
        about=about.title if about else "",
        is_late=given.is_late,
        edited_at=given.edited_at,
        date=given.local_date,
        is_published=around.is_published if around else await reflections.is_published(context.team.id, week),
        visibility=context.team.visibility,
        channel=context.team.channel_name,
        floor=context.team.floor,
    )
    values = {"date": given.local_date.isoformat()}
    edit, undo = Button(said.edit, "checkin.edit", values), Button(said.undo, "checkin.undo", values)
    add = () if given.sentence else (Button(said.sentence, "checkin.sentence", values),)
    marks = (Note(said.marks),) if said.marks else ()
    quote = (Quote(given.sentence),) if given.sentence else ()
    part = await _part(context, given.local_date) if around is None or around.has_guest else ()
    return Message(said.title, (*quote, *marks, Note(said.where), *part), buttons=(*add, edit, undo))


async def _skipped(context: Context, day: date) -> Message:
    said = context.say("checkins/skipped", is_today=day == context.today, date=day)
    button = Button(said.answer, "checkin.show", {"date": day.isoformat()})
    return Message(said.title, (Text(said.body), *await _part(context, day)), buttons=(button,))


async def _part(context: Context, day: date) -> tuple[Block, ...]:
    """What came along with a day's question, as it is now; it takes the place of the rotating sentence."""
    found = await context.store.schedules.day_card(context.me.id, day)
    nudge = context.catalog.nudge_called.get(found.guest) if found else None
    if found is None or nudge is None or nudge.part is None or found.guest_team_id is None:
        return ()
    theirs = await _in_team(context, found.guest_team_id)
    if theirs is None or theirs.role < Role.MEMBER:
        return ()
    try:
        blocks = await nudge.part(theirs, found.guest_subject_id, day)
    except HandlerError:
        return ()  # what it was about is gone, which is no reason to lose the question
    return (Divider(), *about_team(Message("", blocks), found.guest_team_id).blocks) if blocks else ()


async def _asked_by(context: Context, day: date) -> Context:
    """The case of the team that asked on a day, where it did and they are still in it; else the present one."""
    found = await context.store.schedules.day_card(context.me.id, day)
    theirs = await _in_team(context, found.team_id) if found and found.team_id else None
    return theirs if theirs and theirs.membership else context


async def _in_team(context: Context, team_id: int) -> Context | None:
    if context.found_team and context.found_team.id == team_id:
        return context
    team = await context.store.teams.get(team_id)
    membership = await context.store.teams.membership(team_id, context.me.id)
    return replace(context, found_team=team, membership=membership) if team else None


def _too_old(context: Context, day: date) -> Message:
    said = context.say("checkins/too_old", date=day, days=ANSWERABLE_DAYS)
    return Message(said.title, (Text(said.body),), buttons=(Button(said.answer, "checkin"),))


def _is_answerable(context: Context, day: date) -> bool:
    return context.today - timedelta(days=ANSWERABLE_DAYS) <= day <= context.today + timedelta(days=1)
