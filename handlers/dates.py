"""Dates, spans of days, times, weekdays and time zones as people type them.

Names of days, months and units come from CLDR (Babel), phrases around month names from dateparser; the
short word lists here are what those two leave out. Sentences are English, typed words any language.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Literal, NoReturn
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.lists import format_list
from babel.units import format_unit
from rapidfuzz import fuzz, process

from handlers.amounts import known_locale
from handlers.refusals import Ambiguous, Refused, either, plain_text, quoted


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split(","))


LONGEST_SPAN = 730
_YEARS = range(2000, 2101)
_DATE = "a day such as friday, 15 January or 2026-12-24"
_SPAN = "a length such as 30 days, 2 weeks or a quarter"
_TIME = "a time such as 9:30, 9:30am or 14:00"
_DAYS = "days such as mon-thu, weekdays, or mon, wed and fri"
_ZONE = "the nearest big city, such as London or New York"

_YEAR_FIRST = re.compile(r"(\d{4})(?:\s?[-/. ]\s?(\d\d?)\s?[-/. ]\s?(\d\d?)|(\d\d)(\d\d))")
_YEAR_LAST = re.compile(r"(\d\d?)\s?[-/. ]\s?(\d\d?)(?:\s?[-/. ]\s?(\d{4}|\d\d))?")
_DAY_OF_MONTH = re.compile(r"(?:the|am|le|den|el|il|op|em|na) (\d\d?)(?:st|nd|rd|th)?|(\d\d?)(?:st|nd|rd|th)")
_NEXT = _words("next nachste nachster nachsten nachstes prochain prochaine proximo proxima volgende prossimo")
_NEXT |= _words("nasta neste prossima nastepny nastepna nastepnego przyszly przyszla przyszlym")
_LAST = _words("last past letzte letzten letzter dernier derniere pasado pasada vorige afgelopen passado")
_LAST |= _words("passada scorso scorsa ostatni ostatnia zeszly")
_ENDS = _words("end ende fin final fim fine einde eind koniec konca")
_FILLERS = _words("a am an at by coming every each just o of on only op os the this up w we as da das de del")
_FILLERS |= _words("dem den der des die dieser diesen do dos du el en il ce cet cette este esta het kommende")
_FILLERS |= _words("kommenden la le les lo los in na questo questa van que zum zur viene vem najblizszy")
_AHEAD = {"pasado manana": 2, "dopodomani": 2, "depois de amanha": 2, "overmorgen": 2, "tmrw": 1, "tmr": 1}
_COMPOUND_ENDS = {"eow": "week", "eom": "month", "eoq": "quarter", "eoy": "year", "month end": "month"}
_COMPOUND_ENDS |= {"monatsende": "month", "jahresende": "year", "quartalsende": "quarter", "year end": "year"}
_UNTIL = re.compile(
    r"(?:(?P<through>through|thru|bis einschliesslich|tot en met|t/m)|until|till|'?til|up to|for|bis|fur"
    r"|jusqu'au|jusqu'a|pendant|pour|hasta|por|durante|tot|voor|ate|fino al|fino a|per|do|przez|na) "
)
_INCLUDED = re.compile(r" \(?(?:inclusive|included|incl|inkl|inclus|incluido|inclusief|compreso)\)?$", re.I)

_DAYS_IN = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "quarter": 91, "year": 365}
_NUMBERS = {
    "en": "one two three four five six seven eight nine ten eleven twelve",
    "de": "ein zwei drei vier funf sechs sieben acht neun zehn elf zwolf",
    "fr": "un deux trois quatre cinq six sept huit neuf dix onze douze",
    "es": "un dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "nl": "een twee drie vier vijf zes zeven acht negen tien elf twaalf",
    "pt": "um dois tres quatro cinco seis sete oito nove dez onze doze",
    "it": "un due tre quattro cinque sei sette otto nove dieci undici dodici",
    "pl": "jeden dwa trzy cztery piec szesc siedem osiem dziewiec dziesiec jedenascie dwanascie",
}
_ONES = {"en": "a an", "de": "eine einen einem einer", "fr": "une", "es": "una", "pt": "uma", "it": "una"}
_TWOS = {"pt": "duas", "pl": "dwie"}
_IN: dict[str, tuple[str, ...]] = {"es": ("en {}",), "pt": ("daqui a {}",), "it": ("fra {}",)}
_IN |= {"en": ("in {}", "within {}", "in {} time", "in {}' time", "{} from now", "{} from today")}
_Unit = Literal["day", "week", "month", "year"]
_TIMED_UNITS: dict[_Unit, float] = {"day": 1, "week": 7, "month": 30.5, "year": 365.01}
_SHORT_UNITS = {"wk": "week", "wks": "week", "mo": "month", "mos": "month", "yr": "year", "qtr": "quarter"}
_SHORT_UNITS |= {"fortnight": "fortnight", "fortnights": "fortnight"}
_INFLECTED = {"monats": "month", "jahres": "year", "quartals": "quarter", "tygodnia": "week", "roku": "year"}
_INFLECTED |= {"tygodniu": "week", "miesiaca": "month", "miesiacu": "month", "kwartalu": "quarter"}
_AFTER = re.compile(
    r" (?:after|from|following|since|nach|apres|despues|tras|na|depois|apos|dopo|po|past) (?!.*(?<!\w)\d).*"
)

_CLOCK = re.compile(r"(\d\d?)(?:(?: ?[:.h] ?| ?uhr ?| )(\d\d)(?::00)?| ?(?:h|uhr|o'clock|oclock))?|(\d\d?)(\d\d)")
_SPOKEN_CLOCK = re.compile(r"(half|quarter|five|ten|twenty|\d\d?) (past|to) ([a-z]+|\d\d?)")
_AT = re.compile(r"^(?:at|um|a las|a la|a|om|as|alle|o|kl) ")
_HALVES = {"am": 0, "a": 0, "in the morning": 0, "pm": 12, "p": 12, "in the afternoon": 12}
_HALVES |= {"in the evening": 12, "at night": 12}
_NOONS = dict.fromkeys(_phrases("noon, midday, mittag, midi, mediodia, meio-dia, mezzogiorno, poludnie"), 12)
_NOONS |= dict.fromkeys(_phrases("midnight, mitternacht, minuit, medianoche, meia-noite, mezzanotte, polnoc"), 0)

_POLISH_GENITIVES = "poniedzialku wtorku srody czwartku piatku soboty niedzieli"
_EVERY_DAY = _phrases("every day, everyday, daily, all week, all days, any day, jeden tag, taglich, ogni giorno")
_EVERY_DAY += _phrases("tous les jours, todos los dias, todos os dias, elke dag, tutti i giorni, codziennie")
_WEEKDAYS = _phrases("weekdays, weekday, week days, workdays, working days, work days, business days, werktags")
_WEEKDAYS += _phrases("wochentags, arbeitstage, jours ouvres, dias laborables, werkdagen, dias uteis")
_WEEKDAYS += _phrases("giorni lavorativi, dni robocze")
_WEEKEND = _phrases("weekend, weekends, wochenende, week-end, fin de semana, fim de semana, fine settimana")
_NO_DAY = _words("none never nothing nie jamais nunca nooit mai nigdy")
_UNSPACED = _words("zh yue th km lo my")
_JOINED_AND = re.compile(r"(?<!\w)[וو](?=\w)")
_EXCEPT = re.compile(
    r"(?<!\w)(?:but not|not|all but|but|all except|except for|except|excluding|without|ohne|ausser|nicht"
    r"|sauf|sans|excepto|menos|sin|behalve|zonder|niet|exceto|sem|tranne|eccetto|oprocz|bez)(?!\w)"
)
_TO = {
    "en": _words("to through thru till until"),
    "de": _words("bis"),
    "fr": _words("a au"),
    "pl": _words("do"),
}
_TO |= {
    "es": _words("a al hasta"),
    "pt": _words("a ate"),
    "it": _words("a al"),
    "nl": _words("tot"),
    "zh": _words("至 到"),
}

_OFFSET = re.compile(r"(?:utc|gmt|etc/gmt)? ?([+-]) ?(\d\d?)(?::?([0-5]\d))?")
_PRESENT = re.compile(r"^[A-Z]{2}\t[^\t]+\t([^\t\n]+)", re.MULTILINE)
_LINK = re.compile(r"^L (\S+) (\S+)$", re.MULTILINE)
_CITIES = {
    "America/Los_Angeles": "san francisco, seattle, san diego, portland, las vegas, silicon valley",
    "America/New_York": "boston, washington, miami, atlanta, philadelphia, nyc",
    "America/Chicago": "austin, dallas, houston, minneapolis",
    "America/Toronto": "montreal, ottawa",
    "America/Sao_Paulo": "rio de janeiro, brasilia",
    "Asia/Kolkata": "mumbai, bombay, delhi, new delhi, bangalore, bengaluru, hyderabad, chennai, pune, india",
    "Asia/Shanghai": "beijing, shenzhen, guangzhou, china",
    "Asia/Jerusalem": "tel aviv",
    "Asia/Tokyo": "osaka, kyoto",
    "Asia/Dubai": "abu dhabi",
    "Australia/Sydney": "canberra",
    "Europe/Berlin": "munich, hamburg, frankfurt, cologne, germany",
    "Europe/London": "edinburgh, manchester, england, uk",
    "Europe/Madrid": "barcelona, valencia",
    "Europe/Paris": "lyon, france",
    "Europe/Rome": "milan",
    "Europe/Warsaw": "krakow, wroclaw",
    "Europe/Zurich": "geneva, basel, bern",
}
_KNOWN_PLACES = (
    *(
        "Europe/London",
        "Africa/Accra",
        "Europe/Berlin",
        "Europe/Paris",
        "Europe/Madrid",
        "Europe/Athens",
        "Europe/Istanbul",
    ),
    *("America/New_York", "America/Toronto", "America/Chicago", "America/Denver", "America/Los_Angeles"),
    *("America/Phoenix", "America/Panama", "America/Halifax", "America/St_Johns", "America/Sao_Paulo"),
    *("America/Anchorage", "Pacific/Honolulu", "Atlantic/Azores", "Africa/Lagos", "Africa/Johannesburg"),
    *("Africa/Nairobi", "Africa/Cairo", "Europe/Moscow", "Asia/Dubai", "Asia/Tehran", "Asia/Karachi"),
    *("Asia/Kolkata", "Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon", "Asia/Bangkok", "Asia/Jakarta"),
    *("Asia/Singapore", "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Tokyo", "Asia/Seoul", "Asia/Jerusalem"),
    *("Australia/Perth", "Australia/Adelaide", "Australia/Darwin", "Australia/Brisbane", "Australia/Sydney"),
    *("Pacific/Auckland", "Pacific/Tongatapu", "Europe/Dublin", "Europe/Lisbon", "Europe/Helsinki"),
    *("Asia/Kabul", "Asia/Tashkent", "America/Argentina/Buenos_Aires", "America/Bogota", "America/Caracas"),
)


def parse_date(text: str, today: date, locale: str, *, future: bool | None = None) -> date:
    """The day a person meant, `today` being the local date they typed it on.

    A weekday or a date without a year is the nearest one: a weekday is never today itself (people say
    "today"), a date may be. Nearest ahead, or with `future=False` (for what has happened) nearest before.
    "next friday" is asked about where this week's and next week's both lie ahead; "next week" is its Monday,
    "next month" its first day. 03/04/2027 follows the locale; English without a country is asked.
    Raises Refused, also for a day before today with `future=True` or after it with `future=False`.
    """
    typed = plain_text(text, _DATE).rstrip(" .,;:!?")
    person = known_locale(locale)
    day = _date(typed, today, person, past=future is False)
    if day is None:
        raise Refused(f"I cannot read {quoted(typed)} as one day. Type {_DATE}.")
    if day.year not in _YEARS:
        raise Refused(f"{_written(day)} is too far away. Type {_DATE}.")
    if future is True and day < today:
        raise Refused(f"{_written(day)} is past. Type a day from today on, such as tomorrow.")
    if future is False and day > today:
        raise Refused(f"{_written(day)} is still to come. Type a day up to today, such as yesterday.")
    return day


def parse_days_span(text: str, locale: str) -> int:
    """A length in days, 1 to 730: "30", "2 weeks", "30 days after release".

    A month counts 30 days, a quarter 91, a year 365. Raises Refused, or Ambiguous for part of a day.
    """
    typed = plain_text(text, _SPAN).rstrip(" .,;:!?")
    words = _AFTER.sub("", _folded(typed))
    person = known_locale(locale)
    bare = (words, "day", 0) if words.isdecimal() else None
    count, unit, sign = bare or _span(words, person) or _span(f"1 {words}", person) or ("", "", 0)
    if not count or sign < 0:
        raise Refused(f"I cannot read {quoted(typed)} as a length of time. Type {_SPAN}.")
    if len(count) > 6:
        _refuse_span()
    tenths = round(float(count.replace(",", ".")) * 10) * _DAYS_IN[unit]
    if tenths % 10:
        _ask_days(typed, tenths // 10)
    if not 1 <= tenths // 10 <= LONGEST_SPAN:
        _refuse_span()
    return tenths // 10


def parse_until(text: str, now_local: datetime, locale: str) -> date:
    """The first local date on which a person who pauses is asked again, always after today.

    "until Monday" is Monday; "2 weeks" is today in 14 days; "through Friday" and "end of month" leave out
    that last day and give the one after it.
    """
    today, person = now_local.date(), known_locale(locale)
    typed = plain_text(text, _DATE).rstrip(" .,;:!?")
    lead = _UNTIL.match(_folded(typed))
    wish = " ".join(typed.split()[lead[0].count(" ") :]) if lead else typed
    is_last_day = bool(lead and lead["through"]) or bool(_INCLUDED.search(wish))
    wish = _INCLUDED.sub("", wish)
    end = _end_of_period(_folded(wish), today, person)
    day = end or parse_date(wish, today, locale, future=True)
    back = day + timedelta(days=1) if end or is_last_day else day
    if back <= today:
        raise Refused("That pause would be over already. Type a day from tomorrow on, such as until monday.")
    return back


def parse_time(text: str, locale: str = "en") -> time:
    """A time of day, to the minute: "9:30", "0930", "half past nine", "21h", "noon"; 7 is in the morning.

    Raises Refused, or Ambiguous from 1:00 to 5:59 without am, pm or a leading zero, as either could be meant.
    """
    typed = plain_text(text, _TIME).rstrip(" .,;:!?")
    words = _AT.sub("", _without_stops(_folded(typed)), count=1)
    noon = _noons(known_locale(locale)).get(words)
    if noon is not None:
        return time(noon)
    clock, half = _half_of_day(words, known_locale(locale))
    hour, minute, is_exact = _spoken(clock) or _digital(clock) or _refuse_time(typed)
    _check_clock(typed, hour, minute, half)
    if half is None and 1 <= hour <= 5 and not is_exact:
        _ask_half(typed, time(hour, minute), time(hour + 12, minute))
    return time(hour if half is None else hour % 12 + half, minute)


def parse_days(text: str, locale: str) -> tuple[int, ...]:
    """ISO weekdays (1 is Monday), sorted: "mon-thu", "weekdays", "mon, wed & fri", "all but friday".

    "not friday" leaves a day out of the weekdays, "not sunday" out of the whole week. Weekdays are what the
    person's country calls them. Raises Refused.
    """
    typed = plain_text(text, _DAYS)
    words = " ".join(_folded(typed.replace(".", " ")).replace("t/m", "tot").split())
    person = known_locale(locale)
    if re.search(r"\d", words):
        raise Refused(f"Is {quoted(typed)} counted from Sunday or Monday? Type names instead: {_DAYS}.")
    if words in _NO_DAY or not words:
        raise Refused(f"At least one day is needed. Type {_DAYS}, or stop for a while with pause.")
    out = _EXCEPT.search(words)
    if out is None:
        return tuple(sorted(_listed(words, person)))
    left_out, kept = _listed(words[out.end() :].strip() or words, person), words[: out.start()].strip(" ,")
    usual = _weekdays(person) if left_out <= _weekdays(person) else frozenset(range(1, 8))
    days = (usual if kept in ("", "all") else _listed(kept, person)) - left_out
    if not days:
        raise Refused(f"{quoted(typed)} leaves no day. Type {_DAYS}.")
    return tuple(sorted(days))


def write_days(days: tuple[int, ...], locale: str) -> str:
    """ISO weekdays as the person reads them: "Monday to Thursday", "Monday, Wednesday and Friday"."""
    person = known_locale(locale)
    names = person.days["format"]["wide"]
    english = person.language == "en"
    if len(set(days)) == 7 and english:
        return "every day"
    to = " to " if english else "–"
    pieces: list[str] = []
    for run in _runs(sorted(set(days))):
        shown = [names[day - 1] for day in run]
        pieces += [f"{shown[0]}{to}{shown[-1]}"] if len(run) > 2 else shown
    return format_list(pieces, locale=Locale("en", "001") if english else person)


def parse_zone(text: str) -> str:
    """The IANA time zone a person named by its id or its city, in the spelling of the tz database.

    Raises Ambiguous with places for an abbreviation or an offset, which says nothing about summer time, and
    Refused with up to three near names for anything else.
    """
    typed = plain_text(text, _ZONE).rstrip(" .,;:!?")
    words = " ".join(_folded(typed).replace("_", " ").split())
    if words in ("utc", "z", "zulu", "etc/utc"):
        return "UTC"
    places = _places_by_clock(words)
    if places:
        choices = tuple((place, place.rpartition("/")[2].replace("_", " ")) for place in places)
        raise Ambiguous(
            f"{quoted(typed)} does not say when clocks change. Type a place: {either(places)}.", choices
        )
    zone = _zones().get(words) or _zones().get(words.partition(",")[0])
    if zone:
        return zone
    near = process.extract(words, list(_zones()), scorer=fuzz.ratio, score_cutoff=70)
    names = list(dict.fromkeys(_zones()[name] for name, _, _ in near))[:3]
    raise Refused(f"I know no time zone {quoted(typed)}. Type {either(names) if names else _ZONE}.")


def _folded(text: str) -> str:
    """The words as they are compared: small letters without accents."""
    letters = unicodedata.normalize("NFD", text.casefold())
    return "".join(each for each in letters if unicodedata.category(each) != "Mn").replace("ł", "l")


def _name(text: str) -> str:
    """A name from CLDR as it is compared with what people type."""
    return _folded(plain_text(text, text)).rstrip(".")


def _written(day: date) -> str:
    return format_date(day, "EEEE d MMMM y", locale="en")


def _ask_day(sentence: str, *days: date) -> NoReturn:
    choices = tuple((day.isoformat(), _written(day)) for day in days)
    meanings = either([f"{typing} for {meaning}" for typing, meaning in choices])
    raise Ambiguous(f"{sentence} Type {meanings}.", choices)


def _date(typed: str, today: date, person: Locale, *, past: bool) -> date | None:
    words = _folded(typed)
    return (
        _numeric(words, today, person, past=past)
        or _weekday(words, today, person, past=past)
        or _period(words, today, person)
        or _from_today(words, today, person, past=past)
        or _named(typed, today, person, past=past)
    )


def _numeric(words: str, today: date, person: Locale, *, past: bool) -> date | None:
    first, _, rest = words.partition(" ")
    digits = rest if first in _FILLERS else words
    if found := _YEAR_FIRST.fullmatch(digits):
        parts = [int(group) for group in found.groups() if group]
        return _on(parts[2], parts[1], parts[0], today, past=past)
    if not (found := _YEAR_LAST.fullmatch(digits)):
        return None
    year = int(found[3]) if found[3] else None
    order = _order(person)
    if year is not None and year < 100:
        if order is None and person.language != "en":
            raise Refused(f"Which part of {quoted(words)} is the year? Type it in full, such as 2026-12-24.")
        year += 2000
    return _in_order(int(found[1]), int(found[2]), year, today, order, past=past)


def _order(person: Locale) -> str | None:
    """ "dm" or "md" as this locale writes dates, None where it does not say: English at large, year first."""
    pattern = re.sub(r"[^dMy]", "", person.date_formats["short"].pattern)
    if pattern.startswith("y"):
        return "md" if person.language in ("zh", "ja", "ko", "hu") else None
    if person.language == "en" and not person.territory:
        return None
    return "dm" if pattern.startswith("d") else "md"


def _in_order(first: int, second: int, year: int | None, today: date, order: str | None, *, past: bool) -> date:
    day_first, month_first = (first, second), (second, first)
    readings = [reading for reading in dict.fromkeys((day_first, month_first)) if reading[1] <= 12]
    if len(readings) == 2 and order:
        readings = [day_first if order == "dm" else month_first]
    days = [_on(*reading, year, today, past=past) for reading in readings or [day_first]]
    if len(days) > 1:
        _ask_day("Is that the day or the month first?", *days)
    return days[0]


def _on(day: int, month: int, year: int | None, today: date, *, past: bool) -> date:
    """That day of the year, or of the nearest year that has it: from today on, or up to today."""
    if not 1 <= month <= 12:
        raise Refused(f"There is no month {month}. Type {_DATE}.")
    if year is not None and year not in _YEARS:
        raise Refused(f"The year {year} is too far away. Type {_DATE}.")
    longest = calendar.monthrange(year or 2028, month)[1]
    if not 1 <= day <= longest:
        name = format_date(date(2028, month, 1), "MMMM", locale="en") + (f" {year}" if year else "")
        last = longest if year or month != 2 else 28
        raise Refused(f"{name} has no day {day}. Its last is {last} {name}: type that or another day.")
    if year is not None:
        return date(year, month, day)
    years = range(today.year, today.year + (-9 if past else 9), -1 if past else 1)
    real = (date(each, month, day) for each in years if day <= calendar.monthrange(each, month)[1])
    return next(each for each in real if (each <= today if past else each >= today))


def _weekday(words: str, today: date, person: Locale, *, past: bool) -> date | None:
    tokens = words.split()
    name = " ".join(each for each in tokens if each not in _FILLERS | _NEXT | _LAST)
    number = _day_numbers(person).get(words) or _day_numbers(person).get(name)
    if number is None:
        return None
    ahead = (number - today.isoweekday() - 1) % 7 + 1
    if _LAST.intersection(tokens) or (past and not _NEXT.intersection(tokens)):
        return today + timedelta(days=ahead - 7 or -7)
    day = today + timedelta(days=ahead)
    next_week = _next_start(today, "week") + timedelta(days=number - 1)
    if _NEXT.intersection(tokens) and day != next_week and not past:
        _ask_day("Is that the coming one or the one in the week after?", day, next_week)
    return day


def _period(words: str, today: date, person: Locale) -> date | None:
    """The last day of a week, month, quarter or year, or the first day of the next one."""
    end = _end_of_period(words, today, person)
    if end and _unit_in(words, person) == "week":
        _ask_day("Does that week end on Friday or on Sunday?", end - timedelta(days=2), end)
    is_next = not _NEXT.isdisjoint(words.split())
    unit = _unit_in(words, person)
    return end or (_next_start(today, unit) if is_next and unit else None)


def _end_of_period(words: str, today: date, person: Locale) -> date | None:
    tokens = words.split()
    unit = _unit_in(words, person)
    if not unit or not (_ENDS.intersection(tokens) or words in _COMPOUND_ENDS):
        return None
    start = _next_start(today, unit)
    return (_next_start(start, unit) if _NEXT.intersection(tokens) else start) - timedelta(days=1)


def _unit_in(words: str, person: Locale) -> str:
    """The week, month, quarter or year these words are about, "" where they say anything more."""
    rest = " ".join(each for each in words.split() if each not in _FILLERS | _NEXT | _ENDS)
    return _COMPOUND_ENDS.get(words) or _period_words(person).get(rest, "")


def _next_start(day: date, unit: str) -> date:
    if unit == "week":
        return day + timedelta(days=8 - day.isoweekday())
    first_month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}[unit]
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    return _months_later(day.replace(month=first_month, day=1), months)


def _months_later(day: date, months: int) -> date:
    """The same day of another month, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _from_today(words: str, today: date, person: Locale, *, past: bool) -> date | None:
    count, unit, sign = _span(words, person) or ("", "", 0)
    if not count.isdecimal() or (past and sign == 0):
        return None
    if len(count) > 5 or int(count) * _DAYS_IN[unit] > 40_000:
        raise Refused(f"That is too far away. Type {_DATE}.")
    if unit in ("month", "quarter", "year"):
        months = {"month": 1, "quarter": 3, "year": 12}[unit]
        return _months_later(today, months * int(count) * (sign or 1))
    return today + timedelta(days=int(count) * _DAYS_IN[unit] * (sign or 1))


