"""Whole months, kept as the date of their first day."""

from datetime import date, timedelta


def first_of_month(day: date) -> date:
    """The first day of the month that `day` lies in."""
    return day.replace(day=1)


def last_day(month: date) -> date:
    """The last day of the month that begins with `month`."""
    return add_months(month, 1) - timedelta(days=1)


def add_months(month: date, count: int) -> date:
    """`month` moved by `count` months (may be negative); the result is a first day."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def months_between(first: date, last: date) -> int:
    """How many months lie from `first` to `last`, both included; 0 or less when reversed."""
    return (last.year - first.year) * 12 + last.month - first.month + 1


def month_range(first: date, last: date) -> list[date]:
    """All months from `first` to `last`, both included."""
    return [add_months(first, index) for index in range(months_between(first, last))]
