"""What an activity says: who did something in Teams, where, and with which words; pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botbuilder.schema import Activity

from bot.payload import Unreadable, Values

PERSONAL, GROUP, CHANNEL = "personal", "groupChat", "channel"
THREAD = ";messageid="
LONGEST_ID = 250
LONGEST_PERSON = 128  # as storage keeps people and channels
NEEDED = ("type", "channelId")
TEXTS = (
    "type",
    "channelId",
    "id",
    "serviceUrl",
    "text",
    "locale",
    "localTimezone",
    "name",
    "replyToId",
    "action",
)
OBJECTS = ("from", "conversation", "recipient")
LISTS = ("entities", "membersAdded", "membersRemoved")
AT = re.compile(r"</?at(?: [^>]*)?>")

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at a place, as a verified activity tells of them.

    `conversation` is where an answer goes, with its thread; `place` the same without. `name`, `zone` and
    `locale` are "" where nothing is told. `bot` is the bot's own id there, `service` where Teams listens for it.
    """

    tenant: str
    person: str
    name: str
    zone: str
    locale: str
    conversation: str
    place: str
    place_name: str
    kind: str
    team: str
    team_name: str
    service: str
    bot: str
    bot_name: str

    @property
    def channel(self) -> str | None:
        """The channel, or the group, that others read too; None in private."""
        return None if self.kind == PERSONAL else self.place


def read(body: Values) -> Activity:
    """The activity that this JSON is. Raises Unreadable for what Teams never sends."""
    told = {name: _checked(name, body[name]) for name in (*TEXTS, *OBJECTS, *LISTS) if body.get(name) is not None}
    if not all(told.get(name) for name in NEEDED):
        raise Unreadable
    _check_ids(told)
    try:
        activity = Activity().deserialize(told)
    except (ValueError, TypeError, AttributeError, KeyError) as wrong:
        raise Unreadable from wrong
    # As they came: the schema's own reading of these costs more than all the rest.
    activity.channel_data, activity.value = part(body.get("channelData")), body.get("value")
    if activity.conversation:  # the schema looks for a name that Teams never sends
        activity.conversation.tenant_id = part(body.get("conversation")).get("tenantId")
    return activity


def visit(activity: Activity) -> Visit:
    """Who and where. Call it with verified activities alone."""
    account, place = activity.from_property, activity.conversation
    return Visit(
        tenant=next(iter(sorted(tenants_of(activity))), ""),
        person=_text(account and account.id),
        name=_text(account and account.name),
        zone=_text(activity.local_timezone) or _text(client_of(activity).get("timezone")),
        locale=_text(activity.locale),
        conversation=_text(place and place.id),
        place=_text(place and place.id).partition(THREAD)[0],
        place_name=_text(part(_data(activity).get("channel")).get("name")) or _text(place and place.name),
        kind=_kind(activity),
        team=_text(part(_data(activity).get("team")).get("id")),
        team_name=_text(part(_data(activity).get("team")).get("name")),
        service=_text(activity.service_url),
        bot=_text(activity.recipient and activity.recipient.id),
        bot_name=_text(activity.recipient and activity.recipient.name),
    )


def tenants_of(activity: Activity) -> frozenset[str]:
    """The tenants that an activity names, in small letters: one, unless something is wrong with it."""
    told = (
        activity.conversation and activity.conversation.tenant_id,
        part(_data(activity).get("tenant")).get("id"),
    )
    return frozenset(each.lower() for each in told if isinstance(each, str) and each)


def words_of(activity: Activity) -> str:
    """What was typed, without the bot's name; of others that were named, what they are called."""
    text = _text(activity.text)
    for named, shown in _mentions(activity):
        if named == (activity.recipient and activity.recipient.id):
            text = text.replace(shown, " ")
    return AT.sub("", text).replace("&nbsp;", " ").replace("\xa0", " ").strip()


def client_of(activity: Activity) -> Json:
    """What the activity tells of the app it was written with."""
    return next((each.additional_properties for each in activity.entities or () if each.type == "clientInfo"), {})


def part(told: object) -> Json:
    """An object within an activity; an empty one where there is none."""
    return told if isinstance(told, Mapping) else {}


def _mentions(activity: Activity) -> Iterator[tuple[str, str]]:
    for entity in activity.entities or ():
        if entity.type == "mention":
            told = entity.additional_properties
            shown = told.get("text")
            if isinstance(shown, str) and shown:
                yield _text(part(told.get("mentioned")).get("id")), shown


def _kind(activity: Activity) -> str:
    told = activity.conversation and activity.conversation.conversation_type
    if told in (PERSONAL, GROUP, CHANNEL):
        return str(told)
    return CHANNEL if _data(activity).get("team") else PERSONAL if told is None else GROUP


def _data(activity: Activity) -> Json:
    return part(activity.channel_data)


def _text(told: object) -> str:
    return told if isinstance(told, str) else ""


def _checked(name: str, told: Any) -> Any:
    wanted = str if name in TEXTS else dict if name in OBJECTS else list
    if not isinstance(told, wanted) or (wanted is list and not all(isinstance(each, dict) for each in told)):
        raise Unreadable
    return told


def _check_ids(told: Json) -> None:
    """Whether every id is text that can be kept. Raises Unreadable."""
    conversation, sender, receiver = (
        part(told.get(name)).get("id") for name in ("conversation", "from", "recipient")
    )
    for given, longest in ((told.get("id"), LONGEST_ID), (conversation, LONGEST_ID), (sender, LONGEST_PERSON)):
        if given is not None and not (isinstance(given, str) and given and len(given) <= longest):
            raise Unreadable
    if receiver is not None and not isinstance(receiver, str):
        raise Unreadable