def _span(words: str, person: Locale) -> tuple[str, str, int] | None:
    """The count, unit and direction (1 ahead, -1 ago, 0 not said) of words such as "in 3 weeks"."""
    text = re.sub(r"(?<=\d)-(?=[a-z])", " ", words)
    for language in dict.fromkeys((person.language, "en")):
        counts = {} if re.search(r"\d", text) else _count_words(language)
        counted = " ".join(counts.get(word, word) for word in text.split())
        if not re.search(r"\d", counted):
            counted = re.sub(r" (?=\S+$)", " 1 ", counted)  # "za miesiąc", in a month
        numbers = re.findall(r"\d+(?:[.,]\d(?!\d))?", counted)
        template = counted.replace(numbers[0], "{}", 1).replace("{} ", "{}") if len(numbers) == 1 else ""
        if template in _span_forms(person):
            return numbers[0], *_span_forms(person)[template]
    return None


@lru_cache(maxsize=16)
def _count_words(language: str) -> dict[str, str]:
    counts = {word: str(count) for count, word in enumerate(_NUMBERS.get(language, "").split(), start=1)}
    counts |= dict.fromkeys(_ONES.get(language, "").split(), "1")
    return counts | dict.fromkeys(_TWOS.get(language, "").split(), "2")


@lru_cache(maxsize=64)
def _span_forms(person: Locale) -> dict[str, tuple[str, int]]:
    """Unit and direction by template ("{}weeks", "in {}weeks", "vor {}wochen"), in English and the locale."""
    forms: dict[str, tuple[str, int]] = {}
    for locale in dict.fromkeys((person, Locale("en"))):
        spans = {form: unit for form, unit in _unit_forms(locale) if form.startswith("{}")}
        spans |= {"{}" + word: unit for word, unit in _SHORT_UNITS.items()}
        ways = (*_IN.get(locale.language, ()), *_IN["en"])
        found = [(form, (unit, 0)) for form, unit in spans.items()]
        found += [(form, (unit, sign)) for form, unit, sign in _relative_forms(locale)]
        found += [(way.replace("{}", form), (unit, 1)) for way in ways for form, unit in spans.items()]
        forms = dict(found) | forms
    return forms


