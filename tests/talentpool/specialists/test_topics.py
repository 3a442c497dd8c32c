"""The page of a topic: words that tell who it is, two people at once (A-23), staff for somebody."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from municipalities.registry.models import Municipality, Prefecture
from municipalities.registry.places import kilometres, towns_within
from talentpool.audit.models import Event
from talentpool.specialists.blindness import blind_text, telling_words
from talentpool.specialists.models import Firm, Interest, ProfileView, Specialist, TopicDraft
from talentpool.specialists.services import entry
from talentpool.users.models import User
from talentpool.vocabulary.models import Term
from tests import factories
from tests.talentpool.specialists.registering import ACCOUNT, link_in_mail

pytestmark = pytest.mark.django_db
ROLES = {"talent_types": ["PM"], "years": "12", "municipal_years": "6"}


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    factories.make_code_lists()
    Term.objects.get_or_create(vocabulary="talent_type", code="PM", defaults={"label": "PM"})


def browser(user: User | None) -> Client:
    assert user is not None
    client = Client()
    client.force_login(user)
    return client


def hidden(page: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="(\w*)"', page.content.decode())
    return found[1] if found else ""


def topic(code: str) -> str:
    return reverse("specialist:registration_topic", args=[code])


def test_words_that_tell_are_named_and_kept_only_knowingly() -> None:
    """B-08: the warning names the field; the person changes the text or keeps it."""
    person = factories.make_specialist()
    client = browser(person.user)
    telling = {**ROLES, "strengths": "更改の設計。連絡は090-1111-2222、taro@example.jp"}
    opened = hidden(client.get(topic("roles")), "opened")
    told = client.post(topic("roles"), {**telling, "opened": opened})
    text = told.content.decode()
    assert told.status_code == 422
    assert 'href="#id_strengths">得意なこと</a>：' in text
    for words in ("「taro@example.jp」（メールアドレス）", "「090-1111-2222」（電話番号）"):
        assert words in text
    person.refresh_from_db()
    assert person.strengths == ""
    keep = hidden(told, "keep") or re.findall(r'name="keep" value="(\w+)"', text)[0]
    changed = {**telling, "strengths": f"{telling['strengths']}、03-1234-5678", "opened": opened}
    assert client.post(topic("roles"), {**changed, "keep": keep}).status_code == 422  # other words
    client.post(topic("roles"), {**telling, "opened": opened, "keep": keep})
    person.refresh_from_db()
    assert person.strengths == telling["strengths"]
    # What was kept once is not asked about again while it stays.
    opened = hidden(client.get(topic("roles")), "opened")
    again = client.post(topic("roles"), {**telling, "years": "13", "opened": opened})
    assert again.status_code == 302


def test_a_base_outside_the_prefecture_is_chosen_and_not_lost_by_saving() -> None:
    other = Prefecture.objects.create(code="330001", name="岡山県", kana="おかやまけん")
    outside = Municipality.objects.create(
        code="332054",
        prefecture=other,
        name="笠岡市",
        kana="かさおかし",
        latitude="34.51",
        longitude="133.51",
    )
    own = factories.make_town()
    person = factories.make_specialist(kind="retired", base=outside)
    client = browser(person.user)
    page = client.get(topic("basics"))
    text = page.content.decode()
    assert '<option value="332054" selected>岡山県笠岡市</option>' in text
    first, second = (text.index(f'<optgroup label="{name}県">') for name in ("広島", "岡山"))
    assert first < text.index(">江田島市</option>") < second < text.index(">岡山県笠岡市</option>")
    sent = {"opened": hidden(page, "opened"), "name": person.name, "kana": "ミホン タロウ"}
    assert client.post(topic("basics"), {**sent, "base": outside.pk}).status_code == 302
    person.refresh_from_db()
    assert (person.kana, person.base) == ("ミホン　タロウ", outside)
    assert kilometres(own, outside) == 75
    assert (towns_within(own, 74), towns_within(own, 75)) == ([own.pk], [own.pk, outside.pk])
    assert "岡山県笠岡市" in client.get(reverse("specialist:profile")).content.decode()


@pytest.mark.parametrize(
    ("kind", "told"), [("employer", True), ("officer", True), ("client", False)]
)
def test_firms_that_were_declared_as_own_ones_are_covered(kind: str, told: bool) -> None:
    person = factories.make_specialist()
    Interest.objects.create(
        specialist=person, kind=kind, corporate_number="7000020340006", name="株式会社甲乙電算"
    )
    text = "甲乙電算での更改の設計"
    assert ("甲乙電算" in telling_words(person, text)) is told
    assert ("甲乙電算" not in blind_text(person, text)) is told


def test_evidence_of_a_skill_is_scanned_too() -> None:
    person = factories.make_specialist(skills=["NW"])
    client = browser(person.user)
    opened = hidden(client.get(topic("skills")), "opened")
    told = client.post(
        topic("skills"),
        {"skill_1": "NW", "level_1": "3", "evidence_1": "株式会社見本の基幹系", "opened": opened},
    )
    assert 'href="#id_evidence_1"' in told.content.decode()


def test_who_saves_second_sees_what_the_first_has_saved() -> None:
    person = factories.make_specialist()
    first, second = browser(person.user), browser(person.user)
    opened = hidden(first.get(topic("roles")), "opened")
    stale = hidden(second.get(topic("roles")), "opened")
    first.post(topic("roles"), {**ROLES, "opened": opened})
    answer = second.post(topic("roles"), {**ROLES, "years": "20", "opened": stale})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "まだ保存していません" in text
    assert re.search(r"<dt>IT分野の経験年数</dt><dd>いまの内容：12</dd>", text)
    assert "municipal_years" not in re.findall(r"<dt>(\w+)</dt>", text)
    person.refresh_from_db()
    assert person.years == 12
    assert second.post(topic("roles"), {**ROLES, "opened": stale}).status_code == 302  # the same
    knowingly = {**ROLES, "years": "20", "opened": hidden(answer, "opened")}
    assert second.post(topic("roles"), knowingly).status_code == 302
    person.refresh_from_db()
    assert person.years == 20


def test_the_admin_overwrites_nothing_unseen() -> None:
    """Every stock form of the admin carries the fingerprint."""
    firm = Firm.objects.create(name="見本ベンダ", corporate_number="8000020130001")
    url = reverse("admin:specialists_firm_change", args=[firm.pk])
    one, other = browser(factories.make_coordinator()), browser(factories.make_coordinator())
    opened = hidden(one.get(url), "opened")
    assert opened
    data = {"corporate_number": firm.corporate_number, "invoice_number": "", "opened": opened}
    assert one.post(url, {**data, "name": "新しい名"}).status_code == 302
    refused = other.post(url, {**data, "name": "古い名を直した名"})
    text = refused.content.decode()
    assert "名称：いまの内容は「新しい名」" in text
    firm.refresh_from_db()
    assert firm.name == "新しい名"
    assert other.post(url, {**data, "name": "新しい名"}).status_code == 302  # the same again
    again = {**data, "name": "決めた名", "opened": hidden(refused, "opened")}
    assert other.post(url, again).status_code == 302
    firm.refresh_from_db()
    assert firm.name == "決めた名"
    assert one.post(url, {**data, "name": "見ずに", "opened": ""}).status_code == 200


def test_what_staff_type_for_somebody_is_kept() -> None:
    """By the page's own address, as the script sends it; nothing is saved into the registration."""
    staff, other = (browser(factories.make_coordinator()) for _ in range(2))
    person = factories.make_specialist(user=None, status="under_review", strengths="前")
    page = reverse("admin:specialists_specialist_topic", args=[person.pk, "roles"])
    assert f'data-autosave="{page}"' in staff.get(page).content.decode()
    assert "autosave.js" in staff.get(page).content.decode()
    typed = {"strengths": "打ちかけ", "years": "x"}
    assert staff.post(page, typed, headers={"X-Autosave": "1"}).status_code == 200
    assert "打ちかけ" in staff.get(page).content.decode()
    assert "打ちかけ" not in other.get(page).content.decode()
    person.refresh_from_db()
    assert person.strengths == "前"
    entry.send_claim(person, "claims@example.jp", by=factories.make_coordinator())
    Client().post(link_in_mail("claims@example.jp"), ACCOUNT)  # it is the person's own now
    assert not TopicDraft.objects.exists()


