"""Japanese eras and the fiscal year (年度, 1 April to 31 March).

Source: sources.md 7.4 (S-114, S-115). Dates are stored as dates, shown as
令和8年4月1日(2026年4月1日) and exported as ISO. Every error carries a Japanese message fit to be
shown beside a form field.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Era:
    """One era: its name, the letter people write for it, and its first day."""

    name: str
    letter: str
    start: date


ERAS = (
    Era("明治", "M", date(1868, 10, 23)),
    Era("大正", "T", date(1912, 7, 30)),
    Era("昭和", "S", date(1926, 12, 25)),
    Era("平成", "H", date(1989, 1, 8)),
    Era("令和", "R", date(2019, 5, 1)),
)
LATEST_YEAR = 2199  # beyond it lie typing errors only, and at 9999 a date cannot be counted on from
_BY_MARK = {mark: era for era in ERAS for mark in (era.name, era.letter)}
_LAST_DAY = {era.name: following.start - timedelta(days=1) for era, following in pairwise(ERAS)}

_ERA = "(?P<era>明治|大正|昭和|平成|令和|[MTSHR])"
_YEAR = f"(?:{_ERA}(?P<year>[0-9]{{1,2}}|元)|(?P<western>[0-9]{{4}}))"
_DATE_TEXT = re.compile(
    _YEAR
    + "(?:(?P<sep>[-/.])(?P<month>[0-9]{1,2})(?P=sep)(?P<day>[0-9]{1,2})"
    + "|年(?P<month2>[0-9]{1,2})月(?P<day2>[0-9]{1,2})日)"
)
_YEAR_TEXT = re.compile(_YEAR + "年?")
_FISCAL_YEAR_TEXT = re.compile(_YEAR + "(?:年?度)?")

# The hyphens that Japanese keyboards and office software put into dates.
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−ー", "-"))


class EraError(ValueError):
    """A date, year or fiscal year that cannot be; str() is the Japanese message."""


def is_usable(year: int) -> bool:
    """Whether every day and the fiscal year of a western year can be shown and counted on from."""
    return ERAS[0].start.year < year <= LATEST_YEAR


def era_of(day: date) -> Era:
    """Return the era of `day`; raises EraError before 23 October 1868."""
    for era in reversed(ERAS):
        if era.start <= day:
            return era
    raise EraError("明治元年10月23日(1868年10月23日)より前の日付は使えません。")


def _era_year(era: Era, year: int) -> str:
    number = year - era.start.year + 1
    return f"{era.name}{'元' if number == 1 else number}年"


def format_wareki(day: date) -> str:
    """Return 令和8年4月1日, the first year of an era as 元年; raises EraError before Meiji."""
    return f"{_era_year(era_of(day), day.year)}{day.month}月{day.day}日"


def format_both(day: date) -> str:
    """Return 令和8年4月1日(2026年4月1日); raises EraError before Meiji."""
    return f"{format_wareki(day)}({day.year}年{day.month}月{day.day}日)"


def format_month(day: date) -> str:
    """Return 令和8年4月, the month `day` lies in; raises EraError before Meiji."""
    return f"{_era_year(era_of(day), day.year)}{day.month}月"


def format_month_span(first: date, last: date) -> str:
    """Return 令和8年4月〜令和9年3月 for two days; one month alone when both lie in it."""
    start, end = format_month(first), format_month(last)
    return start if start == end else f"{start}〜{end}"


def _compact(text: str) -> str:
    """Fold width, spaces, hyphens and letter case away: dates may be folded, names never."""
    return "".join(unicodedata.normalize("NFKC", text).translate(_HYPHENS).split()).upper()


def _western_year(found: re.Match[str]) -> int:
    if found["western"] is not None:
        year = int(found["western"])
        if year > LATEST_YEAR:
            raise EraError(f"{LATEST_YEAR}年より後の年は使えません。")
        return year
    number = 1 if found["year"] == "元" else int(found["year"])
    if number == 0:
        raise EraError("元号の年は元年(1年)から始まります。")
    return _BY_MARK[found["era"]].start.year + number - 1


def _typed_era(found: re.Match[str]) -> Era | None:
    return _BY_MARK[found["era"]] if found["era"] is not None else None


def parse_date(text: str) -> date:
    """Read a date as people write it.

    Accepts 令和8年4月1日, R8.4.1, R08/04/01, 2026-04-01, 2026/4/1, 2026年4月1日, 元年, with
    full-width characters and spaces. Raises EraError, with a Japanese message, for text that is
    no date, days that do not exist (2月30日) or lie after LATEST_YEAR, and days outside the era
    written (平成40年).
    """
    found = _DATE_TEXT.fullmatch(_compact(text))
    if found is None:
        raise EraError("日付は「令和8年4月1日」または「2026-04-01」のように入力してください。")
    year = _western_year(found)
    month, day = int(found["month"] or found["month2"]), int(found["day"] or found["day2"])
    try:
        parsed = date(year, month, day)
    except ValueError:
        raise EraError(f"{year}年{month}月{day}日という日付はありません。") from None
    actual, typed = era_of(parsed), _typed_era(found)
    if typed is None or typed == actual:
        return parsed
    raise EraError(_outside_message(typed, parsed, f"{format_both(parsed)}のことであれば"))


def _outside_message(typed: Era, day: date, meant: str) -> str:
    if day < typed.start:
        reason = f"{typed.name}は{format_both(typed.start)}からです。"
    else:
        reason = f"{typed.name}は{format_both(_LAST_DAY[typed.name])}までです。"
    return f"{reason}{meant}、そのように入力してください。"


def _parse_year_as(pattern: re.Pattern[str], text: str, message: str) -> tuple[int, Era | None]:
    found = pattern.fullmatch(_compact(text))
    if found is None:
        raise EraError(message)
    year = _western_year(found)
    if year < ERAS[0].start.year:
        raise EraError("明治元年(1868年)より前の年は使えません。")
    return year, _typed_era(found)


def parse_year(text: str) -> int:
    """Read one year (2026, 令和8, R8年, 令和元年) and return the western year.

    Raises EraError, with a Japanese message, also when the era written has no day in that year,
    and after LATEST_YEAR.
    """
    year, typed = _parse_year_as(
        _YEAR_TEXT, text, "年は「令和8」または「2026」のように入力してください。"
    )
    if typed is not None and typed.name in _LAST_DAY and year > _LAST_DAY[typed.name].year:
        meant = f"{_era_year(era_of(date(year, 12, 31)), year)}({year}年)のことであれば"
        raise EraError(_outside_message(typed, date(year, 1, 1), meant))
    return year


def fiscal_year(day: date) -> int:
    """Return the western year in which the fiscal year of `day` began."""
    return day.year if day.month >= 4 else day.year - 1


def fiscal_year_span(year: int) -> tuple[date, date]:
    """Return the first and last day of a fiscal year: 1 April and 31 March."""
    return date(year, 4, 1), date(year + 1, 3, 31)


def fiscal_year_label(year: int) -> str:
    """Return 令和8年度 for 2026: the era is that of 1 April.

    2019 is the exception: the state named the whole year 令和元年度.
    Raises EraError before 1869.
    """
    first = date(2019, 5, 1) if year == 2019 else date(year, 4, 1)
    return _era_year(era_of(first), year) + "度"


def parse_fiscal_year(text: str) -> int:
    """Read a fiscal year (令和8年度, R8年度, 2026年度, 2026) and return its western year.

    平成31年度 and 令和元年度 are the same one. Raises EraError with a Japanese message when the
    era written has no day in that fiscal year.
    """
    year, typed = _parse_year_as(
        _FISCAL_YEAR_TEXT, text, "年度は「令和8年度」または「2026年度」のように入力してください。"
    )
    first, last = fiscal_year_span(year)
    if typed is not None and typed not in (era_of(first), era_of(last)):
        meant = f"{fiscal_year_label(year)}({year}年度)のことであれば"
        raise EraError(_outside_message(typed, first, meant))
    return year
