"""Who pauses, leaves or is removed leaves the coordination too: nothing is dropped silently."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from matching.engagements.models import CapacityMonth, Hold
from matching.proposals.models import Candidate
from matching.proposals.services.dates import sweep_dates
from talentpool.audit.services import verify_chain
from talentpool.outbox.models import Message
from talentpool.rights.services.persons import erase_person
from talentpool.specialists.models import ProfileView, Specialist, StatusChange
from talentpool.specialists.services import vetting
from tests.lock_order import watching
from tests.matching.visitor import Visitor
from tests.matching.world import World, make_world

pytestmark = pytest.mark.django_db


def remove(world: World, person: Specialist) -> None:
    vetting.decide(person, "remove", reason="見本の理由", by=world.coordinator)


WAYS: dict[str, Callable[[World, Specialist], object]] = {
    "pause": lambda world, person: vetting.pause(person, by=world.user()),
    "withdraw": lambda world, person: vetting.withdraw(person, by=world.user()),
    "remove": remove,
}


def mails(beginning: str) -> set[str]:
    kept = Message.objects.filter(kind=Message.Kind.MAIL, key__startswith=beginning)
    return {message.payload["to"] for message in kept}


def held() -> int:
    return sum(CapacityMonth.objects.values_list("held", flat=True))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("state", ["approached", "accepted"])
def test_an_approach_ends_with_the_registration(way: str, state: str) -> None:
    """Held days are given back, the next in line is asked, towns and coordinators are told."""
    world = make_world(state)
    bundle = world.the_bundle
    person = bundle.specialist
    towns = [need.created_by.email for need in world.needs]
    assert Hold.objects.filter(specialist=person, state="active").count() == 2
    WAYS[way](world, person)
    bundle.refresh_from_db()
    assert bundle.status == "dissolved"
    assert set(bundle.candidates.values_list("status", flat=True)) == {"left"}
    assert not Hold.objects.filter(specialist=person, state="active").exists()
    assert not CapacityMonth.objects.filter(specialist=person, held__gt=0).exists()
    following = Candidate.objects.filter(status="approached")
    assert following.count() == 2  # somebody else was approached for each need
    assert not following.filter(specialist=person).exists()
    told = mails("left:")
    assert set(towns) <= told
    assert world.coordinator.email in told
    body = Message.objects.filter(key__startswith="left:").first()
    assert body is not None
    assert person.name not in str(body.payload)
    assert person.pool_number not in str(body.payload)


def test_an_erasure_ends_what_is_open_before_it_takes_the_chain() -> None:
    """A verb that holds one of its rows may wait for the chain (A-22)."""
    world = make_world("offered")
    with watching() as order:
        erase_person(world.people[0].pk, by=world.coordinator)
    assert order.found == []
    assert verify_chain()[1] is None


def test_an_offered_candidate_is_marked_and_cannot_be_ranked() -> None:
    world = make_world("offered")
    person = world.people[0]
    WAYS["pause"](world, person)
    proposal = world.proposals[0]
    assert Candidate.objects.get(proposal=proposal, specialist=person).status == "left"
    town = Visitor(world.town())
    page = town.get(reverse("town:proposal", args=[proposal.pk]))
    page.must_say("この方は、候補から外れました")
    left = Candidate.objects.get(proposal=proposal, specialist=person)
    assert (
        page.body.decode().count("使える日") == len(world.people) - 1
    )  # nothing is read of who has left
    assert not ProfileView.objects.filter(specialist=person, viewer=world.town()).exists()
    form = page.form_with("wants_assessor")
    assert f"rank_{left.blind_id}" not in form.names
    world.read()
    others = [row for row in proposal.candidates.order_by("position") if row.pk != left.pk]
    answers = {f"rank_{row.blind_id}": str(n) for n, row in enumerate(others, start=1)}
    page = town.send(page, form, **answers)
    town.send(page, page.form_with("confirmed"))
    proposal.refresh_from_db()
    assert proposal.status == "ranked"
    left.refresh_from_db()
    assert left.rank is None


def test_a_proposal_with_nobody_left_is_closed() -> None:
    world = make_world("offered", people=1)
    WAYS["withdraw"](world, world.people[0])
    for proposal in world.proposals:
        proposal.refresh_from_db()
        assert (proposal.status, proposal.close_reason) == ("closed", "nobody_left")


def test_the_page_asks_before_and_a_signed_engagement_goes_on() -> None:
    world = make_world("accepted")
    person = Visitor(world.user())
    pause = reverse("specialist:registration_verb", args=["pause"])
    page = person.get(reverse("specialist:registration"))
    page = person.send(page, page.form_with(action=pause))
    page.must_say("進んでいる打診1件を取りやめ", "契約は、そのまま続きます")
    world.people[0].refresh_from_db()
    assert world.people[0].status == "registered"
    person.send(page, page.form_with("confirmed"))
    world.people[0].refresh_from_db()
    assert world.people[0].status == "paused"
    signed = make_world("signed")
    vetting.withdraw(signed.people[0], by=signed.user())
    bundle = signed.the_bundle
    assert (bundle.status, bundle.engagement_id is not None) == ("signed", True)


def test_the_sweep_ends_what_was_offered_at_the_same_moment() -> None:
    world = make_world("offered")
    Specialist.objects.filter(pk=world.people[0].pk).update(status="withdrawn")
    assert sweep_dates() == 1
    assert sweep_dates() == 0
    assert Candidate.objects.filter(specialist=world.people[0], status="left").count() == 2


def test_a_granted_suspension_pauses_by_the_same_step() -> None:
    from django.utils import timezone

    from talentpool.rights import services as rights

    world = make_world("approached")
    person, by = world.people[0], world.coordinator
    request = rights.file_request(person, kind="suspension", by=world.user())
    rights.decide(
        request.pk,
        decision="granted",
        reason="",
        document_number="1",
        decided_on=timezone.localdate(),
        by=by,
    )
    rights.carry_out(request.pk, by=by)
    assert StatusChange.objects.get(specialist=person).after == "paused"
    world.read()
    assert world.the_bundle.status == "dissolved"
    assert mails("left:")
