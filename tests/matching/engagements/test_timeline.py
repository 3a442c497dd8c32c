"""The year of shared engagements opens where something is to be seen."""

from datetime import date

import pytest

from matching.engagements.models import Hold
from matching.engagements.timeline import timeline
from talentpool.conventions.era import fiscal_year
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("year", ["0000", "1868", "2200", "9999", "1" * 5_000, "²⁰²⁷", "-202"])
def test_what_is_no_year_opens_the_present_one(year: str) -> None:
    today = date(2026, 11, 25)
    assert timeline(make.make_coordinator(), year, today).year == fiscal_year(today)


@pytest.mark.parametrize("year", [1869, 2199])
def test_the_first_and_the_last_year_can_be_shown(year: int) -> None:
    assert timeline(make.make_coordinator(), str(year), date(2026, 11, 25)).year == year


def hold(first: date, last: date) -> None:
    Hold.objects.create(
        specialist=make.make_specialist(),
        half_days=2,
        first_month=first,
        last_month=last,
        until=last,
    )


def test_the_next_year_opens_when_all_is_booked_there() -> None:
    coordinator, today = make.make_coordinator(), date(2026, 11, 25)
    assert timeline(coordinator, "", today).year == fiscal_year(today)
    hold(date(2027, 4, 1), date(2028, 3, 1))
    assert timeline(coordinator, "", today).year == 2027
    hold(date(2026, 1, 1), date(2026, 6, 1))
    assert timeline(coordinator, "", today).year == 2026
    assert timeline(coordinator, "2027", today).year == 2027
