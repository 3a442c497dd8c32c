"""What fell free after a plan is given out by a mending, and what goes before it."""

import uuid
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matching.proposals.mending import Mended, mend
from matching.proposals.models import Run
from matching.proposals.services import mending, offers, pinning, runs
from municipalities.vacancies import services as needs
from municipalities.vacancies.models import Need, TownBudget
from talentpool.conventions.era import fiscal_year
from talentpool.specialists.models import Specialist
from tests import factories as make
from tests.matching.visitor import Visitor
from tests.matching.world import CODES, World, make_world

pytestmark = pytest.mark.django_db


def kept(world: World, found: Mended) -> Run:
    return mending.keep_mended(
        world.run, shown=found.fingerprint, request_key=uuid.uuid4(), by=world.coordinator
    )


def only_for_one(world: World) -> str:
    """The first person is the only one, and has days for one need only: the other is left open.
    The key of that one; `world.needs` has the served one first."""
    person = world.people[0]
    Specialist.objects.exclude(pk=person.pk).update(status="paused")
    person.availability.update(half_days=4)
    found = mend(world.run)
    kept(world, found)
    (served,) = found.after
    world.needs.sort(key=lambda need: str(need.pk) != served)
    return str(world.needs[1].pk)


def withdrawn(world: World, need: Need) -> None:
    needs.withdraw_need(need, by=need.created_by)


def to_a_vacancy(world: World, need: Need) -> None:
    offers.give_up(need.pk, by=world.coordinator)


@pytest.mark.parametrize("event", [withdrawn, to_a_vacancy])
def test_the_time_of_a_need_that_is_planned_no_more_goes_to_an_open_one(
    event: Callable[[World, Need], None],
) -> None:
    world = make_world()
    open_need = only_for_one(world)
    event(world, world.needs[0])
    found = mend(world.run)
    assert found.after[open_need][0] == str(world.people[0].pk)
    (change,) = found.changes
    assert (change.kind, change.need) == ("gone", str(world.needs[0].pk))
    page = Visitor(world.coordinator).get(f"/admin/proposals/run/{world.run.pk}/mend/")
    world.needs[0].refresh_from_db()
    page.must_say("案から離れた案件", world.needs[0].get_status_display())
    kept(world, found)
    assert mend(world.run).changes == []  # told and given out once


def test_the_time_of_whom_the_town_did_not_rank_first_is_given_out() -> None:
    world = make_world()
    planned = {a["need"]: a["specialist"] for a in world.run.plan["assignments"]}
    first = str(world.needs[0].pk)
    world.proposals = make.make_proposals(world.run, world.needs[:1], by=world.coordinator)
    order = sorted(world.people, key=lambda person: str(person.pk) == planned[first])
    world.people = order
    world.rank(0)
    world.approach()
    found = mend(world.run)
    assert [(c.kind, c.need, c.specialist) for c in found.changes] == [
        ("gone", first, planned[first])
    ]
    assert planned[first] in found.mending.people
    assert first not in found.after


def test_the_money_of_a_town_that_falls_free_serves_its_other_needs() -> None:
    """The budget is for one need; when that one is withdrawn, the other one is served."""
    world = make_world(monthly_fixed_yen=0)
    other = make.make_need("accepted", code=CODES[0], coordinator=world.coordinator)
    for year in {fiscal_year(other.first_month), fiscal_year(other.last_month)}:
        TownBudget.objects.create(
            municipality_id=CODES[0], fiscal_year=year, yen=300_000, stated_by=other.created_by
        )
    both = [row for row in (*world.needs, other) if row.municipality_id == CODES[0]]
    found = mend(world.run, [other.pk])
    (served,) = [row for row in both if str(row.pk) in found.after]
    mending.keep_mended(
        world.run,
        added=[other.pk],
        shown=found.fingerprint,
        request_key=uuid.uuid4(),
        by=world.coordinator,
    )
    Specialist.objects.filter(pk=found.after[str(served.pk)][0]).update(status="paused")
    withdrawn(world, served)
    (left,) = [row for row in both if row != served]
    assert str(left.pk) in mend(world.run).after


def test_a_towns_ranking_goes_before_a_pin() -> None:
    world = make_world()
    need = world.needs[0]
    pin = pinning.pin_pair(world.run, need_id=need.pk, reason="wished", by=world.coordinator)
    visitor = Visitor(world.coordinator)
    visitor.get("/admin/proposals/run/add/").must_say("市町がこの人を希望しているため")
    world.proposals = make.make_proposals(world.run, [need], by=world.coordinator)
    world.people.sort(key=lambda person: person.pk == pin.specialist_id)
    world.rank(0)
    found = mend(world.run)
    assert found.after[str(need.pk)][0] == str(world.people[0].pk)
    assert found.pins == {}
    visitor.get("/admin/proposals/run/add/").must_not_say("市町がこの人を希望しているため")


def test_a_confidence_that_fell_meanwhile_is_no_change() -> None:
    world = make_world()
    found = mend(world.run)
    for person in world.people:
        Specialist.objects.filter(pk=person.pk).update(confirmed_at=None)
    assert mend(world.run).plan.input_sha256 != found.plan.input_sha256
    assert kept(world, found).mends == world.run


def test_keeping_locks_the_needs_first_and_works_the_plan_out_once() -> None:
    world = make_world()
    world.people[0].availability.update(half_days=4)
    visitor = Visitor(world.coordinator)
    page = visitor.get(f"/admin/proposals/run/{world.run.pk}/mend/")
    data = dict(page.form_with("shown").fields)
    with CaptureQueriesContext(connection) as captured:
        visitor.client.post(page.url, data)
    assert Run.objects.filter(mends=world.run).exists()
    told = [row["sql"] for row in captured.captured_queries]
    frozen = [k for k, sql in enumerate(told) if 'FROM "registry_group"' in sql]
    locked = [
        k for k, sql in enumerate(told) if 'FROM "vacancies_need"' in sql and "FOR NO KEY" in sql
    ]
    numbered = [k for k, sql in enumerate(told) if f"lock({runs.RUN_LOCK}, 0)" in sql]
    assert len(frozen) == 1
    assert locked[0] < frozen[0] < numbered[0]
