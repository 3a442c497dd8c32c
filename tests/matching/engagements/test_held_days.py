"""What is held stands: who declares less, or pauses, after the yes breaks no agreement."""

from collections.abc import Callable
from datetime import date

import pytest

from matching.engagements import declaring
from matching.engagements import services as engagements
from matching.engagements.models import CapacityMonth, Hold, Share
from matching.proposals.errors import Refused
from matching.proposals.models import Bundle, Candidate
from matching.proposals.services import periods
from talentpool.conventions.months import add_months, first_of_month, month_range
from talentpool.outbox.models import Message
from tests.matching.concurrency import wrong_months
from tests.matching.visitor import Visitor
from tests.matching.world import World, make_world

pytestmark = pytest.mark.django_db


def months_of(world: World) -> list[date]:
    need = world.needs[0]
    return month_range(need.first_month, need.last_month)


def declare(half_days: int) -> Callable[[World], object]:
    return lambda world: declaring.declare_days(
        world.people[0], dict.fromkeys(months_of(world), half_days), by=world.user()
    )


def pause(world: World) -> object:
    need = world.needs[0]
    return declaring.add_pause(
        world.people[0],
        first_month=need.first_month,
        last_month=need.last_month,
        by=world.user(),
    )


# What the person does after both towns have 4 half-days held, and all but the last have agreed.
LESS: dict[str, Callable[[World], object]] = {
    "fewer than held": declare(2),
    "one town's days": declare(4),
    "none": declare(0),
    "a pause": pause,
}


@pytest.mark.parametrize("less", LESS)
def test_what_is_held_is_signed_whatever_is_declared_by_then(less: str) -> None:
    world = make_world("half_decided")
    LESS[less](world)
    world.decide(1)
    world.sign()
    assert list(Share.objects.values_list("half_days", flat=True)) == [4, 4]
    books = CapacityMonth.objects.filter(specialist=world.people[0], month__in=months_of(world))
    assert set(books.values_list("signed", "held", "limit")) == {(8, 0, 8)}
    assert set(Hold.objects.values_list("state", flat=True)) == {"signed"}
    assert wrong_months() == []


def test_a_pause_after_all_agreed_is_told_to_the_coordinators_and_can_be_signed() -> None:
    world = make_world("agreed")
    Message.objects.all().delete()
    pause(world)
    (mail,) = Message.objects.filter(kind="mail")
    assert mail.payload["to"] == world.coordinator.email
    assert mail.payload["subject"].endswith("稼働可能日が契約より少なくなりました")
    assert "契約や仮押さえが残っています" in mail.payload["body"]
    page = Visitor(world.coordinator).get(f"/admin/proposals/bundle/{world.the_bundle.pk}/change/")
    page.must_say("締結")
    world.sign()
    assert Share.objects.count() == 2


@pytest.mark.parametrize(("half_days", "signs"), [(8, True), (7, False)])
def test_what_is_held_no_longer_is_booked_anew(half_days: int, signs: bool) -> None:
    """One of two holds was given back: its days must be declared, beside those that stand."""
    world = make_world("agreed")
    candidate = world.candidate(0)
    assert candidate.hold_id is not None
    engagements.release(candidate.hold_id)
    declare(half_days)(world)
    if signs:
        world.sign()
        assert Share.objects.count() == 2
    else:
        with pytest.raises(Refused, match="申告された日数が足りません"):
            world.sign()
        assert not Share.objects.exists()
        assert set(Hold.objects.values_list("state", flat=True)) == {"released", "active"}
    assert wrong_months() == []


@pytest.mark.parametrize("less", ["fewer than held", "a pause"])
def test_new_terms_of_whoever_stays_keep_what_is_held(less: str) -> None:
    world = make_world("accepted")
    LESS[less](world)
    world.step_back(1)
    world.read()
    assert (world.the_bundle.status, world.the_bundle.terms_version) == ("accepted", 2)
    assert world.candidate(0).agreed_half_days == 4
    books = CapacityMonth.objects.filter(specialist=world.people[0], month__in=months_of(world))
    assert set(books.values_list("held", flat=True)) == {4}
    assert wrong_months() == []


def test_terms_of_the_months_that_are_left_keep_what_is_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = make_world("accepted")
    declare(2)(world)
    second = add_months(world.needs[0].first_month, 1)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: second)
    assert periods.renew_past_terms(world.the_bundle.pk, by=None)
    world.read()
    assert (world.the_bundle.status, world.the_bundle.terms_version) == ("accepted", 2)
    assert {row.first_month for row in Hold.objects.filter(state="active")} == {second}
    assert wrong_months() == []


def test_what_nobody_saw_is_not_in_the_record_of_an_approach_that_ended() -> None:
    """The days of new terms were refused: rows and bundle keep the terms that were confirmed."""
    world = make_world("half_decided", least_half_days=6)
    kept = ("agreed_half_days", "cost_yen", "fixed_yen")
    before = Candidate.objects.filter(pk=world.candidate(0).pk).values(*kept).get()
    due = Bundle.objects.values_list("decide_due", flat=True).get()
    declare(4)(world)  # whoever stays would have to take 6
    Bundle.objects.update(decide_due=first_of_month(world.today))
    world.step_back(1)
    world.read()
    assert (world.the_bundle.status, world.candidate(0).status) == ("dissolved", "unavailable")
    assert Candidate.objects.filter(pk=world.candidate(0).pk).values(*kept).get() == before
    assert world.the_bundle.decide_due == first_of_month(world.today) != due
    assert not Hold.objects.filter(specialist=world.people[0], state="active").exists()
    assert wrong_months() == []
