from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpool.conventions import months

firsts = st.dates(date(2000, 1, 1), date(2050, 12, 31)).map(months.first_of_month)


@pytest.mark.parametrize(
    ("month", "count", "result"),
    [
        (date(2026, 4, 1), 0, date(2026, 4, 1)),
        (date(2026, 4, 1), 11, date(2027, 3, 1)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2027, 1, 1), -1, date(2026, 12, 1)),
        (date(2026, 3, 31), 1, date(2026, 4, 1)),
        (date(2026, 4, 1), -16, date(2024, 12, 1)),
    ],
)
def test_add(month: date, count: int, result: date) -> None:
    assert months.add_months(month, count) == result


def test_a_fiscal_year_has_twelve_months() -> None:
    year = months.month_range(date(2026, 4, 1), date(2027, 3, 31))
    assert len(year) == 12
    assert (year[0], year[-1]) == (date(2026, 4, 1), date(2027, 3, 1))
    assert months.months_between(date(2026, 4, 30), date(2026, 4, 1)) == 1
    assert months.month_range(date(2026, 5, 1), date(2026, 4, 1)) == []


@given(firsts, st.integers(-200, 200))
def test_counting_undoes_adding(month: date, count: int) -> None:
    moved = months.add_months(month, count)
    assert moved.day == 1
    assert months.months_between(month, moved) == count + 1
    assert months.add_months(moved, -count) == month
