"""Verbs that touch the same towns and people at once: no deadlock, no wrong books (A-21, A-22)."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from matching.engagements import declaring
from matching.engagements import services as engagements
from matching.engagements.models import Hold
from matching.engagements.services import BookingRefused, SignedShare
from matching.engagements.terms import PersonTerms, TownTerms, work_out
from matching.proposals.errors import Refused
from matching.proposals.models import Bundle, Candidate, Proposal
from matching.proposals.services import agreement, approaches
from municipalities.vacancies import services as needs
from municipalities.vacancies.errors import NotAllowedNowError
from talentpool.conventions.months import add_months, first_of_month
from tests import factories as make
from tests.matching.concurrency import at_once, kinds, wrong_months
from tests.matching.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 6
WORKERS = 16
STEPS = 25


def crossed() -> tuple[World, Bundle, Bundle]:
    """Two bundles: town 1 waits for the first person and wants the second next, town 2 the other
    way round. When both decline at once, each verb needs the person of the other."""
    world = make_world("offered", people=2)
    world.rank(0)
    world.people.reverse()
    world.rank(1)
    world.people.reverse()
    due = world.today + timedelta(days=7)
    first, second = (
        approaches.approach(proposal_ids=[row.pk], answer_due=due, by=world.coordinator)
        for row in world.proposals
    )
    return world, first, second


@pytest.mark.parametrize("number", range(ROUNDS))
def test_crossed_declines_do_not_wait_in_a_circle(number: int) -> None:
    world, first, second = crossed()
    results = at_once(
        [
            lambda: approaches.decline(first.pk, reason="schedule", by=world.user(0)),
            lambda: approaches.decline(second.pk, reason="schedule", by=world.user(1)),
        ]
    )
    assert [type(result) for result in results] == [Bundle, Bundle]
    assert wrong_months() == []


@pytest.mark.parametrize("number", range(ROUNDS))
def test_everything_at_once_on_one_bundle(number: int) -> None:
    """Signing, stepping back, withdrawing, declining, closing the name: one order of locks."""
    world = make_world("agreed")
    pk = world.the_bundle.pk
    candidate = world.candidate().pk
    calls: list[Callable[[], Any]] = [
        world.sign,
        lambda: world.step_back(0),
        lambda: world.step_back(1, "withdrawn"),
        lambda: needs.withdraw_need(world.needs[0], by=world.town(0)),
        lambda: needs.withdraw_need(world.needs[1], by=world.town(1)),
        lambda: approaches.decline(pk, reason="terms", by=world.user()),
        lambda: agreement.set_disclosure(candidate, agreed=False, by=world.user()),
        lambda: declaring.declare_days(
            world.people[0], {first_of_month(world.today): 3}, by=world.user()
        ),
    ]
    random.Random(number).shuffle(calls)
    results = at_once(calls)
    wrong = [
        result
        for result in results
        if isinstance(result, Exception) and not isinstance(result, Refused | NotAllowedNowError)
    ]
    assert wrong == []
    assert wrong_months() == []
    assert_consistent(world)


def assert_consistent(world: World) -> None:
    """No need is withdrawn and signed, no proposal waits in a bundle that has ended."""
    world.read()
    for need in world.needs:
        signed = need.shares.filter(active=True).exists()
        assert (need.status == "filled") == signed
    in_bundle = Candidate.objects.filter(status__in=Candidate.IN_BUNDLE)
    assert not in_bundle.exclude(bundle__status__in=Bundle.OPEN).exists()
    waiting = Proposal.objects.filter(status__in=["approached", "accepted", "decided"])
    assert waiting.count() == in_bundle.count()
    held = Hold.objects.filter(state="active")
    assert set(held.values_list("pk", flat=True)) == set(
        in_bundle.values_list("hold_id", flat=True)
    )


def test_sixteen_workers_hold_release_sign_and_declare() -> None:
    """Random bookings of three people by sixteen workers; the books are then checked by SQL that
    shares nothing with the services."""
    world = make_world("solved")
    people = world.people
    start = first_of_month(world.today)
    editor = make.make_editor()
    open_needs = [
        make.make_need("draft", by=editor, half_days=1, least_half_days=1)
        for _ in range(WORKERS * 3)
    ]

    def span(rng: random.Random) -> tuple[date, date]:
        first = add_months(start, rng.randrange(6))
        return first, add_months(first, rng.randrange(6))

    def work(number: int) -> dict[str, int]:
        rng = random.Random(number)
        mine: list[int] = []
        need_pks = [need.pk for need in open_needs[number * 3 : number * 3 + 3]]
        done = dict.fromkeys(("held", "released", "signed", "declared", "refused"), 0)
        for _ in range(STEPS):
            person = rng.choice(people)
            first, last = span(rng)
            verb = rng.choices(("hold", "release", "sign", "declare"), (10, 5, 2, 2))[0]
            try:
                if verb == "hold":
                    kept = engagements.hold(
                        person.pk,
                        half_days=rng.randint(1, 6),
                        first_month=first,
                        last_month=last,
                        until=world.today,
                    )
                    mine.append(kept.pk)
                    done["held"] += 1
                elif verb == "release" and mine:
                    engagements.release(rng.choice(mine))
                    done["released"] += 1
                elif verb == "sign" and need_pks:
                    terms = PersonTerms(20_000, 10_000, 1)
                    engagements.sign(
                        person,
                        person=terms,
                        terms=work_out(terms, [TownTerms(1, rng.randint(1, 3), first, last)]),
                        towns=[SignedShare(1, "342157", need_pks[-1], "第1号", world.today)],
                        hold_ids=[],
                        form_code="10",
                        signed_on=world.today,
                        by=world.coordinator,
                    )
                    need_pks.pop()
                    done["signed"] += 1
                elif verb == "declare":
                    months = [add_months(start, index) for index in range(12)]
                    user = person.user
                    assert user is not None
                    declaring.declare_days(
                        person, {month: rng.randint(4, 30) for month in months}, by=user
                    )
                    done["declared"] += 1
            except BookingRefused:
                done["refused"] += 1
        connection.close()
        return done

    results = at_once([lambda n=number: work(n) for number in range(WORKERS)])
    _, _, others = kinds(results, BookingRefused)
    assert others == []
    total = {name: sum(result[name] for result in results) for name in results[0]}
    print(f"16 workers: {total}")
    assert min(total.values()) > 0, total
    assert wrong_months() == []
