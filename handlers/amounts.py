"""Numbers, percentages and money as people type them, and the way back to words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NoReturn

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, format_decimal, get_group_symbol, list_currencies

from handlers.refusals import Ambiguous, Refused, either, plain_text, quoted

LARGEST = Decimal(10) ** 15
_DECIMALS = 10
_UNIT_LENGTH = 40
_EXAMPLE = "a number with its unit, such as 1200, 17.4 % or €49"

_NUMBER = re.compile(r"(?:(?<![^\W\d_])[.,٫])?\d(?:[\d.,'_٫ ]*\d)?")
_MONEY = re.compile(r"([A-Z]{3})([ /].*)?")
_DECIMAL_MARKS = ".,٫"
_COMMAS = str.maketrans("،⹁", ",,")
_OF = re.compile(r"^(?:d'|de |di )", re.IGNORECASE)

_SCALES = {"k": 3, "tsd": 3, "mio": 6, "mn": 6, "mln": 6, "mrd": 9, "mld": 9}
_SCALES |= {"lac": 5, "lakh": 5, "lakhs": 5, "crore": 7, "crores": 7}
_ENGLISH_SCALES = {"thousand": 3, "million": 6, "millions": 6, "bn": 9, "billion": 9, "billions": 9}
_ENGLISH_SCALES |= {"trillion": 12, "trillions": 12}
_LETTER_SCALES = {"m": (6, "million", ("metres", "minutes")), "b": (9, "billion", ("bytes",))}
_PERCENT = (
    *("%", "percent", "per cent", "pct", "prozent", "procent", "procentów"),
    *("pour cent", "por ciento", "por cento", "per cento"),
)

_DOLLARS = {"AU": "AUD", "BB": "BBD", "BM": "BMD", "BN": "BND", "BS": "BSD", "BZ": "BZD", "CA": "CAD"}
_DOLLARS |= {"FJ": "FJD", "GY": "GYD", "HK": "HKD", "JM": "JMD", "NZ": "NZD", "SG": "SGD", "TT": "TTD"}
_DOLLARS |= {"TW": "TWD"}
_PESOS = {"AR": "ARS", "CL": "CLP", "CO": "COP", "MX": "MXN", "UY": "UYU"}
_CROWNS = {"SE": "SEK", "NO": "NOK", "DK": "DKK", "IS": "ISK", "FO": "DKK", "GL": "DKK"}
_CROWNS |= {"sv": "SEK", "nb": "NOK", "nn": "NOK", "no": "NOK", "da": "DKK", "is": "ISK", "fo": "DKK"}
_RUPEES = {"IN": "INR", "PK": "PKR", "LK": "LKR", "NP": "NPR", "MU": "MUR", "SC": "SCR", "hi": "INR"}
_SHARED = {"$": _DOLLARS | _PESOS, "dollar": _DOLLARS, "dollars": _DOLLARS}
_SHARED |= {"kr": _CROWNS, "kronor": _CROWNS, "kroner": _CROWNS, "rs": _RUPEES, "rupees": _RUPEES}
_SHARED |= {"¥": {"CN": "CNY", "zh": "CNY"}}
_USUAL = {"$": "USD", "dollar": "USD", "dollars": "USD", "¥": "JPY"}
_SYMBOLS = {"€": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₪": "ILS"}
_SYMBOLS |= {"zł": "PLN", "zl": "PLN", "kč": "CZK", "₺": "TRY", "₽": "RUB", "₴": "UAH", "₫": "VND"}
_SYMBOLS |= {"฿": "THB", "₱": "PHP", "₦": "NGN", "fr": "CHF", "sfr": "CHF", "us$": "USD", "ca$": "CAD"}
_SYMBOLS |= {"c$": "CAD", "a$": "AUD", "au$": "AUD", "nz$": "NZD", "hk$": "HKD", "s$": "SGD", "sg$": "SGD"}
_SYMBOLS |= {"nt$": "TWD", "mx$": "MXN", "r$": "BRL", "cn¥": "CNY", "jp¥": "JPY"}
_TYPED_SMALL = {"usd", "eur", "gbp", "chf", "jpy", "cny", "inr", "cad", "aud", "nzd", "sek", "nok", "dkk"}
_TYPED_SMALL |= {"pln", "czk", "huf", "brl", "mxn", "zar", "sgd", "hkd", "ils"}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number and what it counts.

    `unit` is "" for a plain number, "%" for percent, an ISO 4217 code for money ("EUR", or "EUR per seat"),
    otherwise the unit as typed ("ms", "tickets").
    """

    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class _Typed:
    """What one person typed: all of it, the digits and marks of its number, and their locale."""

    text: str
    digits: str
    person: Locale


