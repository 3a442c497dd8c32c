"""The public site: what everybody sees, and what nobody may see."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from municipalities.vacancies.models import Vacancy
from tests.municipalities.vacancies.objects import (
    change,
    make_coordinator,
    make_editor,
    make_vacancy,
)

pytestmark = pytest.mark.django_db


def test_the_top_page_shows_the_newest_and_the_way_in() -> None:
    vacancy = make_vacancy("published")
    page = Client().get("/").content.decode()
    assert f"/vacancies/{vacancy.vacancy_no}/" in page
    assert "サインイン" in page


@pytest.mark.parametrize("url", ["/", "/vacancies/"])
def test_empty_pages_say_so(url: str) -> None:
    assert "今、募集はありません" in Client().get(url).content.decode()


@pytest.mark.parametrize("status", ["draft", "submitted", "returned", "withdrawn"])
def test_what_is_not_published_does_not_exist(status: str) -> None:
    vacancy = make_vacancy(status)
    assert Client().get(f"/vacancies/{vacancy.vacancy_no}/").status_code == 404
    assert vacancy.vacancy_no not in Client().get("/vacancies/").content.decode()


def test_what_stays_in_the_prefecture_does_not_exist() -> None:
    vacancy = make_vacancy("published", publish_ok="0")
    assert Client().get(f"/vacancies/{vacancy.vacancy_no}/").status_code == 404
    assert vacancy.vacancy_no not in Client().get("/vacancies/").content.decode()


def test_an_ended_vacancy_stays_readable_and_says_so() -> None:
    vacancy = make_vacancy("closed")
    page = Client().get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()
    assert "この募集は終わりました" in page
    assert vacancy.vacancy_no not in Client().get("/vacancies/").content.decode()


def test_a_vacancy_that_has_not_begun_says_when_it_does() -> None:
    vacancy = make_vacancy("published")
    Vacancy.objects.filter(pk=vacancy.pk).update(open_date=timezone.localdate() + timedelta(days=9))
    text = Client().get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()
    assert "募集前" in text
    assert "募集終了" not in text


def test_a_passed_deadline_is_not_listed() -> None:
    vacancy = make_vacancy("published", close_type="1", close_date="2026-10-01")
    assert vacancy.vacancy_no not in Client().get("/vacancies/").content.decode()
    assert "募集終了" in Client().get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()


def test_no_name_of_staff_on_a_public_page() -> None:
    """B-17."""
    vacancy = make_vacancy("published")
    for url in ["/", "/vacancies/", f"/vacancies/{vacancy.vacancy_no}/"]:
        page = Client().get(url).content.decode()
        assert "沖野みどり" not in page
        assert "見本 職員" not in page
    assert "総務課" in page


def test_the_detail_speaks_the_words_of_people() -> None:
    vacancy = make_vacancy("published")
    page = Client().get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()
    for words in [
        "特別職非常勤職員",
        "日額 20,000円〜30,000円",
        "月2〜4日",
        "条例による(旅費条例の例による)",
    ]:
        assert words in page


def test_text_of_a_town_is_never_html() -> None:
    """ASVS 1.2.1."""
    vacancy = make_vacancy("published", issues="<script>alert(1)</script>")
    page = Client().get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


FILTERS = [
    ("municipality=342157", {"a"}),
    ("municipality=343021", {"b"}),
    ("field=SEC", {"a"}),
    ("field=OPT", {"b"}),
    ("talent=PM", {"b"}),
    ("form=20", {"b"}),
    ("remote=1", {"a"}),
    ("side_job=2", {"b"}),
    ("field=NW&remote=1", {"a"}),
    ("field=NW", {"a", "b"}),
    ("field=OPT&remote=1", set()),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS)
def test_filters(query: str, expected: set[str]) -> None:
    numbers = {
        "a": make_vacancy("published").vacancy_no,
        "b": make_vacancy(
            "published",
            code="343021",
            work_fields="NW;OPT",
            talent_type="PM",
            engagement_form="20",
            remote="3",
            onsite_freq="",
            side_job="2",
            side_job_terms="届出",
        ).vacancy_no,
    }
    page = Client().get(f"/vacancies/?{query}").content.decode()
    assert {name for name, number in numbers.items() if number in page} == expected
    assert ("条件に合う募集はありません" in page) == (not expected)


def test_the_newest_comes_first_and_pages_follow() -> None:
    editor = make_editor()
    numbers = [make_vacancy("published", by=editor).vacancy_no for _ in range(23)]
    first = Client().get("/vacancies/")
    shown = [vacancy.vacancy_no for vacancy in first.context["page"]]
    assert shown == numbers[:2:-1]
    second = Client().get(f"/vacancies/?cursor={first.context['page'].next}")
    assert [vacancy.vacancy_no for vacancy in second.context["page"]] == numbers[2::-1]


def test_the_list_asks_the_same_number_of_queries(django_assert_max_num_queries: Any) -> None:
    """D-02."""
    editor = make_editor()
    counts = []
    for _ in range(2):
        for _ in range(3):
            make_vacancy("published", by=editor)
        with django_assert_max_num_queries(12) as asked:
            Client().get("/vacancies/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert Vacancy.objects.count() == 6


def test_what_was_told_to_the_prefecture_only_never_comes_up_in_the_changes() -> None:
    by = make_coordinator()
    vacancy = make_vacancy("published", publish_ok="0", issues="庁内だけの事情")
    vacancy = change(vacancy, by, publish_ok="1", issues="公にする課題")
    page = Client().get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()
    assert "公にする課題" in page
    assert "庁内だけの事情" not in page
    assert "何が変わったか" not in page
    vacancy = change(vacancy, by, publish_ok="0", issues="また庁内だけの事情")
    vacancy = change(vacancy, by, publish_ok="1", issues="新しい課題")
    page = Client().get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()
    assert "<td>公にする課題</td><td>新しい課題</td>" in page
    assert "庁内だけの事情" not in page
