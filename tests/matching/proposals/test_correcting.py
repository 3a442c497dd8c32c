"""What a town wrote down of its decision is corrected until the signature; nothing else moves."""

from datetime import timedelta

import pytest

from matching.proposals.errors import Refused
from matching.proposals.models import Bundle
from matching.proposals.services import agreement
from talentpool.audit.models import Event
from talentpool.outbox.models import Message
from tests.matching.visitor import Visitor, date_parts
from tests.matching.world import World, make_world

pytestmark = pytest.mark.django_db


def correct(world: World, number: str = "総第9号", version: int = 1) -> None:
    agreement.decide(
        world.proposals[0].pk,
        document_number=number,
        decided_on=world.today,
        terms_version=version,
        by=world.town(),
    )


@pytest.mark.parametrize("state", ["half_decided", "agreed"])
def test_a_wrong_number_is_corrected_by_the_page(state: str) -> None:
    world = make_world(state)
    town = Visitor(world.town())
    page = town.get(f"/town/proposals/{world.proposals[0].pk}/").must_say("記録を直す")
    form = page.form_with("document_number")
    before = date_parts("decided_on", world.today - timedelta(days=1))
    town.send(page, form, document_number="総第9号", **before).must_say("決裁日は、候補が届いた")
    page = town.send_twice(page, form, document_number="総第9号")
    page.must_say("総第9号", "決定済み").must_not_say("文書第1号")
    world.read()
    assert (world.proposals[0].status, world.the_bundle.status) == (
        "decided",
        "agreed" if state == "agreed" else "accepted",
    )
    (event,) = Event.objects.filter(action="correct_decision")
    assert event.detail["before"]["document_number"] == "文書第1号"
    (mail,) = Message.objects.filter(key__contains=":corrected:")
    assert mail.payload["to"] == world.coordinator.email
    if state == "agreed":
        assert {row.document_number for row in world.sign().shares.all()} == {
            "総第9号",
            "文書第2号",
        }


def test_the_day_of_the_interview_is_corrected_after_the_decision() -> None:
    world = make_world("disclosed")
    agreement.record_interview(world.proposals[0].pk, held_on=world.today, by=world.town())
    world.decide(0)
    later = world.today + timedelta(days=1)
    agreement.record_interview(world.proposals[0].pk, held_on=later, by=world.town())
    world.read()
    assert (world.proposals[0].status, world.proposals[0].interview_on) == ("decided", later)
    event = Event.objects.filter(action="record_interview").first()
    assert event is not None
    assert event.detail == {"before": f"{world.today}"}


def test_nothing_is_corrected_once_signed_or_on_other_terms() -> None:
    world = make_world("agreed")
    with pytest.raises(Refused, match="いまの内容を確かめて"):
        correct(world, version=2)
    correct(world)
    world.sign()
    with pytest.raises(Refused):
        correct(world, "総第10号")
    page = Visitor(world.town()).get(f"/town/proposals/{world.proposals[0].pk}/")
    page.must_not_say("記録を直す")
    assert Bundle.objects.get().engagement is not None
    assert Event.objects.filter(action="correct_decision").count() == 1