def parse_amount(text: str, locale: str) -> Amount:
    """The amount a person meant, read by the decimal mark, grouping, number words and money of their locale.

    Up to 10^15 either way and 10 decimals, never rounded. Raises Refused, or Ambiguous where two readings
    are plausible and the locale does not settle it.
    """
    words = plain_text(text, _EXAMPLE).rstrip(" .,;:!?")
    found = _NUMBER.search(words)
    if found is None:
        raise Refused(f"I found no number in {quoted(words or text)}. Type {_EXAMPLE}.")
    typed = _Typed(words, found.group(), known_locale(locale))
    before, after = words[: found.start()].strip(), words[found.end() :].strip()
    if re.search(r"\d", after):
        _refuse_several(words)
    negative, before = _sign(before)
    number = _number(typed)
    code = before if before in ("", "%") else _whole_currency(typed, before)
    power, rest = _scale(typed, after, code)
    value = _bounded(_without_end_zeros(number.scaleb(power)))
    return Amount(-value if negative and value else value, _unit(typed, code, rest))


def write_amount(value: Decimal, unit: str, locale: str) -> str:
    """The amount as a person of this locale reads it, every digit kept and no zero added: "€1,200,000"."""
    person = known_locale(locale)
    plain = _without_end_zeros(value)
    money = _MONEY.fullmatch(unit)
    if money and money[1] in _codes():
        return _write_money(plain, money[1], person) + (money[2] or "")
    number = format_decimal(plain, locale=person, decimal_quantization=False)
    if not unit or unit.startswith("/"):
        return number + unit
    return f"{number}\N{NO-BREAK SPACE}{unit}" if unit.startswith("%") else f"{number} {unit}"


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


def _sign(before: str) -> tuple[bool, str]:
    """Whether a minus stands at either end of what comes before the number, and the rest of it."""
    for mark in "-+":
        if before.startswith(mark) or before.endswith(mark):
            return mark == "-", (before[1:] if before.startswith(mark) else before[:-1]).strip()
    return False, before


def _number(typed: _Typed) -> Decimal:
    readings = dict(_readings(typed.digits))
    if not readings:
        _refuse_several(typed.text)
    if len(readings) > 1 and get_group_symbol(typed.person).translate(_COMMAS) not in readings:
        _ask_decimal(typed, readings)
    return _bounded(Decimal(readings.get("whole") or next(iter(readings.values()))))


def _readings(number: str) -> Iterator[tuple[str, str]]:
    """Every well-formed reading of a run of digits and marks: its decimal mark or "whole", and the digits."""
    whole = _ungrouped(number)
    if whole:
        yield "whole", whole
    for mark in _DECIMAL_MARKS:
        head, found, decimals = number.partition(mark)
        if found and decimals.isdecimal() and (whole_part := _ungrouped(head) if head else "0"):
            yield mark, f"{whole_part}.{decimals}"


def _ungrouped(digits: str) -> str:
    """The digits without their grouping marks, or "" where the groups are not 3s (or India's 2s and a 3)."""
    marks = set(re.sub(r"\d", "", digits))
    if not marks:
        return digits
    groups = re.split(r"\D", digits)
    first, middle, last = groups[0], groups[1:-1], groups[-1]
    in_threes = len(first) <= 3 and all(len(group) == 3 for group in middle)
    as_in_india = len(first) <= 2 and all(len(group) == 2 for group in middle)
    fits = len(marks) == 1 and "٫" not in marks and len(last) == 3 and (in_threes or as_in_india)
    return "".join(groups) if fits and first and first[0] != "0" else ""


