"""Who serves a town today reaches the run: continuity counts, handovers are shown."""

from typing import Any

import pytest

from matching import engine
from matching.engagements.models import Engagement, Share
from matching.proposals.freeze import freeze, present_advisers
from municipalities.vacancies.models import Need
from talentpool.conventions.months import add_months
from tests import factories as make
from tests.matching.visitor import Visitor
from tests.matching.world import CODES, World, make_world, solved_run

pytestmark = pytest.mark.django_db


def follow_up(world: World, town: int = 0, **values: Any) -> Need:
    """A need of the same kind after the one that is signed."""
    after = add_months(world.needs[town].last_month, 1)
    given = {"first_month": after, "last_month": add_months(after, 5), **values}
    return make.make_need("accepted", code=CODES[town], coordinator=world.coordinator, **given)


def test_the_present_adviser_stays_where_points_alone_would_change_to_another() -> None:
    world = make_world("signed")
    share = Share.objects.get(need=world.needs[0])
    need = follow_up(world)
    present = share.engagement.specialist_id
    assert present_advisers([need]) == {need.pk: present}
    problem = freeze([need])
    assert problem.needs[0].present == str(present)
    (chosen,) = engine.greedy(problem).assignments
    assert (chosen.specialist, chosen.terms["continuity"]) == (str(present), 400)


def test_only_running_work_of_the_same_kind_in_the_same_town_counts() -> None:
    world = make_world("signed")
    other_kind = follow_up(world, skill="SEC")
    other_town = make.make_need("accepted", code="342084", coordinator=world.coordinator)
    same = follow_up(world)
    begins_with_it = follow_up(world, first_month=world.needs[0].first_month)
    assert set(present_advisers([other_kind, other_town, same, begins_with_it])) == {same.pk}
    Engagement.objects.update(
        status="terminated", ended_on=world.today, end_reason="都合", end_document="第9号"
    )
    assert present_advisers([same]) == {}


def test_a_handover_is_on_the_page_of_the_run() -> None:
    world = make_world("signed")
    need = follow_up(world)
    present = Share.objects.get(need=world.needs[0]).engagement.specialist
    run = solved_run([need], by=world.coordinator)
    page = Visitor(world.coordinator).get(f"/admin/proposals/run/{run.pk}/change/")
    page.must_not_say("担当が替わる案件").must_say("担当の継続")
    present.skills.all().delete()
    run = solved_run([need], by=world.coordinator)
    page = Visitor(world.coordinator).get(f"/admin/proposals/run/{run.pk}/change/")
    page.must_say("担当が替わる案件", present.pool_number, need.title)


def test_towns_that_days_are_held_for_count_as_served() -> None:
    world = make_world("approached")
    person = str(world.people[0].pk)
    need = make.make_need("accepted", code="342084", coordinator=world.coordinator)
    frozen = {one.id: one.serving for one in freeze([need]).specialists}
    assert frozen[person] == set(CODES)
