"""Dates as people and their mail programs write them, in four languages."""

from __future__ import annotations

from datetime import datetime

from emulator.generator.people import Language

_DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "ja": "月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日",
}
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "ja": "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
}
_SHORT_MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "de": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
}
DAYS = {language: tuple(names.split()) for language, names in _DAYS.items()}
MONTHS = {language: tuple(names.split()) for language, names in _MONTHS.items()}
SHORT_MONTHS = {language: tuple(names.split()) for language, names in _SHORT_MONTHS.items()}
SHORT_DAYS = {
    "en": tuple(name[:3] for name in DAYS["en"]),
    "de": tuple(f"{name[:2]}." for name in DAYS["de"]),
    "fr": tuple(f"{name[:3]}." for name in DAYS["fr"]),
    "ja": tuple(name[0] for name in DAYS["ja"]),
}


def _time(moment: datetime) -> str:
    return f"{moment.hour:02}:{moment.minute:02}"


def _clock(moment: datetime, language: Language) -> str:
    """10:42 AM in English, else 10:42."""
    if language != "en":
        return _time(moment)
    return f"{moment.hour % 12 or 12}:{moment.minute:02} {'AM' if moment.hour < 12 else 'PM'}"


def spoken_day(moment: datetime, language: Language) -> str:
    """In a sentence: "Monday 2 November"."""
    day, month = DAYS[language][moment.weekday()], MONTHS[language][moment.month - 1]
    match language:
        case "de":
            return f"{day}, {moment.day}. {month}"
        case "ja":
            return f"{month}{moment.day}日({day[0]})"
        case "en" | "fr":
            return f"{day} {moment.day} {month}"


def outlook(moment: datetime, language: Language) -> str:
    """As after "Sent:": "Monday, November 2, 2026 10:42 AM"."""
    day, month = DAYS[language][moment.weekday()], MONTHS[language][moment.month - 1]
    clock = _clock(moment, language)
    match language:
        case "de":
            return f"{day}, {moment.day}. {month} {moment.year} {clock}"
        case "fr":
            return f"{day} {moment.day} {month} {moment.year} {clock}"
        case "ja":
            return f"{moment.year}年{month}{moment.day}日 {clock}"
        case "en":
            return f"{day}, {month} {moment.day}, {moment.year} {clock}"


def gmail(moment: datetime, language: Language) -> str:
    """As in Gmail's line above a quotation."""
    day, clock = SHORT_DAYS[language][moment.weekday()], _clock(moment, language)
    match language:
        case "de":
            return f"{day}, {moment.day}. {SHORT_MONTHS['de'][moment.month - 1]} {moment.year} um {clock} Uhr"
        case "fr":
            return f"{day} {moment.day} {SHORT_MONTHS['fr'][moment.month - 1]} {moment.year} à {clock}"
        case "ja":
            return f"{moment.year}年{moment.month}月{moment.day}日({day}) {clock}"
        case "en":
            return f"{day}, {SHORT_MONTHS['en'][moment.month - 1]} {moment.day}, {moment.year} at {clock}"


def apple(moment: datetime, language: Language) -> str:
    """As in Apple Mail's line above a quotation."""
    match language:
        case "de":
            return f"{moment:%d.%m.%Y} um {_time(moment)}"
        case "fr":
            return f"{moment.day} {SHORT_MONTHS['fr'][moment.month - 1]} {moment.year} à {_time(moment)}"
        case "ja":
            return f"{moment:%Y/%m/%d} {_time(moment)}"
        case "en":
            return f"{moment.day} {SHORT_MONTHS['en'][moment.month - 1]} {moment.year}, at {_time(moment)}"


def thunderbird(moment: datetime, language: Language) -> str:
    match language:
        case "de":
            return f"{moment:%d.%m.%y} um {_time(moment)}"
        case "fr":
            return f"{moment:%d/%m/%Y} à {_time(moment)}"
        case "ja":
            return f"{moment:%Y/%m/%d} {_time(moment)}"
        case "en":
            return f"{moment:%d/%m/%Y} {_time(moment)}"


def apple_header(moment: datetime, language: Language) -> str:
    """As after "Date:" in what Apple Mail forwards."""
    month, clock = MONTHS[language][moment.month - 1], f"{moment:%H:%M:%S} {moment:%Z}"
    match language:
        case "de":
            return f"{moment.day}. {month} {moment.year} um {clock}"
        case "fr":
            return f"{moment.day} {month} {moment.year} à {clock}"
        case "ja":
            return f"{moment.year}年{month}{moment.day}日 {clock}"
        case "en":
            return f"{moment.day} {month} {moment.year} at {clock}"
