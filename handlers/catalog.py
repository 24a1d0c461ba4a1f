"""The table of contents: every command, action and nudge there is. Rows only."""

from __future__ import annotations

from datetime import timedelta

from handlers import (
    belongings,
    checkins,
    consents,
    digests,
    helping,
    mine,
    reasons,
    teams,
)
from handlers.fields import Field, day, line, one_of, score, until, whole, words
from handlers.initiatives import criteria, progress, status, success
from handlers.retros import actions, actuals, additions, answers, closing, overview, readings, releases, summaries
from handlers.rows import Action, Catalog, Command, Nudge
from storage.directory import Role

DATE = Field("date", day, shown=False)
SCORE = Field("score", score, kind="choice", choices=checkins.SCORES)
ABOUT = Field("about", line, kind="choice", optional=True)
SENTENCE = Field("sentence", words, kind="text", limit=1000)
SENTENCE_OR_NOT = Field("sentence", words, kind="text", limit=1000, optional=True)

MEASURE = (criteria.INITIATIVE, *criteria.MEASURE)
GUARDRAIL = (criteria.INITIATIVE, *criteria.GUARDRAIL)
MEASURE_CHANGED = (criteria.INITIATIVE, criteria.CRITERION, *criteria.MEASURE)
GUARDRAIL_CHANGED = (criteria.INITIATIVE, criteria.CRITERION, *criteria.GUARDRAIL)
MEASURE_PICKED = (criteria.INITIATIVE, criteria.PICKED)

RETRO = readings.RETRO
ANSWER = (*answers.VERDICTS, *answers.THOUGHTS)

