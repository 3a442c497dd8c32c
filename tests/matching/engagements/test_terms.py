"""Days and cost of a shared engagement: a table of cases, and rules that hold for every case."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engagements.terms import PersonTerms, Terms, TownTerms, work_out
from talentpool.conventions.months import add_months, month_range

APRIL = date(2027, 4, 1)


def town(key: int, half_days: int, start: int = 0, months: int = 12) -> TownTerms:
    return TownTerms(
        key, half_days, add_months(APRIL, start), add_months(APRIL, start + months - 1)
    )


def shares(terms: Terms) -> list[tuple[int, int, int, int, int]]:
    return [(s.key, s.half_days, s.raised_by, s.cost_yen, s.fixed_yen) for s in terms.shares]


@pytest.mark.parametrize(
    ("person", "towns", "expected", "total"),
    [
        # One town for a year: 4 half-days × 20,000 × 12.
        ((20_000, 0, 1), [town(1, 4)], [(1, 4, 0, 960_000, 0)], 960_000),
        # Two towns share the fixed cost by their half-days.
        (
            (20_000, 30_000, 1),
            [town(1, 4), town(2, 2)],
            [(1, 4, 0, 1_200_000, 240_000), (2, 2, 0, 600_000, 120_000)],
            1_800_000,
        ),
        # 100 yen among three equal towns: the odd yen goes to the one named first, each month.
        (
            (0, 100, 1),
            [town(1, 2, months=1), town(2, 2, months=1), town(3, 2, months=1)],
            [(1, 2, 0, 34, 34), (2, 2, 0, 33, 33), (3, 2, 0, 33, 33)],
            100,
        ),
        # The person works for 6 half-days at least: the missing 2 are spread by the half-days.
        (
            (10_000, 0, 6),
            [town(1, 2, months=1), town(2, 2, months=1)],
            [(1, 3, 1, 30_000, 0), (2, 3, 1, 30_000, 0)],
            60_000,
        ),
        # Windows that do not overlap: each month's fixed cost falls on the town served in it.
        (
            (0, 1_000, 1),
            [town(1, 2, 0, 3), town(2, 2, 6, 3)],
            [(1, 2, 0, 3_000, 3_000), (2, 2, 0, 3_000, 3_000)],
            6_000,
        ),
        # A town alone in one month reaches the least there, and keeps its days all along.
        (
            (10_000, 0, 4),
            [town(1, 2, 0, 2), town(2, 2, 0, 1)],
            [(1, 4, 2, 80_000, 0), (2, 2, 0, 20_000, 0)],
            100_000,
        ),
    ],
)
def test_days_and_cost(
    person: tuple[int, int, int],
    towns: list[TownTerms],
    expected: list[tuple[int, int, int, int, int]],
    total: int,
) -> None:
    terms = work_out(PersonTerms(*person), towns)
    assert shares(terms) == expected
    assert terms.total_yen == total


def test_without_towns_there_is_nothing_to_work_out() -> None:
    with pytest.raises(ValueError, match="at least one town"):
        work_out(PersonTerms(1, 0, 1), [])


PEOPLE = st.builds(
    PersonTerms,
    half_day_rate_yen=st.integers(0, 60_000),
    monthly_fixed_yen=st.integers(0, 200_000),
    least_half_days=st.integers(0, 20),
)
TOWNS = st.lists(
    st.tuples(st.integers(1, 20), st.integers(0, 11), st.integers(1, 12)), min_size=1, max_size=6
).map(lambda rows: [town(key, *row) for key, row in enumerate(rows, start=1)])


@given(PEOPLE, TOWNS)
def test_shares_sum_to_the_total_to_the_yen(person: PersonTerms, towns: list[TownTerms]) -> None:
    terms = work_out(person, towns)
    assert sum(share.cost_yen for share in terms.shares) == terms.total_yen
    assert all(0 <= share.fixed_yen <= share.cost_yen for share in terms.shares)
    months = {m for t in towns for m in month_range(t.first_month, t.last_month)}
    assert sum(s.fixed_yen for s in terms.shares) == person.monthly_fixed_yen * len(months)


@given(PEOPLE, TOWNS)
def test_every_served_month_reaches_the_least(person: PersonTerms, towns: list[TownTerms]) -> None:
    terms = work_out(person, towns)
    for month in {m for t in towns for m in month_range(t.first_month, t.last_month)}:
        served = [s.half_days for s in terms.shares if s.first_month <= month <= s.last_month]
        assert sum(served) >= person.least_half_days
    for share, asked in zip(terms.shares, towns, strict=True):
        assert share.half_days == asked.half_days + share.raised_by >= asked.half_days


@given(PEOPLE, TOWNS)
def test_days_are_raised_only_when_the_least_is_missed(
    person: PersonTerms, towns: list[TownTerms]
) -> None:
    terms = work_out(replace(person, least_half_days=1), towns)
    assert [share.raised_by for share in terms.shares] == [0] * len(towns)


@given(PEOPLE, TOWNS)
def test_same_question_same_answer(person: PersonTerms, towns: list[TownTerms]) -> None:
    assert work_out(person, towns) == work_out(person, list(towns))
