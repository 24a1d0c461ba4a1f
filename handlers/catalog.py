"""The table of contents: every command, action and nudge there is. Rows only."""

from __future__ import annotations

from datetime import timedelta

from handlers import (
    backing_off,
    belongings,
    checkins,
    consents,
    days_off,
    digests,
    evidence,
    helping,
    home,
    learning,
    mine,
    own_hours,
    reasons,
    shared_channels,
    stopping,
    teams,
    voices,
)
from handlers.fields import Field, day, line, one_of, score, until, whole, words
from handlers.initiatives import criteria, progress, staleness, status, success
from handlers.pulses import answers as pulses
from handlers.pulses import asking, command, turns
from handlers.retros import (
    actions,
    actuals,
    additions,
    answers,
    closing,
    followups,
    overview,
    readings,
    releases,
    summaries,
)
from handlers.rows import Action, Catalog, Command, Nudge
from storage.directory import Role

MEMBER, LEAD, ADMIN = Role.MEMBER, Role.LEAD, Role.ADMIN

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
        role=MEMBER,
    ),
    Command(
        "setup", teams.set_up, teams.FIELDS, form="teams/setup", opening=teams.opening, in_team=False, role=MEMBER
    ),
    Command(
        "checkin",
        checkins.checkin,
        (Field("score", score, "choice", checkins.SCORES, optional=True), SENTENCE_OR_NOT),
        form="checkins/edit",
        read=checkins.read_typed,
        aliases=("check-in",),
        role=MEMBER,
    ),
    Command(
        "define-success",
        success.define,
        success.FIELDS,
        form="success/define",
        opening=success.defining,
        aliases=("define",),
        role=MEMBER,
    ),
    Command(
        "status",
        status.status,
        (Field("initiative", line, kind="choice", optional=True),),
        form="initiatives/status",
        opening=status.opening,
        writes=False,
        aliases=("initiatives",),
        role=MEMBER,
    ),
    Command(
        "start",
        progress.start,
        (progress.INITIATIVE,),
        form="initiatives/start",
        opening=progress.starting,
        role=MEMBER,
    ),
    Command(
        "drop",
        progress.drop,
        (progress.INITIATIVE, *progress.DROP),
        form="initiatives/drop",
        opening=progress.dropping,
        role=MEMBER,
    ),
    Command(
        "revisit",
        progress.revisit,
        (progress.INITIATIVE,),
        form="initiatives/revisit",
        opening=progress.revisiting,
        role=MEMBER,
    ),
    Command(
        "release",
        releases.release,
        (releases.INITIATIVE, releases.DAYS),
        form="releases/release",
        opening=releases.opening,
        role=MEMBER,
    ),
    Command(
        "retro", overview.retro, (overview.INITIATIVE,), form="retros/retro", opening=overview.opening, role=MEMBER
    ),
    Command("pulse", command.pulse, command.FIELDS, form="pulses/answer", opening=command.opening, role=MEMBER),
    Command("actions", followups.listed, writes=False, role=MEMBER),
    Command("evidence", evidence.log, evidence.FIELDS, form="evidence/log", opening=evidence.opening, role=MEMBER),
    Command("summary", digests.summary, (Field("period", line, optional=True),), role=MEMBER),
    Command("me", home.home, in_team=False, writes=False, role=MEMBER),
    Command("why", reasons.why, in_team=False, writes=False, role=MEMBER),
    Command(
        "pause",
        mine.pause,
        (Field("until", until),),
        form="mine/pause_form",
        in_team=False,
        role=MEMBER,
    ),
    Command(
        "schedule",
        own_hours.keep,
        own_hours.FIELDS,
        form="mine/schedule_form",
        opening=own_hours.opening,
        role=MEMBER,
    ),
    Command(
        "days-off",
        days_off.add,
        days_off.FIELDS,
        form="teams/days_off_form",
        opening=days_off.opening,
        role=LEAD,
    ),
    Command("admin", stopping.admin, in_team=False, writes=False, role=ADMIN),
    Command("resume", mine.resume, in_team=False, role=MEMBER),
    Command("learn", learning.learn, (learning.IDEA,), in_team=False, writes=False, role=MEMBER),
    Command("my-data", belongings.show, in_team=False, writes=False, role=MEMBER),
)

