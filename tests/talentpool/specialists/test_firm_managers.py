"""The prefecture lets somebody speak for a firm, hands a firm over, and checks its numbers."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from talentpool.audit.models import Event
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import EntryTicket, Firm, FirmManager, ProfileView, Specialist
from talentpool.specialists.services import entry, firms
from talentpool.users.models import User
from talentpool.users.services import create_account
from tests import factories
from tests.talentpool.specialists.registering import link_in_mail
from tests.talentpool.specialists.test_topics import browser, hidden

pytestmark = pytest.mark.django_db
NUMBER = "7000020340006"
ACCOUNT = {"name": "見本 社長", "password1": factories.PASSWORD, "password2": factories.PASSWORD}


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    cache.clear()  # rate limits of earlier tests
    factories.make_code_lists()


def make_firm() -> Firm:
    firm: Firm = Firm.objects.create(name="見本システム", corporate_number=NUMBER)
    return firm


def page_of(firm: Firm) -> str:
    return reverse("admin:specialists_firm_managers", args=[firm.pk])


def link_to(address: str) -> str:
    return link_in_mail(address)


def test_a_firm_that_staff_added_gets_a_manager_by_mail_who_is_replaced_later() -> None:
    firm, staff = make_firm(), browser(factories.make_coordinator())
    assert "担当者はいません" in staff.get(page_of(firm)).content.decode()
    staff.post(page_of(firm), {"invite": "1", "email": "Boss@example.jp"})
    Client().post(link_to("boss@example.jp"), ACCOUNT)
    boss = User.objects.get(email="boss@example.jp")
    assert boss.kind == "firm"
    client = browser(boss)
    client.post(reverse("specialist:firm"), {"email": "member@example.jp"})
    invitation = link_to("member@example.jp")
    assert EntryTicket.objects.get(email="member@example.jp").firm == firm
    # Handed over: the first manager's open invitations go with the manager.
    staff.post(page_of(firm), {"invite": "1", "email": "next@example.jp"})
    Client().post(link_to("next@example.jp"), ACCOUNT)
    row = FirmManager.objects.get(user=boss)
    staff.post(page_of(firm), {"end": str(row.pk)})
    staff.post(page_of(firm), {"end": str(row.pk)})  # a second click
    row.refresh_from_db()
    assert row.until == timezone.localdate()
    assert Client().get(invitation).status_code == 404
    assert [m.user.email for m in firm.managers.filter(until=None)] == ["next@example.jp"]
    verbs = Event.objects.filter(action__endswith="firm_manager").order_by("pk")
    assert [event.action for event in verbs] == [
        "make_firm_manager",
        "make_firm_manager",
        "end_firm_manager",
    ]


def test_an_account_that_came_second_to_its_firm_is_made_its_manager_at_once() -> None:
    firm, coordinator = make_firm(), factories.make_coordinator()
    second = create_account(email="second@example.jp", name="見本", kind="firm", by=None)
    assert entry.invite_manager(firm, "second@example.jp", by=coordinator) == ""
    assert "見本システムの社員" in browser(second).get(reverse("specialist:firm")).content.decode()
    assert link_to("second@example.jp") == reverse("specialist:firm")
    with pytest.raises(PoolRefused, match="見本システム"):
        entry.invite_manager(firm, "second@example.jp", by=coordinator)


def test_who_may_not_speak_for_a_firm_and_who_may_not_say_so() -> None:
    firm, coordinator = make_firm(), factories.make_coordinator()
    person = factories.make_specialist(kind="firm", firm=firm)
    assert person.user is not None
    page = browser(coordinator).post(page_of(firm), {"invite": "1", "email": person.user.email})
    assert page.status_code == 422
    assert "事業者の担当者になれません" in page.content.decode()
    with pytest.raises(PoolRefused):
        entry.invite_manager(firm, coordinator.email, by=coordinator)
    auditor = factories.make_member("auditor")
    assert browser(auditor).get(page_of(firm)).status_code == 200
    for sent in ({"invite": "1", "email": "x@example.jp"}, {"end": "1"}):
        assert browser(auditor).post(page_of(firm), sent).status_code == 404
    with pytest.raises(PoolRefused):
        entry.invite_manager(firm, "x@example.jp", by=auditor)
    boss = create_account(email="boss@example.jp", name="見本", kind="firm", by=None)
    manager = firms.make_manager(firm, boss, by=coordinator)
    with pytest.raises(PoolRefused):
        firms.end_manager(manager, by=boss)
    for wrong in ("", "x", "²", "9" * 30, str(manager.pk + 99)):
        assert browser(coordinator).post(page_of(firm), {"end": wrong}).status_code == 404


def test_a_ticket_of_a_manager_names_a_firm() -> None:
    with pytest.raises(IntegrityError, match="ticket_leads_where"), transaction.atomic():
        entry._make(EntryTicket.Way.MANAGER, "x@example.jp", by=None, status="sent")


@pytest.mark.parametrize(
    ("number", "invoice", "field"),
    [
        ("1000020340007", "", "corporate_number"),
        (NUMBER, "T1000020340007", "invoice_number"),
        (NUMBER, "T1000012050003", "invoice_number"),
    ],
)
def test_staff_enter_right_numbers_only(number: str, invoice: str, field: str) -> None:
    client = browser(factories.make_coordinator())
    sent = {"name": "見本", "corporate_number": number, "invoice_number": invoice}
    answer = client.post(reverse("admin:specialists_firm_add"), sent)
    assert field in answer.context["adminform"].form.errors
    assert not Firm.objects.exists()
    right = {**sent, "corporate_number": NUMBER, "invoice_number": f"T{NUMBER}"}
    client.post(reverse("admin:specialists_firm_add"), right)
    assert Firm.objects.get().invoice_number == f"T{NUMBER}"
    assert Event.objects.filter(action="enter_firm").count() == 1


def test_a_manager_who_sees_the_firms_people_leaves_a_record() -> None:
    """B-07: the person reads who it was, of which firm."""
    firm, coordinator = make_firm(), factories.make_coordinator()
    own = factories.make_specialist(kind="firm", firm=firm)
    factories.make_specialist(kind="firm")
    boss = create_account(email="boss@example.jp", name="見本", kind="firm", by=None)
    firms.make_manager(firm, boss, by=coordinator)
    page = browser(boss).get(reverse("specialist:firm"))
    assert own.name in page.content.decode()
    view = ProfileView.objects.get(viewer=boss)
    assert (view.specialist_id, view.scope) == (own.pk, "name")
    assert (view.viewer_body, view.viewer_role) == (firm.name, "担当者")


# --- Retired staff among a firm's people ---
def test_a_vendors_person_who_retired_from_the_prefecture_gets_the_banner() -> None:
    person = factories.make_specialist(kind="firm")
    client = browser(person.user)
    address = reverse("specialist:registration_topic", args=["background"])
    opened = hidden(client.get(address), "opened")
    undated = {"opened": opened, "departments": "令和3年度 情報課"}
    assert client.post(address, undated).status_code == 422
    today = timezone.localdate()
    date = {"retired_on_0": today.year - 1, "retired_on_1": 12, "retired_on_2": 31}
    done = client.post(address, {**undated, **date, "was_manager": "yes"})
    assert done.status_code == 302
    assert "退職者の決まり" in client.get(reverse("specialist:registration")).content.decode()
    review = reverse("admin:specialists_specialist_review", args=[person.pk])
    staff = browser(factories.make_coordinator()).get(review).content.decode()
    assert "退職者の決まり" in staff
    assert "退職前5年間の所属" in staff


def test_a_vendors_person_who_never_worked_there_answers_nothing_and_sees_no_banner() -> None:
    person = factories.make_specialist(kind="firm")
    client = browser(person.user)
    address = reverse("specialist:registration_topic", args=["background"])
    opened = hidden(client.get(address), "opened")
    assert client.post(address, {"opened": opened, "post": "主任"}).status_code == 302
    assert "退職者の決まり" not in client.get(reverse("specialist:registration")).content.decode()


# --- Back again ---
def verb(client: Client, name: str) -> Any:
    return client.post(reverse("specialist:registration_verb", args=[name]), follow=True)


def test_who_left_begins_again_with_what_was_entered() -> None:
    person = factories.make_specialist(status="withdrawn", strengths="更改の設計")
    client = browser(person.user)
    page = client.get(reverse("specialist:registration")).content.decode()
    assert "登録が終わっているため、直せません" in page
    assert "県が内容を確かめているあいだ" not in page
    assert "もう一度申請を始める" in page
    verb(client, "reapply")
    verb(client, "reapply")  # a second click
    person.refresh_from_db()
    assert (person.status, person.strengths) == ("draft", "更改の設計")
    assert list(person.status_changes.values_list("verb", flat=True)) == ["reapply"]


def test_whom_the_prefecture_removed_begins_again_only_after_it_allows_it() -> None:
    person = factories.make_specialist(status="removed")
    client = browser(person.user)
    page = verb(client, "reapply").content.decode()
    assert "もう一度申請を始める" not in page
    assert "登録されていないため、直せません" in page
    staff = browser(factories.make_coordinator())
    review = reverse("admin:specialists_specialist_review", args=[person.pk])
    without = {"decide": "1", "verb": "readmit", "reason": ""}
    assert staff.post(review, without).status_code == 422
    staff.post(review, {**without, "reason": "事情が変わったため"})
    assert "事情が変わったため" in client.get(reverse("specialist:registration")).content.decode()
    verb(client, "reapply")
    assert Specialist.objects.get(pk=person.pk).status == "draft"


def test_the_review_says_what_waits_for_the_person_and_sends_the_mail_again() -> None:
    coordinator = factories.make_coordinator()
    person = factories.make_specialist(user=None, status="under_review")
    entry.send_claim(person, "own@example.jp", by=coordinator)
    review = reverse("admin:specialists_specialist_review", args=[person.pk])
    page = browser(coordinator).get(review).content.decode()
    assert "打診の候補になりません" in page
    assert "案内をもう一度送る" in page
    assert 'value="own@example.jp"' in page
