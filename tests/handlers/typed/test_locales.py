"""Locales as chat platforms name them."""

from __future__ import annotations

import pytest

from handlers.typed.locales import known_locale


@pytest.mark.parametrize(
    ("tag", "known"),
    [("de-AT", "de_AT"), ("en-us", "en_US"), ("pt_BR.UTF-8", "pt_BR"), ("de-XX", "de"), ("??", "en"), ("", "en")],
)
def test_an_unknown_locale_falls_back_to_its_language_then_english(tag: str, known: str) -> None:
    assert str(known_locale(tag)) == known