ACTIONS: tuple[Action, ...] = (
    Action("team.use", mine.use_team, (Field("use", whole, shown=False),), in_team=False, role=MEMBER),
    Action("my-data.json", belongings.as_json, in_team=False, writes=False, keeps_card=True, role=MEMBER),
    Action("my-data.csv", belongings.as_csv, in_team=False, writes=False, keeps_card=True, role=MEMBER),
    Action("my-data.erase", belongings.preview_erasing, in_team=False, writes=False, role=MEMBER),
    Action("my-data.erase-now", belongings.erase, in_team=False, role=MEMBER),
    Action("setup.change", teams.set_up, teams.FIELDS, form="teams/setup", opening=teams.opening, role=LEAD),
    Action("setup.start", teams.start, role=LEAD),
    Action("setup.try", teams.try_it, keeps_card=True, writes=False, role=MEMBER),
    Action("consent", consents.answer, (Field("answer", one_of("yes", "no"), shown=False),), role=MEMBER),
    Action("checkin.show", checkins.show, (DATE,), writes=False, role=MEMBER),
    Action(
        "checkin.save",
        checkins.save,
        (DATE, Field("score", score, shown=False), ABOUT, SENTENCE_OR_NOT),
        role=MEMBER,
    ),
    Action(
        "checkin.edit",
        checkins.save,
        (DATE, SCORE, ABOUT, SENTENCE_OR_NOT),
        form="checkins/edit",
        opening=checkins.opening,
        role=MEMBER,
    ),
    Action("checkin.sentence", checkins.add_sentence, (DATE, SENTENCE), form="checkins/edit", role=MEMBER),
    Action("checkin.undo", checkins.undo, (DATE,), role=MEMBER),
    Action(
        "home.save", home.save, (DATE, Field("score", score, shown=False), ABOUT, SENTENCE_OR_NOT), role=MEMBER
    ),
    Action(
        "home.edit",
        home.save,
        (DATE, SCORE, ABOUT, SENTENCE_OR_NOT),
        form="checkins/edit",
        opening=checkins.opening,
        role=MEMBER,
    ),
    Action("home.sentence", home.add_sentence, (DATE, SENTENCE), form="checkins/edit", role=MEMBER),
    Action("home.undo", home.undo, (DATE,), role=MEMBER),
    Action("checkin.skip", checkins.skip, (DATE,), role=MEMBER),
    Action("checkin.snooze", checkins.snooze, (DATE,), role=MEMBER),
    Action("checkin.tomorrow", checkins.tomorrow, (DATE,), role=MEMBER),
    Action("days-off.work", days_off.work, (DATE,), role=LEAD),
    Action("shared.allow", shared_channels.allow, keeps_card=True, role=ADMIN),
    Action("shared.close", shared_channels.close, keeps_card=True, role=ADMIN),
    Action("admin.stop", stopping.stop, in_team=False, role=ADMIN),
    Action("admin.go-on", stopping.go_on, in_team=False, role=ADMIN),
    Action("nudges.go-on", backing_off.go_on, in_team=False, role=MEMBER),
    Action("nudges.stop", backing_off.stop, in_team=False, role=MEMBER),
    Action(
        "success.change",
        success.change,
        (criteria.INITIATIVE, *success.FIELDS),
        form="success/define",
        opening=success.changing,
        role=MEMBER,
    ),
    Action("success.why", success.why, keeps_card=True, writes=False, role=MEMBER),
    Action(
        "measure.add",
        criteria.add_measure,
        MEASURE,
        form="initiatives/measure",
        opening=criteria.adding_measure,
        role=MEMBER,
    ),
    Action(
        "measure.change",
        criteria.change_measure,
        MEASURE_CHANGED,
        form="initiatives/measure",
        opening=criteria.changing_measure,
        role=MEMBER,
    ),
    Action(
        "guardrail.add",
        criteria.add_guardrail,
        GUARDRAIL,
        form="initiatives/guardrail",
        opening=criteria.adding_guardrail,
        role=MEMBER,
    ),
    Action(
        "guardrail.change",
        criteria.change_guardrail,
        GUARDRAIL_CHANGED,
        form="initiatives/guardrail",
        opening=criteria.changing_guardrail,
        role=MEMBER,
    ),
    Action(
        "criterion.pick",
        criteria.pick,
        MEASURE_PICKED,
        form="initiatives/pick",
        opening=criteria.picking,
        writes=False,
        role=MEMBER,
    ),
    Action(
        "criterion.remove",
        criteria.remove,
        MEASURE_PICKED,
        form="initiatives/remove",
        opening=criteria.removing,
        role=MEMBER,
    ),
    Action("initiative.show", status.show, (progress.HIDDEN,), writes=False, role=MEMBER),
    Action("initiative.start", progress.start, (progress.HIDDEN,), role=MEMBER),
    Action(
        "initiative.drop",
        progress.drop,
        (progress.HIDDEN, *progress.DROP),
        form="initiatives/drop",
        opening=progress.dropping,
        role=MEMBER,
    ),
    Action("stale.show", staleness.show, (progress.HIDDEN,), keeps_card=True, writes=False, role=MEMBER),
    Action("stale.confirm", staleness.confirm, (progress.HIDDEN, staleness.IN_DAY), role=MEMBER),
    Action("learn.show", learning.show, (learning.HIDDEN,), in_team=False, writes=False, role=MEMBER),
    Action("learn.stop", learning.stop, (learning.HIDDEN, learning.IN_DAY), role=MEMBER),
    Action("learn.go-on", learning.go_on, (learning.HIDDEN, learning.IN_DAY), role=MEMBER),
    Action("initiative.revisit", progress.revisit, (progress.HIDDEN,), role=MEMBER),
    Action("release.again", releases.again, (releases.HIDDEN, releases.AFTER), role=MEMBER),
    Action(
        "release.date",
        releases.change_date,
        (RETRO, releases.REVIEW_ON),
        form="releases/date",
        opening=releases.dating,
        role=MEMBER,
    ),
    Action("release.undo", releases.undo, (RETRO,), role=MEMBER),
    Action("retro.show", overview.show, (RETRO,), keeps_card=True, writes=False, role=MEMBER),
    Action("retro.early", actuals.ask_now, (RETRO,), role=MEMBER),
    Action(
        "retro.numbers",
        actuals.give,
        (RETRO, readings.READ_ON, readings.EVENTS),
        form="retros/numbers",
        opening=readings.opening,
        role=MEMBER,
    ),
    Action("retro.unknown", actuals.cannot_tell, (RETRO,), role=MEMBER),
    Action(
        "retro.answer", answers.save, (RETRO, *ANSWER), form="retros/answer", opening=answers.opening, role=MEMBER
    ),
    Action("retro.close", closing.close, (RETRO,), role=MEMBER),
    Action("retro.read", summaries.read_all, (RETRO,), keeps_card=True, writes=False, role=MEMBER),
    Action(
        "retro.add",
        additions.add,
        (RETRO, *ANSWER),
        form="retros/late",
        opening=additions.opening,
        keeps_card=True,
        role=MEMBER,
    ),
    Action(
        "retro.action",
        actions.add,
        (RETRO, *actions.FIELDS),
        form="retros/action",
        opening=actions.opening,
        keeps_card=True,
        role=MEMBER,
    ),
    Action("pulse.save", pulses.save, (*pulses.ABOUT, pulses.TAPPED), role=MEMBER),
    Action(
        "pulse.edit",
        pulses.save,
        (*pulses.ABOUT, pulses.ANSWER, pulses.WHY_OR_NOT),
        form="pulses/edit",
        opening=pulses.opening,
        role=MEMBER,
    ),
    Action(
        "pulse.why",
        pulses.explain,
        (*pulses.ABOUT, pulses.WHY),
        form="pulses/edit",
        opening=pulses.opening,
        role=MEMBER,
    ),
    Action("pulse.undo", pulses.undo, pulses.ABOUT, role=MEMBER),
    Action("action.show", followups.show, (followups.HIDDEN,), keeps_card=True, writes=False, role=MEMBER),
    Action("action.done", followups.done, (followups.HIDDEN, followups.IN_DAY), role=MEMBER),
    Action("action.drop", followups.drop, (followups.HIDDEN, followups.IN_DAY), role=MEMBER),
    Action("action.reopen", followups.reopen, (followups.HIDDEN, followups.IN_DAY), role=MEMBER),
    Action("action.sign", followups.sign, (followups.HIDDEN, *followups.SIGN, followups.IN_DAY), role=MEMBER),
    Action(
        "action.date",
        followups.move,
        (followups.HIDDEN, followups.DUE, followups.IN_DAY),
        form="retros/action_date",
        opening=followups.moving,
        role=MEMBER,
    ),
    Action(
        "evidence.log",
        evidence.log,
        evidence.FIELDS,
        form="evidence/log",
        opening=evidence.opening,
        keeps_card=True,
        role=MEMBER,
    ),
    Action(
        "evidence.edit",
        evidence.edit,
        (evidence.HIDDEN, *evidence.FIELDS),
        form="evidence/log",
        opening=evidence.editing,
        role=MEMBER,
    ),
    Action("evidence.remove", evidence.remove, (evidence.HIDDEN,), role=MEMBER),
    Action("evidence.show", voices.show, (evidence.HIDDEN,), keeps_card=True, writes=False, role=MEMBER),
    Action(
        "evidence.all",
        voices.browse,
        (evidence.ABOUT, evidence.PAGE),
        keeps_card=True,
        writes=False,
        role=MEMBER,
    ),
    Action("summary.post", digests.post, (Field("monday", day, shown=False),), role=MEMBER),
    Action("summary.leave", digests.leave, writes=False, role=MEMBER),
)

