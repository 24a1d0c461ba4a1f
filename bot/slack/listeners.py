"""From what Slack sends to requests of the bot, and from the bot's answers to where they belong."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

import prompts
from bot.background import Background
from bot.clock import Clock
from bot.dispatch import Answer, Dispatcher
from bot.letters import trim
from bot.reading import Request
from bot.slack import forms, places
from bot.slack.delivery import Delivery, Visit
from bot.slack.home import Homes
from bot.slack.inputs import filled_in
from bot.slack.installs import Install
from bot.slack.places import Place
from bot.slack.render import render
from bot.slack.wording import Wording
from handlers.messages import Button, File, Form, Message, Quote, Text
from prompts import Reader
from storage.arrivals import Envelope

PLATFORM = "slack"
LOADING_AFTER = (
    0.35  # of the time there is: 0.7 s. Slack's trigger lives 3 s; a modal has to be on its way long before
)
ERROR = 2_000  # characters beneath an input
CARRIED = 500  # characters that a button takes along of one field
CHECK_IN = "checkin"
EVIDENCE = "evidence"
START = "setup.start"

Json = Mapping[str, Any]
Opening = asyncio.Future[Place | None]
Worded = Callable[[], Awaitable[Request]]


class Listeners:
    """Answers commands, taps, forms, shortcuts and words. All that Slack waits for is one short transaction."""

    def __init__(
        self,
        dispatch: Dispatcher,
        delivery: Delivery,
        homes: Homes,
        wording: Wording,
        background: Background,
        clock: Clock,
    ) -> None:
        self._dispatch = dispatch
        self._delivery = delivery
        self._homes = homes
        self._wording = wording
        self._background = background
        self._clock = clock

    async def command(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        """`/value …`, answered in the response itself, or by a modal."""
        visit = self._visit(context, places.of_command(body, self._now()), body)
        channel = None if body.get("channel_name") == "directmessage" else _channel(body.get("channel_id"), body)
        said, arrived = body.get("text") or "", context.get("arrived")

        async def worded() -> Request:
            text = await self._wording.typed(visit.install, visit.person, said, arrived)
            return replace(plain, name=text)

        plain = _request(visit, channel, f"command:{_digest(visit.once)}", "words", said)
        request, answer, opened = await self._ask(visit, plain, arrived, worded)
        if opened or isinstance(answer.reply, Form):
            await ack()
            self._background.soon(self._show(visit, request, answer, opened))
            return
        first, *others = render(answer.reply)
        await ack(response_type="ephemeral", text=first.text, blocks=first.blocks)
        self._after(visit, answer)
        if others:
            self._background.soon(self._delivery.rest(visit, answer.reply))

    async def tap(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        """A button, or an entry of a menu; what stands in the card's inputs travels along."""
        visit = self._visit(context, places.of_action(body, self._now()), body)
        action, values = _tapped(body)
        channel = _channel(visit.place.channel, body.get("channel") or {})
        state = filled_in((body.get("view") or body).get("state"))
        request = _request(visit, channel, f"tap:{_digest(visit.once)}", "tap", action, {**state, **values})
        _, answer, opened = await self._ask(visit, request, context.get("arrived"))
        await ack()
        if action == START and not answer.failed:
            self._background.soon(self._homes.move_in(visit, request.envelope))
        self._background.soon(self._show(visit, request, answer, opened))

    async def form(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        """A modal, sent: what is wrong is said beside its fields, and what was typed stays."""
        view = body["view"]
        try:
            filled = forms.read_modal(view)
        except forms.BadForm as wrong:
            refused = Answer(Message(str(wrong)), failed=True)
            await ack(**_to_modal_sent(refused, view, Place("modal")))
            return
        visit = self._visit(context, filled.place, body)
        kind: Literal["tap", "form"] = "tap" if view["callback_id"] == forms.TAP else "form"
        channel = None if filled.place.is_group else _channel(filled.place.channel, {})
        key = f"form:{_digest(view['id'], view.get('hash'), view.get('state'))}"
        request = _request(visit, channel, key, kind, filled.action, filled.values)
        answer = await self._dispatch(request, context.get("arrived"))
        response = _to_modal_sent(answer, view, filled.place)
        await ack(**response)
        self._after(visit, answer)
        shown = _was_shown(answer) or _is_drawn_anew(answer, filled.place)
        if response["response_action"] == "clear" and filled.place.kind != "home" and not shown:
            self._background.soon(self._delivery.message(visit, _message(answer), replaces=answer.replaces))

    async def shortcut(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        """A shortcut: the question of today, or a message kept as evidence."""
        visit = self._visit(context, Place("modal"), body)
        key, arrived = f"shortcut:{_digest(visit.once)}", context.get("arrived")

        async def worded() -> Request:
            channel, values = await self._wording.evidence(visit.install, visit.person, body, arrived)
            return _request(visit, channel, key, "tap", f"{EVIDENCE}.log", values)

        if body.get("callback_id") == EVIDENCE:
            plain = _request(visit, None, key, "tap", f"{EVIDENCE}.log")
            request, answer, opened = await self._ask(visit, plain, arrived, worded)
        else:
            request, answer, opened = await self._ask(
                visit, _request(visit, None, key, "words", CHECK_IN), arrived
            )
        await ack()
        self._background.soon(self._show(visit, request, answer, opened))

    async def words(self, event: Json, body: Json, context: AsyncBoltContext) -> None:
        """Words to the bot: in its direct messages, or after its name in a channel."""
        visit = self._visit(context, places.of_event(event), {"user_id": event.get("user")})
        said, bot, arrived = event.get("text") or "", visit.install.bot, context.get("arrived")
        channel = _channel(event.get("channel"), event)
        if channel and await self._homes.is_group(visit.install, channel):
            channel = None
        text = await self._wording.typed(visit.install, visit.person, said, arrived, but=bot)
        request = _request(visit, channel, f"event:{body.get('event_id')}", "words", text, posts=True)
        answer = await self._dispatch(request, arrived)
        if not answer.repeat:
            self._background.soon(self._show(visit, request, answer))

    async def home(self, event: Json, context: AsyncBoltContext) -> None:
        """Somebody looks at their home page."""
        if event.get("tab") == "home":
            self._background.soon(self._homes.opened(context["install"], str(event.get("user"))))

    def refuse(self, body: Json, words: str) -> None:
        """Say to somebody who tapped where the bot is not installed that nothing came of it."""
        place = places.of_action(body, self._now())
        self._background.soon(self._delivery.at_address(place, Message(words)))

    def refused_form(self, body: Json, words: str) -> dict[str, Any]:
        """What becomes of a modal that was sent from where the bot is not installed: it stays as it is."""
        return _to_modal_sent(Answer(Message(words), failed=True), body["view"], Place("modal"))

    async def _ask(
        self, visit: Visit, plain: Request, arrived: float | None, worded: Worded | None = None
    ) -> tuple[Request, Answer, Opening | None]:
        """The request as it was asked, its answer, and the modal that is being opened meanwhile.

        One is opened where it takes long from when it arrived; `worded` makes of the plain request the one to ask.
        """
        now = asyncio.get_running_loop().time()
        asking = asyncio.ensure_future(self._answer(plain, arrived, worded))
        loading_at = (now if arrived is None else arrived) + LOADING_AFTER * self._dispatch.deadline_s
        done, _ = await asyncio.wait({asking}, timeout=max(0.0, loading_at - now))
        if done or not visit.trigger or not self._dispatch.may_open(plain):
            return *await asking, None
        opening = asyncio.ensure_future(self._delivery.loading(visit))  # the answer does not wait for it
        return *await asking, opening

    async def _answer(
        self, plain: Request, arrived: float | None, worded: Worded | None
    ) -> tuple[Request, Answer]:
        request = await worded() if worded else plain
        return request, await self._dispatch(request, arrived)

    async def _show(self, visit: Visit, request: Request, answer: Answer, opening: Opening | None = None) -> None:
        """Show an answer that Slack no longer waits for."""
        opened = await opening if opening else None
        visit = Visit(visit.install, visit.person, opened) if opened else visit
        reply, place = answer.reply, visit.place
        if isinstance(reply, Form):
            if not (visit.trigger or place.view) or not await self._delivery.modal(visit, reply):
                await self._delivery.message(visit, self._invitation(request, reply))
        elif place.kind == "modal" or (place.kind == "home" and not answer.replaces):
            if not await self._delivery.modal(visit, reply):
                await self._delivery.message(visit, reply)
        elif place.kind != "home" and not _is_drawn_anew(answer, place):
            await self._delivery.message(visit, reply, replaces=answer.replaces)
        self._after(visit, answer)

    def _after(self, visit: Visit, answer: Answer) -> None:
        if answer.outdates_home or visit.place.kind == "home":
            self._background.soon(self._homes.publish(visit.install, visit.person))
        files = [block for block in getattr(answer.reply, "blocks", ()) if isinstance(block, File)]
        if files:
            self._background.soon(self._delivery.files(visit, files))

    def _invitation(self, request: Request, form: Form) -> Message:
        """A form where none can be opened: a message with the button that opens it."""
        asked = self._dispatch.typed(request)
        team = {"team": form.values["team"]} if "team" in form.values else {}
        long = [text for text in asked.values() if len(text) > CARRIED]
        carried = {name: text for name, text in asked.items() if len(text) <= CARRIED}
        said = prompts.say("trouble/form", Reader("en_GB", "UTC", self._clock.now()))
        button = Button(said.open, form.action, {**carried, **team}, style="main")
        return Message(form.title, (Text(said.body), *map(Quote, long)), (button,))

    def _visit(self, context: AsyncBoltContext, place: Place, body: Json) -> Visit:
        install: Install = context["install"]
        person = body.get("user_id") or (body.get("user") or {}).get("id") or ""
        trigger, mark = str(body.get("trigger_id") or ""), str(context.get("mark") or "")
        return Visit(install, str(person), place, trigger, mark)

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _request(
    visit: Visit,
    channel: str | None,
    key: str,
    kind: Literal["words", "tap", "form"],
    name: str,
    values: Mapping[str, str] | None = None,
    *,
    posts: bool = False,
) -> Request:
    team = (values or {}).get("team", "")
    number = int(team) if team.isascii() and team.isdigit() and len(team) < 10 else None
    envelope = Envelope(PLATFORM, visit.install.workspace, visit.person, channel, number)
    return Request(envelope, key, kind, name, values or {}, posts)


def _channel(channel: object, named: Json) -> str | None:
    """A channel's id; None in direct messages, of two people or of several."""
    is_group = places.is_group(named.get("channel_name") or named.get("name"))
    is_direct = str(channel or "D").startswith("D") or is_group or named.get("channel_type") == "mpim"
    return None if is_direct else str(channel)


def _tapped(body: Json) -> tuple[str, dict[str, str]]:
    """The action and the values of what was tapped; "" for what is none of ours."""
    tapped = (body.get("actions") or [{}])[0]
    packed = tapped.get("value") or (tapped.get("selected_option") or {}).get("value") or ""
    try:
        action, values = json.loads(packed)
    except (ValueError, TypeError):
        return "", {}
    return str(action), forms.texts(values)


def _to_modal_sent(answer: Answer, view: Json, place: Place) -> dict[str, Any]:
    """What becomes of a modal that was sent. One that clears is answered where it was opened."""
    reply, first = answer.reply, forms.first_input(view)
    if isinstance(reply, Form):
        beside = forms.errors_beside(reply, view)
        if beside:
            return {
                "response_action": "errors",
                "errors": {name: trim(text, ERROR) for name, text in beside.items()},
            }
        return {"response_action": "update", "view": forms.to_modal(reply, place)}
    if answer.failed and first:
        said = [reply.title, *(block.text for block in reply.blocks if isinstance(block, Text))]
        return {"response_action": "errors", "errors": {first: trim(" ".join(said), ERROR)}}
    if place.kind == "modal" or answer.failed or (place.kind == "home" and not answer.replaces):
        return {"response_action": "update", "view": forms.to_page(reply, place)}
    return {"response_action": "clear"}


def _was_shown(answer: Answer) -> bool:
    """Whether this is the answer to a form sent again, as a message that would only stand there twice."""
    return answer.repeat and not answer.replaces


def _is_drawn_anew(answer: Answer, place: Place) -> bool:
    """Whether the card that the request came from is on its way already, as a message that was sent before."""
    here = (place.channel, place.message)
    return answer.replaces and any((each["channel"], each["stamps"][0]) == here for each in answer.redrawn)


def _message(answer: Answer) -> Message:
    if isinstance(answer.reply, Form):
        raise TypeError("a form is shown in its modal")
    return answer.reply


def _digest(*parts: object) -> str:
    """A delivery's own key, from what Slack gives it alone."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
