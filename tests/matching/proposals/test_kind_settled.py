"""Who stood under the kind 大学等・国のリスト is told apart, and what the kind entails follows."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse

from matching.proposals.conflicts import assess_needs
from talentpool.audit.models import Event
from talentpool.outbox.models import Message
from talentpool.specialists.answers import restrictions_of
from talentpool.specialists.completeness import missing_of
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.forms.person import BasicsForm
from talentpool.specialists.home import unsettled_url
from talentpool.specialists.models import Background, Specialist
from talentpool.specialists.services import belonging, declare_interests, say_no_company
from talentpool.users.services import create_account
from tests.matching.visitor import Visitor
from tests.matching.world import World, make_world

pytestmark = pytest.mark.django_db
MARK = import_module("talentpool.specialists.migrations.0008_people_of_the_old_kind").mark


def of_the_old_kind(world: World) -> Specialist:
    person = world.people[0]
    Specialist.objects.filter(pk=person.pk).update(kind="other", employer="見本大学")
    say_no_company(person, employer="見本大学", by=world.user())
    declare_interests(person, by=world.user())
    MARK(apps, None)
    person.refresh_from_db()
    return person


def settle(world: World, kind: str, **values: Any) -> Specialist:
    person = world.people[0]
    person.refresh_from_db()
    given = {
        "firm": None,
        "until": world.today,
        "opened": belonging.belonging_of(person),
        "reason": "見本大学の教員のため",
        "by": world.coordinator,
    }
    return belonging.change_firm(person, kind=kind, **{**given, **values})


def findings(world: World) -> list[str]:
    found = assess_needs([(world.people[0].pk, world.needs[0])])
    return [one.rule for one in found[(world.people[0].pk, world.needs[0].pk)].findings]


def test_the_migration_marks_whom_the_coordinators_have_to_look_at() -> None:
    world = make_world()
    Specialist.objects.filter(pk=world.people[1].pk).update(kind="other", status="withdrawn")
    person = of_the_old_kind(world)
    assert list(Specialist.objects.unsettled()) == [person]
    Specialist.objects.filter(pk=person.pk).update(status="draft")
    assert not Specialist.objects.unsettled().exists()


def test_a_coordinator_tells_which_kind_it_is_and_nothing_else_changes() -> None:
    world = make_world("approached")
    person = of_the_old_kind(world)
    before = findings(world)
    staff = Visitor(world.coordinator)
    staff.get("/admin/").must_say("区分を確かめる人 1人")
    staff.get(unsettled_url()).must_say(person.pool_number)
    page = staff.get(reverse("admin:specialists_specialist_belonging", args=[person.pk]))
    page.must_say("この方の区分を決めてください", "必要な手続きは変わりません")
    Message.objects.all().delete()
    done = staff.send(page, page.form_with("kind"), kind="academic", reason="見本大学の教員のため")
    assert done.url == reverse("admin:specialists_specialist_changelist")
    person.refresh_from_db()
    assert (person.kind, person.kind_unsettled_since) == ("academic", None)
    # The approach goes on, and what was declared counts on: the rules read nothing else.
    world.the_bundle.refresh_from_db()
    assert world.the_bundle.status == "approached"
    assert (person.belonging_changed_at, findings(world)) == (None, before)
    assert Event.objects.get(action="settle_kind").detail == {
        "before": "other",
        "kind": "academic",
    }
    mail = Message.objects.get(kind="mail", key__startswith="belonging:")
    assert mail.payload["to"] == world.user().email
    assert "見本大学" not in mail.payload["body"]
    own = Visitor(world.user()).get(reverse("specialist:registration"))
    own.must_say("登録の区分を「大学等」と直しました。見本大学の教員のため")
    staff.get("/admin/").must_not_say("区分を確かめる人")


def test_who_is_neither_stays_and_is_asked_of_no_more() -> None:
    world = make_world()
    of_the_old_kind(world)
    Message.objects.all().delete()
    person = settle(world, "other", reason="どちらでもない")
    assert (person.kind, person.kind_unsettled_since) == ("other", None)
    assert person.status_changes.filter(reason__contains="と確かめました。どちらでもない").exists()
    assert not Message.objects.filter(kind="mail").exists()  # nothing changed for the person
    with pytest.raises(PoolRefused, match="いまの所属と同じです"):
        settle(world, "other")
    for wrong in ({"reason": " "}, {"by": world.user()}, {"by": world.town()}):
        with pytest.raises(PoolRefused):
            settle(world, "academic", **wrong)


def test_under_a_kind_with_other_rules_all_of_them_are_asked_anew() -> None:
    """What ends, what is declared, the employer's permission and the notices of the law."""
    world = make_world("approached")
    person = of_the_old_kind(world)
    Background.objects.update_or_create(
        specialist=person,
        defaults={"retired_on": world.today - timedelta(days=90), "present_work": "company"},
    )
    person = settle(world, "side_job")
    world.the_bundle.refresh_from_db()
    assert world.the_bundle.status == "dissolved"
    assert person.needs_permit
    assert not person.may_work_on(world.today)
    assert "許可が要るか" in missing_of(person)["background"]
    assert "K11" in findings(world)  # not declared since
    home = Visitor(world.user()).get(reverse("specialist:home"))
    home.must_say("登録の区分が変わりました", "利益相反の申告")
    person = settle(world, "retired")
    assert not person.needs_permit
    assert {"最後の職", "退職前5年間の所属"} <= set(missing_of(person)["background"])
    own = Visitor(world.user()).get(reverse("specialist:registration"))
    assert len(restrictions_of(person)) >= 1
    own.must_say(restrictions_of(person)[0].text)


def test_a_persons_page_offers_no_way_around() -> None:
    world = make_world()
    of_the_old_kind(world)
    visitor = Visitor(world.user())
    page = visitor.get(reverse("specialist:registration_topic", args=["basics"]))
    page.must_say("登録の後は変えられません")
    stranger = create_account(email="x@example.jp", name="見本", kind="specialist", by=None)
    for who in (stranger, world.town()):
        path = reverse("admin:specialists_specialist_belonging", args=[world.people[0].pk])
        assert Visitor(who).client.post(path, {"kind": "academic"}).status_code in {302, 403, 404}
    assert Specialist.objects.get(pk=world.people[0].pk).kind == "other"


def test_who_chooses_a_kind_anew_is_asked_of_no_more() -> None:
    world = make_world()
    person = of_the_old_kind(world)
    Specialist.objects.filter(pk=person.pk).update(status="draft")
    person.refresh_from_db()
    form = BasicsForm(person=person)
    values = {name: form[name].value() for name in form.fields}
    for kind, settled in ("other", False), ("academic", True):
        form = BasicsForm({**values, "kind": kind}, person=person)
        assert form.is_valid(), form.errors
        form.write()
        person.refresh_from_db()
        assert (person.kind, person.kind_unsettled_since is None) == (kind, settled)
