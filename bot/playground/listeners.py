"""From what the page sends to requests of the bot, and from the bot's answers to the page's chat."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import web

from bot.dispatch import Answer
from bot.playground import sample
from bot.playground.chat import BOT, HANG_UP, ChatMessage
from bot.playground.coming_up import NoTime, chosen
from bot.playground.company import Playground
from bot.playground.forms import BadForm, Origin, texts, to_dialog, to_values
from bot.playground.render import Json, render
from bot.playground.wording import when
from bot.reading import Request
from handlers.messages import Form
from storage.arrivals import Envelope

STATIC = Path(__file__).parent / "static"
PREFIXES = ("/value", "@worthwhile")
LOCAL = frozenset({"127.0.0.1", "localhost", "[::1]"})
KEEP_ALIVE_S = 15
MOST_BYTES = 1_000_000
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refusal(Exception):
    """What the page sent cannot be used; the text says what to do."""


def routes(playground: Playground) -> web.Application:
    """The page and its calls, as an application of its own."""
    listeners = _Listeners(playground)
    app = web.Application(middlewares=[_guard], client_max_size=MOST_BYTES)
    app.on_shutdown.append(listeners.hang_up)
    app.add_routes(
        [
            web.get("/", listeners.to_page),
            web.get("/playground", listeners.page),
            web.static("/playground/static", STATIC),
            web.get("/playground/state", listeners.state),
            web.get("/playground/events", listeners.events),
            web.post("/playground/say", listeners.say),
            web.post("/playground/tap", listeners.tap),
            web.post("/playground/submit", listeners.submit),
            web.post("/playground/step", listeners.step),
            web.post("/playground/tour", listeners.tour),
            web.post("/playground/restart", listeners.restart),
        ]
    )
    return app


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Only a browser on this machine, on this page, may speak here; and errors are sentences.

    The Host header is checked because a foreign page can point its own name at this machine; the header of
    the calls because a foreign page cannot add one without being asked first.
    """
    host = request.host.rpartition(":")[0] if ":" in request.host.rpartition("]")[2] else request.host
    if host not in LOCAL:
        return _error(403, "The playground answers on this machine only.")
    is_ours = request.path.startswith("/playground/")
    if request.method == "POST" and is_ours and request.headers.get("X-Playground") != "1":
        return _error(403, "That call did not come from the playground's page.")
    try:
        response = await handler(request)
    except (Refusal, BadForm, NoTime) as refused:
        return _error(400, str(refused))
    except web.HTTPRequestEntityTooLarge:
        return _error(413, "That is too long to send. A million characters is the most.")
    if not response.prepared:
        response.headers.update(HEADERS)
    return response


def _error(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status, headers=HEADERS)


