"""The first-visit tour: five steps, each with something to do; a step is done when it happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from handlers.checkins import QUESTION
from storage import Store
from storage.initiatives import Status
from storage.releases import Stage

STEPS: tuple[dict[str, Any], ...] = (
    {
        "id": "answer",
        "title": "Answer the morning's question",
        "text": "Each working day everybody gets one question in private. One tap answers it.",
        "do": "Press “Next thing due” until Ben has a question, then tap a score on his card.",
        "who": "U2",
        "place": "dm",
        "type": "",
        "step_clock": True,
    },
    {
        "id": "define",
        "title": "Say what success would be",
        "text": "Before you build: for whom, by which measure, from where to where.",
        "do": "As Ana, send “define-success Checkout retry”, fill in the form, then press “Start it”.",
        "who": "U1",
        "place": "dm",
        "type": "define-success Checkout retry",
        "step_clock": False,
    },
    {
        "id": "release",
        "title": "Release it",
        "text": "It is out. Worthwhile sets a day to look back, and keeps it for you.",
        "do": "As Ana, send “release Checkout retry”.",
        "who": "U1",
        "place": "dm",
        "type": "release Checkout retry",
        "step_clock": False,
    },
    {
        "id": "review",
        "title": "Look back, blind",
        "text": "On the day the owner gives the numbers; then each answers without seeing the others.",
        "do": "At “Time to look back” give Ana's numbers. Step on until Ben is asked; answer as both.",
        "who": "U1",
        "place": "dm",
        "type": "",
        "step_clock": True,
    },
    {
        "id": "summary",
        "title": "Read the summary in the channel",
        "text": "Plan against actual, beside what the team says; the whole of it in the thread.",
        "do": "Answer as the others, or step the clock until the retro closes. Then open #checkout.",
        "who": "U2",
        "place": "channel",
        "type": "",
        "step_clock": True,
    },
)


async def done(store: Store, arrival: datetime) -> set[str]:
    """The steps that have happened in the company since the newcomer arrived."""
    happened = set()
    people = await store.directory.everyone()
    latest = [given for person in people for given in await store.reflections.latest(person.id, QUESTION, 1)]
    if any(given.created_at >= arrival for given in latest):
        happened.add("answer")
    for team in await store.teams.of_person(people[0].id) if people else ():
        work = await store.initiatives.of_team(team.id)
        fresh = [initiative for initiative in work if initiative.created_at >= arrival]
        if any(initiative.started_at for initiative in fresh):
            happened.add("define")
        if any(initiative.status in (Status.RELEASED, Status.JUDGED) for initiative in work):
            happened.add("release")
        for retro in await store.retros.of_team(team.id, Stage.OPEN, Stage.CLOSED):
            happened |= {"summary"} if retro.stage is Stage.CLOSED else set()
            answered, _asked = await store.retros.progress(retro.id)
            if answered > 1:
                happened.add("review")
    return happened
