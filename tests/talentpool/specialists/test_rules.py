"""Dates of the law and of the term, by tables with their boundaries."""

from datetime import date

import pytest

from talentpool.specialists.retirement import restrictions
from talentpool.specialists.terms import lapses_on, renewal_is_open, term_end

END = date(2027, 3, 31)  # two years after 31 March 2025


@pytest.mark.parametrize(
    ("manager", "company", "today", "ends"),
    [
        (False, True, date(2025, 4, 1), [END, None]),
        (True, True, date(2025, 4, 1), [END, END, None]),
        (True, True, END, [END, END, None]),  # the last day counts
        (True, True, date(2027, 4, 1), [None]),  # own decisions: for ever
        (True, False, date(2025, 4, 1), []),  # no 再就職者
    ],
)
def test_what_a_retired_person_must_not_do(
    manager: bool, company: bool, today: date, ends: list[date | None]
) -> None:
    found = restrictions(
        retired_on=date(2025, 3, 31), was_manager=manager, works_for_company=company, today=today
    )
    assert [one.until for one in found] == ends


def test_two_years_after_a_leap_day() -> None:
    found = restrictions(
        retired_on=date(2024, 2, 29),
        was_manager=False,
        works_for_company=True,
        today=date(2026, 2, 28),
    )
    assert found[0].until == date(2026, 2, 28)


def test_without_a_date_of_retirement_nothing_is_said() -> None:
    assert (
        restrictions(
            retired_on=None, was_manager=True, works_for_company=True, today=date(2026, 1, 1)
        )
        == []
    )


@pytest.mark.parametrize(
    ("today", "end"),
    [
        (date(2026, 4, 1), date(2027, 3, 31)),
        (date(2027, 1, 31), date(2027, 3, 31)),
        (date(2027, 2, 1), date(2028, 3, 31)),
        (date(2027, 3, 31), date(2028, 3, 31)),
    ],
)
def test_a_registration_lasts_to_the_end_of_a_fiscal_year(today: date, end: date) -> None:
    assert term_end(today) == end


@pytest.mark.parametrize(
    ("until", "today", "is_open"),
    [
        (date(2027, 3, 31), date(2027, 1, 31), False),
        (date(2027, 3, 31), date(2027, 2, 1), True),
        (date(2027, 3, 31), date(2027, 5, 1), True),
        (date(2028, 3, 31), date(2027, 3, 1), False),
        (None, date(2027, 3, 1), False),
    ],
)
def test_when_renewal_is_open(until: date | None, today: date, is_open: bool) -> None:
    assert renewal_is_open(until, today) is is_open


def test_when_a_registration_lapses() -> None:
    assert lapses_on(date(2027, 3, 31)) == date(2027, 6, 29)