class _Listeners:
    """The page's calls over one playground."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._one_at_a_time = asyncio.Lock()  # a step of the clock must not run into an answer

    async def hang_up(self, _app: web.Application) -> None:
        self._playground.chat.hang_up()

    async def to_page(self, _request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/playground")

    async def page(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html", headers=HEADERS)

    async def state(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response(await self._playground.state())

    async def say(self, request: web.Request) -> web.StreamResponse:
        """Words in a chat: to the bot in private, or after its name in the channel."""
        body = await _body(request)
        person, place, text = _person(body), _place(body), str(body.get("text", "")).strip()
        if not text:
            raise Refusal("Write something first; help shows what I can do.")
        words, is_command = _after_name(text)
        in_channel = place.startswith("channel:")
        origin = Origin(place, thread=_known(body.get("thread")))
        self._add_own(person, origin, text, only_for=person if is_command and in_channel else None)
        if in_channel and words is None:
            return web.json_response({})  # colleagues talking; the bot reads none of it
        return await self._ask(person, origin, "words", words if words is not None else text, {})

    async def tap(self, request: web.Request) -> web.StreamResponse:
        """A button of a card."""
        body = await _body(request)
        person = _person(body)
        card = self._playground.chat.get(str(body.get("message", "")))
        if card is None or not _may_see(person, card):
            raise Refusal("That card is not there any more. Write help to see what you can do.")
        values = {**texts(body.get("inputs")), **texts(body.get("values"))}
        origin = Origin(card.place, card.id, card.thread)
        return await self._ask(person, origin, "tap", str(body.get("action", "")), values)

    async def submit(self, request: web.Request) -> web.StreamResponse:
        """A form, filled in."""
        body = await _body(request)
        action, origin, values = to_values(body)
        person = _person(body)
        _place({"person": person, "place": origin.place})
        return await self._ask(person, origin, "form", action, values)

    async def step(self, request: web.Request) -> web.StreamResponse:
        """Let time pass."""
        until = chosen(await _body(request), self._playground.clock.now())
        async with self._one_at_a_time:
            text = await self._playground.step(until)
        await self._tell_tour()
        return web.json_response({"text": text})

    async def tour(self, request: web.Request) -> web.StreamResponse:
        """A step of the tour, skipped."""
        await self._playground.skip(str((await _body(request)).get("step", "")))
        await self._tell_tour()
        return web.json_response({})

    async def restart(self, _request: web.Request) -> web.StreamResponse:
        """The sample, from the start."""
        async with self._one_at_a_time:
            await self._playground.restart()
        return web.json_response({})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """What is new, as it happens."""
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        queue = self._playground.chat.listen()
        try:
            await response.write(b"retry: 1000\n\n")
            while event := await _next_event(queue):
                await response.write(event)
        except ConnectionResetError:
            return response  # the page was closed
        finally:
            self._playground.chat.leave(queue)
        return response

    async def _ask(
        self, person: str, origin: Origin, kind: Any, name: str, values: dict[str, str]
    ) -> web.StreamResponse:
        channel = origin.place.removeprefix("channel:") if origin.place.startswith("channel:") else None
        team = values.get("team", "")
        number = int(team) if team.isdecimal() and len(team) < 10 else None
        envelope = Envelope(sample.PLATFORM, sample.WORKSPACE, person, channel, number)
        async with self._one_at_a_time:
            answer = await self._playground.app.dispatch(Request(envelope, uuid4().hex, kind, name, values))
            shown = self._show(person, origin, answer)
            await self._playground.app.settle()
            await self._playground.app.tick()  # what became due by it is due now: this clock stands still
        await self._tell_tour()
        self._playground.chat.tell("clock", await self._playground.times())
        return web.json_response(shown)

    def _show(self, person: str, origin: Origin, answer: Answer) -> Json:
        """Put an answer where it belongs: a dialog, the card it came from, or a new message."""
        chat = self._playground.chat
        if isinstance(answer.reply, Form):
            return to_dialog(answer.reply, origin)
        card = render(answer.reply)
        standing = chat.get(origin.message) if origin.message else None
        # A card that a whole channel sees is never replaced by what one person gets to see.
        if standing and answer.replaces and not _is_shared(standing):
            chat.change(standing, card)
        else:
            self._add(origin, author=BOT, card=card, only_for=person if _in_channel(origin) else None)
        return {}

    def _add_own(self, person: str, origin: Origin, text: str, only_for: str | None) -> None:
        self._add(origin, author=person, text=text, only_for=only_for)

    def _add(self, origin: Origin, **fields: Any) -> None:
        now = self._playground.clock.now()
        self._playground.chat.add(
            place=origin.place, thread=origin.thread, at=now.isoformat(), when=when(now), **fields
        )

    async def _tell_tour(self) -> None:
        self._playground.chat.tell("tour", await self._playground.tour())


async def _next_event(queue: asyncio.Queue[tuple[str, Any]]) -> bytes:
    try:
        event, data = await asyncio.wait_for(queue.get(), KEEP_ALIVE_S)
    except TimeoutError:
        return b": still here\n\n"
    if event == HANG_UP:
        return b""
    return f"event: {event}\ndata: {json.dumps(data)}\n\n".encode()


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except (ValueError, RecursionError) as wrong:
        raise Refusal("That could not be read. Reload the page and try again.") from wrong
    if not isinstance(body, dict):
        raise Refusal("That could not be read. Reload the page and try again.")
    return body


def _person(body: dict[str, Any]) -> str:
    person = body.get("person")
    if person not in [member.id for member in sample.TEAM]:
        raise Refusal("That person is not in the sample team. Pick one of the five.")
    return str(person)


def _place(body: dict[str, Any]) -> str:
    own = f"dm:{body.get('person')}"
    place = body.get("place")
    if place not in (own, f"channel:{sample.CHANNEL}"):
        raise Refusal("That chat is somebody else's. Pick a place of this person's own.")
    return str(place)


def _known(thread: object) -> str | None:
    return thread if isinstance(thread, str) else None


def _after_name(text: str) -> tuple[str | None, bool]:
    """What follows the bot's name, None where it is not named; and whether it was a command."""
    first, _, rest = text.partition(" ")
    if first.casefold() not in PREFIXES:
        return None, False
    return rest.strip(), first.startswith("/")


def _in_channel(origin: Origin) -> bool:
    return origin.place.startswith("channel:")


def _is_shared(message: ChatMessage) -> bool:
    return message.place.startswith("channel:") and message.only_for is None


def _may_see(person: str, message: ChatMessage) -> bool:
    if message.place.startswith("dm:"):
        return message.place == f"dm:{person}"
    return message.only_for in (None, person)
