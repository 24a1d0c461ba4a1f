"""Locales that tests read and write in."""

from __future__ import annotations

from babel import localedata

SPOKEN = ("en_US", "en_GB", "de", "fr", "es", "nl", "pt_BR", "it", "pl")
WRITTEN = (*SPOKEN, "sv", "ru", "tr", "ja", "he", "hi", "uk", "fa", "ar", "zh", "ko", "th", "cs", "fi", "vi")
EVERY = tuple(sorted(set(localedata.locale_identifiers()) - {"root"}))