def _unit_forms(locale: Locale) -> Iterator[tuple[str, str]]:
    for unit in ("day", "week", "month", "quarter", "year"):
        for count in (1, 2, 3, 5):
            for length in ("long", "short", "narrow") if locale.language == "en" else ("long", "short"):
                form = _template(format_unit(count, f"duration-{unit}", length, locale=locale), count)
                if "duration-" not in form:
                    yield form, unit
    for form, unit, _ in _relative_forms(locale):
        yield form[form.find("{}") :], unit


def _relative_forms(locale: Locale) -> Iterator[tuple[str, str, int]]:
    for unit, days in _TIMED_UNITS.items():
        for count in (1, 2, 3, 5):
            for sign in (1, -1):
                span = timedelta(days=days * count * sign)
                shown = format_timedelta(span, unit, threshold=999, add_direction=True, locale=locale)
                yield _template(shown, count), unit, sign


def _template(shown: str, count: int) -> str:
    return " ".join(_folded(shown).replace(str(count), "{}").split()).replace("{} ", "{}").rstrip(".")


@lru_cache(maxsize=64)
def _period_words(person: Locale) -> dict[str, str]:
    forms = _span_forms(person).items()
    words = {form.removeprefix("{}"): unit for form, (unit, _) in forms if form.startswith("{}")}
    usable = {word: unit for word, unit in (words | _INFLECTED).items() if len(word) > 2}
    return {word: unit for word, unit in usable.items() if unit in ("week", "month", "quarter", "year")}


