"""Words for days, lengths and times that CLDR and dateparser leave out, in small letters without accents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

_Meaning = TypeVar("_Meaning")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


def _by_phrase(phrases: Mapping[_Meaning, str]) -> dict[str, _Meaning]:
    return {phrase: meaning for meaning, listed in phrases.items() for phrase in _phrases(listed)}


# Said around a day without changing which one it is.
FILLERS = _words("""
    a am an at by coming every each just o of on only op os the this up w we as
    da das de del dem den der des die dieser diesen do dos du el en il ce cet cette este esta het kommende
    kommenden la le les lo los in na questo questa van que zum zur viene vem najblizszy
""")
NEXT = _words("""
    next nachste nachster nachsten nachstes prochain prochaine proximo proxima volgende prossimo prossima
    nasta neste nastepny nastepna nastepnego przyszly przyszla przyszlym
""")
LAST = _words("""
    last past letzte letzten letzter dernier derniere pasado pasada vorige afgelopen passado passada
    scorso scorsa ostatni ostatnia zeszly
""")
ENDS = _words("end ende fin final fim fine einde eind koniec konca")
COMPOUND_ENDS = _by_phrase(
    {
        "week": "eow",
        "month": "eom, month end, monatsende",
        "quarter": "eoq, quartalsende",
        "year": "eoy, year end, jahresende",
    }
)
# Days from today.
AHEAD = _by_phrase({1: "tmrw, tmr", 2: "overmorgen, dopodomani, pasado manana, depois de amanha"})

COUNTS = {
    "en": "one two three four five six seven eight nine ten eleven twelve",
    "de": "ein zwei drei vier funf sechs sieben acht neun zehn elf zwolf",
    "fr": "un deux trois quatre cinq six sept huit neuf dix onze douze",
    "es": "un dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "nl": "een twee drie vier vijf zes zeven acht negen tien elf twaalf",
    "pt": "um dois tres quatro cinco seis sete oito nove dez onze doze",
    "it": "un due tre quattro cinque sei sette otto nove dieci undici dodici",
    "pl": "jeden dwa trzy cztery piec szesc siedem osiem dziewiec dziesiec jedenascie dwanascie",
}
ONES = {"en": "a an", "de": "eine einen einem einer", "fr": "une", "es": "una", "pt": "uma", "it": "una"}
TWOS = {"pt": "duas", "pl": "dwie"}
# Ways to say that a length of time lies ahead, by language.
IN = {
    "en": ("in {}", "within {}", "in {} time", "in {}' time", "{} from now", "{} from today"),
    "es": ("en {}",),
    "pt": ("daqui a {}",),
    "it": ("fra {}",),
}
SHORT_UNITS = _by_phrase(
    {"week": "wk, wks", "fortnight": "fortnight, fortnights", "month": "mo, mos", "quarter": "qtr", "year": "yr"}
)
INFLECTED_UNITS = _by_phrase(
    {
        "week": "tygodnia, tygodniu",
        "month": "monats, miesiaca, miesiacu",
        "quarter": "quartals, kwartalu",
        "year": "jahres, roku",
    }
)

# Hours to add to a clock of 12.
HALVES = _by_phrase({0: "am, a, in the morning", 12: "pm, p, in the afternoon, in the evening, at night"})
# The hour that each is.
NOONS = _by_phrase(
    {
        12: "noon, midday, mittag, midi, mediodia, meio-dia, mezzogiorno, poludnie",
        0: "midnight, mitternacht, minuit, medianoche, meia-noite, mezzanotte, polnoc",
    }
)

# Monday to Sunday.
POLISH_GENITIVES = "poniedzialku wtorku srody czwartku piatku soboty niedzieli"
EVERY_DAY = _phrases("""
    every day, everyday, daily, all week, all days, any day, jeden tag, taglich, tous les jours, todos los dias,
    todos os dias, elke dag, ogni giorno, tutti i giorni, codziennie
""")
WEEKDAYS = _phrases("""
    weekdays, weekday, week days, workdays, working days, work days, business days, werktags, wochentags,
    arbeitstage, jours ouvres, dias laborables, dias uteis, werkdagen, giorni lavorativi, dni robocze
""")
WEEKEND = _phrases("""
    weekend, weekends, wochenende, week-end, fin de semana, fim de semana, fine settimana
""")
NO_DAY = _words("none never nothing nie jamais nunca nooit mai nigdy")
# Between the first and the last of a range, by language.
TO = {
    "en": _words("to through thru till until"),
    "de": _words("bis"),
    "fr": _words("a au"),
    "es": _words("a al hasta"),
    "pt": _words("a ate"),
    "it": _words("a al"),
    "nl": _words("tot"),
    "pl": _words("do"),
    "zh": _words("至 到"),
}
