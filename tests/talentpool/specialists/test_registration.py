"""Into the pool: verified mail first, consent before the first field, one topic a page, send in
(A-11, B-01, B-02)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.models import Membership
from municipalities.registry.queue import work_queue
from talentpool.outbox.models import Message
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import (
    EntryTicket,
    Firm,
    FirmManager,
    Purpose,
    Specialist,
    TopicDraft,
)
from talentpool.specialists.services import consent, entry, firms, registration, vetting
from talentpool.specialists.services.people import next_numbers
from talentpool.users.models import User
from talentpool.users.services import create_account
from talentpool.vocabulary.models import Term
from tests.factories import (
    make_code_lists,
    make_coordinator,
    make_member,
    make_specialist,
    make_town,
)
from tests.talentpool.specialists.registering import (
    ACCOUNT,
    ANSWERS,
    BASICS,
    Status,
    agree,
    client_of,
    fill,
    link_in_mail,
    make_applied,
    make_draft,
    send,
    topic_page,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    cache.clear()  # rate limits of earlier tests
    make_code_lists()
    make_town()
    Term.objects.get_or_create(vocabulary="talent_type", code="PM", defaults={"label": "PM"})


# --- The way in ---------------------------------------------------------------------------------
def test_nothing_of_a_person_exists_before_the_mail_is_verified() -> None:
    client = Client()
    page = client.get(reverse("register")).content.decode()
    assert page.index("data-purpose-notice") < page.index('name="email"')
    client.post(reverse("register"), {"email": "New@Example.jp", "as_firm": "no"})
    assert not User.objects.exists()
    assert not Specialist.objects.exists()
    path = link_in_mail("new@example.jp")
    token = path.split("/")[2]
    assert token not in str(EntryTicket.objects.values_list())
    page = client.get(path).content.decode()
    assert page.index("data-purpose-notice") < page.index('name="name"')
    assert client.post(path, ACCOUNT)["Location"] == reverse("account_login")
    user = User.objects.get(email="new@example.jp")
    assert not Specialist.objects.exists()  # an account is not yet a person of the pool
    assert client.get(path).status_code == 404  # once
    client = client_of(user)
    assert "登録を始める" in client.get(reverse("specialist:home")).content.decode()
    client.post(reverse("specialist:registration_start"))
    client.post(reverse("specialist:registration_start"))
    person = Specialist.objects.get()
    assert (person.user, person.status) == (user, "draft")
    for staff in (make_coordinator(), make_member(Membership.Role.AUDITOR)):
        assert not Specialist.objects.visible_to(staff).exists()
    assert not Specialist.objects.registered().exists()


def test_a_known_address_is_told_nothing_on_the_page_and_to_sign_in_by_mail() -> None:
    person = make_draft()
    answers = [
        Client().post(reverse("register"), {"email": email, "as_firm": "no"})
        for email in (person.user.email, "unknown@example.jp")
    ]
    assert answers[0]["Location"] == answers[1]["Location"] == reverse("register_sent")
    assert link_in_mail(person.user.email) == reverse("account_login")
    assert EntryTicket.objects.get(email=person.user.email).status == "ended"


def test_a_link_is_for_72_hours_and_the_newest_counts() -> None:
    entry.ask_for_entry("new@example.jp", as_firm=False)
    old = link_in_mail("new@example.jp")
    entry.ask_for_entry("new@example.jp", as_firm=False)
    new = link_in_mail("new@example.jp")
    assert [Client().get(path).status_code for path in (old, new)] == [404, 200]
    EntryTicket.objects.filter(status="sent").update(
        sent_at=timezone.now() - timedelta(hours=73), expires_at=timezone.now() - timedelta(hours=1)
    )
    assert Client().get(new).status_code == 404
    assert Client().get(reverse("register_account", args=["x"])).status_code == 404


def test_asking_is_limited() -> None:
    client = Client()
    said = [
        client.post(reverse("register"), {"email": f"a{n}@example.jp", "as_firm": "no"})
        for n in range(11)
    ]
    assert [answer.status_code for answer in said] == [302] * 10 + [429]
    assert 'value="a10@example.jp"' in said[-1].content.decode()


# --- One topic a page ---------------------------------------------------------------------------
def test_no_personal_field_before_consent() -> None:
    client = client_of(make_draft().user)
    for topic in ("basics", "background", "skills", "documents"):
        response = client.get(topic_page(topic))
        assert response["Location"] == topic_page("consent")
    page = client.get(topic_page("consent")).content.decode()
    assert "checked" not in page
    refused = client.post(topic_page("consent"), {})
    assert refused.status_code == 422
    news = consent.texts_in_force([Purpose.NEWS])[0]
    assert f"text_{news.pk}" not in refused.context["form"].errors  # free to choose
    kept = client.post(reverse("specialist:registration_autosave", args=["basics"]), BASICS)
    assert (kept.status_code, TopicDraft.objects.count()) == (409, 0)


def test_a_registration_from_the_first_topic_to_the_application() -> None:
    person = make_draft()
    client = client_of(person.user)
    assert client.post(reverse("specialist:registration_check")).status_code == 302
    person.refresh_from_db()
    assert person.status == "draft"  # nothing is sent in before it is complete
    person = fill(person)
    check = client.get(reverse("specialist:registration_check")).content.decode()
    for words in ("ミホン　ハナコ", "デジタル課長", "30,000円", "見本の資格", "L3", "月火"):
        assert words in check, words
    client.post(reverse("specialist:registration_check"))
    person.refresh_from_db()
    assert person.status == "applied"
    assert person.half_day_rate_yen == 15_000
    assert person.weekdays == 0b11
    page = client.get(reverse("specialist:registration")).content.decode()
    assert "38条の2" in page
    assert "2027年3月31日" in page
    refused = client.post(topic_page("basics"), BASICS)
    assert refused["Location"] == reverse("specialist:registration")
    with pytest.raises(PoolRefused):
        registration.save_topic(person, "basics", None, opened="", by=person.user)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("topic", "change", "field"),
    [
        ("basics", {"kana": "漢字"}, "kana"),
        ("basics", {"base": "131016"}, "base"),
        ("basics", {"kind": "firm"}, "kind"),
        ("background", {"retired_on_1": "13"}, "retired_on"),
        ("background", {"employer": ""}, "employer"),
        ("skills", {"level_1": ""}, "level_1"),
        ("skills", {"skill_2": "NW", "level_2": "1"}, "skill_2"),
        ("roles", {"municipal_years": "31"}, "municipal_years"),
        ("certificates", {"other_name_1": "", "number_1": "A-1"}, "code_1"),
        ("conditions", {"day": "たくさん"}, "day"),
        ("conditions", {"most_on_site": "32"}, "most_on_site"),
    ],
)
def test_bad_input_is_said_beside_its_field(topic: str, change: Any, field: str) -> None:
    person = make_draft(kind="retired")
    client = client_of(person.user)
    agree(client, "consent")
    response = send(client, topic, {**ANSWERS[topic], **change})
    assert response.status_code == 422
    assert field in response.context["form"].errors


def test_what_is_typed_is_kept_and_shown_again() -> None:
    person = make_draft()
    client = client_of(person.user)
    agree(client, "consent")
    keep = reverse("specialist:registration_autosave", args=["basics"])
    opened = re.findall(
        r'name="opened" value="(\w+)"', client.get(topic_page("basics")).content.decode()
    )
    typed = {**BASICS, "kana": "漢字", "opened": opened[0]}
    assert client.post(keep, typed).json()["saved"]
    page = client.get(topic_page("basics")).content.decode()
    assert "漢字" in page
    assert "保存していない入力" in page
    send(client, "basics", BASICS)
    assert not TopicDraft.objects.exists()


def test_a_side_job_that_needs_a_permit_needs_its_copy() -> None:
    person = make_draft()
    client = client_of(person.user)
    agree(client, "consent")
    send(client, "basics", {**BASICS, "kind": "side_job"})
    until = {"side_job_permit_until_0": "2027", "side_job_permit_until_1": "3"}
    answers = {
        "employer": "見本社",
        "permit_needed": "yes",
        **until,
        "side_job_permit_until_2": "31",
    }
    given = {f"permit_given_on_{n}": part for n, part in enumerate(["2026", "4", "1"])}
    assert send(client, "background", {**answers, **given}).status_code == 302
    page = client.get(reverse("specialist:registration")).content.decode()
    assert "許可・承諾書の写し" in page


def test_corrections_keep_the_prefectures_level() -> None:
    person = make_applied()
    coordinator = make_coordinator()
    vetting.decide(person, "take_up", reason="", by=coordinator)
    vetting.assess(person, {"NW": 4}, by=coordinator)
    vetting.decide(person, "register", reason="", by=coordinator)
    client = client_of(person.user)
    send(client, "skills", {**ANSWERS["skills"], "level_1": "2"})
    row = person.skills.get()
    assert (row.own_level, row.assessed_level) == (2, 4)


def test_a_consent_is_taken_back_by_one_press_and_new_words_are_asked_for() -> None:
    person = make_specialist()
    client = client_of(person.user)
    assert "同意を取り消す" in client.get(topic_page("consent")).content.decode()
    client.post(topic_page("consent"), {"withdraw": "provision"})
    assert not Specialist.objects.registered().exists()
    home = client.get(reverse("specialist:home")).content.decode()
    assert "新しい文面への同意" in home
    agree(client, "consent")
    assert list(Specialist.objects.registered()) == [person]
    assert client.post(topic_page("consent"), {"withdraw": "confidentiality"}).status_code == 404
    assert client.post(topic_page("consent"), {"withdraw": "x"}).status_code == 404


# --- A firm and its people ----------------------------------------------------------------------
def make_manager() -> User:
    user = create_account(email="boss@example.jp", name="見本 社長", kind="firm", by=None)
    registration.register_firm(
        name="見本システム", number="7000020340006", invoice_number="", by=user
    )
    return user


def test_the_prefecture_hears_of_a_firm_that_registers_itself() -> None:
    coordinator = make_coordinator()
    make_manager()
    firm = Firm.objects.get()
    told = Message.objects.get(key__startswith=f"firm-registered:{firm.pk}")
    assert told.payload["to"] == coordinator.email
    assert "見本システム" not in told.payload["body"]

    def waiting() -> list[str]:
        return [
            row.title for row in work_queue("coordinator", coordinator) if "事業者" in row.title
        ]

    assert waiting() == ["みずから登録した事業者 1社"]
    page = reverse("admin:specialists_firm_managers", args=[firm.pk])
    client = client_of(coordinator)
    assert "みずから登録しました" in client.get(page).content.decode()
    client.post(page, {"seen": "1"})
    client.post(page, {"seen": "1"})  # a second click
    assert waiting() == []
    assert "みずから登録しました" not in client.get(page).content.decode()
    with pytest.raises(PoolRefused):
        firms.note_seen(firm, by=make_member(Membership.Role.AUDITOR))


def test_a_firm_agrees_to_nobody_whose_registration_has_ended() -> None:
    manager = make_manager()
    one, gone = (
        make_specialist(kind="firm", firm=Firm.objects.get(), name=name) for name in "甲乙"
    )
    Specialist.objects.filter(pk=gone.pk).update(status="withdrawn", firm_agreed_at=None)
    page = client_of(manager).get(reverse("specialist:firm"))
    assert page.context["page"].items == [one]
    with pytest.raises(PoolRefused, match="もう終わっています"):
        registration.agree_for_firm(gone, agrees=True, by=manager)


def test_a_firms_people_join_by_invitation_and_both_agree() -> None:
    manager = make_manager()
    client = client_of(manager)
    client.post(reverse("specialist:firm"), {"email": "member@example.jp"})
    path = link_in_mail("member@example.jp")
    Client().post(path, ACCOUNT)
    person = Specialist.objects.get()
    assert (person.kind, person.firm, person.status) == (
        "firm",
        manager.firm_managers.get().firm,
        "draft",
    )
    basics = {key: value for key, value in BASICS.items() if key != "kind"}
    member = client_of(person.user)
    agree(member, "consent")
    for topic in ("basics", "skills", "roles", "conditions"):
        send(member, topic, {**ANSWERS[topic], **(basics if topic == "basics" else {})})
    agree(member, "pledges")
    person = vetting.submit(person, by=person.user)
    coordinator = make_coordinator()
    vetting.decide(person, "take_up", reason="", by=coordinator)
    with pytest.raises(PoolRefused, match="事業者の同意"):
        vetting.decide(person, "register", reason="", by=coordinator)
    client.post(reverse("specialist:firm_agree", args=[person.pk]), {"agree": "1"})
    vetting.decide(person, "register", reason="", by=coordinator)
    assert list(Specialist.objects.registered()) == [person]
    client.post(reverse("specialist:firm_agree", args=[person.pk]))  # the slower of two clicks
    taking_back = reverse("specialist:firm_disagree", args=[person.pk])
    assert "取り消しますか" in client.get(taking_back).content.decode()
    assert list(Specialist.objects.registered()) == [person]
    client.post(taking_back)
    assert not Specialist.objects.registered().exists()
    assert member.get(reverse("specialist:firm")).status_code == 404


def test_a_manager_sees_the_own_people_only() -> None:
    stranger = make_specialist(kind="firm", firm_agreed_at=None)
    client = client_of(make_manager())
    answer = client.post(reverse("specialist:firm_agree", args=[stranger.pk]), {"agree": "1"})
    assert answer.status_code == 404
    assert stranger.name not in client.get(reverse("specialist:firm")).content.decode()
    FirmManager.objects.update(until=timezone.localdate())
    assert not Specialist.objects.managed_by(User.objects.get(email="boss@example.jp")).exists()


@pytest.mark.parametrize(
    ("number", "invoice", "field"),
    [
        ("1000020340007", "", "corporate_number"),
        ("100002034000", "", "corporate_number"),
        ("7000020340006", "T1000020340007", "invoice_number"),
        ("7000020340006", "T1000012050003", "invoice_number"),
        ("7000020340006", "7000020340006", "invoice_number"),
    ],
)
def test_numbers_of_a_firm_are_checked(number: str, invoice: str, field: str) -> None:
    user = create_account(email="boss@example.jp", name="見本", kind="firm", by=None)
    answer = client_of(user).post(
        reverse("specialist:firm"),
        {"name": "見本", "corporate_number": number, "invoice_number": invoice},
    )
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_a_firm_that_is_there_is_not_taken_over() -> None:
    make_manager()
    other = create_account(email="other@example.jp", name="見本", kind="firm", by=None)
    with pytest.raises(PoolRefused):
        registration.register_firm(name="別名", number="7000020340006", invoice_number="", by=other)


# --- On behalf of somebody ----------------------------------------------------------------------
def test_what_the_prefecture_entered_is_claimed_by_mail_once() -> None:
    person = make_specialist(user=None, status=Status.APPLIED, registered_until=None)
    coordinator = make_coordinator()
    review = reverse("admin:specialists_specialist_review", args=[person.pk])
    client = client_of(coordinator)
    client.post(review, {"claim": "1", "email": "own@example.jp"})
    path = link_in_mail("own@example.jp")
    assert person.name not in Message.objects.get(payload__to="own@example.jp").payload["body"]
    Client().post(path, ACCOUNT)
    person.refresh_from_db()
    assert person.user.email == "own@example.jp"
    assert Client().get(path).status_code == 404
    with pytest.raises(PoolRefused):
        entry.send_claim(person, "second@example.jp", by=coordinator)


def test_numbers_go_on_from_the_highest() -> None:
    make_specialist(pool_number="H-204")
    make_specialist(pool_number="W9999")
    with transaction.atomic():
        assert next_numbers(2) == ["H-205", "H-206"]