def _named(typed: str, today: date, person: Locale, *, past: bool) -> date | None:
    """A date with a month's name, "tomorrow" and the like, read by dateparser."""
    words = _folded(typed)
    if words in _AHEAD:
        return today + timedelta(days=_AHEAD[words])
    if numbered := _DAY_OF_MONTH.fullmatch(words):
        return _on_next(int(numbered[1] or numbered[2]), today, past=past)
    if not any(each.isalpha() for each in typed):
        return None
    day = _parsed(typed, today, person, "day", "month", "year")
    if day is None and (found := _parsed(typed, today, person, "day", "month")):
        day = _on(found.day, found.month, None, today, past=past)
    if day is None:
        _explain(typed, today, person)
        return None
    for name, number in _full_names(person):
        if number != day.isoweekday() and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words):
            raise Refused(f"{_written(day)} is not the weekday you typed. Type {day.isoformat()} if you mean it.")
    return day


def _on_next(day: int, today: date, *, past: bool) -> date:
    """The nearest date with that number: from today on, or up to today."""
    if not 1 <= day <= 31:
        raise Refused(f"No month has a day {day}. Type {_DATE}.")
    firsts = [_months_later(today.replace(day=1), -count if past else count) for count in range(9)]
    real = (each.replace(day=day) for each in firsts if day <= calendar.monthrange(each.year, each.month)[1])
    return next(each for each in real if (each <= today if past else each >= today))


