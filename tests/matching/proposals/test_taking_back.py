"""A consent that is taken back, by the person or the firm, ends what rests on it (B-02, B-09)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from matching.engagements.models import CapacityMonth
from matching.proposals.errors import Refused
from matching.proposals.models import Candidate
from matching.proposals.services.approaches import next_candidate
from matching.proposals.services.dates import sweep_dates
from matching.proposals.services.offers import people_to_offer, rank_candidates
from talentpool.outbox.models import Message
from talentpool.specialists.models import (
    Consent,
    FirmManager,
    ProfileView,
    PurposeText,
    Specialist,
)
from talentpool.specialists.services import consent, registration
from tests import factories
from tests.matching.visitor import Visitor
from tests.matching.world import World, make_world

pytestmark = pytest.mark.django_db


def by_the_firm(world: World) -> None:
    person = world.people[0]
    manager = factories.make_specialist(kind="firm", skills=[]).user
    FirmManager.objects.create(firm=person.firm, user=manager, since=timezone.localdate())
    assert manager is not None
    registration.agree_for_firm(person, agrees=False, by=manager)


def by_the_person(world: World) -> None:
    consent.withdraw(world.people[0], "provision", by=world.user())


WAYS: dict[str, Callable[[World], None]] = {"firm": by_the_firm, "person": by_the_person}


def behind_its_back(world: World) -> None:
    """The rows alone, as when it happens at the same moment as another verb."""
    Specialist.objects.filter(pk=world.people[0].pk).update(firm_agreed_at=None)


@pytest.mark.parametrize("way", WAYS)
def test_an_open_name_closes_and_the_days_are_given_back(way: str) -> None:
    world = make_world("agreed", kind="firm")
    assert world.candidate().is_open
    WAYS[way](world)
    world.read()
    assert world.the_bundle.status == "dissolved"
    assert [world.candidate(town).status for town in (0, 1)] == ["left", "left"]
    assert not any(world.candidate(town).is_open for town in (0, 1))
    assert not CapacityMonth.objects.filter(specialist=world.people[0], held__gt=0).exists()
    assert Candidate.objects.filter(status="approached", specialist=world.people[1]).count() == 2


@pytest.mark.parametrize("way", WAYS)
def test_who_was_offered_blind_is_not_approached(way: str) -> None:
    world = make_world("ranked", kind="firm")
    WAYS[way](world)
    following = next_candidate(world.proposals[0])
    assert following is not None
    assert following.specialist == world.people[1]


@pytest.mark.parametrize("way", WAYS)
def test_a_new_offer_from_the_frozen_run_leaves_the_person_out(way: str) -> None:
    world = make_world("solved", kind="firm")
    person = world.people[0].pk
    assert person in people_to_offer(world.run, world.needs)[world.needs[0].pk]
    WAYS[way](world)
    offered = people_to_offer(world.run, world.needs)
    assert all(person not in people and people for people in offered.values())


def test_without_the_firm_no_name_is_read_and_nobody_is_approached_meanwhile() -> None:
    world = make_world("disclosed", kind="firm")
    behind_its_back(world)
    assert not world.candidate().is_open
    world = make_world("ranked", kind="firm")
    behind_its_back(world)
    with pytest.raises(Refused, match="同意がありません"):
        world.approach()
    assert sweep_dates() >= 1
    assert set(Candidate.objects.filter(specialist=world.people[0]).values_list("status")) == {
        ("left",)
    }


def test_a_signed_name_is_part_of_the_contract() -> None:
    world = make_world("signed", kind="firm")
    by_the_firm(world)
    by_the_person(world)
    assert world.candidate().is_open


def test_other_consents_and_unanswered_new_words_end_nothing() -> None:
    world = make_world("disclosed")
    consent.give(world.people[0], consent.texts_in_force(["news"]), by=world.user())
    consent.withdraw(world.people[0], "news", by=world.user())
    world.read()
    assert (world.the_bundle.status, world.candidate().is_open) == ("accepted", True)
    consent.publish_text(
        purpose="provision",
        body="新しい文面",
        recipients="県内の市町",
        retention="1年",
        in_force_from=timezone.localdate(),
        earlier_until=None,
        by=None,
    )
    assert Consent.objects.current().filter(specialist=world.people[0], purpose="provision")
    assert not world.candidate().is_open  # until the person answers
    sweep_dates()
    world.read()
    assert world.the_bundle.status == "accepted"


def new_words_of_provision() -> None:
    """New words that are in force, with a grace that ended yesterday."""
    today = timezone.localdate()
    old = PurposeText.objects.in_force("provision", today)
    assert old is not None
    PurposeText.objects.create(
        purpose="provision",
        version=old.version + 1,
        body="新しい文面",
        in_force_from=today - timedelta(days=9),
        earlier_until=today - timedelta(days=1),
    )


def test_a_town_reads_nothing_of_who_has_not_agreed_to_new_words() -> None:
    """B-02: after the grace an offered candidate is a letter, is not ranked and is in no log of
    views; the answer brings the candidate back."""
    world = make_world("offered")
    proposal, town = world.proposals[0], Visitor(world.town())
    new_words_of_provision()
    for person in world.people[1:]:
        consent.give(person, consent.missing(person), by=person.user)
    silent = Candidate.objects.get(proposal=proposal, specialist=world.people[0])
    address = reverse("town:proposal", args=[proposal.pk])
    page = town.get(address)
    page.must_say("いまは見られません")
    assert page.body.decode().count("使える日") == len(world.people) - 1
    assert f"rank_{silent.blind_id}" not in page.form_with("wants_assessor").names
    seen = ProfileView.objects.filter(viewer=world.town()).values_list("specialist_id", flat=True)
    assert set(seen) == {person.pk for person in world.people[1:]}
    consent.give(world.people[0], consent.missing(world.people[0]), by=world.user())
    page = town.get(address)
    assert f"rank_{silent.blind_id}" in page.form_with("wants_assessor").names


def test_who_is_silent_leaves_when_the_town_ranks() -> None:
    world = make_world("offered")
    proposal = world.proposals[0]
    new_words_of_provision()
    with pytest.raises(Refused, match="同意を確認しています"):
        rank_candidates(proposal.pk, ranks={}, by=world.town())
    for person in world.people[1:]:
        consent.give(person, consent.missing(person), by=person.user)
    others = proposal.candidates.exclude(specialist=world.people[0]).order_by("position")
    ranks: dict[int, int | None] = {row.pk: n for n, row in enumerate(others, start=1)}
    for _ in range(2):  # the same again changes nothing
        rank_candidates(proposal.pk, ranks=ranks, by=world.town())
    silent = Candidate.objects.get(proposal=proposal, specialist=world.people[0])
    assert (silent.status, silent.rank) == ("left", None)


def test_whom_nobody_was_told_of_was_not_unwanted() -> None:
    """The planned person may agree tomorrow: the proposal ends because nobody was left."""
    world = make_world("offered")
    proposal = world.proposals[0]
    new_words_of_provision()
    for person in world.people[1:]:
        consent.give(person, consent.missing(person), by=person.user)
    told = proposal.candidates.exclude(specialist=world.people[0])
    rank_candidates(proposal.pk, ranks={row.pk: None for row in told}, by=world.town())
    proposal.refresh_from_db()
    assert (proposal.status, proposal.close_reason) == ("closed", "nobody_left")


@pytest.mark.parametrize("agrees", [True, False])
def test_the_passed_day_ranks_nobody_whom_the_town_could_not_read_of(agrees: bool) -> None:
    world = make_world("offered")
    new_words_of_provision()
    if agrees:
        for person in world.people[1:]:
            consent.give(person, consent.missing(person), by=person.user)
    world.let_pass()
    world.read()
    proposal = world.proposals[0]
    silent = proposal.candidates.get(specialist=world.people[0])
    assert (silent.status, silent.rank) == ("left", None)
    ranks = proposal.candidates.exclude(pk=silent.pk).order_by("position").values_list("rank")
    if agrees:
        assert proposal.status == "ranked"
        assert [rank for (rank,) in ranks] == list(range(1, len(world.people)))
        said = Message.objects.filter(key__startswith=f"proposal:{proposal.pk}:ranked:").first()
        assert said is not None
        assert "同意が確認できない1人" in said.payload["body"]
    else:
        assert (proposal.status, proposal.close_reason) == ("closed", "nobody_left")
