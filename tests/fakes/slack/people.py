"""People as actors: they type, press, fill in and look; what the bot answers is shown to them as Slack would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.slack import interactions, modals, state
from tests.fakes.slack.cards import Card, Control, Page, Surface
from tests.fakes.slack.changes import Changes
from tests.fakes.slack.delivery import Reply
from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.events import deliver
from tests.fakes.slack.oauth import Browser
from tests.fakes.slack.responding import ResponseUrl, respond
from tests.fakes.slack.structure import Json
from tests.fakes.slack.world import Channel, Message, Person, Workspace

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack

NOT_REACHED = {
    "http_timeout": "operation_timeout",
    "http_error": "dispatch_failed",
    "connection_failed": "dispatch_failed",
}
Seen = Card | Page | None


class Actor(Changes):
    """Somebody in one workspace.

    What they do returns what they see because of it: a Card, a Page, or None. What the bot does later is
    awaited with `sees`. `errors` is what Slack's client has told them.
    """

    def __init__(self, slack: FakeSlack, person: Person, workspace: Workspace) -> None:
        self._slack = slack
        self.state = person
        self.workspace = workspace

    @property
    def id(self) -> str:
        """The user id."""
        return self.state.id

    @property
    def errors(self) -> list[str]:
        """What the client has told them went wrong."""
        return self.state.errors

    @property
    def modal(self) -> Page | None:
        """The modal on top, if one is open."""
        return Page(self.state.modals[-1]) if self.state.modals else None

    @property
    def home(self) -> Page | None:
        """The home page, if one was published."""
        return Page(self.state.home) if self.state.home else None

    @property
    def dms(self) -> list[Card]:
        """The messages in the direct conversation with the bot, their own too, as drawn now."""
        return [Card(each) for each in self._direct().history if self._may_see(each)]

    def ephemerals(self, channel: str | None = None) -> list[Card]:
        """What only they see, in a channel or anywhere."""
        places = [self._place(channel)] if channel else list(self.workspace.channels.values())
        every = [each for place in places for each in place.history if each.ephemeral_to == self.id]
        return [Card(each) for each in sorted(every, key=lambda each: each.order) if not each.is_deleted]

    def _may_see(self, message: Message) -> bool:
        return not message.is_deleted and message.ephemeral_to in {None, self.id}

    def _direct(self) -> Channel:
        return self._slack.direct(self.workspace, self.state, self.workspace.bot)

    def _place(self, channel: str | None) -> Channel:
        return self.workspace.channel(channel) if channel else self._direct()

    def _fresh(self) -> list[Card | Page]:
        """What came into their sight, or was drawn anew, since they last did something; the newest first."""
        pages = [*self.state.modals, *([self.state.home] if self.state.home else [])]
        channels = self.workspace.channels.values()
        messages = [each for channel in channels for each in channel.history if self._is_shown(each, channel)]
        found: list[tuple[int, Card | Page]] = [(each.order, Page(each)) for each in pages]
        found += [(each.order, Card(each)) for each in messages]
        return [each for order, each in sorted(found, key=lambda pair: -pair[0]) if order > self.state.acted]

    def _is_shown(self, message: Message, channel: Channel) -> bool:
        """Whether they see a message of the bot's: in a channel that they are in, or to them alone."""
        return (
            message.by_app
            and self._may_see(message)
            and (self.id in channel.members or bool(message.ephemeral_to))
        )

    def _acts(self) -> None:
        here = self.workspace.installation
        assert here is not None, "the app is not installed here"
        assert not here.is_removed, "the app was removed"
        self.state.acted = self._slack.world.counted

    def _seen(self) -> Seen:
        return next(iter(self._fresh()), None)

    async def sees(self, words: str = "", *, within_s: float = 30.0) -> Card | Page:
        """Wait until something says this that came after they last did something. Raises TimeoutError."""
        return await self._slack.until(lambda: self._finds(words), within_s)

    def _finds(self, words: str) -> Card | Page | None:
        return next((each for each in self._fresh() if words in f"{each.title}\n{each.words}"), None)

    async def command(self, text: str, *, channel: str | None = None) -> Seen:
        """Type a slash command, in a channel or in the direct conversation with the bot."""
        self._acts()
        place = self._place(channel)
        form = interactions.command(self._slack, self.state, self.workspace, place, text)
        reply = await self._slack.delivery.send("slash_commands", form)
        name = form["command"]
        if reply.failure:
            self.errors.append(f"{name} failed with the error “{NOT_REACHED[reply.failure]}”")
        else:
            self._show(reply, place)
        return self._seen()

    def _show(self, reply: Reply, place: Channel) -> None:
        """What a command is answered with at once."""
        body = reply.body if isinstance(reply.body, dict) else {"text": reply.text}
        if not reply.text.strip() or not body:
            return
        link = ResponseUrl(self.workspace, place, self.state, None, self._slack.clock.now())
        try:
            respond(self._slack, link, body)
        except SlackError as error:
            self.errors.append(f"the answer was refused: {error.error} {error.extra}")

    async def dm(self, text: str, *, thread: Card | None = None) -> Reply | None:
        """Write to the bot directly."""
        return await self._say(self._direct(), self._typed(text), thread, channel_type="im")

    async def mention(self, channel: str, text: str, *, thread: Card | None = None) -> Reply | None:
        """Mention the bot in a channel, the mention first."""
        words = f"<@{self.workspace.bot}> {self._typed(text)}"
        return await self._say(self._place(channel), words, thread, type="app_mention")

    async def write(self, channel: str, text: str) -> Card:
        """Write something in a channel, which the bot does not hear."""
        return Card(self._written(self._place(channel), self._typed(text), None))

    def _typed(self, text: str) -> str:
        return interactions.pointing(interactions.typed_in_chat(text), self.workspace)

    def _written(self, place: Channel, text: str, thread: Card | None) -> Message:
        ts = self._slack.world.new_ts()
        message = Message(ts, place, self.id, text, thread_ts=thread.ts if thread else None)
        place.history.append(message)
        return message

    async def _say(self, place: Channel, text: str, thread: Card | None, **more: Any) -> Reply | None:
        self._acts()
        event = interactions.said(self._written(place, text, thread), self.state, **more)
        assert self._slack.is_connected, "no bot is connected"
        if self.workspace.bot not in place.members:
            return None
        return await deliver(self._slack, self.workspace, event, place)

    async def press(self, surface: Surface | None, label: str, fill: dict[str, Any] | None = None) -> Seen:
        """Press a button, or an entry of an overflow menu, by its label or the beginning of it."""
        assert surface is not None, "there is nothing to press on"
        pressable = [each for each in surface.controls if each.element["type"] in {"button", "overflow"}]
        found = [each for each in pressable if each.label == label]
        found = found or [each for each in pressable if each.label.startswith(label)]
        assert found, f"no button {label!r} among {surface.buttons} of {surface!r}"
        return await self._act(surface, found[0], fill or {})

    async def choose(self, surface: Surface | None, named: str, value: Any) -> Seen:
        """Choose in a menu that acts at once: one outside of an input, or of an input that dispatches."""
        assert surface is not None, "there is nothing to choose on"
        control = state.find_input(surface, named)
        acts = control.block["type"] != "input" or control.block.get("dispatch_action")
        assert acts, f"{named} is only sent with the form"
        return await self._act(surface, control, {named: value})

    async def _act(self, surface: Surface, control: Control, fill: dict[str, Any]) -> Seen:
        self._acts()
        state.remember(self.state.typed, surface, fill)
        values = state.values_of(self.state.typed, surface)
        payload = interactions.block_actions(self._slack, self.state, self.workspace, surface, control, values)
        reply = await self._interact(payload)
        if reply.failure:
            self.errors.append(f"this did not work: {NOT_REACHED[reply.failure]}")
        return self._seen()

    async def _interact(self, payload: Json) -> Reply:
        return await self._slack.delivery.send("interactive", payload)

    async def submit(self, page: Page | None = None, fill: dict[str, Any] | None = None) -> Seen:
        """Send the modal on top, with these inputs changed. What a client would not send is an error."""
        page = page or self.modal
        assert page is not None, "no modal is open"
        assert page.view is self.state.modals[-1], "that modal is not on top"
        assert page.view.body.get("submit"), "that modal cannot be sent"
        self._acts()
        state.remember(self.state.typed, page, fill or {})
        values = state.values_of(self.state.typed, page)
        missing = state.unfilled(page, values)
        assert not missing, f"the client asks for {missing} first"
        payload = interactions.view_submission(self._slack, self.state, self.workspace, page, values)
        page.view.errors = {}
        self._submitted(page, await self._interact(payload))
        return self._seen() or (self.modal if page.view.errors else None)

    def _submitted(self, page: Page, reply: Reply) -> None:
        """What the answer to a submission does with the modal."""
        if reply.failure:
            self.errors.append("We had some trouble connecting. Try again?")
            return
        body = reply.body
        if body is None and not reply.text.strip():
            modals.close_modals(self.state, all_of_them=False)
            return
        try:
            modals.answer_submission(self._slack, self.state, page.view, body)
        except SlackError as error:
            self.errors.append(f"We had some trouble connecting. Try again? ({error.error} {error.extra})")

    async def close(self, *, all_of_them: bool = False) -> Reply | None:
        """Close the modal on top, or all of them; the bot hears of it where it asked to."""
        page = self.modal
        assert page is not None, "no modal is open"
        values = state.values_of(self.state.typed, page)
        clears = all_of_them or page.view.body.get("clear_on_close") is True
        modals.close_modals(self.state, all_of_them=clears)
        if not page.view.body.get("notify_on_close"):
            return None
        payload = interactions.view_closed(
            self._slack, self.state, self.workspace, page, values, all_of_them=clears
        )
        return await self._interact(payload)

    async def shortcut(self, callback_id: str) -> Seen:
        """Use a global shortcut."""
        self._acts()
        await self._told(interactions.shortcut(self._slack, self.state, self.workspace, callback_id))
        return self._seen()

    async def message_shortcut(self, callback_id: str, card: Card) -> Seen:
        """Use a shortcut from a message's menu."""
        self._acts()
        payload = interactions.message_shortcut(self._slack, self.state, self.workspace, callback_id, card)
        await self._told(payload)
        return self._seen()

    async def _told(self, payload: Json) -> None:
        reply = await self._interact(payload)
        if reply.failure:
            self.errors.append(f"{self._slack.app.name} is not responding: {NOT_REACHED[reply.failure]}")

    async def open_home(self, tab: str = "home") -> Reply | None:
        """Look at the bot's home page; `tab` may be `messages`."""
        event: Json = {"type": "app_home_opened", "user": self.id, "channel": self._direct().id, "tab": tab}
        if self.state.home:
            event["view"] = modals.as_payload(self._slack, self.state.home)
        return await deliver(self._slack, self.workspace, event)

    def browser(self) -> Browser:
        """A browser of their own: on the page that allows the app, it is they who decide."""
        self._slack.browsing.person = self.id
        self._slack.browsing.workspace = self.workspace
        return Browser(self._slack)
