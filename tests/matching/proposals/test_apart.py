"""Pairs that the portal keeps apart: ways of working, unknown places, towns in a need's months."""

from datetime import date
from typing import Any

import pytest

from matching import engine
from matching.engagements.models import Engagement, Hold
from matching.engine.lookup import Lookup
from matching.proposals.apart import NO_PLACE, REMOTE_ONLY, kept_apart
from matching.proposals.freeze import freeze, present_advisers
from matching.proposals.freshness import Now
from matching.proposals.words import rule_words
from municipalities.registry.models import Municipality
from municipalities.vacancies.models import Need
from talentpool.conventions.months import add_months
from talentpool.specialists.models import Specialist, WorkProfile
from talentpool.users.models import User
from tests import factories as make
from tests.matching.world import CODES, make_world, solved_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator() -> User:
    return make.make_coordinator()


REMOTE = {"place": "remote", "on_site_half_days": 0}


@pytest.mark.parametrize(
    ("need", "person", "profile", "why"),
    [
        ({}, {"remote": "no"}, {}, ""),
        (REMOTE, {"remote": "no"}, {}, REMOTE_ONLY),
        (REMOTE, {"remote": "only"}, {}, ""),
        # Two of four half-days at least: of two visits one is needed.
        ({"on_site_half_days": 2}, {}, {"most_on_site": 1}, ""),
        (
            {"on_site_half_days": 2},
            {},
            {"most_on_site": 0},
            "来庁は月0日までの方で、月0.5日の来庁が要ります",
        ),
        (REMOTE, {}, {"most_remote": 2}, ""),
        (REMOTE, {}, {"most_remote": 1}, "遠隔は月0.5日までの方で、月1日の遠隔が要ります"),
    ],
)
def test_ways_of_working_that_do_not_fit_are_kept_apart(
    coordinator: User,
    need: dict[str, Any],
    person: dict[str, Any],
    profile: dict[str, int],
    why: str,
) -> None:
    who = make.make_specialist(**person)
    WorkProfile.objects.update_or_create(specialist=who, defaults=profile)
    who = Specialist.objects.select_related("work_profile", "base").get(pk=who.pk)
    asked = make.make_need("accepted", coordinator=coordinator, **need)
    assert kept_apart([asked], [who]).get((asked.pk, who.pk), "") == why
    problem = freeze([asked])
    rules = engine.why_not(problem, str(asked.pk), str(who.pk))
    told = [rule_words(Lookup(problem), str(asked.pk), str(who.pk), rule) for rule in rules]
    assert told == ([("来庁と遠隔", why)] if why else [])


def test_a_place_not_known_is_a_reason_of_its_own_where_somebody_must_come(
    coordinator: User,
) -> None:
    who = make.make_specialist(base=None)
    visits = make.make_need("accepted", coordinator=coordinator)
    remote = make.make_need("accepted", coordinator=coordinator, **REMOTE)
    problem = freeze([visits, remote])
    assert [d.reason for d in problem.declined] == [NO_PLACE]
    assert engine.why_not(problem, str(remote.pk), str(who.pk)) == ()
    Municipality.objects.update(latitude=None, longitude=None)
    assert NO_PLACE in {d.reason for d in freeze([visits]).declined}


def hold(person: Specialist, code: str, first: date, last: date) -> None:
    make.make_town(code)
    Hold.objects.create(
        specialist=person,
        municipality_id=code,
        half_days=1,
        first_month=first,
        last_month=last,
        until=last,
    )


def early_and_late(coordinator: User, **late_one: Any) -> tuple[Need, Need]:
    """Two needs, one after the other."""
    early = make.make_need("accepted", code=CODES[0], coordinator=coordinator)
    after = add_months(early.last_month, 1)
    late = make.make_need(
        "accepted",
        code=CODES[1],
        coordinator=coordinator,
        first_month=after,
        last_month=add_months(after, 2),
        **late_one,
    )
    return early, late


def test_towns_count_in_the_months_of_the_need(coordinator: User) -> None:
    """One town is held in the months of the first need only: the second may be served."""
    who = make.make_specialist(max_towns=1)
    early, late = early_and_late(coordinator)
    hold(who, "342084", early.first_month, early.last_month)
    problem = freeze([early, late])
    (rule,) = engine.why_not(problem, str(early.pk), str(who.pk))
    assert "受け持てる市町は1までで、この案件の期間にすでに1あります" in rule.text
    assert engine.why_not(problem, str(late.pk), str(who.pk)) == ()
    assert [row.need for row in engine.greedy(problem).assignments] == [str(late.pk)]
    hold(who, "342084", late.first_month, late.last_month)  # now throughout: the engine's own rule
    codes = [rule.code for rule in engine.why_not(freeze([early, late]), str(late.pk), str(who.pk))]
    assert "R15" in codes


def test_what_is_offered_counts_the_towns_of_each_month_too(coordinator: User) -> None:
    """The engine lets two towns go to a person of two who holds one in some months of both."""
    who = make.make_specialist(max_towns=2)
    early, late = early_and_late(coordinator, skill="SEC")  # nobody has it
    other = make.make_need("accepted", code="343021", coordinator=coordinator)
    hold(who, "342084", early.first_month, early.last_month)
    run = solved_run([early, late, other], by=coordinator)
    plan = engine.plan_from_json(run.plan)
    assert {row.need for row in plan.assignments} == {str(early.pk), str(other.pk)}
    assert len(Now(run, plan).changed()) == 1


def test_the_present_adviser_is_known_for_three_months_after_the_end() -> None:
    world = make_world("signed")
    last = world.needs[0].last_month
    present = world.the_bundle.specialist_id

    def follow_up(gap: int) -> Need:
        first = add_months(last, gap)
        return make.make_need(
            "accepted",
            code=CODES[0],
            coordinator=world.coordinator,
            first_month=first,
            last_month=add_months(first, 3),
        )

    soon, too_late = follow_up(3), follow_up(4)
    Engagement.objects.update(status="ended", ended_on=last)
    assert present_advisers([soon, too_late]) == {soon.pk: present}
    Engagement.objects.update(
        status="terminated", ended_on=last, end_reason="town", end_document="第9号"
    )
    assert present_advisers([soon]) == {}