def test_staff_enter_every_topic_for_somebody_until_he_or_she_takes_over() -> None:
    """Registered on behalf: certificates, background and roles as the person would."""
    person = factories.make_specialist(kind="retired", status="applied")
    account = person.user
    Specialist.objects.filter(pk=person.pk).update(user=None)
    coordinator = factories.make_coordinator()
    client = browser(coordinator)
    overview = reverse("admin:specialists_specialist_topics", args=[person.pk])
    assert "退職した日" in client.get(overview).content.decode()  # what is missing
    answers: dict[str, dict[str, Any]] = {
        "background": {
            "retired_on_0": "2025",
            "retired_on_1": "3",
            "retired_on_2": "31",
            "last_post": "課長",
            "was_manager": "yes",
            "departments": "令和2年度 情報課",
            "present_work": "none",
        },
        "roles": ROLES,
        "certificates": {"other_name_1": "見本の資格"},
    }
    for code, given in answers.items():
        url = reverse("admin:specialists_specialist_topic", args=[person.pk, code])
        opened = hidden(client.get(url), "opened")
        answer = client.post(url, {**given, "opened": opened})
        assert (answer.status_code, answer.headers.get("Location")) == (302, overview), code
    fresh = Specialist.objects.get(pk=person.pk)
    assert (fresh.background.last_post, fresh.years) == ("課長", 12)
    assert fresh.certificates.get().other_name == "見本の資格"
    events = Event.objects.filter(action="edit_registration", actor_id=coordinator.pk)
    assert events.count() == 3
    assert ProfileView.objects.filter(specialist=person, viewer=coordinator).count() == 4
    Specialist.objects.filter(pk=person.pk).update(user=account)
    assert client.get(overview).status_code == 404  # it is the person's own now
    url = reverse("admin:specialists_specialist_topic", args=[person.pk, "roles"])
    assert client.post(url, {**ROLES, "opened": ""}).status_code == 404
