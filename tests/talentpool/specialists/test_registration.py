"""Into the pool: verified mail first, consent before the first field, one topic a page, send in,
vet, renew (A-11, B-01, B-02)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.models import Membership
from talentpool.outbox.models import Message
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import (
    EntryTicket,
    FirmManager,
    ProfileView,
    Purpose,
    Specialist,
    StatusChange,
    TopicDraft,
)
from talentpool.specialists.services import consent, entry, registration, vetting
from talentpool.specialists.services.people import next_numbers, start_registration
from talentpool.users.models import User
from talentpool.users.services import create_account
from talentpool.vocabulary.models import Term
from tests.factories import (
    PASSWORD,
    make_code_lists,
    make_coordinator,
    make_member,
    make_specialist,
    make_town,
)

pytestmark = pytest.mark.django_db
Status = Specialist.Status
ACCOUNT = {"name": "見本 花子", "password1": PASSWORD, "password2": PASSWORD}
BASICS = {"name": "見本 花子", "kana": "みほん はなこ", "kind": "retired", "base": "342157"}
ANSWERS: dict[str, dict[str, Any]] = {
    "basics": BASICS,
    "background": {
        "retired_on_0": "2025",
        "retired_on_1": "3",
        "retired_on_2": "31",
        "last_post": "デジタル課長",
        "was_manager": "yes",
        "departments": "令和2年度 情報課",
        "present_work": "company",
        "employer": "見本システム",
    },
    "skills": {"skill_1": "NW", "level_1": "3", "years_1": "12", "evidence_1": "更改の設計"},
    "roles": {"talent_types": ["PM"], "years": "30", "municipal_years": "30"},
    "certificates": {"other_name_1": "見本の資格", "number_1": "A-1"},
    "conditions": {
        "forms_": ["10"],
        "day": "30,000",
        "max_towns": "3",
        "remote": "partly",
        "radius_km": "60",
        "weekdays": ["0", "1"],
    },
}


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    cache.clear()  # rate limits of earlier tests
    make_code_lists()
    make_town()
    Term.objects.get_or_create(vocabulary="talent_type", code="PM", defaults={"label": "PM"})


def link_in_mail(to: str) -> str:
    mails = Message.objects.filter(kind=Message.Kind.MAIL, payload__to=to).order_by("-pk")
    found = re.search(r"https?://[^/]+(/\S+)", mails[0].payload["body"])
    assert found
    return found[1]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def topic_page(topic: str) -> str:
    return reverse("specialist:registration_topic", args=[topic])


def send(client: Client, topic: str, answers: dict[str, Any]) -> Any:
    """Open a topic and send the answers, as a browser does."""
    page = client.get(topic_page(topic)).content.decode()
    opened = re.search(r'name="opened" value="(\w*)"', page)
    assert opened
    return client.post(topic_page(topic), {"opened": opened[1], **answers})


def agree(client: Client, topic: str) -> Any:
    """Tick all the boxes of a page of texts."""
    page = client.get(topic_page(topic)).content.decode()
    boxes = re.findall(r'name="(text_\d+)"', page)
    return client.post(topic_page(topic), dict.fromkeys(boxes, "on"))


def make_draft(**values: Any) -> Specialist:
    """A registration that was begun, without consent."""
    number = User.objects.count()
    user = create_account(
        email=f"new{number}@example.jp", name="見本 花子", kind="specialist", by=None
    )
    person = start_registration(user)
    Specialist.objects.filter(pk=person.pk).update(**values)
    person.refresh_from_db()
    return person


def fill(person: Specialist) -> Specialist:
    """Everything entered through the pages."""
    client = client_of(person.user)
    agree(client, "consent")
    for topic, answers in ANSWERS.items():
        response = send(client, topic, answers)
        assert response.status_code == 302, (topic, response.context["form"].errors)
    agree(client, "pledges")
    person.refresh_from_db()
    return person


def make_applied() -> Specialist:
    person = make_draft()
    person = fill(person)
    return vetting.submit(person, by=person.user)


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
    assert not EntryTicket.objects.filter(email=person.user.email).exists()


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
        client.post(reverse("register"), {"email": f"a{n}@example.jp"}).status_code
        for n in range(11)
    ]
    assert said[-1] == 429


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
    client.post(reverse("specialist:firm_agree", args=[person.pk]), {"withdraw": "1"})
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


# --- Review ---------------------------------------------------------------------------------------
def test_a_review_shows_both_levels_duplicates_and_logs_the_view() -> None:
    twin = make_specialist(kana="ミホン　ハナコ")
    person = make_applied()
    coordinator = make_coordinator()
    client = client_of(coordinator)
    queue = client.get(reverse("admin:specialists_specialist_review_queue")).content.decode()
    assert person.pool_number in queue
    assert "重複の疑い" in queue
    assert person.name not in queue
    review = reverse("admin:specialists_specialist_review", args=[person.pk])
    page = client.get(review).content.decode()
    assert twin.pool_number in page
    assert "自己評価" in page
    assert "開示されます" in page
    logged = ProfileView.objects.filter(specialist=person).values_list("scope", "purpose")
    assert set(logged) == {
        ("pool_number", "審査を待つ人を一覧で見るため"),
        ("name", "登録の審査のため"),
    }
    client.post(review, {"levels": "1", "level_NW": "4"})
    assert person.skills.get().level == 4
    client.post(
        review,
        {
            "note": "1",
            "text": "話を聞いた",
            **dict.fromkeys(("held_on_0",), "2026"),
            "held_on_1": "4",
            "held_on_2": "1",
        },
    )
    assert person.interview_notes.get().written_by == coordinator
    client.post(review, {"decide": "1", "verb": "take_up"})
    refused = client.post(review, {"decide": "1", "verb": "refuse"})
    assert refused.status_code == 422
    client.post(review, {"decide": "1", "verb": "register"})
    person.refresh_from_db()
    assert person.status == "registered"
    assert list(Specialist.objects.registered().exclude(pk=twin.pk)) == [person]


def test_an_auditor_reads_the_review_and_decides_nothing() -> None:
    person = make_applied()
    client = client_of(make_member(Membership.Role.AUDITOR))
    review = reverse("admin:specialists_specialist_review", args=[person.pk])
    page = client.get(review).content.decode()
    assert "決定する" not in page
    assert client.post(review, {"decide": "1", "verb": "take_up"}).status_code == 404


def test_a_registration_that_is_sent_back_says_why_and_can_be_sent_in_again() -> None:
    person = make_applied()
    vetting.decide(person, "send_back", reason="資格の番号を入れてください", by=make_coordinator())
    client = client_of(person.user)
    assert (
        "資格の番号を入れてください"
        in client.get(reverse("specialist:registration")).content.decode()
    )
    client.post(reverse("specialist:registration_check"))
    person.refresh_from_db()
    assert person.status == "applied"


def test_each_verb_starts_from_its_states_only() -> None:
    person = make_specialist()
    for verb, (before, after) in Specialist.TRANSITIONS.items():
        for status in Status.values:
            Specialist.objects.filter(pk=person.pk).update(status=status)
            if status not in before:
                with pytest.raises(PoolRefused):
                    vetting._move(person, verb, by=None, reason="理由")
                continue
            assert vetting._move(person, verb, by=None, reason="理由").status == after
            step = StatusChange.objects.filter(specialist=person).first()
            assert step is not None
            assert (step.verb, step.before, step.after) == (verb, status, after)


def test_a_decision_against_a_person_has_a_reason_in_the_database_too() -> None:
    person = make_specialist()
    with (
        pytest.raises(IntegrityError, match="decision_against_a_person_has_reason"),
        transaction.atomic(),
    ):
        StatusChange.objects.create(
            specialist=person, verb="remove", before="registered", after="removed"
        )


# --- Term and renewal -----------------------------------------------------------------------------
def test_a_registration_ends_with_its_term_and_is_renewed_on_one_page() -> None:
    today = timezone.localdate()
    person = make_specialist(registered_on=today - timedelta(days=300))
    Specialist.objects.filter(pk=person.pk).update(registered_until=today - timedelta(days=1))
    assert vetting.sweep_terms() == 1
    assert vetting.sweep_terms() == 0
    person.refresh_from_db()
    assert person.status == "renewal_due"
    assert not Specialist.objects.registered().exists()
    client = client_of(person.user)
    page = client.get(reverse("specialist:registration_renew"))
    assert page.status_code == 200
    client.post(reverse("specialist:registration_renew"))
    person.refresh_from_db()
    assert person.status == "registered"
    assert person.registered_until is not None
    assert person.registered_until > today
    assert person.registered_until.strftime("%m%d") == "0331"


def test_a_registration_that_nobody_renews_ends_after_90_days() -> None:
    today = timezone.localdate()
    people = [make_specialist(registered_on=today - timedelta(days=400)) for _ in range(2)]
    for person, days in zip(people, (90, 91), strict=True):
        Specialist.objects.filter(pk=person.pk).update(
            status="renewal_due", registered_until=today - timedelta(days=days)
        )
    vetting.sweep_terms()
    states = [Specialist.objects.get(pk=person.pk).status for person in people]
    assert states == ["renewal_due", "withdrawn"]


def test_pause_resume_and_leave() -> None:
    person = make_specialist()
    client = client_of(person.user)
    for verb, status in (("pause", "paused"), ("resume", "registered")):
        client.post(reverse("specialist:registration_verb", args=[verb]))
        person.refresh_from_db()
        assert person.status == status
    client.post(reverse("specialist:registration_withdraw"))
    person.refresh_from_db()
    assert person.status == "withdrawn"
