"""Who left an approach counts no more in it; a name that is closed is told as that."""

import pytest
from django.urls import reverse

from matching.proposals import board
from matching.proposals.models import Bundle
from matching.proposals.services import agreement
from municipalities.vacancies import services as needs
from talentpool.outbox.models import Message
from talentpool.vocabulary.models import EngagementForm
from tests.matching.visitor import Visitor
from tests.matching.world import CODES, World, make_world

pytestmark = pytest.mark.django_db

CAN = "契約を締結できます"
CANNOT = "お名前の開示の同意が取り消されました"


def told(world: World) -> list[str]:
    """The subjects of the coordinator's mails, the newest last."""
    mails = Message.objects.filter(kind="mail", payload__to=world.coordinator.email).order_by("pk")
    return [row.payload["subject"].split("】")[-1] for row in mails]


def test_a_name_that_was_closed_while_others_decided_is_told_as_that() -> None:
    world = make_world("half_decided")
    Message.objects.all().delete()
    agreement.set_disclosure(world.candidate(0).pk, agreed=False, by=world.user())
    assert told(world) == []  # not all have agreed yet
    world.decide(1)
    world.read()
    assert world.the_bundle.status == Bundle.Status.AGREED
    assert told(world) == [CANNOT]
    agreement.set_disclosure(world.candidate(0).pk, agreed=True, by=world.user())
    assert told(world) == [CANNOT, CAN]
    agreement.set_disclosure(world.candidate(1).pk, agreed=False, by=world.user())
    assert told(world) == [CANNOT, CAN, CANNOT]


def test_a_decline_without_a_reason_shows_what_is_missing() -> None:
    world = make_world("accepted")
    person = Visitor(world.user())
    page = person.get(reverse("specialist:approach", args=[world.the_bundle.pk]))
    assert page.text.count("<details>") == 2
    page.must_say("求められる力", "レベルの目安")  # what the towns ask for can be judged
    page = person.send(page, page.form_with("answer", "reason"), reason="")
    assert "<details open>" in page.text


def test_a_town_that_left_is_nobody_to_show_the_name_to() -> None:
    world = make_world("approached")
    needs.withdraw_need(world.needs[1], by=world.town(1))
    person = Visitor(world.user())
    url = reverse("specialist:approach", args=[world.the_bundle.pk])
    page = person.get(url)
    values = dict(page.form_with("answer", "agreed").fields)
    assert CODES[1] not in page.text
    answer = person.client.post(
        reverse("specialist:approach_answer", args=[world.the_bundle.pk]),
        {**values, "answer": "accept", "agreed": list(CODES)},
    )
    assert answer.context["form"].errors["agreed"]
    world.read()
    assert world.the_bundle.status == "approached"


def test_the_usual_form_is_that_of_who_stays() -> None:
    world = make_world("approached")
    other = EngagementForm.objects.create(code="98", name="見本の形態")
    forms = [other, EngagementForm.objects.get(code="10")]
    world.people[0].forms.set(forms)
    for need, form in zip(world.needs, forms, strict=True):
        need.forms.set([form])
    assert board.usual_form(world.the_bundle) is None
    needs.withdraw_need(world.needs[0], by=world.town(0))
    assert board.usual_form(world.the_bundle) == forms[1].code
