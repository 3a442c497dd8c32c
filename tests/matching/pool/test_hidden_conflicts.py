"""The search hides those of whom the rules find a conflict and nobody else, by kind of tie, phase
of the deal and their dates (docs/sources.md 3.4)."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from matching.pool.search import SHOWN_MONTHS
from municipalities.registry.models import Municipality, PlannedProcurement, VendorContract
from talentpool.conventions.months import add_months, first_of_month
from talentpool.specialists.models import ConflictCase, FirmRelation, Interest, Specialist
from talentpool.users.models import User
from tests import factories

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FIRST = first_of_month(timezone.localdate())  # the work that is searched for: from here
LAST = add_months(FIRST, SHOWN_MONTHS) - DAY  # to here
TWO_YEARS = add_months(FIRST, -24)

# Contracts and procurements by name: from when to when.
DEALS = {
    "running": (FIRST, LAST),
    "short": (FIRST, FIRST + 9 * DAY),
    "later": (LAST + DAY, LAST + 99 * DAY),
    "ended": (FIRST - 400 * DAY, FIRST - DAY),
    "two years ago": (TWO_YEARS - 400 * DAY, TWO_YEARS),
    "before that": (TWO_YEARS - 400 * DAY, TWO_YEARS - DAY),
    "planned": (FIRST, LAST),
}
# What ties to the firm itself: kind, since, until, deal, and whether it is a conflict.
DIRECT: list[tuple[str, date | None, date | None, str, bool]] = [
    ("employer", None, None, "running", True),
    ("employer", None, None, "planned", True),
    ("employer", None, None, "later", False),
    ("employer", None, None, "ended", True),
    ("employer", None, None, "two years ago", True),
    ("employer", None, None, "before that", False),
    ("employer", None, FIRST, "ended", True),
    ("employer", None, FIRST - DAY, "ended", False),  # neither there now nor dealt with now
    ("employer", None, FIRST - DAY, "running", True),
    ("employer", None, TWO_YEARS, "running", True),
    ("employer", None, TWO_YEARS - DAY, "running", False),
    ("employer", LAST + DAY, None, "running", False),
    ("officer", None, TWO_YEARS, "planned", True),
    ("shares", None, None, "running", True),
    ("shares", None, None, "ended", False),
    ("shares", None, FIRST, "planned", True),
    ("shares", None, FIRST - DAY, "planned", False),
    ("shares", FIRST + 9 * DAY, None, "short", True),
    ("shares", FIRST + 10 * DAY, None, "short", False),  # acquired after the contract's end
    ("product", None, None, "running", True),
    ("client", None, None, "planned", True),
    ("client", None, FIRST - DAY, "running", False),
    ("relative", None, None, "running", True),
    ("relative", None, None, "ended", False),
]
# What ties to its parent: kind, until when it is the parent, deal, and whether it is a conflict.
RELATED: list[tuple[str, date | None, str, bool]] = [
    ("employer", None, "running", True),
    ("employer", None, "ended", False),
    ("employer", TWO_YEARS, "running", True),
    ("employer", TWO_YEARS - DAY, "running", False),
    ("shares", None, "planned", True),
    ("shares", FIRST - DAY, "planned", False),
    ("product", None, "running", False),
    ("client", None, "running", False),
    ("relative", None, "planned", False),
]


def deal_with(town: Municipality, number: str, name: str, by: User) -> None:
    starts, ends = DEALS[name]
    if name == "planned":
        planned = PlannedProcurement.objects.create(
            municipality=town,
            subject=f"調達{number}",
            prepared_from=starts,
            decided_on=ends,
            updated_by=by,
        )
        planned.parties.create(corporate_number=number, name="見本")
        return
    VendorContract.objects.create(
        municipality=town,
        corporate_number=number,
        vendor_name="見本",
        subject=f"契約{number}",
        starts=starts,
        ends=ends,
    )


def shown(town: Municipality, by: User, **conditions: str) -> set[str]:
    browser = Client()
    browser.force_login(by)
    asked = {"town": town.pk, "conflicts": "hide", **conditions}
    numbers: set[str] = set()
    answer = browser.post("/admin/pool/poolentry/", asked, follow=True)
    numbers |= {row.pool_number for row in answer.context["rows"]}
    while after := answer.context["page"].next:
        answer = browser.get(f"/admin/pool/poolentry/?{after}")
        numbers |= {row.pool_number for row in answer.context["rows"]}
    return numbers


@pytest.fixture(autouse=True)
def no_factor(settings: pytest.FixtureRequest) -> None:
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]


def test_hidden_is_whom_the_rules_find_a_conflict_with() -> None:
    coordinator, town = factories.make_coordinator(), factories.make_town()
    expected: dict[str, bool] = {}
    words: dict[str, str] = {}
    for index, (kind, since, until, deal, conflict) in enumerate(DIRECT):
        person = factories.make_specialist()
        number = f"1{index:012}"
        Interest.objects.create(
            specialist=person,
            kind=kind,
            corporate_number=number,
            name="見本",
            since=since,
            until=until,
        )
        deal_with(town, number, deal, coordinator)
        expected[person.pool_number] = conflict
        words[person.pool_number] = f"{kind} {since} {until} {deal}"
    for index, (kind, until, deal, conflict) in enumerate(RELATED):
        person = factories.make_specialist()
        parent, child = f"2{index:012}", f"3{index:012}"
        Interest.objects.create(specialist=person, kind=kind, corporate_number=child, name="見本")
        FirmRelation.objects.create(
            parent_number=parent,
            parent_name="見本",
            child_number=child,
            child_name="見本",
            until=until,
        )
        deal_with(town, parent, deal, coordinator)
        expected[person.pool_number] = conflict
        words[person.pool_number] = f"{kind} of a child until {until} {deal}"
    found = shown(town, coordinator)
    wrong = {words[one]: hides for one, hides in expected.items() if (one not in found) != hides}
    assert wrong == {}
    assert shown(factories.make_town("342084"), coordinator) == set(expected)


def test_what_a_coordinator_decided_is_no_conflict_hides_nobody() -> None:
    coordinator, town = factories.make_coordinator(), factories.make_town()
    person, other = factories.make_specialist(), factories.make_specialist()
    number = f"{1:013}"
    for one in (person, other):
        Interest.objects.create(specialist=one, kind="client", corporate_number=number, name="見本")
    deal_with(town, number, "running", coordinator)
    contract = VendorContract.objects.get()
    ConflictCase.objects.create(
        specialist=person,
        municipality=town,
        key=f"K9:client:{number}:contract:{contract.pk}",
        rule="K9",
        result="measures",
        evidence="見本",
        deal_ends=contract.ends,
        found_on=FIRST,
        state="decided",
        decision="none",
        measures="取引は終わっている",
        decided_by=coordinator,
        decided_at=timezone.now(),
    )
    assert shown(town, coordinator) == {person.pool_number}


def test_who_left_a_firm_or_belongs_to_it() -> None:
    coordinator, town = factories.make_coordinator(), factories.make_town()
    stays = factories.make_specialist(kind="firm")
    left = factories.make_specialist(kind="firm", firm=stays.firm, firm_agreed_at=timezone.now())
    assert stays.firm is not None
    deal_with(town, stays.firm.corporate_number, "ended", coordinator)
    assert shown(town, coordinator) == set()
    Specialist.objects.filter(pk=left.pk).update(left_firm_on=FIRST - DAY, firm_agreed_at=None)
    assert shown(town, coordinator, status="all") == {left.pool_number}