COMMANDS: tuple[Command, ...] = (
    Command(
        "help",
        helping.show,
        (Field("what", line, optional=True),),
        in_team=False,
        writes=False,
        aliases=("hi", "hello", "hey", "?"),
    ),
    Command("setup", teams.set_up, teams.FIELDS, form="teams/setup", opening=teams.opening, in_team=False),
    Command(
        "checkin",
        checkins.checkin,
        (Field("score", score, "choice", checkins.SCORES, optional=True), SENTENCE_OR_NOT),
        form="checkins/edit",
        read=checkins.read_typed,
        aliases=("check-in",),
    ),
    Command(
        "define-success",
        success.define,
        success.FIELDS,
        form="success/define",
        opening=success.defining,
        aliases=("define",),
    ),
    Command(
        "status",
        status.status,
        (Field("initiative", line, kind="choice", optional=True),),
        form="initiatives/status",
        opening=status.opening,
        writes=False,
        aliases=("initiatives",),
    ),
    Command("start", progress.start, (progress.INITIATIVE,), form="initiatives/start", opening=progress.starting),
    Command(
        "drop",
        progress.drop,
        (progress.INITIATIVE, *progress.DROP),
        form="initiatives/drop",
        opening=progress.dropping,
    ),
    Command(
        "revisit",
        progress.revisit,
        (progress.INITIATIVE,),
        form="initiatives/revisit",
        opening=progress.revisiting,
    ),
    Command(
        "release",
        releases.release,
        (releases.INITIATIVE, releases.DAYS),
        form="releases/release",
        opening=releases.opening,
    ),
    Command("retro", overview.retro, (overview.INITIATIVE,), form="retros/retro", opening=overview.opening),
    Command("summary", digests.summary, (Field("period", line, optional=True),)),
    Command("me", mine.me, in_team=False, writes=False),
    Command("why", reasons.why, in_team=False, writes=False),
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
    Action("setup.change", teams.set_up, teams.FIELDS, form="teams/setup", opening=teams.opening, role=Role.LEAD),
    Action("setup.start", teams.start, role=Role.LEAD),
    Action("setup.try", teams.try_it, keeps_card=True, writes=False),
    Action("consent", consents.answer, (Field("answer", one_of("yes", "no"), shown=False),)),
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
    Action(
        "success.change",
        success.change,
        (criteria.INITIATIVE, *success.FIELDS),
        form="success/define",
        opening=success.changing,
    ),
    Action("success.why", success.why, keeps_card=True, writes=False),
    Action(
        "measure.add",
        criteria.add_measure,
        MEASURE,
        form="initiatives/measure",
        opening=criteria.adding_measure,
    ),
    Action(
        "measure.change",
        criteria.change_measure,
        MEASURE_CHANGED,
        form="initiatives/measure",
        opening=criteria.changing,
    ),
    Action(
        "guardrail.add",
        criteria.add_guardrail,
        GUARDRAIL,
        form="initiatives/guardrail",
        opening=criteria.adding_guardrail,
    ),
    Action(
        "guardrail.change",
        criteria.change_guardrail,
        GUARDRAIL_CHANGED,
        form="initiatives/guardrail",
        opening=criteria.changing,
    ),
    Action(
        "criterion.pick",
        criteria.pick,
        MEASURE_PICKED,
        form="initiatives/pick",
        opening=criteria.picking,
        writes=False,
    ),
    Action(
        "criterion.remove",
        criteria.remove,
        MEASURE_PICKED,
        form="initiatives/remove",
        opening=criteria.removing,
    ),
    Action("initiative.show", status.show, (progress.HIDDEN,), writes=False),
    Action("initiative.start", progress.start, (progress.HIDDEN,)),
    Action(
        "initiative.drop",
        progress.drop,
        (progress.HIDDEN, *progress.DROP),
        form="initiatives/drop",
        opening=progress.dropping,
    ),
    Action("initiative.revisit", progress.revisit, (progress.HIDDEN,)),
    Action("release.again", releases.again, (releases.HIDDEN, releases.AFTER)),
    Action(
        "release.date",
        releases.change_date,
        (RETRO, releases.REVIEW_ON),
        form="releases/date",
        opening=releases.dating,
    ),
    Action("release.undo", releases.undo, (RETRO,)),
    Action("retro.show", overview.show, (RETRO,), keeps_card=True, writes=False),
    Action("retro.early", actuals.ask_now, (RETRO,)),
    Action(
        "retro.numbers",
        actuals.give,
        (RETRO, readings.READ_ON, readings.EVENTS),
        form="retros/numbers",
        opening=readings.opening,
    ),
    Action("retro.unknown", actuals.cannot_tell, (RETRO,)),
    Action("retro.answer", answers.save, (RETRO, *ANSWER), form="retros/answer", opening=answers.opening),
    Action("retro.close", closing.close, (RETRO,)),
    Action("retro.read", summaries.read_all, (RETRO,), keeps_card=True, writes=False),
    Action(
        "retro.add",
        additions.add,
        (RETRO, *ANSWER),
        form="retros/late",
        opening=additions.opening,
        keeps_card=True,
    ),
    Action(
        "retro.action",
        actions.add,
        (RETRO, *actions.FIELDS),
        form="retros/action",
        opening=actions.opening,
        keeps_card=True,
    ),
    Action("summary.post", digests.post, (Field("monday", day, shown=False),)),
    Action("summary.leave", digests.leave, writes=False),
)

# What was promised for a day is done whenever the bot is back.
HOWEVER_LATE = timedelta(days=366)

NUDGES: tuple[Nudge, ...] = (
    Nudge("checkin", checkins.due),
    Nudge("review", actuals.due, window=HOWEVER_LATE),
    Nudge("review-remind", actuals.due),
    Nudge("retro-open", actuals.open_anyway, "team", window=HOWEVER_LATE),
    Nudge("retro-ask", answers.due, window=HOWEVER_LATE),
    Nudge("retro-remind", answers.due),
    Nudge("retro-close", closing.deadline, "team", window=HOWEVER_LATE),
    Nudge("digest", digests.due, "team", window=timedelta(hours=8)),
)

CATALOG = Catalog(COMMANDS, ACTIONS, NUDGES)
