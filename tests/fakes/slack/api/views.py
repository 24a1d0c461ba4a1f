"""Modals and home pages."""

from __future__ import annotations

from tests.fakes.slack import modals
from tests.fakes.slack.api.calls import Call, Method
from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.structure import Json
from tests.fakes.slack.world import View


def _answer(call: Call, view: View) -> Json:
    return {"ok": True, "view": modals.as_payload(call.slack, view)}


async def open_(call: Call) -> Json:
    """views.open"""
    body = modals.checked(call.slack, call.parsed("view"), "modal")
    trigger = modals.use_trigger(call.slack, call.text("trigger_id"), call.installation.workspaces)
    return _answer(call, modals.open_modal(call.slack, trigger.person, trigger.workspace.id, body))


async def push(call: Call) -> Json:
    """views.push"""
    body = modals.checked(call.slack, call.parsed("view"), "modal")
    trigger = modals.use_trigger(call.slack, call.text("trigger_id"), call.installation.workspaces)
    return _answer(call, modals.push_modal(call.slack, trigger.person, trigger.workspace.id, body))


def _named(call: Call) -> View:
    """The view that is meant, by its id or by the app's own."""
    if not call.text("view_id") and not call.text("external_id"):
        raise SlackError("invalid_arguments")
    reach = {each.id for each in call.installation.workspaces}
    for view in call.slack.views.values():
        named = view.id == call.text("view_id") or (
            call.text("external_id") and view.body.get("external_id") == call.text("external_id")
        )
        if named and view.team in reach and view.is_open:
            return view
    raise SlackError("not_found")


async def update(call: Call) -> Json:
    """views.update"""
    view = _named(call)
    body = modals.checked(call.slack, call.parsed("view"), view.body["type"])
    return _answer(call, modals.update_view(call.slack, view, body, call.text("hash") or None))


async def publish(call: Call) -> Json:
    """views.publish"""
    if not call.slack.app.has_home:
        raise SlackError("not_enabled")
    person = call.person(call.text("user_id"))
    if person.is_bot or person.is_stranger or person.deleted:
        raise SlackError("user_not_found")
    body = modals.checked(call.slack, call.parsed("view"), "home")
    team = call.workspace_of(person).id
    return _answer(call, modals.publish_home(call.slack, person, team, body, call.args.get("hash")))


METHODS = {
    "views.open": Method(open_, required=("view", "trigger_id"), takes_json=True),
    "views.push": Method(push, required=("view", "trigger_id"), takes_json=True),
    "views.update": Method(update, required=("view",), takes_json=True),
    "views.publish": Method(publish, required=("user_id", "view"), takes_json=True),
}
