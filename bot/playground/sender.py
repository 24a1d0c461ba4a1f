"""The port to the playground: messages go into its chat."""

from __future__ import annotations

from bot.clock import Clock
from bot.nudges.port import Address, Recipient, Refused
from bot.playground.chat import BOT, Chat
from bot.playground.render import render
from bot.playground.wording import when
from handlers.messages import Message


class PlaygroundSender:
    """Sends messages to the chat of the sample team."""

    def __init__(self, chat: Chat, clock: Clock) -> None:
        self._chat = chat
        self._clock = clock

    async def send(self, recipient: Recipient, message: Message) -> Address:
        """Add the message to the chat, or replace the card it takes the place of."""
        if recipient.replacing:
            standing = self._chat.get(recipient.replacing["message"])
            if standing is None:
                raise Refused("the message to replace is gone")
            self._chat.change(standing, render(message))
            return recipient.replacing
        place = f"dm:{recipient.person}" if recipient.person else f"channel:{recipient.channel}"
        added = self._chat.add(
            place=place,
            author=BOT,
            at=self._clock.now().isoformat(),
            when=when(self._clock.now()),
            card=render(message),
            thread=recipient.thread["message"] if recipient.thread else None,
        )
        return {"message": added.id}
