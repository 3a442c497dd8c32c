"""Who leaves a firm or comes to another keeps the conflict and loses the agreement."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from matching.proposals.conflicts import assess_needs
from municipalities.registry.deals import save_contract
from municipalities.registry.models import VendorContract
from talentpool.audit.models import Event
from talentpool.conventions import corporate_number
from talentpool.outbox.models import Message
from talentpool.specialists.conflicts.rules import Result
from talentpool.specialists.errors import EditedMeanwhile, PoolRefused
from talentpool.specialists.models import Firm, FirmManager, Interest, Specialist
from talentpool.specialists.services import belonging, declare_interests, say_no_company
from talentpool.users.models import User
from talentpool.users.services import create_account
from tests import factories as make
from tests.matching.visitor import Visitor
from tests.matching.world import CODES, World, make_world

pytestmark = pytest.mark.django_db


def number(index: int) -> str:
    base = f"98880000000{index}"
    return corporate_number.check_digit(base) + base


def firm_of(world: World, index: int = 1) -> tuple[Firm, User]:
    """A firm with a manager, which a town has a contract with."""
    firm = Firm.objects.create(name=f"見本会社{index}", corporate_number=number(index))
    boss = create_account(email=f"boss{index}@example.jp", name="見本", kind="firm", by=None)
    FirmManager.objects.create(firm=firm, user=boss, since=world.today)
    save_contract(
        VendorContract(
            municipality_id=CODES[0],
            corporate_number=firm.corporate_number,
            vendor_name=firm.name,
            subject="庁内網の保守",
            starts=world.today - timedelta(days=100),
            ends=world.today + timedelta(days=800),
        ),
        by=world.coordinator,
    )
    return firm, boss


def belongs(person: Specialist, firm: Firm) -> None:
    person.kind, person.firm, person.firm_agreed_at = "firm", firm, person.confirmed_at
    person.save()


def change(world: World, **values: Any) -> Specialist:
    person = world.people[0]
    person.refresh_from_db()
    given = {
        "kind": "side_job",
        "firm": None,
        "until": world.today,
        "opened": belonging.belonging_of(person),
        "reason": "本人の申し出",
        "by": world.coordinator,
    }
    return belonging.change_firm(person, **{**given, **values})


def result(world: World) -> tuple[str, Result]:
    """Rule and result of the first person in the first need."""
    found = assess_needs([(world.people[0].pk, world.needs[0])])
    assessment = found[(world.people[0].pk, world.needs[0].pk)]
    return (assessment.findings[0].rule if assessment.findings else "", assessment.result)


def told(beginning: str) -> set[str]:
    rows = Message.objects.filter(kind="mail", key__startswith=beginning)
    return {row.payload["to"] for row in rows}


def test_who_changes_the_firm_keeps_the_conflict_and_loses_the_agreement() -> None:
    world = make_world("approached")
    firm, boss = firm_of(world)
    other, next_boss = firm_of(world, 2)
    person = world.people[0]
    belongs(person, firm)
    save_contract(
        VendorContract.objects.get(corporate_number=other.corporate_number), by=world.coordinator
    )
    VendorContract.objects.filter(corporate_number=other.corporate_number).delete()
    assert result(world) == ("K2", Result.NO)
    Message.objects.all().delete()
    change(world, kind="firm", firm=other)
    assert result(world) == ("K11", Result.CHECK)  # not declared since
    declare_interests(person, by=world.user())
    assert result(world) == ("K5", Result.MEASURES)  # without buying; the tie lasts two years
    person.refresh_from_db()
    assert (person.firm, person.firm_agreed_at) == (other, None)
    assert not Specialist.objects.registered().filter(pk=person.pk).exists()
    world.the_bundle.refresh_from_db()
    assert world.the_bundle.status == "dissolved"
    assert Message.objects.filter(kind="task", key__startswith=f"watch:p:{person.pk}").exists()
    assert told("belonging:") == {world.user().email}
    assert told("firm-belonging:") == {boss.email, next_boss.email}
    assert Event.objects.filter(action="change_firm").count() == 1
    tie = Interest.objects.get(specialist=person)
    assert (tie.corporate_number, tie.until) == (firm.corporate_number, world.today)


def test_the_firms_manager_says_that_somebody_left() -> None:
    world = make_world("approached")
    firm, boss = firm_of(world)
    person = world.people[0]
    belongs(person, firm)
    page = Visitor(boss).get(reverse("specialist:firm"))
    page = Visitor(boss).get(reverse("specialist:firm_leave", args=[person.pk]))
    page.must_say(person.name, "進んでいる打診1件を取りやめ")
    person.refresh_from_db()
    assert person.left_firm_on is None
    done = Visitor(boss).client.post(page.url, follow=True)
    assert "退職を届け出ました" in done.content.decode()
    person.refresh_from_db()
    assert [person.left_firm_on, person.firm_agreed_at] == [world.today, None]
    assert result(world)[0] == "K5"
    world.the_bundle.refresh_from_db()
    assert world.the_bundle.status == "dissolved"
    assert world.coordinator.email in told("left-firm:")
    Visitor(boss).get(reverse("specialist:firm")).must_not_say(person.name)
    with pytest.raises(PoolRefused):
        belonging.leave_firm(person, by=boss)
    home = Visitor(world.coordinator).get("/admin/")
    home.must_say("事業者を退職した人 1名")
    # The coordinator settles it, with the true last day; one tie stays.
    change(world, kind="side_job", until=world.today - timedelta(days=30))
    tie = Interest.objects.get(specialist=person)
    assert tie.until == world.today - timedelta(days=30)
    Specialist.objects.filter(pk=person.pk).update(employer="見本大学")
    say_no_company(person, employer="見本大学", by=world.user())
    declare_interests(person, by=world.user())
    assert result(world)[0] == "K5"


def test_a_leaving_that_was_said_by_mistake_is_taken_back() -> None:
    world = make_world()
    firm, boss = firm_of(world)
    person = world.people[0]
    belongs(person, firm)
    belonging.leave_firm(person, by=boss)
    change(world, kind="firm", firm=firm)
    person.refresh_from_db()
    assert (person.left_firm_on, person.firm_agreed_at) == (None, None)
    assert not Interest.objects.filter(specialist=person).exists()
    assert result(world) == ("K2", Result.NO)


def test_the_admin_changes_the_firm_by_the_page_only() -> None:
    world = make_world()
    firm, _ = firm_of(world)
    person = world.people[0]
    belongs(person, firm)
    staff = Visitor(world.coordinator)
    page = staff.get(reverse("admin:specialists_specialist_change", args=[person.pk]))
    form = page.form_with("name")
    assert not {"kind", "firm"} & set(form.names)
    page.must_say("区分・所属を変える")
    page = staff.get(reverse("admin:specialists_specialist_belonging", args=[person.pk]))
    page.must_say("見本会社1は、2年間、利益相反の判定に残ります")
    form = page.form_with("kind")
    said = {"reason": "転職の申し出"}
    day = {"until_0": "2099", "until_1": "1", "until_2": "1"}

    def refused(words: str, **values: Any) -> None:
        answer = staff.client.post(page.url, {**dict(form.fields), **said, **values})
        assert answer.status_code == 422
        assert words in answer.content.decode()

    refused("事業者を選んでください", firm="")
    refused("今日までの日", kind="other", firm="", **day)
    refused("いまの所属と同じです")
    refused("変える理由", kind="other", firm="", reason=" ")
    done = staff.send(page, form, kind="side_job", firm="", **said)
    done.must_say("本人と事業者に知らせます", "新しい区分で要る内容がまだありません：勤務先")
    # A page that is older than the change says so and changes nothing.
    refused("所属が変わりました", kind="other", firm="")
    person.refresh_from_db()
    assert (person.kind, person.firm) == ("side_job", None)


def test_who_may_change_it_and_what_the_database_refuses() -> None:
    world = make_world()
    firm, boss = firm_of(world)
    _, other_boss = firm_of(world, 2)
    person = world.people[0]
    belongs(person, firm)
    for by in (world.user(), boss, world.town(), make.make_member("auditor")):
        with pytest.raises(PoolRefused):
            change(world, by=by)
    with pytest.raises(PoolRefused):
        change(world, kind="firm")
    with pytest.raises(EditedMeanwhile):
        change(world, opened="other")
    with pytest.raises(PoolRefused):
        belonging.leave_firm(person, by=other_boss)
    with pytest.raises(IntegrityError), transaction.atomic():
        Specialist.objects.filter(pk=person.pk).update(left_firm_on=world.today)


def test_a_kept_tie_is_not_the_persons_to_take_out() -> None:
    world = make_world()
    firm, _ = firm_of(world)
    person = world.people[0]
    belongs(person, firm)
    change(world)
    tie = Interest.objects.get(specialist=person)
    visitor = Visitor(world.user())
    visitor.get(reverse("specialist:interests")).must_say("違うときは、県にお知らせください")
    for name in ("interest_edit", "interest_remove"):
        address = reverse(f"specialist:{name}", args=[tie.pk])
        assert visitor.client.get(address).status_code == 404
        assert visitor.client.post(address).status_code == 404
    with pytest.raises(IntegrityError), transaction.atomic():
        Interest.objects.filter(pk=tie.pk).update(until=None)


def test_nothing_is_known_of_the_new_employer_until_it_is_declared() -> None:
    world = make_world()
    firm, _ = firm_of(world)
    person = world.people[0]
    belongs(person, firm)
    VendorContract.objects.all().delete()
    assert result(world) == ("", Result.NONE)
    change(world)
    assert result(world)[1] == Result.CHECK
    home = Visitor(world.user()).get(reverse("specialist:home"))
    home.must_say("利益相反の申告", "新しい区分で要る内容を入れてください：勤務先")
    page = Visitor(world.user()).get(reverse("specialist:interests"))
    page.must_say("申告が必要", "いまの勤務先がありません")
    declare_interests(person, by=world.user())
    # Declared anew, but the employer of a side job has not even a name.
    assert result(world) == ("K12", Result.CHECK)
    page = Visitor(world.user()).get(reverse("specialist:interests"))
    page.must_say("申告済み", "いまの勤務先がありません")
    Specialist.objects.filter(pk=person.pk).update(employer="見本大学")
    say_no_company(person, employer="見本大学", by=world.user())
    assert result(world) == ("", Result.NONE)
    # Another kind asks again, also whether the employer is a company.
    change(world, kind="other")
    assert result(world)[1] == Result.CHECK
    declare_interests(person, by=world.user())
    assert result(world) == ("K12", Result.CHECK)


def test_a_corrected_number_reaches_those_who_left_the_firm() -> None:
    world = make_world()
    firm, _ = firm_of(world)
    person = world.people[0]
    belongs(person, firm)
    change(world)
    Message.objects.all().delete()
    staff = Visitor(world.coordinator)
    page = staff.get(reverse("admin:specialists_firm_change", args=[firm.pk]))
    staff.client.post(
        page.url, {**dict(page.form_with("name").fields), "corporate_number": number(7)}
    )
    tie = Interest.objects.get(specialist=person)
    assert tie.corporate_number == number(7)
    assert Message.objects.filter(kind="task", key__startswith=f"watch:p:{person.pk}").exists()


def test_a_firm_that_was_a_mistake_leaves_no_tie() -> None:
    world = make_world()
    firm, boss = firm_of(world)
    person = world.people[0]
    belongs(person, firm)
    belonging.leave_firm(person, by=boss)  # keeps a tie
    staff = Visitor(world.coordinator)
    page = staff.get(reverse("admin:specialists_specialist_belonging", args=[person.pk]))
    form = dict(page.form_with("kind").fields)
    form |= {"kind": "other", "firm": "", "never_worked": "on", "reason": "入力の誤り"}
    assert staff.client.post(page.url, form).status_code == 302
    assert not Interest.objects.filter(specialist=person).exists()


def test_a_tie_that_was_kept_by_mistake_is_taken_out_with_a_reason() -> None:
    world = make_world()
    firm, _ = firm_of(world)
    person = world.people[0]
    belongs(person, firm)
    change(world)
    tie = Interest.objects.get(specialist=person)
    staff = Visitor(world.coordinator)
    page = staff.get(reverse("admin:specialists_specialist_belonging", args=[person.pk]))
    page.must_say("間違えて残った、前の所属を取り消す", "見本会社1(")
    sent = {"remove_tie": "1", "tie": tie.pk}
    assert staff.client.post(page.url, {**sent, "reason": " "}).status_code == 422
    with pytest.raises(PoolRefused):
        belonging.remove_kept_tie(tie, reason="誤り", by=world.user())
    assert staff.client.post(page.url, {**sent, "reason": "事業者の選び間違い"}).status_code == 302
    assert not Interest.objects.filter(specialist=person).exists()
    assert Event.objects.filter(action="remove_kept_tie").count() == 1
    step = person.status_changes.get(verb="remove_tie")
    assert "事業者の選び間違い" in step.reason
    assert staff.client.post(page.url, {**sent, "reason": "もう一度"}).status_code == 422


def test_who_never_applied_is_let_go_at_once() -> None:
    world = make_world()
    firm, boss = firm_of(world)
    person = world.people[0]
    belongs(person, firm)
    Specialist.objects.filter(pk=person.pk).update(status="draft", submitted_at=None)
    Message.objects.all().delete()
    belonging.leave_firm(person, by=boss)
    person.refresh_from_db()
    assert (person.kind, person.firm, person.left_firm_on) == ("other", None, None)
    assert Interest.objects.filter(specialist=person, from_registration=True).exists()
    assert not told("left-firm:")  # the coordinators cannot open a draft
    assert told("belonging:") == {world.user().email}
    page = Visitor(world.user()).get(reverse("specialist:registration_topic", args=["basics"]))
    page.must_say("どの立場で登録しますか")
