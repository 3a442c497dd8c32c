from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpool.conventions import business_days

days = st.dates(date(2015, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2026, 4, 1), True),
        (date(2026, 4, 4), False),  # Saturday
        (date(2026, 4, 5), False),  # Sunday
        (date(2026, 4, 29), False),  # 昭和の日
        (date(2026, 5, 6), False),  # substitute holiday of 3 May
        (date(2026, 9, 22), False),  # between two holidays
        (date(2019, 5, 1), False),  # accession to the throne
        (date(2026, 12, 28), True),
        (date(2026, 12, 29), False),
        (date(2026, 12, 31), False),
        (date(2027, 1, 1), False),
        (date(2025, 1, 2), False),
        (date(2025, 1, 3), False),
        (date(2027, 1, 4), True),
    ],
)
def test_business_day(day: date, open_: bool) -> None:
    assert business_days.is_business_day(day) is open_


@pytest.mark.parametrize(
    ("start", "count", "result"),
    [
        (date(2026, 12, 28), 1, date(2027, 1, 4)),
        (date(2027, 1, 4), -1, date(2026, 12, 28)),
        (date(2026, 5, 1), 1, date(2026, 5, 7)),
        (date(2026, 11, 23), 5, date(2026, 11, 30)),
        (date(2026, 5, 2), 0, date(2026, 5, 7)),
        (date(2026, 4, 1), 0, date(2026, 4, 1)),
    ],
)
def test_add(start: date, count: int, result: date) -> None:
    assert business_days.add_business_days(start, count) == result


@pytest.mark.parametrize(
    ("day", "result"),
    [
        (date(2027, 1, 4), date(2026, 12, 28)),
        (date(2026, 4, 2), date(2026, 4, 1)),
        (date(2026, 5, 7), date(2026, 5, 1)),
    ],
)
def test_last_before(day: date, result: date) -> None:
    assert business_days.last_business_day_before(day) == result


def test_between_counts_the_end_and_not_the_start() -> None:
    assert business_days.business_days_between(date(2026, 4, 1), date(2026, 4, 3)) == 2
    assert business_days.business_days_between(date(2026, 4, 3), date(2026, 4, 1)) == -2
    assert business_days.business_days_between(date(2026, 4, 1), date(2026, 4, 1)) == 0
    assert business_days.business_days_between(date(2026, 4, 3), date(2026, 4, 6)) == 1


@given(days, st.integers(-40, 40).filter(bool))
def test_adding_and_counting_agree(start: date, count: int) -> None:
    end = business_days.add_business_days(start, count)
    assert business_days.is_business_day(end)
    assert business_days.business_days_between(start, end) == count


@given(days)
def test_nothing_open_lies_between_a_day_and_the_last_before_it(day: date) -> None:
    last = business_days.last_business_day_before(day)
    assert last < day
    gap = (day - last).days
    assert not any(business_days.is_business_day(last + timedelta(days=i)) for i in range(1, gap))