# What was promised for a day is done whenever the bot is back.
HOWEVER_LATE = timedelta(days=366)

NUDGES: tuple[Nudge, ...] = (
    Nudge(
        "checkin",
        checkins.due,
        rule=checkins.rule,
        place="card",
        priority=4,
        key=checkins.key_of,
        reminder="checkin-remind",
        backs_off=True,
    ),
    Nudge("checkin-remind", checkins.remind, priority=9, key=checkins.key_of, window=timedelta(hours=2)),
    Nudge("checkin-again", checkins.due, key=checkins.key_of, asked_for=True),
    Nudge(
        "review", actuals.due, window=HOWEVER_LATE, place="part", part=actuals.part, priority=1, key=actuals.key_of
    ),
    Nudge("review-remind", actuals.due, place="part", part=actuals.part, priority=1, key=actuals.key_of),
    Nudge("retro-open", actuals.open_anyway, "team", window=HOWEVER_LATE),
    Nudge(
        "retro-ask",
        answers.due,
        window=HOWEVER_LATE,
        place="part",
        part=answers.part,
        priority=2,
        key=answers.key_of,
    ),
    Nudge("retro-remind", answers.due, place="part", part=answers.part, priority=2, key=answers.key_of),
    Nudge(
        "pulse",
        asking.due,
        rule=turns.rule,
        place="part",
        part=asking.part,
        priority=3,
        key=turns.key_of,
        backs_off=True,
    ),
    Nudge(
        "action-due",
        followups.due,
        window=timedelta(hours=8),
        place="part",
        part=followups.part,
        priority=3,
        key=followups.key_of,
    ),
    Nudge(
        "stale",
        staleness.due,
        window=timedelta(hours=8),
        place="part",
        part=staleness.part,
        priority=6,
    ),
    Nudge("learning", learning.due, place="part", part=learning.part, priority=8, backs_off=True),
    Nudge("retro-close", closing.deadline, "team", window=HOWEVER_LATE),
    Nudge("digest", digests.due, "team", window=timedelta(hours=8), rule=digests.rule),
)

CATALOG = Catalog(COMMANDS, ACTIONS, NUDGES)
