"""Years that follow a day."""

from datetime import date

import pytest

from talentpool.conventions.periods import years_after


@pytest.mark.parametrize(
    ("day", "years", "last"),
    [
        (date(2025, 4, 1), 2, date(2027, 4, 1)),
        (date(2025, 3, 31), 2, date(2027, 3, 31)),
        (date(2024, 2, 29), 2, date(2026, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2026, 2, 28), 2, date(2028, 2, 28)),
        (date(2025, 12, 31), 5, date(2030, 12, 31)),
    ],
)
def test_the_same_day_of_a_later_year(day: date, years: int, last: date) -> None:
    assert years_after(day, years) == last