def _explain(typed: str, today: date, person: Locale) -> None:
    """Refuses with the reason, where one is plain: a time, a month alone, or a month without that day."""
    if ":" in typed:
        _refuse_clock(typed)
    longest = re.search(r"(?<!\d)(?:29|30|31)(?!\d)", typed)
    if longest:
        shorter = typed[: longest.start()] + "28" + typed[longest.end() :]
        if found := _parsed(shorter, today, person, "day", "month"):
            year = found.year if _parsed(shorter, today, person, "day", "month", "year") else None
            _on(int(longest[0]), found.month, year, today, past=False)
    is_wordy = len(typed) > 2 and not re.search(r"\d", re.sub(r"\b\d{4}\b", "", typed))
    if is_wordy and _parsed(typed, today, person, "month"):
        raise Refused(f"Which day of {typed}? Type it in full, such as 15 January 2027.")


def _refuse_clock(typed: str) -> NoReturn:
    raise Refused(f"{quoted(typed)} has a time in it. Type the day alone, such as friday or 2026-12-24.")


def _parsed(typed: str, today: date, person: Locale, *parts: str) -> date | None:
    """What dateparser reads, where the words themselves say all these parts of a date.

    Relative words are read only without digits: with them it takes "2 days after tomorrow" for tomorrow.
    """
    import dateparser  # loaded when first needed, as it is slow to import

    moment = dateparser.parse(
        typed,
        languages=_languages(person),
        settings={
            "PARSERS": ["absolute-time"] if re.search(r"\d", typed) else ["relative-time", "absolute-time"],
            "PREFER_DATES_FROM": "future",
            "RELATIVE_BASE": datetime.combine(today, time()),
            "REQUIRE_PARTS": list(parts),
            "RETURN_AS_TIMEZONE_AWARE": False,
            "SKIP_TOKENS": [],
            "TIMEZONE": "UTC",
        },
    )
    if moment is not None and moment.time() != time():
        _refuse_clock(typed)
    return moment.date() if moment else None


