"""What Slack would say about all that a message or a form is drawn as."""

from __future__ import annotations

from typing import Any

from bot.slack.forms import to_home, to_modal, to_page
from bot.slack.render import Page, render
from handlers.messages import Form, Message, Reply
from tests.bot.slack.anything import PLACE
from tests.fakes.slack.blocks import BLOCKS_CHARACTERS, check_blocks, check_view, is_too_large

Json = dict[str, Any]


def refused(page: Page) -> list[str]:
    """What is wrong with one message."""
    found = check_blocks(page.blocks)
    too_long = ["msg_blocks_too_long"] if found.characters > BLOCKS_CHARACTERS else []
    return [*found.problems, *too_long, *([] if 0 < len(page.text) <= 40_000 else ["no text, or too much"])]


def refused_view(view: Json) -> list[str]:
    """What is wrong with one modal or home page."""
    return [*check_view(view).problems, *(["view too large"] if is_too_large(view) else [])]


def views(reply: Reply) -> list[Json]:
    """Every view that a reply could be shown as."""
    if isinstance(reply, Form):
        return [to_modal(reply, PLACE)]
    return [to_page(reply, PLACE), to_home(reply)]


def verdict(reply: Reply) -> list[str]:
    """What is wrong with a reply on every surface that could show it."""
    pages = render(reply) if isinstance(reply, Message) else []
    return [problem for page in pages for problem in refused(page)] + [
        problem for view in views(reply) for problem in refused_view(view)
    ]
