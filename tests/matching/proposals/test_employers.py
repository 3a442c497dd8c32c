"""An employer that is known by its name only cannot be compared: 要確認 until it is settled."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from matching.proposals.conflicts import assess_needs
from talentpool.outbox.models import Message
from talentpool.specialists.models import (
    Background,
    Firm,
    Interest,
    InterestDeclaration,
    Specialist,
)
from talentpool.specialists.services import save_interest
from tests.matching.proposals.test_conflicts import number, tie
from tests.matching.visitor import Visitor
from tests.matching.world import World, make_world
from tests.talentpool.specialists.registering import send

pytestmark = pytest.mark.django_db


def rules(world: World) -> list[str]:
    found = assess_needs([(world.people[0].pk, world.needs[0])])
    return [finding.rule for finding in found[(world.people[0].pk, world.needs[0].pk)].findings]


def employed(world: World, **values: Any) -> Specialist:
    Specialist.objects.filter(pk=world.people[0].pk).update(
        **{"kind": "side_job", "employer": "見本商事", **values}
    )
    world.people[0].refresh_from_db()
    return world.people[0]


def test_a_named_employer_without_a_number_is_to_be_looked_at() -> None:
    world = make_world()
    assert rules(world) == []
    person = employed(world)
    assert rules(world) == ["K12"]
    page = Visitor(world.user()).get(reverse("specialist:interests"))
    page.must_say("見本商事", "法人番号で申告されていません")
    Visitor(world.user()).client.post(page.url)  # says that there is nothing else
    assert rules(world) == ["K12"]
    staff = Visitor(world.coordinator)
    address = reverse("admin:specialists_conflictcase_person", args=[person.pk])
    staff.get(address).must_say("勤務先の法人番号がありません")
    tie(world, until=world.today - timedelta(days=1))  # another one, which is past
    assert rules(world) == ["K12"]
    tie(world)
    assert rules(world) == []
    staff.get(address).must_not_say("勤務先の法人番号がありません")


def test_an_employer_that_is_no_company_is_settled_until_it_changes() -> None:
    world = make_world()
    employed(world)
    visitor = Visitor(world.user())
    page = visitor.get(reverse("specialist:interests"))
    form = page.form_with("no_company")
    employed(world, employer="別の商事")  # meanwhile: of this one nothing is said
    visitor.send(page, form, no_company="見本商事")
    assert rules(world) == ["K12"]
    page = visitor.get(reverse("specialist:interests"))
    visitor.send(page, page.form_with("no_company"), no_company="別の商事")
    assert rules(world) == []
    employed(world, employer="三つ目の商事")
    assert rules(world) == ["K12"]


def test_a_new_employer_is_asked_for_though_the_old_one_is_declared() -> None:
    """From A社 to B社: the tie to A says nothing of B, and what was declared is declared anew."""
    world = make_world()
    person = employed(world, employer="A社")
    tie(world)  # a current employer with its number
    assert rules(world) == []
    visitor = Visitor(world.user())
    answers = {"employer": "Ａ社", "permit_needed": "no"}  # the same by another spelling
    assert send(visitor.client, "background", answers).status_code == 302
    assert rules(world) == []
    assert send(visitor.client, "background", {**answers, "employer": "B社"}).status_code == 302
    assert sorted(rules(world)) == ["K11", "K12"]
    mails = Message.objects.filter(kind="mail", payload__to=world.coordinator.email)
    assert mails.filter(key__startswith=f"employer:{person.pk}:").exists()
    watched = Message.objects.filter(kind="task", payload__name="engagements.watch_person")
    assert watched.exists()
    visitor.client.post(reverse("specialist:interests"))  # declares A alone again
    assert rules(world) == ["K12"]
    save_interest(
        Interest(specialist=person, kind="employer", corporate_number=number(7), name="B商会"),
        by=world.user(),
    )
    assert rules(world) == []


@pytest.mark.parametrize("days", [400, 0])
def test_a_tie_that_is_entered_again_is_declared_anew(days: int) -> None:
    """Declared long ago or just now as 「B」, the employer then is 「株式会社B」: the same tie
    again is said of that one. A second click declares nothing more."""
    world = make_world()
    person = employed(world, employer="B")
    first = tie(world, name="B")
    before = timezone.now() - timedelta(days=days)
    Interest.objects.filter(pk=first.pk).update(created_at=before)
    InterestDeclaration.objects.filter(specialist=person).update(declared_at=before)
    visitor = Visitor(world.user())
    answers = {"employer": "株式会社B", "permit_needed": "no"}
    assert send(visitor.client, "background", answers).status_code == 302
    assert sorted(rules(world)) == ["K11", "K12"]
    declared = InterestDeclaration.objects.filter(specialist=person).count()
    assert [tie(world, name="B").pk for _ in range(2)] == [first.pk, first.pk]
    assert rules(world) == []
    assert InterestDeclaration.objects.filter(specialist=person).count() == declared + 1


def test_who_needs_no_number_for_the_employer() -> None:
    world = make_world()
    firm = Firm.objects.create(name="見本会社", corporate_number=number(1))
    employed(world, kind="firm", firm=firm, firm_agreed_at=world.people[0].confirmed_at)
    assert rules(world) == []  # the firm of the registration has its number
    person = employed(world, kind="retired", firm=None, firm_agreed_at=None)
    Background.objects.create(specialist=person, present_work="company")
    assert rules(world) == ["K12"]
    Background.objects.update(present_work="public")
    assert rules(world) == []
