"""People as actors: they write, press, fill in and look; what the bot answers is shown to them as Teams would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.fakes.teams import activities, files, invokes
from tests.fakes.teams.changes import Changes
from tests.fakes.teams.delivery import Reply
from tests.fakes.teams.filling import inputs_of, remember
from tests.fakes.teams.structure import Json
from tests.fakes.teams.surfaces import Card, Control, Page, Surface
from tests.fakes.teams.world import Conversation, Message, Person

if TYPE_CHECKING:
    from tests.fakes.teams.server import FakeTeams

Seen = Card | Page | None
NOT_REACHED = "Something went wrong. Please try again."


class Actor(Changes):
    """Somebody of one tenant.

    What they do returns what they see because of it: a Card, a Page, or None. What the bot does later is
    awaited with `sees`. `errors` is what the client has told them went wrong, `told` what it has told them else.
    """

    def __init__(self, teams: FakeTeams, person: Person) -> None:
        self._teams = teams
        self.state = person

    @property
    def id(self) -> str:
        """The account, as this bot knows it."""
        return self.state.id

    @property
    def errors(self) -> list[str]:
        """What the client has told them went wrong."""
        return self.state.errors

    @property
    def told(self) -> list[str]:
        """What the client has told them beside cards."""
        return self.state.told

    @property
    def dialog(self) -> Page | None:
        """The dialog that is open, if one is."""
        return Page(self.state.dialogs[-1], self.state) if self.state.dialogs else None

    @property
    def chat(self) -> Conversation:
        """Their chat with the bot."""
        return self._teams.world.personal(self.state)

    @property
    def dms(self) -> list[Card]:
        """The messages in their chat with the bot, their own too, as drawn now."""
        return self.cards(self.chat)

    def cards(self, place: Conversation) -> list[Card]:
        """The messages of a conversation as they see them now."""
        return [Card(each, self.state) for each in place.history if not each.is_deleted]

    def fresh(self) -> list[Card | Page]:
        """What came into their sight, or was drawn anew, since they last did something; the newest first."""
        found: list[Card | Page] = [Page(each, self.state) for each in self.state.dialogs]
        for place in self._teams.world.conversations.values():
            if self.id in place.members and not place.is_deleted:
                found += [each for each in self.cards(place) if each.message.by_bot]
        return sorted((each for each in found if each.order > self.state.acted), key=lambda each: -each.order)

    def seen(self) -> Seen:
        """The newest of what is fresh."""
        return next(iter(self.fresh()), None)

    async def sees(self, words: str = "", *, within_s: float = 30.0) -> Card | Page:
        """Wait until something says this that came after they last did something. Raises TimeoutError."""
        return await self._teams.until(lambda: self._finds(words), within_s)

    def _finds(self, words: str) -> Card | Page | None:
        return next((each for each in self.fresh() if words in f"{each.title}\n{each.words}"), None)

    def _acts(self) -> None:
        self.state.acted = self._teams.world.counted

    def _place(self, where: str | None) -> Conversation:
        return self._teams.conversation(where) if where else self.chat

    async def dm(self, text: str) -> Seen:
        """Write to the bot directly."""
        return await self._say(self.chat, text)

    async def mention(self, where: str, text: str, *, thread: Card | None = None, last: bool = False) -> Seen:
        """Write in a channel or a group and mention the bot, first or last."""
        tag = f"<at>{self._teams.app.name}</at>"
        words = f"{text} {tag}" if last else f"{tag} {text}"
        return await self._say(self._teams.conversation(where), words, thread)

    async def write(self, where: str, text: str, *, thread: Card | None = None) -> Card:
        """Write something in a channel or a group, which the bot does not hear."""
        return Card(self._written(self._teams.conversation(where), text, thread), self.state)

    def _written(self, place: Conversation, text: str, thread: Card | None) -> Message:
        world = self._teams.world
        root = (thread.message.root or thread.message.id) if thread and place.kind == "channel" else None
        message = Message(world.message_id(), place, self.id, text, root=root, order=world.number())
        place.history.append(message)
        return message

    async def _say(self, place: Conversation, text: str, thread: Card | None = None) -> Seen:
        message = self._written(place, text, thread)
        self._acts()
        if place.kind != "personal" and not place.has_bot:
            return None
        place.is_installed = place.is_installed or place.kind == "personal"
        self._judge(await self._teams.delivery.send(activities.said(self._teams, self.state, message)))
        return self.seen()

    async def edit(self, card: Card, text: str) -> Seen:
        """Change something that they wrote to the bot."""
        self._acts()
        card.message.text = text
        await self._changed(card, "editMessage")
        return self.seen()

    async def take_back(self, card: Card) -> Seen:
        """Delete something that they wrote to the bot."""
        self._acts()
        card.message.is_deleted = True
        await self._changed(card, "softDeleteMessage")
        return self.seen()

    async def _changed(self, card: Card, event: str) -> None:
        self._judge(
            await self._teams.delivery.send(activities.edited(self._teams, self.state, card.message, event))
        )

    def _judge(self, reply: Reply) -> bool:
        if reply.failure:
            self.errors.append(f"{NOT_REACHED} ({reply.failure} {reply.status})")
        return not reply.failure

    async def press(self, surface: Surface | None, label: str, fill: Mapping[str, Any] | None = None) -> Seen:
        """Press something by its label or the beginning of it, with inputs filled in.

        What is folded away is unfolded first, as somebody would who looks for it.
        """
        assert surface is not None, "there is nothing to press on"
        assert surface.person is self.state, "that is on somebody else's screen"
        control = self._control(surface, label)
        remember(surface, fill or {})
        if control.within:
            self._unfold(surface, control)
        return await self._act(surface, control)

    def _control(self, surface: Surface, label: str) -> Control:
        def rank(each: Control) -> tuple[bool, bool, bool]:
            return (bool(each.within), each.label != label, each.kind == "Action.ToggleVisibility")

        found = [each for each in surface.actions if each.label == label or each.label.startswith(label)]
        assert found, f"no button {label!r} among {[each.label for each in surface.actions]} of {surface!r}"
        return min(found, key=rank)

    def _unfold(self, surface: Surface, control: Control) -> None:
        for hidden in control.within:
            opens = [each for each in surface.actions if hidden in _targets(each.element)]
            assert opens, f"nothing brings {hidden} into sight"
            self.state.toggled[surface.key, hidden] = True

    async def _act(self, surface: Surface, control: Control) -> Seen:
        element = control.element
        if control.kind == "Action.Execute" and not self.state.executes:
            assert "fallback" in element, "a client that knows no Action.Execute shows no such button"
            control = Control(element["fallback"], control.label, control.index, (), control.cards)
            element = control.element
        if control.kind == "Action.ToggleVisibility":
            self._toggle(surface, element)
            return surface if isinstance(surface, Card | Page) else None
        if control.kind == "Action.OpenUrl":
            self.told.append(str(element["url"]))
            return None
        self._acts()
        data = {**element.get("data", {}), **inputs_of(surface, control)}
        if isinstance(surface, Page):
            await self._submit(surface, data)
        elif isinstance(surface, Card):
            await self._tap(surface, control, data)
        return self.seen()

    def _toggle(self, surface: Surface, element: Json) -> None:
        for each in element["targetElements"]:
            named = each if isinstance(each, str) else each["elementId"]
            was = self.state.toggled.get((surface.key, named), _shown_at_first(surface, named))
            to = each.get("isVisible") if isinstance(each, dict) else None
            self.state.toggled[surface.key, named] = (not was) if to is None else to

    async def _tap(self, card: Card, control: Control, data: Json) -> None:
        asked = data.get("msteams") or {}
        if control.kind == "Action.Execute":
            await self._execute(card, control.element, control.index, data, "manual")
        elif asked.get("type") == "task/fetch":
            await self._open(card, data)
        elif asked.get("type") in {"messageBack", "imBack"}:
            await self._say(card.conversation, str(asked.get("text") or asked.get("value") or ""))
        else:
            value = {name: each for name, each in data.items() if name != "msteams"}
            self._judge(
                await self._teams.delivery.send(activities.submitted(self._teams, self.state, card.message, value))
            )

    async def _execute(self, card: Card, action: Json, index: int, data: Json, trigger: str) -> None:
        value = activities.executed(action, data, trigger)
        reply = await self._invoke("adaptiveCard/action", value, card.conversation, card.message)
        if self._judge(reply):
            self._answered(lambda: invokes.answer_action(self._teams, card, index, reply))

    async def _open(self, card: Card, data: Json) -> None:
        value = {"data": data, "context": {"theme": "default"}}
        reply = await self._invoke("task/fetch", value, card.conversation, card.message)
        if self._judge(reply):
            where, asked_by = card.conversation, card.message.id
            self._answered(
                lambda: invokes.answer_dialog(
                    self._teams, self.state, where, reply, opened_by=data, reply_to=asked_by
                )
            )

    async def _submit(self, page: Page, data: Json) -> None:
        """Send a dialog."""
        assert page.is_open, "that dialog is closed"
        dialog = page.dialog
        value: Json = {"data": data, "context": {"theme": "default"}}
        name = "task/submit"
        if dialog.extension:
            name, value = "composeExtension/submitAction", {**dialog.extension, **value}
        message = dialog.conversation.find(dialog.reply_to) if dialog.reply_to else None
        reply = await self._invoke(name, value, dialog.conversation, message)
        if self._judge(reply):
            self._answered(
                lambda: invokes.answer_dialog(
                    self._teams,
                    self.state,
                    dialog.conversation,
                    reply,
                    opened_by=data,
                    reply_to=dialog.reply_to,
                    before=dialog,
                )
            )

    async def _invoke(self, name: str, value: Json, place: Conversation, message: Message | None) -> Reply:
        activity = activities.invoked(self._teams, self.state, place, name, value, message)
        return await self._teams.delivery.send(activity)

    def _answered(self, judge: Any) -> None:
        try:
            judge()
        except invokes.BadAnswer as bad:
            self.errors.append(f"Unable to reach app. Please try again. ({bad})")

    async def submit(
        self, page: Page | None = None, fill: Mapping[str, Any] | None = None, label: str = ""
    ) -> Seen:
        """Send the dialog that is open, with these inputs changed, by its first button or by another."""
        page = page or self.dialog
        assert page is not None, "no dialog is open"
        remember(page, fill or {})
        sending = [each for each in page.actions if each.kind == "Action.Submit" and not each.within]
        chosen = [each for each in sending if each.label.startswith(label)]
        assert chosen, f"no button {label!r} among {page.buttons}"
        return await self._act(page, chosen[0])

    def close(self) -> None:
        """Close the dialog that is open; the bot does not hear of it."""
        assert self.state.dialogs, "no dialog is open"
        self.state.dialogs.pop()

    async def answer_file(self, name: str, *, accept: bool = True, upload: str = "") -> Reply:
        """Say whether a file that the bot asks about may be stored. `upload` is where, if not in this Teams."""
        asked = [
            (message, each)
            for message in self.chat.history
            for each in message.activity.get("attachments") or []
            if each.get("contentType") == files.CONSENT and each["name"] == name and not message.is_deleted
        ]
        assert asked, f"nobody asks about {name}"
        message, attachment = asked[-1]
        self._acts()
        value = files.answered(self._teams, attachment, accept=accept, upload=upload)
        reply = await self._invoke("fileConsent/invoke", value, self.chat, message)
        self._judge(reply)
        return reply

    async def look(self, card: Card) -> Seen:
        """Come to see a card that refreshes itself for them."""
        self._acts()
        for index, each in enumerate(card.cards):
            refresh = each.get("refresh") or {}
            if "action" in refresh and self.id in refresh.get("userIds", [self.id]):
                action = refresh["action"]
                await self._execute(card, action, index, action.get("data", {}), "automatic")
        return self.seen()

    async def extend(self, command: str, card: Card) -> Seen:
        """Take an action of the bot's from a message's menu."""
        self._acts()
        sender = self._teams.world.person(card.message.sender)
        value = activities.from_message(command, card.message, sender, self._teams.app.name)
        reply = await self._invoke("composeExtension/fetchTask", value, card.conversation, card.message)
        if self._judge(reply):
            opened = len(self.state.dialogs)
            where = card.conversation
            self._answered(lambda: invokes.answer_dialog(self._teams, self.state, where, reply, opened_by=value))
            for dialog in self.state.dialogs[opened:]:
                dialog.extension = value
        return self.seen()


def _targets(element: Json) -> list[str]:
    listed = element.get("targetElements") or []
    return [each if isinstance(each, str) else each["elementId"] for each in listed]


def _shown_at_first(surface: Surface, named: str) -> bool:
    found = [each for each, *_ in surface._elements() if each.get("id") == named]
    return bool(found and found[0].get("isVisible", True))
