"""The story's stage in Slack: people type and press through real requests, and read cards as they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.bot.slack.office import Office
from tests.fakes.slack.cards import Card, Page
from tests.scenarios.story import is_called
from tests.world import CHANNEL

Surface = Card | Page


@dataclass
class SlackStage:
    """An office, spoken to by first names."""

    office: Office

    async def types(self, name: str, text: str, *, in_channel: bool = False) -> None:
        """Somebody types a command."""
        await self.office.types(name, text, channel=CHANNEL if in_channel else None)
        await self.office.tick()

    async def presses(self, name: str, label: str, **fill: str) -> None:
        """Somebody presses the newest button of this label that they see."""
        seen = self._seen(name)
        found = ((card, each) for card in seen for each in card.buttons if is_called(each, label))
        card, whole = next(found, (None, ""))
        assert card, f"{name} sees no {label!r}: {[each.title for each in seen][:6]}"
        await self.office.presses(name, card, whole, **fill)
        await self.office.tick()

    async def sends(self, name: str, **fill: str) -> None:
        """Somebody fills in the form that is open and sends it."""
        await self.office.sends(name, None, **fill)
        page = self.office.person(name).modal
        assert page is None or not page.errors, page.errors
        await self.office.tick()

    async def sees(self, name: str) -> str:
        """All that stands on somebody's newest card."""
        return self._seen(name)[0].words

    async def goes_to(self, to: datetime) -> None:
        """Time passes."""
        await self.office.go_to(to)

    def _seen(self, name: str) -> list[Surface]:
        """All that somebody sees of the bot's, the newest first."""
        person = self.office.person(name)
        messages: list[Any] = [each.message for each in person.dms + person.ephemerals()]
        messages += [each.message for each in self.office.slack.channel(CHANNEL).messages]
        cards = {message.ts: Card(message) for message in sorted(messages, key=lambda each: each.order)}
        pages = [person.modal] if person.modal else []
        return [*pages, *sorted(cards.values(), key=lambda each: -each.message.order)]
