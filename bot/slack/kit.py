"""The models of Slack's Block Kit that the bot draws with, and the texts that stand in them.

They are slack_sdk's own and run its own checks. Only how a model finds its checks is ours: once for each
class, where slack_sdk looks through all attributes of every object, which was half the cost of a message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from slack_sdk.models import blocks as kit
from slack_sdk.models.blocks import RichTextElementParts as Parts

from bot.letters import EMPTY, is_seen, literal

Json = dict[str, Any]


class _Checked:
    """A model that knows where its checks are."""

    _checks: ClassVar[tuple[Callable[[Any], None], ...]] = ()

    def __init_subclass__(cls) -> None:
        methods = (getattr(cls, name, None) for name in dir(cls))
        cls._checks = tuple(each for each in methods if callable(each) and hasattr(each, "validator"))

    def validate_json(self) -> None:
        for check in self._checks:
            check(self)


class Plain(_Checked, kit.PlainTextObject):
    """Text that is no markup."""


class Header(_Checked, kit.HeaderBlock):
    """A heading."""


class Section(_Checked, kit.SectionBlock):
    """A paragraph."""


class Context(_Checked, kit.ContextBlock):
    """Small print."""


class Actions(_Checked, kit.ActionsBlock):
    """A row of buttons and menus."""


class InputBlock(_Checked, kit.InputBlock):
    """Something to fill in, with its label."""


class ButtonElement(_Checked, kit.ButtonElement):
    """A button."""


class Confirm(_Checked, kit.ConfirmObject):
    """A question before a tap counts."""


class Option(_Checked, kit.Option):
    """An entry of a menu."""


class OptionGroup(_Checked, kit.OptionGroup):
    """Entries of a menu under a heading."""


class Overflow(_Checked, kit.OverflowMenuElement):
    """The menu behind the three dots."""


class Select(_Checked, kit.StaticSelectElement):
    """A menu of which one entry is picked."""


class MultiSelect(_Checked, kit.StaticMultiSelectElement):
    """A menu of which any number of entries are picked."""


class TextInput(_Checked, kit.PlainTextInputElement):
    """Room for words."""


class RichText(_Checked, kit.RichTextBlock):
    """Lines, lists and quotes."""


class RichSection(_Checked, kit.RichTextSectionElement):
    """A line of rich text."""


class RichList(_Checked, kit.RichTextListElement):
    """A list of lines."""


class RichQuote(_Checked, kit.RichTextQuoteElement):
    """Words with a bar beside them."""


class RichCode(_Checked, kit.RichTextPreformattedElement):
    """Words in columns."""


class RichWords(_Checked, Parts.Text):
    """Words in rich text; slack_sdk's other parts of it mention, link and format."""


def plain(text: str) -> Plain:
    """Text that Slack shows letter for letter."""
    return Plain(text=_seen(text), emoji=False)


def words(text: str) -> RichWords:
    """Words in rich text, letter for letter."""
    return RichWords(text=_seen(text))


def bold(text: str) -> RichWords:
    """The bot's own words, set apart from people's."""
    return RichWords(text=_seen(text), style=Parts.TextStyle(bold=True))


def _seen(text: str) -> str:
    shown = literal(text)
    return shown if is_seen(shown) else EMPTY


def rich(*elements: kit.RichTextElement) -> Json:
    """A block of rich text."""
    return RichText(elements=list(elements)).to_dict()


def section(*parts: RichWords) -> RichSection:
    """A line of rich text."""
    return RichSection(elements=list(parts))


def bullets(items: Sequence[str]) -> Json:
    """A list."""
    return rich(RichList(style="bullet", elements=[section(words(item)) for item in items]))
