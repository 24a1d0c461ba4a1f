"""What a bot may answer an invoke with, and what the client makes of it.

Cards: https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model. Dialogs:
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.teams.checking import ADAPTIVE, check_card, is_too_large
from tests.fakes.teams.delivery import Reply
from tests.fakes.teams.markup import of_plain
from tests.fakes.teams.structure import Json
from tests.fakes.teams.surfaces import Card
from tests.fakes.teams.world import Conversation, Dialog, Person

if TYPE_CHECKING:
    from tests.fakes.teams.server import FakeTeams

TITLE = 75
SAID = "application/vnd.microsoft.activity.message"
WRONG = "application/vnd.microsoft.error"
SIZES = {"small", "medium", "large"}


class BadAnswer(Exception):
    """An answer that the client can make nothing of."""


def _card(teams: FakeTeams, card: Any, surface: Any) -> Json:
    """A card that may be shown. Raises BadAnswer."""
    found = check_card(card, surface, teams.allowed)
    teams.traces += found.traces
    if found.problems or is_too_large(card):
        raise BadAnswer(f"the card is not valid: {found.problems or 'it is too large'}")
    return card  # type: ignore[no-any-return]


def answer_action(teams: FakeTeams, card: Card, index: int, reply: Reply) -> None:
    """What the answer to an Action.Execute does to the card, for the person who acted."""
    body, person, message = reply.body, card.person, card.message
    if not isinstance(body, dict) or {"statusCode", "type", "value"} - set(body):
        raise BadAnswer(f"no statusCode, type and value: {reply.text[:200]}")
    if body["statusCode"] == 200 and body["type"] == ADAPTIVE:
        message.views[person.id, index] = _card(teams, body["value"], "message")
        message.viewed[person.id] = teams.world.number()
    elif body["statusCode"] == 200 and body["type"] == SAID and isinstance(body["value"], str):
        teams.traces += of_plain(body["value"])
        person.told.append(body["value"])
    elif body["statusCode"] in {400, 500} and body["type"] == WRONG:
        person.errors.append(str((body["value"] or {}).get("message", "")))
    else:
        raise BadAnswer(f"unknown answer {body['statusCode']} {body['type']}")


def answer_dialog(
    teams: FakeTeams,
    person: Person,
    place: Conversation,
    reply: Reply,
    *,
    opened_by: Json,
    reply_to: str | None = None,
    before: Dialog | None = None,
) -> None:
    """What the answer to a task/fetch or task/submit does: a dialog, a word, or nothing more."""
    body = reply.body
    task = (body or {}).get("task") if isinstance(body, dict) else None
    if before and (not task or task["type"] != "continue"):
        person.dialogs.remove(before)
    if not task:
        if before is None:
            raise BadAnswer("a dialog was asked for, and none was given")
        return
    if task.get("type") == "message" and isinstance(task.get("value"), str):
        teams.traces += of_plain(task["value"])
        person.told.append(task["value"])
    elif task.get("type") == "continue":
        made = _dialog(teams, task.get("value"), place, opened_by, reply_to)
        if before:
            made.extension = before.extension
            person.dialogs[person.dialogs.index(before)] = made
        else:
            person.dialogs.append(made)
    else:
        raise BadAnswer(f"unknown task {task.get('type')}")


def _dialog(teams: FakeTeams, info: Any, place: Conversation, opened_by: Json, reply_to: str | None) -> Dialog:
    if not isinstance(info, dict) or set(info) - {"title", "height", "width", "card", "completionBotId"}:
        raise BadAnswer(f"no such dialog: {sorted(info) if isinstance(info, dict) else info}")
    title = info.get("title")
    if not isinstance(title, str) or not title or len(title) > TITLE:
        raise BadAnswer(f"a title of {len(title or '')} characters")
    for side in ("height", "width"):
        given = info.get(side, "medium")
        if not (given in SIZES or (isinstance(given, int) and given > 0)):
            raise BadAnswer(f"{side} {given!r}")
    attachment = info.get("card") or {}
    if attachment.get("contentType") != ADAPTIVE:
        raise BadAnswer("the dialog's card is no Adaptive Card")
    teams.traces += of_plain(title)
    card = _card(teams, attachment.get("content"), "dialog")
    return Dialog(title, card, place, opened_by, teams.world.number(), reply_to=reply_to)
