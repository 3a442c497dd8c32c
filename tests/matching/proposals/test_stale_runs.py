"""A run is frozen when it begins; what is offered from it fits the days and towns of today."""

from typing import Any

import pytest

from matching.proposals.errors import Refused
from matching.proposals.freeze import freeze
from matching.proposals.models import Candidate, Proposal, Run
from matching.proposals.services import approaches, offers
from municipalities.vacancies import services as vacancies
from municipalities.vacancies.models import Need
from talentpool.specialists.models import Specialist
from talentpool.users.models import User
from tests import factories as make
from tests.matching.visitor import Visitor
from tests.matching.world import CODES, World, make_world, solved_run

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
    assert ["充足する日数", 80] in candidate.terms


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


# --- What was tried, and for which need -----------------------------------------------------------
def apart(world: World) -> set[tuple[int, int]]:
    world.read()
    return {(int(row.need), int(row.specialist)) for row in freeze(world.needs).declined}


@pytest.mark.parametrize(
    ("reason", "is_apart"), [("interview", True), ("budget", False), ("need_changed", False)]
)
def test_who_was_let_go_for_the_towns_own_sake_may_be_shown_again(
    reason: str, is_apart: bool
) -> None:
    world = make_world("disclosed")
    world.step_back(0, reason)
    pair = (world.needs[0].pk, world.people[0].pk)
    assert (pair in apart(world)) == is_apart


def test_the_reason_of_an_end_is_that_of_the_last_who_was_asked() -> None:
    world = make_world("disclosed")
    world.step_back(0, "interview")
    asked = world.candidate(0, 1)
    assert asked.bundle is not None
    approaches.accept(asked.bundle.pk, agreed_codes=CODES, terms_version=1, by=world.user(1))
    world.step_back(0, "budget")
    need = world.needs[0].pk
    pairs = apart(world)
    assert (need, world.people[0].pk) in pairs
    assert (need, world.people[1].pk) not in pairs


def test_a_need_that_was_mended_begins_anew() -> None:
    """Sent back, mended and accepted again: who said no to the old one is asked again, and what was
    worked out for the old one is not offered."""
    world = make_world("approached", people=1)
    need, person = world.needs[0], world.people[0]
    approaches.decline(world.the_bundle.pk, reason="content", by=world.user())
    assert (need.pk, person.pk) in apart(world)
    vacancies.return_need(need, remark="内容を直してください。", by=world.coordinator)
    need.refresh_from_db()
    need = vacancies.submit_need(need, by=need.created_by)
    vacancies.accept_need(need, priority=1, by=world.coordinator)
    assert (need.pk, person.pk) not in apart(world)
    assert (world.needs[1].pk, person.pk) in apart(world)
    with pytest.raises(Refused, match="受け付け直され"):
        make.make_proposals(world.run, [need], by=world.coordinator)
    page = Visitor(world.coordinator).get(f"/admin/proposals/run/{world.run.pk}/change/")
    page.must_say("計算のあとに変更", "案件が直され、受け付け直されました")
    (proposal,) = make.make_proposals(
        solved_run([need], by=world.coordinator), [need], by=world.coordinator
    )
    assert proposal.candidates.get().specialist == person
