"""Whether a person lets the team see their check-ins with their name: nothing is shown before all do."""

from __future__ import annotations

from handlers.context import Context
from handlers.messages import Button, Message, Note, Text
from storage.directory import Person
from storage.teams import BY_NAME


async def ask(context: Context, person: Person) -> None:
    """Ask a member who has not said yes, because the team would show names from now on."""
    membership = await context.store.teams.membership(context.team.id, person.id)
    if membership and membership.consents:
        return
    theirs = context.seen_by(person)
    said = theirs.say("teams/consent", team=context.team)
    message = Message(said.title, (Text(said.ask), Note(said.before)), buttons(theirs))
    await context.tell(f"consent:{context.team.id}:{person.id}", person, message, anew=True)


async def answer(context: Context, answer: str) -> Message:
    """Keep a person's yes or no; they can change it at any time."""
    await context.store.teams.consent(context.team.id, context.me.id, answer == "yes")
    said = context.say("teams/consent", answer=answer, team=context.team, is_asked=_is_asked(context))
    other = "no" if answer == "yes" else "yes"
    button = Button(said(f"change_to_{other}"), "consent", {"answer": other})
    return Message(said.kept, (Text(said.meaning),), (button,))


def question(context: Context) -> str:
    """What a member is asked."""
    return context.say("teams/consent", team=context.team).ask


def buttons(context: Context) -> tuple[Button, ...]:
    """Yes and no."""
    said = context.say("teams/consent")
    return tuple(Button(said(answer), "consent", {"answer": answer}) for answer in ("yes", "no"))


def _is_asked(context: Context) -> bool:
    return context.team.visibility == BY_NAME
