"""Numbers, percentages and money, as people of many places type them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel import localedata
from hypothesis import assume, example, given
from hypothesis import strategies as st

from handlers.typed.amounts import Amount, parse_amount, write_amount
from handlers.typed.refusals import Ambiguous, Refused

# All of CLDR but Frisian, which writes 5- for -5, and Toki Pona, which groups digits in twos.
LOCALES = sorted(set(localedata.locale_identifiers()) - {"root", "fy", "fy_NL", "tok", "tok_001"})
MONEY = ("EUR", "USD", "GBP", "JPY", "INR", "CAD", "AUD", "CHF", "SEK", "NOK", "DKK", "PLN", "BRL", "MXN")


def read_unless_refused(text: str, locale: str) -> Amount | None:
    """What was read, or None where it was refused; any other error fails the test."""
    try:
        return parse_amount(text, locale)
    except Refused:
        return None


amounts_in_range = st.decimals(-(10**15), 10**15, places=4, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "locale", "value", "unit"),
    [
        ("1200", "en", "1200", ""),
        ("1,200", "en", "1200", ""),
        ("1.200", "de", "1200", ""),
        ("1.200", "de-AT", "1200", ""),
        ("1,5", "en", "1.5", ""),
        ("1.5", "de", "1.5", ""),
        ("1.200,50", "en", "1200.5", ""),
        ("1,200.50", "de", "1200.5", ""),
        ("0.125", "en", "0.125", ""),
        ("1234.567", "en", "1234.567", ""),
        (".5", "en", "0.5", ""),
        ("12,34", "en", "12.34", ""),
        ("1 200,5 %", "fr", "1200.5", "%"),
        ("1 200,5 %", "en", "1200.5", "%"),
        ("1\u00a0200", "en", "1200", ""),
        ("1\u202f200\u202f000", "fr", "1200000", ""),
        ("1'200'000.50", "en", "1200000.5", ""),
        ("1’200", "de_CH", "1200", ""),
        ("1_000", "en", "1000", ""),
        ("12,34,567", "en_IN", "1234567", ""),
        ("−5", "en", "-5", ""),
        ("-5%", "en", "-5", "%"),
        ("-0", "en", "0", ""),
        ("٣٫٥", "ar_EG", "3.5", ""),
        ("१२३", "hi", "123", ""),
        ("１２％", "ja", "12", "%"),
        ("٪٥", "ar", "5", "%"),
        ("%5", "tr", "5", "%"),
        ("10 percent", "en", "10", "%"),
        ("10 Prozent", "de", "10", "%"),
        ("5 % of users", "en", "5", "% of users"),
        ("300 ms", "en", "300", "ms"),
        ("1,200 tickets.", "en", "1200", "tickets"),
        ("3 per week", "en", "3", "per week"),
        ("3/week", "en", "3", "/week"),
        ("120 m²", "en", "120", "m²"),
    ],
)
def test_a_number_is_read_with_its_marks_digits_and_unit(text: str, locale: str, value: str, unit: str) -> None:
    assert parse_amount(text, locale) == Amount(Decimal(value), unit)


@pytest.mark.parametrize(
    ("text", "locale", "value", "unit"),
    [
        ("12k", "en", "12000", ""),
        ("12 K users", "en", "12000", "users"),
        ("5M", "en", "5000000", ""),
        ("5m users", "en", "5000000", "users"),
        ("100 thousand", "en", "100000", ""),
        ("1.2 million users", "en", "1200000", "users"),
        ("5 Tsd", "de", "5000", ""),
        ("1,2 Mio. €", "de", "1200000", "EUR"),
        ("3 Mrd. €", "de", "3000000000", "EUR"),
        ("3 Md€", "fr", "3000000000", "EUR"),
        ("2 millions d'euros", "fr", "2000000", "EUR"),
        ("5 mil", "es", "5000", ""),
        ("5 mil", "sv", "5", "mil"),
        ("2 mil millones", "es", "2000000000", ""),
        ("5 tys. zł", "pl", "5000", "PLN"),
        ("₹5 lakh", "en_IN", "500000", "INR"),
        ("5万", "ja", "50000", ""),
        ("5 लाख", "hi", "500000", ""),
    ],
)
def test_words_for_thousands_and_more_are_multiplied_out(text: str, locale: str, value: str, unit: str) -> None:
    read = parse_amount(text, locale)

    assert read == Amount(Decimal(value), unit)
    assert str(read.value) == value


@pytest.mark.parametrize(
    ("text", "locale", "value", "unit"),
    [
        ("€1.2m", "en", "1200000", "EUR"),
        ("€5b", "en", "5000000000", "EUR"),
        ("€5mil", "en", "5000000", "EUR"),
        ("-€5", "en", "-5", "EUR"),
        ("€ -5", "nl", "-5", "EUR"),
        ("USD 300", "de", "300", "USD"),
        ("300 eur", "en", "300", "EUR"),
        ("300 $", "en_US", "300", "USD"),
        ("US$ 300", "en_CA", "300", "USD"),
        ("$300", "en", "300", "USD"),
        ("$300", "en_CA", "300", "CAD"),
        ("$300", "en_AU", "300", "AUD"),
        ("$300", "es_MX", "300", "MXN"),
        ("300 dollars", "es_MX", "300", "USD"),
        ("$300 CAD", "en_US", "300", "CAD"),
        ("300 kr", "sv", "300", "SEK"),
        ("300 kr", "nb_NO", "300", "NOK"),
        ("300 kr.", "da", "300", "DKK"),
        ("Rs 500", "en_IN", "500", "INR"),
        ("Rs.500", "en_IN", "500", "INR"),
        ("kr.1.200", "da", "1200", "DKK"),
        ("¥50", "ja", "50", "JPY"),
        ("¥50", "zh", "50", "CNY"),
        ("R300", "en_ZA", "300", "ZAR"),
        ("$49/month", "en_US", "49", "USD/month"),
        ("€5 per seat", "en", "5", "EUR per seat"),
    ],
)
def test_money_is_read_with_its_symbol_or_code_on_either_side(
    text: str, locale: str, value: str, unit: str
) -> None:
    assert parse_amount(text, locale) == Amount(Decimal(value), unit)


@pytest.mark.parametrize(
    ("text", "locale", "typings"),
    [
        ("1.200", "en", ["1200", "1.2"]),
        ("1.234", "en", ["1234", "1.2340"]),
        ("1,200", "de", ["1200", "1,2"]),
        ("1.200", "fr", ["1200", "1.2"]),
        ("€1.500m", "en", ["€1500m", "€1.5m"]),
        ("-5m", "en", ["-5 million", "-5 metres", "-5 minutes"]),
        ("5 b", "en", ["5 billion", "5 bytes"]),
        ("300 kr", "en", ["300 DKK", "300 ISK", "300 NOK", "300 SEK"]),
        ("1,2 billion", "de", ["1200000000", "1200000000000"]),
    ],
)
def test_two_plausible_readings_are_asked_about_with_what_to_type(
    text: str, locale: str, typings: list[str]
) -> None:
    with pytest.raises(Ambiguous) as asked:
        parse_amount(text, locale)

    assert [typing for typing, _ in asked.value.choices] == typings
    assert all(typing in str(asked.value) for typing in typings)
    assert len({parse_amount(typing, locale) for typing in typings}) == len(typings)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Nothing was typed"),
        (" \u200b\n", "Nothing was typed"),
        ("twelve", "no number"),
        ("NaN", "no number"),
        ("-∞", "no number"),
        ("½", "no number"),
        ("1½", "after the number"),
        ("5²", "after the number"),
        ("€5t", "after the number"),
        ("about 5", "before the number"),
        ("5-10", "one number"),
        ("1.2.3", "one number"),
        ("1 2", "one number"),
        ("1,2345,678", "one number"),
        ("1e5", "write the number out"),
        ("1000000000000001", "too large"),
        ("2000 trillion", "too large"),
        ("0.12345678901", "decimals"),
        ("€300 USD", "both EUR and USD"),
        ("5\ud800", "cannot read"),
        ("5\x00", "cannot read"),
        ("1" * 201, "longer than 200"),
    ],
)
def test_what_is_not_one_number_is_refused_with_a_way_out(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        parse_amount(text, "en")

    assert any(word in str(refused.value) for word in ("Type ", "Please write", "such as"))


@pytest.mark.parametrize(
    ("value", "unit", "locale", "written"),
    [
        ("17.4", "%", "en", "17.4\u00a0%"),
        ("17.4", "%", "de", "17,4\u00a0%"),
        ("1200000", "EUR", "en", "€1,200,000"),
        ("49", "EUR", "en", "€49"),
        ("49.50", "EUR", "de", "49,5\u00a0€"),
        ("1200", "tickets", "en", "1,200 tickets"),
        ("1234567", "", "en_IN", "12,34,567"),
        ("49", "USD/month", "en_US", "$49/month"),
        ("5", "EUR per seat", "en", "€5 per seat"),
        ("3", "/week", "en", "3/week"),
        ("1E+3", "", "en", "1,000"),
        ("1.10", "", "en", "1.1"),
        ("-0.0", "", "en", "0"),
        ("0.0000000001", "", "en", "0.0000000001"),
        ("999999999999999.9999", "", "en", "999,999,999,999,999.9999"),
        ("5", "ABC", "en", "5 ABC"),
    ],
)
def test_an_amount_is_written_in_full_without_zeros_at_the_end(
    value: str, unit: str, locale: str, written: str
) -> None:
    assert write_amount(Decimal(value), unit, locale) == written


@given(amounts_in_range, st.sampled_from(("", "%", "tickets", "per week", *MONEY)), st.sampled_from(LOCALES))
@example(Decimal("1.234"), "", "en")
@example(Decimal("1234.5"), "", "de_AT")
def test_what_is_written_is_read_back_in_every_locale(value: Decimal, unit: str, locale: str) -> None:
    written = write_amount(value, unit, locale)

    try:
        read = parse_amount(written, locale)
    except Ambiguous as asked:
        readings = [parse_amount(typing, locale) for typing, _ in asked.choices]
        assert Amount(value, unit) in readings
    else:
        assert read == Amount(value, unit)


@given(st.decimals(-(10**15), 10**15, places=2), st.sampled_from(LOCALES))
def test_two_decimals_are_never_asked_about(value: Decimal, locale: str) -> None:
    assume(abs(value) < 10**15)

    assert parse_amount(write_amount(value, "", locale), locale).value == value


@given(st.text(st.characters(), max_size=200), st.sampled_from((*LOCALES, "", "x", "en-XX", "zz_ZZ")))
@example("-" * 200, "en")
@example("1," * 100, "en")
@example("k" * 100 + "1" + "k" * 99, "en")
@example("1" + " 000" * 49, "fr")
def test_any_text_is_read_or_refused(text: str, locale: str) -> None:
    read = read_unless_refused(text, locale)

    assert read is None or abs(read.value) <= 10**15


numberish = st.text(st.sampled_from("0123456789.,' _-+%€$kmb٫٬\u00a0\u202fe/"), max_size=200)


@given(numberish, st.sampled_from(("en", "de", "fr", "en_IN", "de_CH", "sv")))
def test_any_mix_of_digits_and_marks_is_read_or_refused(text: str, locale: str) -> None:
    read = read_unless_refused(text, locale)

    assert read is None or abs(read.value) <= 10**15