def _ask_decimal(typed: _Typed, readings: Mapping[str, str]) -> NoReturn:
    mark = next(key for key in readings if key != "whole")
    decimal = readings[mark].rstrip("0").replace(".", mark).rstrip(mark)
    if len(decimal.partition(mark)[2]) == 3:
        decimal += "0"
    choices = [typed.text.replace(typed.digits, plain, 1) for plain in (readings["whole"], decimal)]
    raise Ambiguous(
        f"Is {typed.digits} the whole number {readings['whole']}, or {decimal} with decimals? "
        f"Type {either(choices)}.",
        ((choices[0], "the whole number"), (choices[1], "the number with decimals")),
    )


def _bounded(value: Decimal) -> Decimal:
    if abs(value) > LARGEST:
        raise Refused("That is more than 10^15, too large to keep. Type it in a larger unit, such as 5000 TB.")
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > _DECIMALS:
        raise Refused(f"That has more than {_DECIMALS} decimals. Type fewer, such as 0.125.")
    return value


def _refuse_several(typed: str) -> NoReturn:
    if re.search(r"\d[eE][+-]?\d", typed):
        raise Refused(f"Please write the number out instead of {quoted(typed)}, such as 100000 or 100k.")
    raise Refused(f"I cannot read {quoted(typed)} as one number. Type just one, such as 1200 or 1.5 %.")


def _scale(typed: _Typed, after: str, code: str) -> tuple[int, str]:
    """The power of ten that "k", "Mio." or "mil millones" stands for, and the words after it."""
    power, rest = 0, after
    for _ in range(2):
        word = _prefix(rest, (*_scales(typed.person), *_LETTER_SCALES))
        if not word:
            break
        left = _OF.sub("", rest[len(word) :].removeprefix(".").strip(), count=1)
        power += _power(typed, rest[: len(word)], left, code)
        rest = left
    return power, rest


def _power(typed: _Typed, word: str, left: str, code: str) -> int:
    key = word.casefold()
    if key in _LETTER_SCALES:
        power, name, units = _LETTER_SCALES[key]
        if not (code or left[:1].isalpha() or _currency(typed, left)[0] or word == "M"):
            _ask_letter(typed, word, (name, *units))
        return power
    powers = {_scales(typed.person)[key], _ENGLISH_SCALES.get(key, _scales(typed.person)[key])}
    if len(powers) > 1:
        _ask_scale(typed, word, sorted(powers))
    return powers.pop()


def _ask_letter(typed: _Typed, letter: str, names: tuple[str, ...]) -> NoReturn:
    choices = tuple((_spelled_out(typed, letter, f"{typed.digits} {name}"), name) for name in names)
    typings = either([typing for typing, _ in choices])
    raise Ambiguous(f"What does the {letter} in {quoted(typed.text)} stand for? Type {typings}.", choices)


def _ask_scale(typed: _Typed, word: str, powers: list[int]) -> NoReturn:
    number = _number(typed)
    choices = tuple((_spelled_out(typed, word, f"{number.scaleb(power):f}"), f"{power} zeros") for power in powers)
    typings = either([typing for typing, _ in choices])
    raise Ambiguous(
        f"The word {word} has {powers[0]} zeros in some languages and {powers[1]} in others. Type {typings}.",
        choices,
    )


def _spelled_out(typed: _Typed, word: str, instead: str) -> str:
    """All that was typed, with other words in place of the number and the word that scales it."""
    scaled = re.escape(typed.digits) + r"\s*" + re.escape(word)
    return re.sub(scaled, lambda _: instead, typed.text, count=1)


@lru_cache(maxsize=64)
def _scales(person: Locale) -> dict[str, int]:
    """Powers of ten by the words of this locale (from CLDR's compact numbers) and of English."""
    words = _SCALES | _ENGLISH_SCALES | ({"mil": 6} if person.language == "en" else {})
    for style in ("short", "long"):
        for patterns in (person.compact_decimal_formats.get(style) or {}).values():
            for magnitude, pattern in patterns.items():
                zeros = pattern.pattern.count("0")
                word = plain_word(pattern.pattern.replace("0", "").replace("'", ""))
                if zeros and (len(word) > 1 or not word.isascii()):
                    words[word] = words[_without_accents(word)] = len(magnitude) - zeros
    words.pop("", None)
    return words