@lru_cache(maxsize=64)
def _languages(person: Locale) -> list[str]:
    """The person's language, where dateparser has it, and English."""
    from dateparser.data import language_locale_dict

    return list(dict.fromkeys((person.language, "en") if person.language in language_locale_dict else ("en",)))


@lru_cache(maxsize=64)
def _day_numbers(person: Locale) -> dict[str, int]:
    """ISO weekdays by every name in English and the locale, but for names that mean "to" or "on"."""
    names = {"tues": 2, "weds": 3, "thur": 4, "thurs": 4, "srode": 3, "sobote": 6, "niedziele": 7}
    names |= {word: number for number, word in enumerate(_POLISH_GENITIVES.split(), start=1)}
    for locale in (Locale("en"), person):
        for context, width in (
            ("format", "short"),
            ("stand-alone", "abbreviated"),
            ("format", "abbreviated"),
        ):
            names |= {_name(name): day + 1 for day, name in locale.days[context][width].items()}
    for name, number in (*_full_names(Locale("en")), *_full_names(person)):
        names |= {name: number, name + "s": number, name.removesuffix("-feira"): number}
    taken = _TO["en"] | _TO.get(person.language, frozenset()) | _ands(person) | {"on"}
    return {name: number for name, number in names.items() if name not in taken}


