"""Words that would call, link, format, turn round or pass for somebody else's, if Slack read them as anything."""

from __future__ import annotations

import unicodedata
from random import Random
from typing import Any

from handlers.messages import (
    Ask,
    Bar,
    Button,
    Choice,
    Facts,
    File,
    Form,
    Input,
    Items,
    Message,
    Note,
    Picture,
    Quote,
    Scale,
    Table,
    Text,
)

PARTS = (
    "<!channel>", "<!here>", "<!everyone>", "<@U1>", "<@W012A3CDE|ana>", "<#C1>", "<#C1|general>",
    "<!subteam^S1|@all>", "<!date^1392734382^{date}^https://evil.example|now>",
    "<http://evil.example|your payslip>", "<mailto:a@b.com>", "https://evil.example/x?y=1",
    "http://evil.example", "evil.com", "mail@evil.com", "mailto:ana@evil.com", "[click](https://evil.example)",
    "![x](https://evil.example)", "*bold*", "**bold**", "_it_", "__it__", "~s~", "`code`", "```pre```",
    "> quote", ">>> all", "&gt; quote", "&lt;!channel&gt;", "&amp;", "&", "<", ">", "|", "* item", "- item",
    "1. item", "• item", ":smile:", ":+1::skin-tone-2:", ":x:y:", "@here", "@channel", "@everyone", "@ana",
    "#general", "\n", "\r\n", "\u2028", "\n— Ana", "\n> Ben", "\u202egnitirw\u202c", "\u202e", "\u2066",
    "\u2067x", "\u2068", "\u2069", "\u202a", "\u202b", "\u200b", "\u200e", "\u200f", "\ufeff", "\u2060",
    "\u00ad", "\0", "\x07", "\x1b[31m", "\x7f", "\x85", "\ud800", "\udfff",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f44d\U0001f3ff", "e" + "\u0301" * 12, "שלום", "مرحبا",
    "漢字", "Saved", "[Approve]", " ", "a", "it's 12 %", "snake_case", "2*3*4", "09:40",
)  # fmt: skip
PLACES = 25
PRESSED = 16  # the label of the only button of the scale
UNSEEN = 17  # the one that a button carries


def hostile_text(random: Random) -> str:
    """A few hostile words in a row."""
    joint = random.choice(["", " ", "x"])
    return joint.join(random.choices(PARTS, k=random.randint(1, 4)))[:60]


def seen(text: str) -> str:
    """The letters and signs of a text that a reader can see."""
    return "".join(c for c in text if unicodedata.category(c)[0] in "LNPSM" and c != "\ufffd")


def message_of(texts: list[str]) -> Message:
    """A message with a text in each of its PLACES."""
    t = iter(texts)
    return Message(
        next(t),
        (
            Text(next(t)),
            Note(next(t)),
            Quote(next(t), next(t)),
            Facts(((next(t), next(t)),)),
            Items((next(t), next(t))),
            Table((next(t), next(t)), ((next(t), next(t)),)),
            Picture(next(t), (Bar(next(t), 0.5, next(t)),)),
            Scale((Button(next(t), "checkin.save", {"words": next(t)}),)),
            Ask(
                Input(
                    "a", next(t), "text", "a", hint=next(t), choices=(Choice("a", next(t)), Choice("b", next(t)))
                )
            ),
            File(next(t), "text/csv", ""),
        ),
        (Button(next(t), "checkin.save", confirm=next(t)),),
    )


def form_of(texts: list[str]) -> Form:
    """A form with a text in each place that a form has beside those of a message."""
    title, submit, label, value, hint, error, other = texts[:7]
    asked = Input("words", label, "text", value, hint=hint)
    return Form(title, "evidence", (asked,), submit, {"hidden": other}, errors={"words": error})


def shown(piece: Any) -> list[str]:
    """Every text that a drawn thing shows."""
    if isinstance(piece, list):
        return [text for each in piece for text in shown(each)]
    if not isinstance(piece, dict):
        return []
    own = [piece[name] for name in ("text", "initial_value") if isinstance(piece.get(name), str)]
    hidden = ("initial_option", "initial_options")
    return own + [text for name, each in piece.items() if name not in hidden for text in shown(each)]
