"""Days on which an office works: not Saturday, Sunday, a holiday, nor 29 December to 3 January.

Source: 行政機関の休日に関する法律 article 1 for the state's offices. Local bodies set theirs by
ordinance under 地方自治法 article 4-2, in practice the same days; a body's own extra day off
(some have one) is not known here. Public holidays come from jpholiday.
"""

from datetime import date, timedelta
from functools import lru_cache

import jpholiday

_DAY = timedelta(days=1)


def is_year_end_closure(day: date) -> bool:
    """Whether `day` lies in the closure at the turn of the year, 29 December to 3 January."""
    return (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)


@lru_cache(maxsize=4096)
def is_business_day(day: date) -> bool:
    """Whether offices work on `day`."""
    return day.weekday() < 5 and not is_year_end_closure(day) and not jpholiday.is_holiday(day)


def add_business_days(start: date, days: int) -> date:
    """Return the `days`-th business day after `start`, which itself is not counted.

    A negative number counts backwards. With 0 it is `start`, or the next business day when
    offices are closed on it: the rule for a deadline that falls on a day off.
    """
    step = -_DAY if days < 0 else _DAY
    day = start
    if days == 0:
        while not is_business_day(day):
            day += step
        return day
    left = abs(days)
    while left:
        day += step
        if is_business_day(day):
            left -= 1
    return day


def business_days_between(start: date, end: date) -> int:
    """Return how many business days lie after `start`, up to and including `end`.

    When `end` is the earlier one, those before `start` back to and including `end`, negative.
    So `business_days_between(day, add_business_days(day, n)) == n` for every n but 0.
    """
    step = -1 if end < start else 1
    days = abs((end - start).days)
    return step * sum(is_business_day(start + _DAY * step * i) for i in range(1, days + 1))


def last_business_day_before(day: date) -> date:
    """Return the latest business day strictly before `day`."""
    return add_business_days(day, -1)
