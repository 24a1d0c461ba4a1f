"""From what Teams sends to requests of the bot, and from the bot's answers to where they belong."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.core.teams import TeamsActivityHandler
from botbuilder.schema import Activity, ActivityTypes

from bot.background import Background
from bot.dispatch import Answer, Dispatcher
from bot.reading import Request
from bot.teams import activities, files, forms, render, replies
from bot.teams.activities import Visit, part, words_of
from bot.teams.delivery import Delivery
from bot.teams.events import Events
from bot.teams.people import People
from bot.teams.places import PLATFORM
from bot.teams.quoting import quoted
from handlers.catalog import CATALOG
from handlers.messages import Form, Message
from handlers.rows import Action
from storage.arrivals import Envelope

EVIDENCE = "evidence.log"
HELP = "help"
ODD = "I cannot read that. Write help to see what I can do here."

Json = dict[str, Any]
Kind = Literal["words", "tap", "form"]
Invoke = Callable[[Activity, Visit], Awaitable[Json | None]]


class Listeners(TeamsActivityHandler):
    """Answers words, taps, dialogs and the menu of messages. What Teams waits for is one short transaction."""

    def __init__(
        self, dispatch: Dispatcher, people: People, delivery: Delivery, events: Events, background: Background
    ) -> None:
        super().__init__()
        self._dispatch = dispatch
        self._people = people
        self._delivery = delivery
        self._events = events
        self._background = background
        self._invokes: Mapping[str, Invoke] = {
            "adaptiveCard/action": self._tapped,
            "task/fetch": self._opened,
            "task/submit": self._sent,
            "composeExtension/fetchTask": self._picked,
            "composeExtension/submitAction": self._sent_from_menu,
            "fileConsent/invoke": self._consented,
        }

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Words to the bot; or a button of a client that knows no other way to tell of it."""
        activity: Activity = turn_context.activity
        visit = await self._met(activity)
        data, words = activity.value, words_of(activity)
        if isinstance(data, dict) and not words:
            request = _of_data(activity, visit, data, posts=True)
        else:
            request = _request(activity, visit, "words", words, {}, posts=True)
        answer = await self._dispatch(request)
        if not answer.repeat:
            self._background.soon(self._say(activity, visit, request, answer))

    async def on_invoke_activity(self, turn_context: TurnContext) -> None:
        """What Teams waits for with the answer in the response itself."""
        activity: Activity = turn_context.activity
        visit = await self._met(activity)
        answer = self._invokes.get(activity.name or "", self._unknown)
        response = InvokeResponse(status=200, body=await answer(activity, visit))
        # As the SDK keeps it, without its deep copy of the card.
        turn_context.turn_state[turn_context._INVOKE_RESPONSE_KEY] = Activity(
            type=ActivityTypes.invoke_response, value=response
        )

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        """Who came and went, and what became of channels."""
        await self._events.updated(turn_context.activity)

    async def on_installation_update(self, turn_context: TurnContext) -> None:
        """The bot was added somewhere, or taken away."""
        await self._events.installed(turn_context.activity)

    async def _met(self, activity: Activity) -> Visit:
        visit = activities.visit(activity)
        await self._people.meet(visit)
        return visit

    async def _say(self, activity: Activity, visit: Visit, request: Request, answer: Answer) -> None:
        """Answer where Teams waits for nothing: in the person's own chat, or in the thread that it came from."""
        reply, card = answer.reply, activity.reply_to_id or ""
        if isinstance(reply, Form):
            await self._delivery.form(visit, reply, self._dispatch.typed(request))
        elif visit.channel:
            await self._delivery.aside(visit, reply)
        elif card and request.kind != "words" and _stays(request, answer):
            await self._delivery.redraw(visit, card, reply, _maker(request))
        else:
            await self._delivery.beside(visit, reply, _maker(request))

    async def _tapped(self, activity: Activity, visit: Visit) -> Json:
        """A button, or a form that stands in the chat."""
        data = part(part(part(activity.value).get("action")).get("data"))
        request = _of_data(activity, visit, data)
        answer = await self._dispatch(request)
        reply = answer.reply
        if isinstance(reply, Form):
            return replies.card(forms.input_card(reply))
        if visit.channel:  # only whoever tapped sees this; the card that everybody sees stands
            return replies.card(render.card(reply))
        if not _stays(request, answer):
            if not answer.repeat:
                self._background.soon(self._delivery.beside(visit, reply, _maker(request)))
            return replies.said(reply.title)
        # What the response puts in place lasts until the chat is drawn anew: the message itself is changed too.
        card = activity.reply_to_id or ""
        self._background.soon(self._delivery.redraw(visit, card, reply, _maker(request)))
        return replies.card(render.card(reply))

    async def _opened(self, activity: Activity, visit: Visit) -> Json:
        """A button that opens a dialog; one whose row asks for nothing more is simply done."""
        request = _of_data(activity, visit, part(part(activity.value).get("data")))
        answer = await self._dispatch(request)
        if not isinstance(answer.reply, Form) and not visit.channel and answer.replaces and activity.reply_to_id:
            self._background.soon(self._delivery.redraw(visit, activity.reply_to_id, answer.reply))
            return replies.closed(answer.reply.title)
        return _in_dialog(answer)

    async def _sent(self, activity: Activity, visit: Visit) -> Json | None:
        """A dialog that was sent. One that is done closes, and its answer stands in the chat."""
        request = _of_data(activity, visit, part(part(activity.value).get("data")))
        answer = await self._dispatch(request)
        reply = answer.reply
        if isinstance(reply, Form) or answer.failed or visit.channel or request.kind == "tap":
            return _in_dialog(answer)
        if answer.replaces and activity.reply_to_id:
            self._background.soon(self._delivery.redraw(visit, activity.reply_to_id, reply))
        elif not answer.repeat:
            self._background.soon(self._delivery.beside(visit, reply, _maker(request)))
        return None

    async def _picked(self, activity: Activity, visit: Visit) -> Json:
        """ "Log as customer evidence" in the menu of a message: its words, who said them, and where."""
        payload = part(part(activity.value).get("messagePayload"))
        zone = await self._people.zone(visit)
        request = _request(activity, visit, "tap", EVIDENCE, quoted(payload, zone), posts=True)
        return _in_dialog(await self._dispatch(request))

    async def _sent_from_menu(self, activity: Activity, visit: Visit) -> Json:
        """The dialog of a message's menu, sent. Its answer stays in the dialog: the chat is somebody else's."""
        request = _of_data(activity, visit, part(part(activity.value).get("data")))
        return _in_dialog(await self._dispatch(request))

    async def _consented(self, activity: Activity, visit: Visit) -> None:
        """Whether a file may be put into somebody's OneDrive: it is made anew, by the button that made it."""
        allowed = files.allowed(activity.value)
        if allowed is None or visit.channel:
            return
        request = _request(activity, visit, "tap", allowed.action, {}, posts=True)
        if not _maker(request):
            return
        answer = await self._dispatch(request)
        if isinstance(answer.reply, Message) and not answer.repeat:
            card = activity.reply_to_id or ""
            self._background.soon(self._delivery.upload(visit, card, allowed, answer.reply))

    async def _unknown(self, activity: Activity, visit: Visit) -> Json:
        """What no version of the bot knows: a sentence with a way on."""
        if str(activity.name or "").startswith(("task/", "composeExtension/")):
            return replies.closed(ODD)
        return replies.said(ODD)


