"""Money's symbols, names and ISO 4217 codes, and which currency a person means by them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NoReturn

from babel import Locale
from babel.numbers import list_currencies

from handlers.typed.numbers import Typed
from handlers.typed.refusals import Ambiguous
from handlers.typed.text import either, plain_word, prefix_of, quoted


def _by_territory(codes: str) -> dict[str, str]:
    """The territory of a currency is the start of its code."""
    return {code[:2]: code for code in codes.split()}


DOLLARS = _by_territory("AUD BBD BMD BND BSD BZD CAD FJD GYD HKD JMD NZD SGD TTD TWD")
_PESOS = _by_territory("ARS CLP COP MXN UYU")
_CROWNS = _by_territory("DKK ISK NOK SEK") | {"FO": "DKK", "GL": "DKK"}
_CROWNS |= {"sv": "SEK", "nb": "NOK", "nn": "NOK", "no": "NOK", "da": "DKK", "is": "ISK", "fo": "DKK"}
_RUPEES = _by_territory("INR LKR MUR NPR PKR SCR") | {"hi": "INR"}
# For each sign that several currencies share, theirs by territory or language.
_SHARED = {"$": DOLLARS | _PESOS, "dollar": DOLLARS, "dollars": DOLLARS, "¥": {"CN": "CNY", "zh": "CNY"}}
_SHARED |= {"kr": _CROWNS, "kronor": _CROWNS, "kroner": _CROWNS, "rs": _RUPEES, "rupees": _RUPEES}
_USUAL = {"$": "USD", "dollar": "USD", "dollars": "USD", "¥": "JPY"}
_SIGNS = {
    "AUD": "a$ au$",
    "BRL": "r$",
    "CAD": "c$ ca$",
    "CHF": "fr sfr",
    "CNY": "cn¥",
    "CZK": "kč",
    "EUR": "€ euro euros",
    "GBP": "£",
    "HKD": "hk$",
    "ILS": "₪",
    "INR": "₹",
    "JPY": "jp¥",
    "KRW": "₩",
    "MXN": "mx$",
    "NGN": "₦",
    "NZD": "nz$",
    "PHP": "₱",
    "PLN": "zł zl",
    "RUB": "₽",
    "SGD": "s$ sg$",
    "THB": "฿",
    "TRY": "₺",
    "TWD": "nt$",
    "UAH": "₴",
    "USD": "us$",
    "VND": "₫",
}
_SYMBOLS = {sign: code for code, signs in _SIGNS.items() for sign in signs.split()}
_TYPED_SMALL = {"usd", "eur", "gbp", "chf", "jpy", "cny", "inr", "cad", "aud", "nzd", "sek", "nok", "dkk"}
_TYPED_SMALL |= {"pln", "czk", "huf", "brl", "mxn", "zar", "sgd", "hkd", "ils"}


def find_currency(typed: Typed, words: str, *, is_before: bool = False) -> tuple[str, str]:
    """The ISO 4217 code at the start of the words, "" where there is none, and the words after it."""
    symbols = _symbols(typed.person)
    sign = prefix_of(words, tuple(symbols))
    if sign and (len(sign) > 1 or is_before or not sign.isalpha()):
        code = _shared(typed, symbols[sign])
    else:
        sign, code = words[:3], words[:3].upper()
        is_code = sign in currency_codes() or sign in _TYPED_SMALL
        if not is_code or words[3:4].isalnum():
            return "", words
    return code, words[len(sign) :].removeprefix(".").strip()


def _shared(typed: Typed, code: str) -> str:
    """The code itself, or for a symbol of several currencies the one used where this person is."""
    if code not in _SHARED:
        return code
    person, users = typed.person, _SHARED[code]
    local = users.get(person.territory or "") or users.get(person.language) or _USUAL.get(code)
    return local or _ask_currency(typed, code, sorted(set(users.values())))


def _ask_currency(typed: Typed, sign: str, codes: list[str]) -> NoReturn:
    shown = re.compile(re.escape(sign), re.IGNORECASE)
    choices = tuple(
        (shown.sub(code, typed.text, count=1), typed.person.currencies.get(code, code)) for code in codes
    )
    raise Ambiguous(
        f"{quoted(sign)} is money in several countries. Type {either([typing for typing, _ in choices])}.",
        choices,
    )


@lru_cache(maxsize=64)
def _symbols(person: Locale) -> dict[str, str]:
    """ISO 4217 codes by every symbol known here; a symbol of several currencies maps to itself."""
    own = {plain_word(sign): code for code, sign in person.currency_symbols.items() if code in currency_codes()}
    shared = {sign: sign for sign in _SHARED}
    return {sign: code for sign, code in (_SYMBOLS | shared | own).items() if sign}


@lru_cache(maxsize=1)
def currency_codes() -> frozenset[str]:
    """ISO 4217 codes of money people pay with, so not gold (XAU), test (XTS) or none (XXX)."""
    return frozenset(code for code in list_currencies() if code[0] != "X" or code in ("XAF", "XCD", "XOF", "XPF"))
