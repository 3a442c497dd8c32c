"""The town's pages over HTTP: the line, other towns, conflicts, extra keys, queries."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.vacancies import hooks
from municipalities.vacancies.forms.needs import NeedForm
from municipalities.vacancies.hooks import Section
from municipalities.vacancies.models import FormVersion, Need, NeedSkill, Vacancy
from talentpool.conventions.era import fiscal_year, format_month
from talentpool.conventions.months import first_of_month
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import (
    COMPLETE,
    make_editor,
    make_need,
    make_skills,
    make_vacancy,
)

pytestmark = pytest.mark.django_db

YEAR = timezone.localdate().year + 1
TYPED = {
    "title": "ネットワーク更改の仕様の確認",
    "problem": "network",
    "description": "仕様書の内容を確かめたい。",
    "skill_1": "NW",
    "level_1": "3",
    "half_days": "２．５日",
    "first_month_0": f"令和{YEAR - 2018}",
    "first_month_1": "４",
    "last_month_0": str(YEAR),
    "last_month_1": "9",
    "place": "mixed",
    "on_site_half_days": "1",
    "weekdays": ["0", "2"],
    "budget_yen": "９００，０００円",
}


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_need_from_form_to_submission() -> None:
    make_skills()
    client = signed_in(make_editor())
    answer = client.post("/town/needs/new/", TYPED)
    need = Need.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/town/needs/{need.pk}/")
    assert (need.municipality_id, need.status) == ("342157", "draft")
    assert (need.half_days, need.least_half_days, need.on_site_half_days) == (5, 5, 2)
    assert (need.first_month.isoformat(), need.last_month.isoformat()) == (
        f"{YEAR}-04-01",
        f"{YEAR}-09-01",
    )
    assert (need.weekdays, need.budget_yen) == (0b101, 900_000)
    assert [(s.skill_id, s.level) for s in need.skills.all()] == [("NW", 3)]
    page = client.get(answer["Location"]).content.decode()
    assert "県へ提出する" in page
    assert "月2.5日(5半日)" in page
    client.post(f"/town/needs/{need.pk}/submit/", {"version": need.version})
    need.refresh_from_db()
    assert need.status == "submitted"
    page = client.get(f"/town/needs/{need.pk}/").content.decode()
    assert "県の確認を待っています" in page
    assert "県へ提出する" not in page


LATEST = format_month(date(fiscal_year(timezone.localdate()) + 4, 3, 1))
WRONG = [
    ({"first_month_0": "2020"}, "first_month", "今月以後"),
    ({"last_month_0": str(YEAR), "last_month_1": "3"}, "last_month", "開始月以後"),
    ({"last_month_0": str(YEAR + 3), "last_month_1": "12"}, "last_month", f"{LATEST}までの月"),
    ({"last_month_0": "9999", "last_month_1": "12"}, "last_month", "2199年より後"),
    ({"least_half_days": "3"}, "least_half_days", "1か月の日数以下"),
    ({"on_site_half_days": "0"}, "on_site_half_days", "「遠隔のみ」を選んで"),
    ({"on_site_half_days": "3"}, "on_site_half_days", "1か月の日数以下"),
    ({"on_site_half_days": ""}, "on_site_half_days", "来庁してほしい日数"),
    ({"on_site_half_days": "", "half_days": ""}, "on_site_half_days", "来庁してほしい日数"),
    ({"half_days": "0.3"}, "half_days", "0.5日単位"),
    ({"half_days": "20.5"}, "half_days", "20日以下"),
    ({"skill_2": "SEC"}, "level_2", "組で選んで"),
    ({"level_2": "2"}, "skill_2", "組で選んで"),
    ({"skill_2": "NW", "level_2": "2"}, "skill_2", "スキル1と同じ"),
    ({"skill_1": ""}, "skill_1", "スキル1を選んで"),
    ({"weekdays": []}, "weekdays", "曜日"),
    ({"budget_yen": "十万"}, "budget_yen", "円単位"),
]


@pytest.mark.parametrize(("typed", "field", "words"), WRONG)
def test_a_wrong_need_says_what_to_write(typed: dict[str, Any], field: str, words: str) -> None:
    make_skills()
    client = signed_in(make_editor())
    answer = client.post("/town/needs/new/", TYPED | typed)
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[field])
    assert "エラー：" in answer.content.decode()
    assert Need.objects.count() == 0


@pytest.mark.parametrize(("place", "half_days"), [("on_site", 5), ("remote", 0)])
def test_the_place_decides_the_days_at_the_office(place: str, half_days: int) -> None:
    make_skills()
    signed_in(make_editor()).post("/town/needs/new/", TYPED | {"place": place})
    assert Need.objects.get().on_site_half_days == half_days


def test_extra_keys_change_nothing() -> None:
    """A-16."""
    make_skills()
    client = signed_in(make_editor())
    make_editor("343021")
    extra = {
        "status": "accepted",
        "municipality": "343021",
        "municipality_id": "343021",
        "priority": "3",
        "remark": "x",
        "created_by": "1",
        "submitted_at": "2026-01-01",
        "closing_note": "x",
    }
    client.post("/town/needs/new/", TYPED | extra)
    need = Need.objects.get()
    assert (need.status, need.municipality_id, need.priority) == ("draft", "342157", 1)
    assert (need.remark, need.submitted_at, need.closing_note) == ("", None, "")


def test_the_second_saver_of_a_need_is_told() -> None:
    """A-23."""
    need = make_need()
    client = signed_in(need.created_by)
    assert client.post(f"/town/needs/{need.pk}/edit/", TYPED | {"version": "1"}).status_code == 302
    answer = client.post(
        f"/town/needs/{need.pk}/edit/", TYPED | {"version": "1", "title": "別の名前"}
    )
    assert answer.status_code == 409
    assert "先に保存" in answer.content.decode()
    assert 'value="別の名前"' in answer.content.decode()
    assert Need.objects.get().title == TYPED["title"]
    assert NeedSkill.objects.count() == 1


def test_a_need_is_edited_as_it_was_saved() -> None:
    """Form → row → form is equal."""
    make_skills()
    client = signed_in(make_editor())
    client.post("/town/needs/new/", TYPED)
    need = Need.objects.get()
    form = NeedForm(instance=need)
    shown = {name: form[name].value() for name in ["skill_1", "level_1", "weekdays", "budget_yen"]}
    assert shown == {
        "skill_1": "NW",
        "level_1": "3",
        "weekdays": [0, 2],
        "budget_yen": "900,000",
    }


def test_an_ended_need_is_the_start_of_a_new_one() -> None:
    """Its answers stand in the new form; months that have passed do not."""
    make_skills()
    client = signed_in(make_editor())
    client.post("/town/needs/new/", TYPED)
    old = Need.objects.get()
    again = f"/town/needs/{old.pk}/again/"
    page = client.get(again, follow=True).content.decode()
    assert "まだ終わっていません" in page
    assert again not in page
    old.first_month, old.last_month = date(2020, 4, 1), date(2021, 3, 1)
    old.save()
    client.post(f"/town/needs/{old.pk}/withdraw/", {"note": ""})
    assert again in client.get(f"/town/needs/{old.pk}/").content.decode()

    form = client.get(again).context["form"]
    shown = {name: form[name].value() for name in ["title", "skill_1", "weekdays", "last_month"]}
    assert shown == {
        "title": TYPED["title"],
        "skill_1": "NW",
        "weekdays": [0, 2],
        "last_month": None,
    }
    assert form["first_month"].value() == first_of_month(timezone.localdate())
    client.post(again, TYPED)
    new = Need.objects.exclude(pk=old.pk).get()
    assert (new.status, new.half_days, new.skills.count()) == ("draft", old.half_days, 1)
    old.refresh_from_db()
    assert old.status == "withdrawn"


PAGES = [
    ("get", "town:need_detail"),
    ("get", "town:need_edit"),
    ("post", "town:need_edit"),
    ("get", "town:need_again"),
    ("post", "town:need_again"),
    ("post", "town:need_submit"),
    ("get", "town:need_withdraw"),
    ("post", "town:need_withdraw"),
    ("post", "town:need_to_vacancy"),
]


@pytest.mark.parametrize(("method", "name"), PAGES)
def test_another_towns_need_does_not_exist(method: str, name: str) -> None:
    """A-13: the same answer as for a need that is not there, and nothing changes."""
    need = make_need("draft")
    client = signed_in(make_editor("343021"))
    theirs = getattr(client, method)(reverse(name, args=[need.pk]))
    absent = getattr(client, method)(reverse(name, args=[need.pk + 99]))
    assert (theirs.status_code, absent.status_code) == (404, 404)
    assert need.title not in theirs.content.decode()
    assert Need.objects.get().status == "draft"


VACANCY_PAGES = [
    ("get", "town:vacancy_detail"),
    ("post", "town:vacancy_copy"),
    ("post", "town:vacancy_move"),
    ("get", "town:vacancy_preview"),
    ("get", "town:vacancy_questions"),
    ("get", "town:vacancy_close"),
    ("post", "town:vacancy_close"),
    ("post", "town:vacancy_withdraw"),
]


@pytest.mark.parametrize(("method", "name"), VACANCY_PAGES)
@pytest.mark.parametrize("status", ["draft", "published"])
def test_another_towns_vacancy_does_not_exist(method: str, name: str, status: str) -> None:
    vacancy = make_vacancy(status)
    client = signed_in(make_editor("343021"))
    answer = getattr(client, method)(reverse(name, args=[vacancy.vacancy_no]))
    assert answer.status_code == 404
    assert Vacancy.objects.get().status == status


def test_another_towns_sections_do_not_exist() -> None:
    vacancy = make_vacancy()
    client = signed_in(make_editor("343021"))
    url = reverse("town:vacancy_section", args=[vacancy.vacancy_no, "pay"])
    assert client.get(url).status_code == 404
    assert client.post(url, {"pay_min": "1", "version": "1"}).status_code == 404


def posted(section: str) -> dict[str, Any]:
    """The complete values as a browser would send them."""
    version = FormVersion.objects.get(code="proposed-1")
    data: dict[str, Any] = {}
    for spec in version.definition.in_section(section):
        value = COMPLETE.get(spec.identifier, "")
        if spec.kind == "date":
            year, month, day = (value or "--").split("-")
            data |= {f"{spec.identifier}_{i}": part for i, part in enumerate((year, month, day))}
        elif spec.kind in {"codes", "lg_codes"}:
            data[spec.identifier] = value.split(";") if value else []
        elif spec.kind == "code_text":
            code, _, words = value.partition(" ")
            data |= {spec.identifier: code, f"{spec.identifier}_words": words}
        else:
            data[spec.identifier] = value
    return data


SECTIONS = [
    "municipality",
    "work",
    "terms",
    "place",
    "pay",
    "qualification",
    "selection",
    "contact",
]


def test_a_vacancy_from_blank_to_submission() -> None:
    client = signed_in(make_editor())
    start = client.post("/town/vacancies/new/")
    vacancy = Vacancy.objects.get()
    assert start["Location"] == f"/town/vacancies/{vacancy.vacancy_no}/"
    url = f"/town/vacancies/{vacancy.vacancy_no}/edit/municipality/"
    for number, section in enumerate(SECTIONS):
        data = posted(section) | {"version": Vacancy.objects.get().version}
        if section == "municipality":
            data |= {"population": "22000", "population_date_0": "R2"}
            data |= {"population_date_1": "1", "population_date_2": "1"}
        answer = client.post(url, data)
        assert answer.status_code == 302, answer.context["form"].errors
        url = answer["Location"]
        following = SECTIONS[number + 1] if number + 1 < len(SECTIONS) else None
        assert url.endswith(f"/edit/{following}/" if following else f"{vacancy.vacancy_no}/")
    assert "県へ提出する" in client.get(url).content.decode()
    read = {"version": Vacancy.objects.get().version}
    client.post(f"/town/vacancies/{vacancy.vacancy_no}/do/submit/", read)
    vacancy.refresh_from_db()
    assert vacancy.status == "submitted"
    assert {key: vacancy.values[key] for key in COMPLETE} == COMPLETE


def test_a_section_keeps_what_can_be_read_and_shows_the_rest_as_typed() -> None:
    vacancy = make_vacancy()
    client = signed_in(vacancy.created_by)
    url = reverse("town:vacancy_section", args=[vacancy.vacancy_no, "pay"])
    answer = client.post(
        url, posted("pay") | {"pay_min": "25,000", "pay_max": "三万", "version": "1"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "三万" in page
    assert "保存しました" in page
    vacancy.refresh_from_db()
    assert vacancy.pay_min == 25000
    again = client.post(url, posted("pay") | {"version": str(answer.context["vacancy"].version)})
    assert again.status_code == 302


def test_a_date_that_does_not_exist_stays_on_the_page() -> None:
    vacancy = make_vacancy()
    client = signed_in(vacancy.created_by)
    url = reverse("town:vacancy_section", args=[vacancy.vacancy_no, "terms"])
    data = posted("terms") | {"start_date_1": "2", "start_date_2": "30", "version": "1"}
    answer = client.post(url, data)
    assert "2月30日という日付はありません" in answer.content.decode()


def test_the_second_saver_of_a_section_is_told() -> None:
    """A-23."""
    vacancy = make_vacancy()
    client = signed_in(vacancy.created_by)
    url = reverse("town:vacancy_section", args=[vacancy.vacancy_no, "contact"])
    client.post(url, posted("contact") | {"dept": "企画課", "version": "1"})
    answer = client.post(url, posted("contact") | {"dept": "税務課", "version": "1"})
    assert answer.status_code == 409
    assert 'value="税務課"' in answer.content.decode()
    assert Vacancy.objects.get().values["dept"] == "企画課"


def test_an_unknown_section_does_not_exist() -> None:
    vacancy = make_vacancy()
    client = signed_in(vacancy.created_by)
    for section in ["system", "nothing"]:
        url = reverse("town:vacancy_section", args=[vacancy.vacancy_no, section])
        assert client.get(url).status_code == 404


def test_a_need_goes_on_as_a_vacancy() -> None:
    need = make_need("unfilled")
    client = signed_in(need.created_by)
    assert "公募に進む" in client.get(f"/town/needs/{need.pk}/").content.decode()
    client.post(f"/town/needs/{need.pk}/vacancy/")
    page = client.get(f"/town/needs/{need.pk}/").content.decode()
    assert Vacancy.objects.get().need == need
    assert "公募に進む" not in page
    assert Vacancy.objects.get().vacancy_no in page


def test_verbs_are_post_and_a_refusal_is_a_message() -> None:
    need = make_need("submitted")
    client = signed_in(need.created_by)
    assert client.get(f"/town/needs/{need.pk}/submit/").status_code == 405
    page = client.post(f"/town/needs/{need.pk}/submit/", follow=True).content.decode()
    assert "この操作はできません" in page


@pytest.mark.parametrize("sent", [{"version": "1"}, {}, {"version": "１x"}])
def test_what_somebody_else_has_saved_since_is_not_submitted_unread(sent: dict[str, str]) -> None:
    need = make_need("draft")
    client = signed_in(need.created_by)
    assert 'name="version" value="1"' in client.get(f"/town/needs/{need.pk}/").content.decode()
    Need.objects.update(version=2)
    page = client.post(f"/town/needs/{need.pk}/submit/", sent, follow=True).content.decode()
    assert "ほかの人が先に保存しました" in page
    need.refresh_from_db()
    assert need.status == "draft"


def test_closing_a_vacancy_asks_for_the_outcome() -> None:
    vacancy = make_vacancy("published")
    client = signed_in(vacancy.created_by)
    url = reverse("town:vacancy_close", args=[vacancy.vacancy_no])
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"outcome": "nobody"}).status_code == 302
    vacancy.refresh_from_db()
    assert (vacancy.status, vacancy.outcome) == ("closed", "nobody")


def test_a_higher_app_adds_a_part_to_the_needs_page(monkeypatch: pytest.MonkeyPatch) -> None:
    need = make_need("accepted")
    source = lambda need, user: Section("components/facts.html", {}, step=5)  # noqa: E731
    monkeypatch.setattr(hooks, "_sections", [source, lambda need, user: None])
    page = signed_in(need.created_by).get(f"/town/needs/{need.pk}/")
    assert page.context["step"] == 5
    assert len(page.context["sections"]) == 1


@pytest.mark.parametrize(
    ("url", "most"), [("/town/needs/", 12), ("/town/vacancies/", 12), ("/town/", 20)]
)
def test_lists_ask_the_same_number_of_queries(
    url: str, most: int, django_assert_max_num_queries: Any
) -> None:
    """D-02."""
    editor = make_editor()
    client = signed_in(editor)
    client.get(url)  # the first page of a session also writes the session
    counts = []
    for _ in range(2):
        for _ in range(3):
            make_need("draft", by=editor)
            make_vacancy("draft", by=editor)
        with django_assert_max_num_queries(most) as asked:
            client.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1]