def _in_dialog(answer: Answer) -> Json:
    """An answer as what a dialog shows."""
    reply = answer.reply
    if isinstance(reply, Form):
        return replies.dialog(forms.title(reply), forms.dialog(reply))
    return replies.dialog(render.summary(reply), forms.page(reply))


def _maker(request: Request) -> str:
    """The action that makes the same answer again, and changes nothing; "" where there is none."""
    row = CATALOG.entries.get(request.name)
    is_one = request.kind == "tap" and isinstance(row, Action) and not row.fields and not row.writes
    return request.name if is_one else ""


def _stays(request: Request, answer: Answer) -> bool:
    """Whether the answer takes the place of the card it came from, as that of a form in the chat does."""
    is_command = not isinstance(CATALOG.entries.get(request.name), Action)
    return isinstance(answer.reply, Message) and (
        answer.replaces or (request.kind == "form" and is_command and not answer.failed)
    )


def _of_data(activity: Activity, visit: Visit, data: Mapping[str, Any], *, posts: bool = False) -> Request:
    """The request that a button or a form carries."""
    name, values, is_form = forms.read(data)
    row = CATALOG.entries.get(name)
    posts = posts or not isinstance(row, Action) or row.keeps_card
    return _request(activity, visit, "form" if is_form else "tap", name, values, posts=posts)


def _request(
    activity: Activity, visit: Visit, kind: Kind, name: str, values: Mapping[str, str], *, posts: bool
) -> Request:
    team = values.get("team", "")
    number = int(team) if team.isascii() and team.isdigit() and len(team) < 10 else None
    envelope = Envelope(PLATFORM, visit.tenant, visit.person, visit.channel, number)
    return Request(envelope, _key(activity, visit), kind, name, values, posts)


def _key(activity: Activity, visit: Visit) -> str:
    """A delivery's own key: Teams gives each activity an id of its own in its conversation."""
    own = activity.id or [activity.name, activity.text, activity.value, visit.person]
    digest = hashlib.sha256(json.dumps([visit.tenant, visit.conversation, own], sort_keys=True).encode())
    return f"teams:{digest.hexdigest()}"
