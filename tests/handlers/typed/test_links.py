"""Links as people paste them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.typed.links import parse_link
from handlers.typed.refusals import Refused


@pytest.mark.parametrize(
    "typed",
    [
        "https://example.com",
        "http://example.com/a?b=c#d",
        "HTTPS://EXAMPLE.COM/x",
        "https://bücher.example/ä",
        "https://example.com:8443/x",
        "https://example.slack.com/archives/C1/p1700000000000100",
        "  https://example.com  ",
    ],
)
def test_a_web_page_is_kept_as_it_was_pasted(typed: str) -> None:
    assert parse_link(typed) == typed.strip()


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)",
        "JaVaScRiPt://example.com/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "mailto:meera@example.com",
        "ftp://example.com",
        "slack://open",
        "//example.com",
        "example.com",
        "https:",
        "https://",
        "https:///path",
        "https:example.com",
        "#3",
    ],
)
def test_anything_else_is_refused_with_what_a_link_is_like(typed: str) -> None:
    with pytest.raises(Refused, match=r"begins with https:// or http://.*leave this empty"):
        parse_link(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "https://example.com/a b",
        "https://example.com\\@evil.example",
        "java\nscript:alert(1)",
        "https://exam\u202eple.com",
        "https://example.com/\u200b",
        "see https://example.com",
    ],
)
def test_spaces_and_what_cannot_be_seen_are_refused(typed: str) -> None:
    with pytest.raises(Refused, match="one address without spaces"):
        parse_link(typed)


@pytest.mark.parametrize("typed", ["https://ana@example.com", "https://ana:secret@example.com/x"])
def test_a_password_is_not_kept(typed: str) -> None:
    with pytest.raises(Refused, match="user name in that link"):
        parse_link(typed)


@pytest.mark.parametrize("typed", ["https://[::1", "https://example.com:port/"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="cannot read that as a link"):
        parse_link(typed)


@given(st.text())
def test_whatever_is_typed_is_a_web_page_or_refused(typed: str) -> None:
    try:
        link = parse_link(typed)
    except Refused:
        return
    assert link.casefold().startswith(("https://", "http://"))
