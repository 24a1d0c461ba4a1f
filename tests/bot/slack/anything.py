"""Any message and any form that could be made, as Hypothesis draws them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from bot.slack.places import Place
from handlers.messages import (
    Ask,
    Bar,
    Button,
    Choice,
    Divider,
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

PLACE = Place("message", channel="C0123456789", message="1700000000.000100")
# One on each side of every limit of Slack's.
LENGTHS = sorted(
    {
        limit + beside
        for limit in (24, 30, 75, 100, 150, 300, 2000, 3000, 12_500)
        for beside in (-1, 0, 1)
    }
)  # fmt: skip
LETTERS = ("x", "ß", "漢", "😀", "\n", " ", '"', "a b ", "e\u0301")


def _long(length: int, letters: str) -> str:
    return (letters * length)[:length]


any_text = st.one_of(
    st.sampled_from(["", " ", "\n", "\u200b", "Checkout retry", "Two\nlines", "\ud800", "\0"]),
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.builds(_long, st.sampled_from(LENGTHS), st.sampled_from(LETTERS)),
)
short = st.one_of(st.sampled_from(["", "Yes", "Yes", " "]), st.text(max_size=20), any_text)
name = st.sampled_from(["about", "about", "sentence", "score", "people"])
action = st.sampled_from(["checkin.save", "retro.answer", "initiative.start"])
values = st.dictionaries(st.sampled_from(["team", "date", "words", "link"]), any_text, max_size=4)
buttons = st.lists(
    st.builds(
        Button,
        short,
        action,
        values,
        st.sampled_from(["plain", "main", "danger"]),
        st.one_of(st.just(""), any_text),
    ),
    max_size=8,
).map(tuple)
many_buttons = st.builds(
    lambda button, count: (button,) * count,
    st.builds(Button, short, action, values),
    st.sampled_from([24, 25, 26, 60]),
)


def _choices(count: int, label: str) -> tuple[Choice, ...]:
    return tuple(Choice(str(number), f"{number} {label}") for number in range(count))


choices = st.one_of(
    st.just(()),
    st.lists(st.builds(Choice, short, short), max_size=6).map(tuple),
    st.builds(_choices, st.sampled_from([1, 99, 100, 101, 250, 1_000]), any_text),
)
picked = st.one_of(short, st.sampled_from(["0", "0,1,2", ",".join(map(str, range(120)))]))
inputs: st.SearchStrategy[Input] = st.builds(
    Input,
    name,
    short,
    st.sampled_from(["line", "text", "choice", "many"]),
    picked,
    st.booleans(),
    short,
    choices,
    st.sampled_from([0, 1, 150, 3_000, 100_000]),
)
rows = st.integers(0, 4).flatmap(
    lambda width: st.tuples(
        st.tuples(*[short] * width), st.lists(st.tuples(*[short] * width), max_size=5).map(tuple)
    )
)
blocks: st.SearchStrategy[Any] = st.one_of(
    st.builds(Text, any_text),
    st.builds(Note, any_text),
    st.builds(Quote, any_text, short),
    st.builds(Facts, st.lists(st.tuples(short, any_text), max_size=5).map(tuple)),
    st.builds(Items, st.lists(any_text, max_size=5).map(tuple)),
    st.builds(Items, st.builds(lambda item, count: (item,) * count, short, st.sampled_from([40, 400]))),
    rows.map(lambda drawn: Table(*drawn)),
    st.builds(Picture, any_text, st.lists(st.builds(Bar, short, st.floats(), short), max_size=4).map(tuple)),
    st.builds(Divider),
    st.builds(Scale, buttons),
    st.builds(Scale, many_buttons),
    st.builds(Ask, inputs),
    st.builds(File, short, st.just("text/csv"), st.just("")),
)
some_blocks = st.one_of(
    st.lists(blocks, max_size=6).map(tuple),
    st.builds(lambda block, count: (block,) * count, blocks, st.sampled_from([49, 50, 99, 101])),
)
messages = st.builds(Message, any_text, some_blocks, buttons, buttons)
forms = st.builds(
    Form,
    any_text,
    action,
    st.one_of(
        st.lists(inputs, max_size=6).map(tuple),
        st.builds(lambda asked, count: (asked,) * count, inputs, st.sampled_from([30, 99, 101])),
    ),
    short,
    values,
    st.lists(blocks, max_size=3).map(tuple),
    st.dictionaries(name, any_text, max_size=3),
)
