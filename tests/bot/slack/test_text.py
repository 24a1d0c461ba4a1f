"""What people type, from Slack's markup, and what is done with text that is too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.letters import pieces, trim
from bot.slack.text import mentioned, read

CASES = {
    "Shops &amp; cafés &lt;3": "Shops & cafés <3",
    "&amp;lt;b&amp;gt;": "&lt;b&gt;",
    "&copy; &nbsp; &amp": "&copy; &nbsp; &amp",
    "<https://example.com/a?b=1&amp;c=2>": "https://example.com/a?b=1&c=2",
    "<https://example.com|example.com>": "example.com",
    "see <https://example.com/plan|the plan>": "see the plan (https://example.com/plan)",
    "<mailto:ana@example.com|ana@example.com>": "ana@example.com",
    "<mailto:ana@example.com>": "ana@example.com",
    "<tel:+441234|01234>": "01234 (+441234)",
    "<@U012AB3CD|ana> said": "@ana said",
    "<@U012AB3CD> said": "@somebody said",
    "in <#C012AB3CD|checkout>": "in #checkout",
    "in <#C012AB3CD|>": "in a channel",
    "<!here> <!channel> <!everyone>": "@here @channel @everyone",
    "<!here|here>": "@here",
    "<!subteam^S012AB3CD|@designers>": "@designers",
    "<!subteam^S012AB3CD>": "@some people",
    "<!date^1392734382^{date}|18 February>": "18 February",
    "<<https://example.com>>": "<https://example.com>",
    "<>": "<>",
    "a < b > c": "a < b > c",
    "<|label>": "<|label>",
    "<https://example.com": "<https://example.com",
    "  spaced  ": "spaced",
}


@pytest.mark.parametrize(("sent", "typed"), CASES.items())
def test_markup_is_read_as_what_it_shows(sent: str, typed: str) -> None:
    assert read(sent) == typed


def test_the_name_the_bot_was_called_by_is_no_part_of_what_was_said() -> None:
    assert read("<@U0BOT> status <@U0ANA|ana>", but="U0BOT") == "status @ana"


def test_mentions_without_a_name_are_looked_up_and_no_others() -> None:
    said = "<@U1> <@W2|ana> <#C3|> <#C4> <#C5|lobby> <!here> <!subteam^S6> <https://example.com>"

    assert mentioned(said) == {"U1", "C3", "C4"}


def test_mentions_are_read_by_the_names_that_were_found() -> None:
    names = {"U1": "Ana &lt; Ruiz", "W2": "not she", "C3": "#lobby"}

    assert (
        read("<@U1> and <@W2|ben> in <#C3|> and <#C4>", names) == "@Ana &lt; Ruiz and @ben in #lobby and a channel"
    )


def escaped(text: str) -> str:
    """Typed words as Slack sends them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@given(
    st.text(), st.sampled_from(["&lt;", "<@U1>", "<!here>", "&amp;amp;", "<https://x.example|x>", "|", ">", "<"])
)
def test_what_people_type_comes_in_as_they_typed_it(text: str, twist: str) -> None:
    typed = f"{text}{twist}{text}".strip()

    assert read(escaped(typed)) == typed


@given(st.text(st.sampled_from("<>|&;ampltg@#!UC^ab:/."), max_size=40))
def test_broken_markup_is_read_as_something(text: str) -> None:
    assert isinstance(read(text), str)


@given(st.text(max_size=200), st.integers(2, 50))
def test_pieces_are_short_enough_and_together_the_whole(text: str, limit: int) -> None:
    found = list(pieces(text, limit))

    assert "".join(found) == text
    assert all(0 < len(piece) <= limit for piece in found) or not text


@given(st.text(max_size=200), st.integers(2, 50))
def test_what_is_cut_says_so(text: str, limit: int) -> None:
    cut = trim(text, limit)

    assert len(cut) <= limit
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))


def test_a_text_is_broken_at_the_end_of_a_line_then_at_a_space() -> None:
    assert list(pieces("one two\nthree four", 14)) == ["one two\n", "three four"]
    assert list(pieces("one two three", 9)) == ["one two ", "three"]


@pytest.mark.parametrize("sign", ["👨‍👩‍👧", "👍🏿", "e\u0301", "नि"])
def test_no_sign_is_cut_through(sign: str) -> None:
    for before in range(1, 8):
        assert trim("x" * before + sign + "x" * 9, 10).replace("x", "") in (f"{sign}…", "…")


def test_a_storm_of_marks_is_cut_all_the_same() -> None:
    assert len(trim("e" + "\u0301" * 500, 75)) == 75