def _full_names(person: Locale) -> Iterator[tuple[str, int]]:
    for locale in (Locale("en"), person):
        for context in ("format", "stand-alone"):
            yield from ((_name(name), day + 1) for day, name in locale.days[context]["wide"].items())


def _weekdays(person: Locale) -> frozenset[int]:
    """The working week of the person's country; Monday to Friday where its weekend is not two days."""
    start, end = person.weekend_start, person.weekend_end
    weekend = {start + 1, end + 1} if (end - start) % 7 == 1 else {6, 7}
    return frozenset(range(1, 8)) - weekend


def _listed(words: str, person: Locale) -> frozenset[int]:
    """The weekdays in a list of names, ranges and groups of them."""
    days: set[int] = set()
    previous, is_range = 0, False
    for word in _day_tokens(words, person):
        if word.isdecimal():
            span = (int(word) - previous) % 7 if is_range else 0
            days |= {(int(word) - 1 - back) % 7 + 1 for back in range(span + 1)}
            previous, is_range = 0 if is_range else int(word), False
        elif word == "-" and previous and not is_range:
            is_range = True
        elif word != "," or is_range:
            _refuse_days(words if word in "-," else word, person)
    if is_range or not days:
        _refuse_days(words, person)
    return frozenset(days)


def _day_tokens(words: str, person: Locale) -> Iterator[str]:
    """Weekday numbers, "-" for a range, "," between; any other word as it is."""
    groups = _groups(person)
    words = _JOINED_AND.sub("", words) if person.language in ("ar", "he") else words
    numbered = _day_pattern(person).sub(lambda found: f" \0{groups[found[0]]} ", words)
    for word in re.findall(r"\0\d+|[-,;/&+]|[^\s\0,;/&+-]+", numbered):
        if word.startswith("\0"):
            yield from word[1:]
        elif word in _TO["en"] or word in _TO.get(person.language, ()) or word == "-":
            yield "-"
        elif word in _ands(person) or word in ",;/&+" or word in _FILLERS:
            yield ","
        else:
            yield word


@lru_cache(maxsize=64)
def _groups(person: Locale) -> dict[str, str]:
    """Weekday numbers by every name of a day or of a group of days."""
    usual = _weekdays(person)
    groups = {name: str(number) for name, number in _day_numbers(person).items()}
    groups |= {"m": "1", "w": "3", "f": "5"} if person.language == "en" else {}
    groups |= dict.fromkeys(_EVERY_DAY, "1234567")
    groups |= dict.fromkeys(_WEEKDAYS, "".join(str(day) for day in sorted(usual)))
    return groups | dict.fromkeys(_WEEKEND, "".join(str(day) for day in range(1, 8) if day not in usual))


@lru_cache(maxsize=64)
def _day_pattern(person: Locale) -> re.Pattern[str]:
    longest_first = sorted(_groups(person), key=len, reverse=True)
    names = "|".join(map(re.escape, longest_first))
    return re.compile(names if person.language in _UNSPACED else rf"(?<!\w)(?:{names})(?!\w)")


@lru_cache(maxsize=64)
def _ands(person: Locale) -> frozenset[str]:
    patterns = person.list_patterns["standard"]
    return _words("and") | _words(_folded(re.sub(r"\{\d\}|,", " ", "".join(patterns.values()))))


def _refuse_days(word: str, person: Locale) -> NoReturn:
    near = process.extractOne(word, list(_day_numbers(person)), scorer=fuzz.ratio, score_cutoff=60)
    meant = f" Do you mean {near[0]}?" if near else ""
    raise Refused(f"I cannot read {quoted(word)} as days of the week.{meant} Type {_DAYS}.")


def _runs(days: list[int]) -> Iterator[list[int]]:
    """Neighbouring weekdays together, Sunday beside Monday, each run from its first day."""
    for day in days:
        is_whole_week = len(days) == 7 and day == 1
        if (day - 2) % 7 + 1 not in days or is_whole_week:
            run = [day]
            while len(run) < len(days) and run[-1] % 7 + 1 in days:
                run.append(run[-1] % 7 + 1)
            yield run


def _refuse_span() -> NoReturn:
    raise Refused(f"That is outside 1 to {LONGEST_SPAN} days. Type {_SPAN}.")


def _ask_days(typed: str, days: int) -> NoReturn:
    choices = tuple((str(count), f"{count} days") for count in (days, days + 1))
    raise Ambiguous(f"{quoted(typed)} is not whole days. Type {days} or {days + 1}.", choices)


