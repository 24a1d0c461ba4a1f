"""The table of contents: every command, action and nudge there is. Rows only."""

from __future__ import annotations

from handlers import belongings, checkins, helping, mine, teams
from handlers.fields import Field, day, hour, line, numbers, one_of, score, until, weekdays, whole, words, zone
from handlers.rows import Action, Catalog, Command, Nudge
from storage.directory import Role

DATE = Field("date", day, shown=False)
SCORE = Field("score", score, kind="choice", choices=checkins.SCORES)
ABOUT = Field("about", line, kind="choice", optional=True)
SENTENCE = Field("sentence", words, kind="text", limit=1000)
SENTENCE_OR_NOT = Field("sentence", words, kind="text", limit=1000, optional=True)

SETUP = (
    Field("name", line),
    Field("payer", line, optional=True),
    Field("pays", line, optional=True),
    Field("people", numbers, kind="many", limit=2000),
    Field("days", weekdays),
    Field("hour", hour),
    Field("zone", zone),
    Field("visibility", one_of(*teams.VISIBILITIES), kind="choice", choices=teams.VISIBILITIES),
    Field("retro_visibility", one_of(*teams.RETRO_VISIBILITIES), kind="choice", choices=teams.RETRO_VISIBILITIES),
)

COMMANDS: tuple[Command, ...] = (
    Command(
        "help",
        helping.show,
        (Field("what", line, optional=True),),
        in_team=False,
        writes=False,
        aliases=("hi", "hello", "hey", "?"),
    ),
    Command("setup", teams.set_up, SETUP, form="teams/setup", opening=teams.opening, in_team=False),
    Command(
        "checkin",
        checkins.checkin,
        (Field("score", score, "choice", checkins.SCORES, optional=True), SENTENCE_OR_NOT),
        form="checkins/edit",
        read=checkins.read_typed,
        aliases=("check-in",),
    ),
    Command("me", mine.me, in_team=False, writes=False),
    Command("why", mine.why, in_team=False, writes=False),
    Command(
        "pause",
        mine.pause,
        (Field("until", until),),
        form="mine/pause_form",
        in_team=False,
    ),
    Command("resume", mine.resume, in_team=False),
    Command("my-data", belongings.show, in_team=False, writes=False),
)

ACTIONS: tuple[Action, ...] = (
    Action("team.use", mine.use_team, (Field("use", whole, shown=False),), in_team=False),
    Action("my-data.json", belongings.as_json, in_team=False, writes=False, keeps_card=True),
    Action("my-data.csv", belongings.as_csv, in_team=False, writes=False, keeps_card=True),
    Action("my-data.erase", belongings.preview_erasing, in_team=False, writes=False),
    Action("my-data.erase-now", belongings.erase, in_team=False),
    Action("setup.change", teams.set_up, SETUP, form="teams/setup", opening=teams.opening, role=Role.LEAD),
    Action("setup.start", teams.start, role=Role.LEAD),
    Action("setup.try", teams.try_it, keeps_card=True, writes=False),
    Action("consent", teams.consent, (Field("answer", one_of("yes", "no"), shown=False),)),
    Action("checkin.show", checkins.show, (DATE,), writes=False),
    Action("checkin.save", checkins.save, (DATE, Field("score", score, shown=False), ABOUT, SENTENCE_OR_NOT)),
    Action(
        "checkin.edit",
        checkins.save,
        (DATE, SCORE, ABOUT, SENTENCE_OR_NOT),
        form="checkins/edit",
        opening=checkins.opening,
    ),
    Action("checkin.sentence", checkins.add_sentence, (DATE, SENTENCE), form="checkins/edit"),
    Action("checkin.undo", checkins.undo, (DATE,)),
    Action("checkin.skip", checkins.skip, (DATE,)),
    Action("checkin.snooze", checkins.snooze, (DATE,)),
)

NUDGES: tuple[Nudge, ...] = (Nudge("checkin", checkins.due),)

CATALOG = Catalog(COMMANDS, ACTIONS, NUDGES)
