"""What the towns read of the pool: nothing about fewer than three people, nor anything from which
it could be worked out (B-08)."""

from datetime import date, timedelta
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from matching.pool import overview as pool
from matching.pool.models import KeptOverview
from matching.pool.overview import Amount, hide
from matching.pool.tasks import renew_overview
from talentpool.specialists.confidence import ASSUMED
from talentpool.specialists.models import Specialist, SpecialistSkill
from tests import factories


def people(row: list[int]) -> tuple[list[int | None], int | None]:
    """What a reader sees of a row of head counts: the cells and the total, None for hidden."""
    cells, total = hide([Amount(count, 4 * count) for count in row])
    shown = [cell.amount.people if cell.amount else None for cell in cells]
    return shown, total.amount.people if total.amount else None


@pytest.mark.parametrize(
    ("row", "shown", "total"),
    [
        ([0, 0, 0, 0], [0, 0, 0, 0], 0),
        ([3, 4, 5, 6], [3, 4, 5, 6], 18),
        ([2, 5, 9, 0], [None, None, 9, 0], 16),
        ([2, 2, 9, 0], [None, None, 9, 0], 13),
        ([1, 1, 9, 7], [None, None, 9, None], 18),
        ([1, 0, 0, 0], [None, 0, 0, 0], None),
        ([1, 1, 0, 0], [None, None, 0, 0], None),
        ([2, 1, 0, 0], [None, None, 0, 0], 3),
        ([2, 0, 8, 0], [None, 0, None, 0], 10),
    ],
)
def test_rows(row: list[int], shown: list[int | None], total: int | None) -> None:
    assert people(row) == (shown, total)


def test_nothing_about_fewer_than_three_can_be_worked_out() -> None:
    """Every row up to six people a cell, with everything that sums and differences give."""
    for row in product(range(7), repeat=4):
        shown, total = people(list(row))
        assert all(count is None or count == 0 or count >= 3 for count in [*shown, total])
        hidden = [count for count, seen in zip(row, shown, strict=True) if seen is None]
        if total is not None and hidden:
            # The reader knows the sum of the hidden cells and that none of them is empty.
            assert sum(hidden) >= 3
            assert len(hidden) > 1
        assert all(
            seen == count for count, seen in zip(row, shown, strict=True) if seen is not None
        )


@pytest.mark.django_db
def test_only_who_is_registered_and_free_all_the_quarter_counts() -> None:
    for half_days in (6, 8, 10):
        factories.make_specialist(skills=["NW", "SEC"], half_days=half_days)
    factories.make_specialist(skills=["NW"], half_days=1)  # less than a day a month
    factories.make_specialist(skills=["NW"], months=1)  # not free all the quarter
    paused = factories.make_specialist(skills=["NW"])
    Specialist.objects.filter(pk=paused.pk).update(status="paused")
    SpecialistSkill.objects.filter(skill_id="SEC").update(assessed_level=2)
    shown = counted_now()
    expected = int((6 + 8 + 10) * ASSUMED.fresh)  # all of them have just confirmed their days
    lines = {line.skill.pk: line for line in shown.lines}
    assert [cell.amount for cell in lines["NW"].cells] == [
        Amount(),
        Amount(),
        Amount(),
        Amount(3, expected),
    ]
    assert lines["NW"].total.days == 10  # told in steps of five
    assert lines["SEC"].cells[1].amount == Amount(3, expected)
    assert lines["PRC"].total.amount == Amount()
    Specialist.objects.update(confirmed_at=None)
    lines = {line.skill.pk: line for line in counted_now().lines}
    assert lines["NW"].total.amount == Amount(3, int((6 + 8 + 10) * ASSUMED.floor))


@pytest.mark.django_db
def test_two_looks_on_one_day_do_not_tell_what_one_person_changed() -> None:
    made = [factories.make_specialist(skills=["NW"]) for _ in range(4)]
    before = counted_now().lines
    Specialist.objects.filter(pk=made[0].pk).update(status="paused")
    renew_overview()  # a worker that starts again asks for it
    assert pool.overview(1).lines == before
    assert KeptOverview.objects.count() == 1


@pytest.mark.django_db
def test_the_page_reads_what_was_counted_and_nobody_of_the_pool() -> None:
    """Whatever was counted last is shown with its day, and of a quarter that was not counted it is
    said so."""
    for _ in range(4):
        factories.make_specialist(skills=["NW"])
    assert pool.overview(0).as_of is None  # before the first count
    counted_now()
    yesterday = timezone.localdate() - timedelta(days=1)
    KeptOverview.objects.update(as_of=yesterday)
    with CaptureQueriesContext(connection) as queries:
        shown = pool.overview(1)
    assert shown.as_of == yesterday
    assert not shown.is_empty
    assert len(queries) == 3  # the count, levels, skills
    assert not any("pool_poolentry" in query["sql"] for query in queries)
    renew_overview()
    assert [kept.as_of for kept in KeptOverview.objects.all()] == [timezone.localdate()]
    KeptOverview.objects.update(counts={})  # the night before a new quarter
    assert pool.overview(1).as_of is None


def counted_now() -> pool.Overview:
    """The coming quarter as the night's task counts it, whatever was counted before."""
    KeptOverview.objects.all().delete()
    renew_overview()
    return pool.overview(1)


def test_quarters_are_those_of_the_fiscal_year() -> None:
    found = pool.quarters(date(2026, 11, 25))
    assert [f"{quarter.first:%Y-%m}" for quarter in found] == [
        "2026-10",
        "2027-01",
        "2027-04",
        "2027-07",
    ]
