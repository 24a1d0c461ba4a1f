"""Views as Slack keeps them: triggers that open one once, the stack of modals, hashes, home pages."""

from __future__ import annotations

import secrets
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.fakes.slack.blocks import check_view, is_too_large, with_ids
from tests.fakes.slack.errors import SlackError, refused
from tests.fakes.slack.markup import of_blocks
from tests.fakes.slack.structure import Json
from tests.fakes.slack.world import Person, View, Workspace

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack

TRIGGER_LIFE = timedelta(seconds=3)
STACK = 3


@dataclass
class Trigger:
    """The right to show somebody one modal, for three seconds of the fake's clock."""

    person: Person
    workspace: Workspace
    given_at: datetime
    is_used: bool = False


def give_trigger(slack: FakeSlack, person: Person, workspace: Workspace) -> str:
    """A new trigger's id."""
    named = f"{slack.world.number()}.{slack.world.number()}.{secrets.token_hex(8)}"
    slack.triggers[named] = Trigger(person, workspace, slack.clock.now())
    return named


def use_trigger(slack: FakeSlack, named: str, allowed: list[Workspace]) -> Trigger:
    """Exchange a trigger, or raise SlackError."""
    trigger = slack.triggers.get(named)
    if trigger is None or not any(trigger.workspace is each for each in allowed):
        raise SlackError("invalid_trigger_id")
    if trigger.is_used:
        raise SlackError("exchanged_trigger_id")
    if slack.clock.now() - trigger.given_at > TRIGGER_LIFE:
        raise SlackError("expired_trigger_id")
    trigger.is_used = True
    return trigger


def checked(slack: FakeSlack, view: Any, *kinds: str) -> Json:
    """A view that has passed all checks, as Slack keeps it; or raise SlackError."""
    if isinstance(view, dict) and is_too_large(view):
        raise SlackError("view_too_large")
    found = check_view(view)
    found.problems += [f"invalid slack file {file}" for file in found.files if file not in slack.world.files]
    if not found.problems and view["type"] not in kinds:
        found.add(f"must be of type {' or '.join(kinds)}", "/view/type")
    if found.problems:
        raise refused("invalid_arguments", found.problems)
    slack.traces += of_blocks(view)
    return {**deepcopy(view), "blocks": with_ids(view["blocks"])}


def _new(slack: FakeSlack, person: Person, team: str, body: Json, under: View | None) -> View:
    named = slack.world.new_id("V")
    view = View(named, body, "", person.id, team, under.root if under else named, under.id if under else None)
    _stamp(slack, view)
    slack.views[named] = view
    return view


def _stamp(slack: FakeSlack, view: View) -> None:
    view.hash = f"{int(slack.clock.now().timestamp())}.{secrets.token_hex(4)}"
    view.order = slack.world.number()
    slack.happened()


def _external_id_is_free(slack: FakeSlack, body: Json, team: str, but: View | None = None) -> None:
    named = body.get("external_id")
    same = (each for each in slack.views.values() if each.is_open and each.team == team and each is not but)
    if named and any(each.body.get("external_id") == named for each in same):
        raise SlackError("duplicate_external_id")


def open_modal(slack: FakeSlack, person: Person, team: str, body: Json) -> View:
    """A modal on its own."""
    _external_id_is_free(slack, body, team)
    for each in person.modals:
        each.is_open = False
    view = _new(slack, person, team, body, None)
    person.modals = [view]
    return view


def push_modal(slack: FakeSlack, person: Person, team: str, body: Json) -> View:
    """A modal on top of the one that is open."""
    if not person.modals:
        raise SlackError("not_found")
    if len(person.modals) >= STACK:
        raise SlackError("push_limit_reached")
    _external_id_is_free(slack, body, team)
    view = _new(slack, person, team, body, person.modals[-1])
    person.modals.append(view)
    return view


def update_view(slack: FakeSlack, view: View, body: Json, hashed: str | None = None) -> View:
    """Draw an open view anew."""
    if not view.is_open:
        raise SlackError("not_found")
    if hashed is not None and hashed != view.hash:
        raise SlackError("hash_conflict")
    _external_id_is_free(slack, body, view.team, view)
    view.body, view.errors = body, {}
    _stamp(slack, view)
    return view


def publish_home(slack: FakeSlack, person: Person, team: str, body: Json, hashed: str | None) -> View:
    """Somebody's home page. A hash, be it an empty one, must be that of the page that stands."""
    if person.home is None:
        if hashed is not None:
            raise SlackError("hash_conflict")
        person.home = _new(slack, person, team, body, None)
        return person.home
    return update_view(slack, person.home, body, hashed)


def close_modals(person: Person, *, all_of_them: bool) -> None:
    """What is closed is gone for good."""
    for view in person.modals if all_of_them else person.modals[-1:]:
        view.is_open = False
    person.modals = [] if all_of_them else person.modals[:-1]


def as_payload(slack: FakeSlack, view: View, values: Json | None = None) -> Json:
    """A view as answers and interactions carry it."""
    workspace = slack.world.workspaces[view.team]
    installation = workspace.installation
    return {
        "id": view.id,
        "team_id": view.team,
        "app_id": slack.app.id,
        "app_installed_team_id": (
            installation.enterprise if installation and installation.is_organisation else view.team
        ),
        "bot_id": installation.bot_id if installation else "",
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        "submit": None,
        "close": None,
        **deepcopy(view.body),
        "title": view.body.get("title", {"type": "plain_text", "text": "View Title", "emoji": True}),
        "state": {"values": values or {}},
        "hash": view.hash,
        "root_view_id": view.root,
        "previous_view_id": view.previous,
    }


def answer_submission(slack: FakeSlack, person: Person, view: View, body: Any) -> None:
    """Do with a sent modal what the bot answered: errors, update, push or clear; or raise SlackError."""
    action = body.get("response_action") if isinstance(body, dict) else None
    if body == {}:
        close_modals(person, all_of_them=False)
    elif action == "errors":
        view.errors = _field_errors(view, body.get("errors"))
        slack.happened()
    elif action == "update":
        update_view(slack, view, checked(slack, body.get("view"), "modal"))
    elif action == "push":
        push_modal(slack, person, view.team, checked(slack, body.get("view"), "modal"))
    elif action == "clear":
        close_modals(person, all_of_them=True)
    else:
        raise SlackError("invalid_response_action", body=body)


def _field_errors(view: View, errors: Any) -> dict[str, str]:
    """Errors beside fields: each must name an input block of this view, and say something."""
    inputs = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
        raise SlackError("invalid_errors", unknown=sorted(set(errors or {}) - inputs))
    if not all(isinstance(each, str) and each for each in errors.values()):
        raise SlackError("invalid_errors")
    return dict(errors)
