"""The payloads of what people do, as Slack writes them.

Shapes: https://docs.slack.dev/reference/interaction-payloads
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.fakes.slack import modals
from tests.fakes.slack.cards import Card, Control, Page, Surface
from tests.fakes.slack.posting import as_payload
from tests.fakes.slack.responding import give_url
from tests.fakes.slack.structure import Json
from tests.fakes.slack.world import Channel, Message, Person, Workspace

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack

_ADDRESS = re.compile(r"https?://[^\s<>|]+")
_POINTING = re.compile(r"(?<![^\s(])([@#])([\w-]+)")


def escaped(text: str) -> str:
    """Words as Slack passes them on: `&`, `<` and `>` are escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def typed_in_chat(text: str) -> str:
    """A message's words as Slack keeps them: escaped, and addresses made links."""
    return _ADDRESS.sub(lambda match: f"<{match[0]}>", escaped(text))


def pointing(text: str, workspace: Workspace, *, named: bool = False) -> str:
    """Words in which `@ana` and `#checkout` became mentions, as Slack's clients make them.

    People's names are told where a command is `named`; of a private channel, an app is told none.
    """
    people = {each.name: f"<@{each.id}{f'|{each.name}' if named else ''}>" for each in workspace.people.values()}
    channels = {
        each.name: f"<#{each.id}|{each.name if named and not each.is_private else ''}>"
        for each in workspace.channels.values()
        if each.kind == "channel"
    }
    known = {"@": people, "#": channels}
    return _POINTING.sub(lambda found: known[found[1]].get(found[2], found[0]), text)


def _who(person: Person) -> Json:
    return {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team}


def _envelope(slack: FakeSlack, kind: str, person: Person, workspace: Workspace) -> Json:
    here = workspace.installation
    wide = bool(here and here.is_organisation)
    enterprise = {"id": workspace.enterprise, "name": "Organisation"} if workspace.enterprise else None
    team: Json | None = {"id": workspace.id, "domain": workspace.domain}
    if wide:
        team = None  # https://github.com/slackapi/deno-slack-sdk/issues/267
    elif team and workspace.enterprise:
        team |= {"enterprise_id": workspace.enterprise, "enterprise_name": "Organisation"}
    return {
        "type": kind,
        "user": _who(person),
        "team": team,
        "enterprise": enterprise,
        "is_enterprise_install": wide,
        "api_app_id": slack.app.id,
        "token": slack.app.verification_token,
        "trigger_id": modals.give_trigger(slack, person, workspace),
    }


def command(slack: FakeSlack, person: Person, workspace: Workspace, channel: Channel, text: str) -> Json:
    """A slash command's form. `text` is all that was typed, the command first."""
    name, _, rest = text.partition(" ")
    here = workspace.installation
    form = {
        "token": slack.app.verification_token,
        "team_id": workspace.id,
        "team_domain": workspace.domain,
        "channel_id": channel.id,
        "channel_name": channel.shown_name,
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": pointing(escaped(rest.strip()), workspace, named=True),
        "api_app_id": slack.app.id,
        "is_enterprise_install": "true" if here and here.is_organisation else "false",
        "response_url": give_url(slack, "commands", workspace, channel, person, None),
        "trigger_id": modals.give_trigger(slack, person, workspace),
    }
    if workspace.enterprise:
        form |= {"enterprise_id": workspace.enterprise, "enterprise_name": "Organisation"}
    return form


def _action(slack: FakeSlack, control: Control, state: Json | None) -> Json:
    element = control.element
    action: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": control.block["block_id"],
        "action_ts": slack.world.new_ts(),
    }
    if control.option is not None:
        return {**action, "selected_option": control.option}
    if state is not None:
        return {**action, **state}
    action |= {name: element[name] for name in ("text", "value", "style", "url") if name in element}
    return action


def _around(slack: FakeSlack, surface: Surface, person: Person, workspace: Workspace, values: Json) -> Json:
    """Where it was pressed: on a message, for everybody or for one, or in a view."""
    if isinstance(surface, Page):
        inside = {"type": "view", "view_id": surface.view.id}
        return {"container": inside, "view": modals.as_payload(slack, surface.view, values)}
    assert isinstance(surface, Card)
    message = surface.message
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel.id,
        "is_ephemeral": surface.is_ephemeral,
        **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
    }
    around: Json = {
        "container": container,
        "channel": {"id": message.channel.id, "name": message.channel.shown_name},
        "state": {"values": values},
        "response_url": give_url(slack, "actions", workspace, message.channel, person, message),
    }
    if not surface.is_ephemeral:
        around["message"] = _message(slack, message, workspace)
    return around


def _message(slack: FakeSlack, message: Message, workspace: Workspace) -> Json:
    bot_id = workspace.installation.bot_id if workspace.installation else ""
    return as_payload(message, slack.app.id, bot_id)


def block_actions(
    slack: FakeSlack,
    person: Person,
    workspace: Workspace,
    surface: Surface,
    control: Control,
    values: Json,
) -> Json:
    """Something was pressed or chosen."""
    block, action = control.key
    state = values.get(block, {}).get(action)
    return {
        **_envelope(slack, "block_actions", person, workspace),
        **_around(slack, surface, person, workspace, values),
        "actions": [_action(slack, control, state)],
    }


def view_submission(slack: FakeSlack, person: Person, workspace: Workspace, page: Page, values: Json) -> Json:
    """A modal was sent."""
    return {
        **_envelope(slack, "view_submission", person, workspace),
        "view": modals.as_payload(slack, page.view, values),
        "response_urls": [],
    }


def view_closed(
    slack: FakeSlack, person: Person, workspace: Workspace, page: Page, values: Json, *, all_of_them: bool
) -> Json:
    """A modal was closed; there is no trigger in this."""
    payload = {
        **_envelope(slack, "view_closed", person, workspace),
        "view": modals.as_payload(slack, page.view, values),
        "is_cleared": all_of_them,
    }
    payload.pop("trigger_id")
    return payload


def shortcut(slack: FakeSlack, person: Person, workspace: Workspace, callback_id: str) -> Json:
    """A global shortcut."""
    return {
        **_envelope(slack, "shortcut", person, workspace),
        "callback_id": callback_id,
        "action_ts": slack.world.new_ts(),
    }


def message_shortcut(slack: FakeSlack, person: Person, workspace: Workspace, callback_id: str, card: Card) -> Json:
    """A shortcut in a message's menu."""
    message = card.message
    return {
        **_envelope(slack, "message_action", person, workspace),
        "callback_id": callback_id,
        "action_ts": slack.world.new_ts(),
        "channel": {"id": message.channel.id, "name": message.channel.shown_name},
        "message_ts": message.ts,
        "message": _message(slack, message, workspace),
        "response_url": give_url(slack, "actions", workspace, message.channel, person, message),
    }


def said(message: Message, person: Person, **more: Any) -> Json:
    """Something that somebody wrote, as an event."""
    return {
        "type": "message",
        "user": person.id,
        "text": message.text,
        "ts": message.ts,
        "event_ts": message.ts,
        "team": person.team,
        "channel": message.channel.id,
        "client_msg_id": f"fake-{message.ts}",
        "blocks": message.blocks,
        **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
        **({"user_team": person.team, "source_team": person.team} if person.is_stranger else {}),
        **more,
    }
