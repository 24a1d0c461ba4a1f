"""The locale a person reads and types in, as Babel knows it."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale, UnknownLocaleError


def known_locale(locale: str) -> Locale:
    """Babel's locale for a tag such as "de-AT" or "de_AT", for its language alone, or else English."""
    tag = locale[:40].replace("-", "_").split(".")[0]
    return _first_known(tag, tag.split("_")[0], "en")


@lru_cache(maxsize=256)
def _first_known(*tags: str) -> Locale:
    for tag in tags:
        try:
            return Locale.parse(tag)
        except (ValueError, UnknownLocaleError):
            continue
    return Locale("en")