def plain_word(text: str) -> str:
    """A word as it is compared: small letters, single spaces, no full stop at its end, no invisible marks."""
    visible = "".join(each for each in text if unicodedata.category(each) != "Cf")
    return " ".join(visible.casefold().split()).rstrip(".")


def _without_accents(text: str) -> str:
    spread = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(each for each in spread if each != "\N{COMBINING ACUTE ACCENT}"))


def _prefix(text: str, words: tuple[str, ...]) -> str:
    """The longest of these words that the text begins with, not running on into more letters."""
    small = text.casefold()
    fits = (word for word in words if small.startswith(word) and not _runs_on(word, text[len(word) :]))
    return max(fits, key=len, default="")


def _runs_on(word: str, left: str) -> bool:
    return bool(left) and word[-1].isalpha() and (left[0].isalnum() or unicodedata.category(left[0])[0] == "M")


def _whole_currency(typed: _Typed, before: str) -> str:
    code, left = _currency(typed, before, is_before=True)
    if not code or left:
        raise Refused(f"I cannot read {quoted(before)} before the number. Type {_EXAMPLE}.")
    return code


def _currency(typed: _Typed, words: str, *, is_before: bool = False) -> tuple[str, str]:
    """The ISO 4217 code at the start of the words, "" where there is none, and the words after it."""
    symbols = _symbols(typed.person)
    sign = _prefix(words, tuple(symbols))
    if sign and (len(sign) > 1 or is_before or not sign.isalpha()):
        code = _shared(typed, symbols[sign])
    else:
        sign, code = words[:3], words[:3].upper()
        is_code = sign in _codes() or sign in _TYPED_SMALL
        if not is_code or words[3:4].isalnum():
            return "", words
    return code, words[len(sign) :].removeprefix(".").strip()


def _shared(typed: _Typed, code: str) -> str:
    """The code itself, or for a symbol of several currencies the one used where this person is."""
    if code not in _SHARED:
        return code
    person, users = typed.person, _SHARED[code]
    local = users.get(person.territory or "") or users.get(person.language) or _USUAL.get(code)
    return local or _ask_currency(typed, code, sorted(set(users.values())))


def _ask_currency(typed: _Typed, sign: str, codes: list[str]) -> NoReturn:
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
    own = {plain_word(sign): code for code, sign in person.currency_symbols.items() if code in _codes()}
    shared = {sign: sign for sign in _SHARED}
    return {sign: code for sign, code in (_SYMBOLS | shared | own).items() if sign}


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    """ISO 4217 codes of money people pay with, so not gold (XAU), test (XTS) or none (XXX)."""
    return frozenset(code for code in list_currencies() if code[0] != "X" or code in ("XAF", "XCD", "XOF", "XPF"))


def _unit(typed: _Typed, before: str, rest: str) -> str:
    percent = _prefix(rest, _PERCENT) if not before else ""
    if before == "%" or percent:
        return f"% {_joined('', rest[len(percent) :].strip())}".strip()
    code, left = _currency(typed, rest)
    if not code:
        return _joined(before, rest)
    if before not in ("", code) and not {before, code} <= {"USD", *_DOLLARS.values()}:
        raise Refused(f"That names both {before} and {code}. Type one of them, such as {before} 49.")
    return _joined(code, left)


def _joined(code: str, words: str) -> str:
    """A currency and the words after it ("EUR per seat"), or just those words, checked to be a unit."""
    if not words:
        return code
    starts_well = words[0].isalpha() or words[0] in "/°‰#"
    if not starts_well or len(words) > _UNIT_LENGTH or (code and len(words) == 1):
        raise Refused(f"I cannot read {quoted(words)} after the number. Type {_EXAMPLE}.")
    return code + (words if not code or words[0] == "/" else f" {words}")


def _without_end_zeros(value: Decimal) -> Decimal:
    digits = f"{value:f}"
    plain = Decimal(digits.rstrip("0").rstrip(".") if "." in digits else digits)
    return plain if plain else Decimal(0)


def _write_money(value: Decimal, code: str, person: Locale) -> str:
    pattern = re.sub(r"0\.0+", "0.##", person.currency_formats["standard"].pattern)
    return format_currency(
        value, code, format=pattern, locale=person, currency_digits=False, decimal_quantization=False
    )
