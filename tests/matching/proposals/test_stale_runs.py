"""A run is frozen when it begins; what is offered from it fits the days and towns of today."""

from typing import Any

import pytest

from matching.proposals.errors import Refused
from matching.proposals.models import Candidate, Proposal, Run
from matching.proposals.services import offers
from municipalities.vacancies.models import Need
from talentpool.specialists.models import Specialist
from talentpool.users.models import User
from tests import factories as make
from tests.matching.visitor import Visitor
from tests.matching.world import CODES, solved_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator() -> User:
    return make.make_coordinator()


def two_runs(coordinator: User, **person: Any) -> tuple[Specialist, list[Need], list[Run]]:
    """One person of 20 half-days, planned by two runs for 12 of two towns; then asked for the
    first, so that 12 are held."""
    shared = make.make_specialist(half_days=20, **person)
    needs = [
        make.make_need("accepted", code=code, coordinator=coordinator, half_days=12)
        for code in CODES
    ]
    runs = [solved_run([need], by=coordinator) for need in needs]
    make.make_bundle(make.make_proposals(runs[0], needs[:1], by=coordinator), by=coordinator)
    return shared, needs, runs


def test_a_person_whom_another_run_has_taken_is_offered_with_the_days_left(
    coordinator: User,
) -> None:
    _, needs, runs = two_runs(coordinator)
    assert runs[1].plan["assignments"][0]["half_days"] == 12
    page = Visitor(coordinator).get(f"/admin/proposals/run/{runs[1].pk}/change/")
    page.must_say("計算のあとに変更", "いま割り当てられるのは月4日です", "1件の割当てが")
    (proposal,) = make.make_proposals(runs[1], needs[1:], by=coordinator)
    candidate = proposal.candidates.get()
    assert (candidate.planned, candidate.half_days) == (True, 8)
    assert candidate.score == sum(points for _, points in candidate.terms)
    assert ["充足する半日数", 80] in candidate.terms


def test_who_may_take_no_more_towns_is_not_offered(coordinator: User) -> None:
    _, needs, runs = two_runs(coordinator, max_towns=1)
    page = Visitor(coordinator).get(f"/admin/proposals/run/{runs[1].pk}/change/")
    page.must_say("受け持てる市町は1まで")
    with pytest.raises(Refused, match="いま条件に合う候補がいません"):
        make.make_proposals(runs[1], needs[1:], by=coordinator)


def test_nobody_is_offered_for_more_days_than_are_left_beside_the_rest_of_the_plan(
    coordinator: User,
) -> None:
    """Two needs of one plan share a person who has since declared less: each would fit alone."""
    person = make.make_specialist(half_days=20)
    needs = [
        make.make_need(
            "accepted", code=code, coordinator=coordinator, half_days=8, least_half_days=8
        )
        for code in CODES
    ]
    run = solved_run(needs, by=coordinator)
    assert len(run.plan["assignments"]) == 2
    person.availability.update(half_days=10)
    offered = offers.people_to_offer(run, needs)
    assert sorted(map(len, offered.values())) == [0, 1]


def test_a_run_as_it_was_frozen_offers_what_was_planned(coordinator: User) -> None:
    make.make_specialist()
    need = make.make_need("accepted", coordinator=coordinator)
    run = solved_run([need], by=coordinator)
    page = Visitor(coordinator).get(f"/admin/proposals/run/{run.pk}/change/")
    page.must_say("案のとおりにできます", "に始めた計算").must_not_say("計算のあとに変更")
    make.make_proposals(run, [need], by=coordinator)
    planned = run.plan["assignments"][0]
    candidate = Candidate.objects.get()
    assert (candidate.half_days, candidate.score) == (planned["half_days"], planned["score"])


def test_a_run_of_another_version_offers_nobody_and_says_so(coordinator: User) -> None:
    make.make_specialist()
    need = make.make_need("accepted", coordinator=coordinator)
    run = solved_run([need], by=coordinator)
    visitor = Visitor(coordinator)
    page = visitor.get(f"/admin/proposals/run/{run.pk}/change/")
    (form,) = [form for form in page.forms if form.action.endswith("/offer/")]
    Run.objects.filter(pk=run.pk).update(problem={"schema": "talentpool-problem-0"})
    visitor.send(page, form).must_say("いまと違う版のソフトウェア")
    assert not Proposal.objects.exists()
