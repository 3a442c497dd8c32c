"""A button decides on what its page showed, and on nothing that was written since (A-23)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.models import Need, Vacancy
from talentpool.audit.models import Event
from talentpool.conventions.months import add_months, first_of_month
from tests.matching.visitor import Visitor
from tests.municipalities.vacancies.objects import make_coordinator, make_need, make_vacancy

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def written_anew(need: Need) -> None:
    """Returned, saved by the town with the form's own page and submitted again."""
    services.return_need(need, remark="期間を直して", by=make_coordinator())
    town = Visitor(need.created_by)
    page = town.get(reverse("town:need_edit", args=[need.pk]))
    page = town.send(page, page.form_with("title"), title="庁舎移転の仕様の確認")
    town.send(page, page.form_with("version"))


@pytest.mark.parametrize(
    ("button", "typed"),
    [("accept", {"accept_remark": "来週連絡します"}), ("return", {"remark": "期間が長い"})],
)
def test_a_need_is_decided_on_as_it_was_read(button: str, typed: dict[str, str]) -> None:
    need = make_need("submitted")
    staff = Visitor(make_coordinator())
    url = reverse("admin:vacancies_need_review", args=[need.pk])
    old = staff.get(url).form_with(*typed)
    written_anew(need)
    sent = {**dict(old.fields), **typed, button: "1"}
    for version in (sent["version"], "x", ""):
        answer = staff.client.post(url, {**sent, "version": version})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "内容が変わりました" in page
        assert "庁舎移転の仕様の確認" in page  # the text as it is now
        assert next(iter(typed.values())) in page  # and what was typed
        assert Need.objects.get().status == "submitted"
    now = staff.get(url)
    staff.send(now, now.form_with(*typed), **typed, **{button: "1"})
    assert Need.objects.get().status == {"accept": "accepted", "return": "draft"}[button]


def saved_elsewhere(vacancy: Vacancy) -> None:
    row = Vacancy.objects.get(pk=vacancy.pk)
    services.save_values(
        row, {"headcount": "9"}, identifiers=["headcount"], version=row.version, by=row.created_by
    )


@pytest.mark.parametrize("verb", ["submit", "submit_change", "discard_change"])
def test_a_town_hands_over_and_gives_up_what_it_has_read(verb: str) -> None:
    vacancy = make_vacancy("draft" if verb == "submit" else "published")
    editor = vacancy.created_by
    if verb != "submit":
        services.open_change(vacancy, by=editor)
        saved_elsewhere(vacancy)
    town = Visitor(editor)
    url = reverse("town:vacancy_detail", args=[vacancy.vacancy_no])
    action = reverse("town:vacancy_verb", args=[vacancy.vacancy_no, verb])
    old = town.get(url)
    before = Vacancy.objects.get()
    services.save_values(
        before, {"place": "支所"}, identifiers=["place"], version=before.version, by=editor
    )
    town.send(old, old.form_with(action=action)).must_say("内容が変わりました")
    now = Vacancy.objects.get()
    assert (now.status, now.change) == (before.status, before.change)
    page = town.get(url)
    town.send(page, page.form_with(action=action)).must_not_say("内容が変わりました")
    now = Vacancy.objects.get()
    assert (now.status, now.change) != (before.status, before.change)


def test_a_change_that_a_colleague_submitted_is_not_given_up_from_an_old_page() -> None:
    vacancy = make_vacancy("published")
    editor = vacancy.created_by
    services.open_change(vacancy, by=editor)
    saved_elsewhere(vacancy)
    town = Visitor(editor)
    url = reverse("town:vacancy_detail", args=[vacancy.vacancy_no])
    action = reverse("town:vacancy_verb", args=[vacancy.vacancy_no, "discard_change"])
    old = town.get(url)
    services.submit_change(Vacancy.objects.get(), by=editor)
    town.send(old, old.form_with(action=action)).must_say("変更は「", "もう一度決めてください")
    assert Vacancy.objects.get().change == "submitted"
    page = town.get(url)
    town.send(page, page.form_with(action=action)).must_say("変更をやめました")
    assert Vacancy.objects.get().change == ""


def test_a_button_without_a_version_decides_on_nothing() -> None:
    vacancy = make_vacancy()
    client = Client()
    client.force_login(vacancy.created_by)
    client.post(reverse("town:vacancy_verb", args=[vacancy.vacancy_no, "submit"]))
    assert Vacancy.objects.get().status == "draft"


@pytest.mark.parametrize("months", [-1, 48])
def test_months_that_are_refused_are_said_before_anybody_presses(months: int) -> None:
    this = first_of_month(timezone.localdate())
    need = make_need("submitted")
    month = add_months(this, months)
    words = "開始月" if months < 0 else "終了月"
    Need.objects.update(first_month=month, last_month=max(month, this))
    url = reverse("admin:vacancies_need_review", args=[need.pk])
    page = Visitor(make_coordinator()).get(url)
    page.must_say("この期間では受け付けられません", words, "差し戻して")
    assert 'name="accept"' not in page.text
    services.return_need(Need.objects.get(), remark="期間を直して", by=make_coordinator())
    page = Visitor(need.created_by).get(reverse("town:need_detail", args=[need.pk]))
    page.must_say(words, "期間を直すと、県へ提出できます", "内容を直す")
    assert reverse("town:need_submit", args=[need.pk]) not in page.text


def test_writing_a_need_is_in_the_record() -> None:
    """Who made a draft and who wrote over it (A-46); what an old page wrote is in it neither."""
    need = make_need()
    town = Visitor(need.created_by)
    edit = reverse("town:need_edit", args=[need.pk])
    old = town.get(edit)
    page = town.send(old, old.form_with("title"), title="庁舎移転の仕様の確認")
    page.must_say("庁舎移転の仕様の確認")
    refused = town.client.post(edit, dict(old.form_with("title").fields))
    assert refused.status_code == 409
    new = reverse("town:need_create")
    made = town.client.post(new, {**dict(old.form_with("title").fields), "version": ""})
    assert made.status_code == 302
    (latest,) = Need.objects.exclude(pk=need.pk)
    assert latest.created_by == need.created_by
    assert [(row.skill_id, row.level) for row in latest.skills.all()] == [("NW", 3)]
    events = Event.objects.filter(action__endswith="_need").order_by("pk")
    assert list(events.values_list("action", "object_id", "actor_id")) == [
        ("save_need", str(need.pk), need.created_by_id),
        ("create_need", str(latest.pk), need.created_by_id),
    ]
