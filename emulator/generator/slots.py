"""What the names in braces stand for: drawn when first asked for, then the same through a conversation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from emulator.generator import dates
from emulator.generator.grammar import choose
from emulator.generator.people import Language

_PRODUCTS = {
    "en": ("oak desks", "wall lamps", "shelf units", "stools", "reading tables", "benches", "standing desks"),
    "de": ("Schreibtische", "Wandleuchten", "Regale", "Hocker", "Lesetische", "Bänke"),
    "fr": ("bureaux", "appliques", "étagères", "tabourets", "tables de lecture", "bancs"),
    "ja": ("オーク材のデスク", "壁掛けランプ", "本棚", "スツール", "ベンチ"),
}
_PLACES = {
    "en": ("reading room", "lobby", "new shop", "breakfast room", "staff kitchen", "school library"),
    "de": ("Neubau", "Frühstücksraum", "Altbau", "Lesesaal"),
    "fr": ("hall", "salon de thé", "restaurant", "bureau du premier étage"),
    "ja": ("新店舗", "喫茶室"),
}
_SEASONS = ("spring", "summer", "autumn", "winter")
_CITIES = ("Lyon", "Leeds", "Hamburg", "Oslo", "Bristol", "Annecy", "Rotterdam", "Kyoto", "Toronto", "Freiburg")
_SHARES = ("a third", "half", "a quarter")


class Slots(dict[str, str]):
    """`fill(template)` takes the choices and puts the slots in. `start` is when the conversation begins."""

    def __init__(self, dice: Random, language: Language, start: datetime, **given: str) -> None:
        super().__init__(given)
        self._dice = dice
        self._language = language
        self._start = start

    def fill(self, template: str) -> str:
        return choose(template, self._dice).format_map(self)

    def __missing__(self, name: str) -> str:
        value = self[name] = _DRAWN[name](self._dice, self._language, self._start)
        return value


Draw = Callable[[Random, Language, datetime], str]


def _number(low: int, high: int, form: str = "{}") -> Draw:
    return lambda dice, _language, _start: form.format(dice.randint(low, high))


def _one_of(values: tuple[str, ...]) -> Draw:
    return lambda dice, _language, _start: dice.choice(values)


def _spoken(table: dict[str, tuple[str, ...]]) -> Draw:
    return lambda dice, language, _start: dice.choice(table[language])


def _day(low: int, high: int) -> Draw:
    def draw(dice: Random, language: Language, start: datetime) -> str:
        day = start + timedelta(days=dice.randint(low, high))
        weekend = max(0, day.weekday() - 4)
        return dates.spoken_day(day + timedelta(days=weekend), language)

    return draw


def _price(dice: Random, language: Language, _start: datetime) -> str:
    amount = f"{dice.randint(12, 980) * 10:,}"
    match language:
        case "de":
            return f"{amount.replace(',', '.')},00 €"
        case "fr":
            return f"{amount.replace(',', ' ')} €"
        case "ja":
            return f"{amount}ポンド"
        case "en":
            return f"£{amount}"


def _time(dice: Random, language: Language, _start: datetime) -> str:
    hour, minute = dice.randint(8, 16), dice.choice(("00", "15", "30"))
    return f"{hour} h {minute}" if language == "fr" else f"{hour}:{minute}"


def _month(_dice: Random, language: Language, start: datetime) -> str:
    return dates.MONTHS[language][start.month - 1]


def _week(_dice: Random, _language: Language, start: datetime) -> str:
    return str((start + timedelta(weeks=3)).isocalendar().week)


_DRAWN: dict[str, Draw] = {
    "city": _one_of(_CITIES),
    "code": _number(100_000, 999_999),
    "day": _day(3, 12),
    "day2": _day(13, 25),
    "few": _number(2, 6),
    "invoice": _number(2_000, 99_999),
    "month": _month,
    "order": _number(10_000, 999_999),
    "order2": _number(10_000, 999_999),
    "percent": _number(2, 15),
    "place": _spoken(_PLACES),
    "price": _price,
    "product": _spoken(_PRODUCTS),
    "qty": _number(8, 240),
    "qty2": _number(241, 500),
    "quote": _number(1_000, 9_999, "Q-{}"),
    "salary": _number(2_100, 4_900, "£{}.00"),
    "season": _one_of(_SEASONS),
    "share": _one_of(_SHARES),
    "time": _time,
    "vat": _number(100_000_000, 999_999_999),
    "version": _number(1, 5, "v{}"),
    "week": _week,
    "weeks": _number(2, 9),
}