@lru_cache(maxsize=64)
def _noons(person: Locale) -> dict[str, int]:
    """Hours by the words for noon and midnight."""
    own = person.day_periods["format"]["wide"]
    return _NOONS | {_folded(own[name]): hour for name, hour in (("noon", 12), ("midnight", 0)) if name in own}


def _half_of_day(words: str, person: Locale) -> tuple[str, int | None]:
    """The words without "am" or "pm", and the hours that adds to a clock of 12."""
    for name, hours in _halves(person).items():
        after = words.removeprefix(name) if not name.isascii() else words
        before = words.removesuffix(name)
        if before not in (words, "") and not before[-1].isalpha():
            return before.strip(), hours
        if after not in (words, "") and not after[0].isalpha():
            return after.strip(), hours
    return words, None


@lru_cache(maxsize=64)
def _halves(person: Locale) -> dict[str, int]:
    """Hours to add by every name for the halves of the day, the longest first."""
    halves = dict(_HALVES)
    for width in ("abbreviated", "wide"):
        own = person.day_periods["format"][width]
        both = ((own[name], hours) for name, hours in (("am", 0), ("pm", 12)) if name in own)
        halves |= {_without_stops(_folded(name)): hours for name, hours in both}
    return dict(sorted(halves.items(), key=lambda half: -len(half[0])))


def _without_stops(words: str) -> str:
    """The words with "a. m." as "am"."""
    return re.sub(r"(?<=[a-z])\. ?", "", words)


def _digital(clock: str) -> tuple[int, int, bool] | None:
    """Hour, minute and whether a leading zero puts it on the clock of 24."""
    found = _CLOCK.fullmatch(clock)
    if not found:
        return None
    hour, minute = found[1] or found[3], found[2] or found[4] or "0"
    return int(hour), int(minute), len(hour) == 2 and hour[0] == "0"


def _spoken(clock: str) -> tuple[int, int, bool] | None:
    found = _SPOKEN_CLOCK.fullmatch(clock)
    counts = _count_words("en")
    named = counts.get(clock)
    if named:
        return int(named), 0, False
    hour = counts.get(found[3], found[3]) if found else ""
    if not found or not hour.isdecimal():
        return None
    words = {"half": 30, "quarter": 15, "five": 5, "ten": 10, "twenty": 20}
    minutes = words[found[1]] if found[1] in words else int(found[1])
    if found[2] == "past":
        return int(hour), minutes, False
    return (int(hour) - 2) % 12 + 1, 60 - minutes, False


def _check_clock(typed: str, hour: int, minute: int, half: int | None) -> None:
    if half is not None and not 1 <= hour <= 12:
        raise Refused(f"{quoted(typed)} mixes two clocks. Type {hour % 24:02}:{min(minute, 59):02}.")
    if hour > 23:
        past = min(minute, 59)
        raise Refused(f"A day has 24 hours, 00:00 to 23:59. Type 23:{past:02} or {hour % 24:02}:{past:02}.")
    if minute > 59:
        later = f"{(hour + minute // 60) % 24}:{minute % 60:02}"
        raise Refused(f"An hour has 60 minutes. Type {hour % 24}:59 or {later}.")


def _ask_half(typed: str, morning: time, afternoon: time) -> NoReturn:
    choices = ((f"{morning:%H:%M}", "in the morning"), (f"{afternoon:%H:%M}", "in the afternoon"))
    typings = either([typing for typing, _ in choices])
    raise Ambiguous(f"Is {quoted(typed)} in the morning or in the afternoon? Type {typings}.", choices)


def _refuse_time(typed: str) -> NoReturn:
    raise Refused(f"I cannot read {quoted(typed)} as a time. Type {_TIME}.")


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    """Time zones by small-letter id, city and well-known other city; an old spelling gives the present one."""
    listing = files("tzdata").joinpath("zoneinfo")
    present = set(_PRESENT.findall(listing.joinpath("zone.tab").read_text()))
    links = {old: new for new, old in _LINK.findall(listing.joinpath("tzdata.zi").read_text())}
    zones: dict[str, str] = {}
    for name in sorted(available_timezones(), key=lambda each: (each not in present, each)):
        zone = name if name in present else links.get(name, "")
        if zone in present:
            zones.setdefault(_folded(name).replace("_", " "), zone)
            zones.setdefault(_folded(name.rpartition("/")[2]).replace("_", " "), zone)
    for zone, cities in _CITIES.items():
        zones |= dict.fromkeys(_phrases(cities), zone)
    return zones


def _places_by_clock(words: str) -> tuple[str, ...]:
    """Up to three places whose clocks show this abbreviation or offset at some time of the year."""
    found = _OFFSET.fullmatch(words)
    offset = None
    if found:
        offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        offset *= -1 if (found[1] == "-") != words.startswith("etc/") else 1  # Etc/GMT+2 is west of Greenwich
    wanted = {"et": "est", "ct": "cst", "mt": "mst", "pt": "pst", "mez": "cet", "mesz": "cest"}.get(words, words)
    return tuple(place for place in _KNOWN_PLACES if _shows(place, wanted, offset))[:3]


def _shows(place: str, abbreviation: str, offset: timedelta | None) -> bool:
    moments = [datetime(2026, month, 1, tzinfo=ZoneInfo(place)) for month in (1, 7)]
    return any(each.utcoffset() == offset or str(each.tzname()).casefold() == abbreviation for each in moments)
