"""What Teams would say about all that a message or a form is drawn as."""

from __future__ import annotations

from typing import Any

from bot.teams.forms import dialog, input_card, page
from bot.teams.kit import size
from bot.teams.render import card, cards
from handlers.messages import Form, Message, Reply
from tests.fakes.teams.checking import check_card, is_too_large

Json = dict[str, Any]


def in_chat(reply: Reply) -> list[Json]:
    """Every card in a chat that a reply could be shown as."""
    return [*cards(reply), card(reply)] if isinstance(reply, Message) else [input_card(reply)]


def in_dialog(reply: Reply) -> Json:
    """The card in a dialog that a reply could be shown as."""
    return dialog(reply) if isinstance(reply, Form) else page(reply)


def verdict(reply: Reply) -> list[str]:
    """What is wrong with a reply on every surface that could show it, and what it would set off."""
    chat, alone = in_chat(reply), in_dialog(reply)
    large = [f"{size(each)} bytes" for each in (*chat, alone) if is_too_large(each)]
    found = [*map(check_card, chat), check_card(alone, "dialog")]
    return [*large, *(str(each) for one in found for each in (*one.problems, *one.traces))]
