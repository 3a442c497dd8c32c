"""What anybody may ask how often (A-09), and what becomes of what was typed; files that are still
the newest are not sent again."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.models import Subscription, Vacancy, VacancyQuestion
from talentpool.embedded.sample import past
from talentpool.pages import limits
from tests.municipalities.vacancies.objects import (
    agreed,
    change,
    make_coordinator,
    make_editor,
    make_vacancy,
)

pytestmark = pytest.mark.django_db

FILES = [
    "/vacancies/feed.atom",
    "/vacancies/deadlines.ics",
    "/opendata/vacancies.csv",
    "/opendata/vacancies.json",
]


def is_told_when(answer: HttpResponse, *, at_most: int) -> None:
    assert answer.status_code == 429
    seconds = int(answer["Retry-After"])
    assert 60 <= seconds <= at_most
    assert f"{seconds // 60}分ほど待って" in answer.content.decode()


# --- Forms ----------------------------------------------------------------------------------------
def test_only_valid_wishes_count_and_the_refused_one_stays_typed() -> None:
    client = Client()
    for _ in range(6):
        assert client.post("/subscribe/", {"email": "x", "rhythm": "daily"}).status_code == 422
    for number in range(5):
        wish = {"email": f"a{number}@example.jp", "rhythm": "daily", **agreed()}
        assert client.post("/subscribe/", wish).status_code == 302
    refused = client.post(
        "/subscribe/", {"email": "hito@example.jp", "rhythm": "weekly", **agreed()}
    )
    assert refused.status_code == 429
    page = refused.content.decode()
    assert "60分ほど待って" in page
    assert 'value="hito@example.jp"' in page


def test_a_refused_question_stays_typed() -> None:
    vacancy = make_vacancy("published")
    url = f"/vacancies/{vacancy.vacancy_no}/"
    for number in range(5):
        assert Client().post(url, {"text": ""}).status_code == 422
        assert Client().post(url, {"text": f"質問{number}"}).status_code == 302
    refused = Client().post(url, {"text": "六つめの質問"})
    assert refused.status_code == 429
    assert "六つめの質問</textarea>" in refused.content.decode()
    assert VacancyQuestion.objects.count() == 5


def test_a_question_that_comes_too_late_stays_typed() -> None:
    vacancy = make_vacancy("published")
    services.close_vacancy(vacancy, outcome="filled", by=make_editor())
    late = Client().post(f"/vacancies/{vacancy.vacancy_no}/", {"text": "遅れた質問"})
    assert late.status_code == 422
    assert "遅れた質問</textarea>" in late.content.decode()


# --- Reading --------------------------------------------------------------------------------------
def test_searching_is_limited_and_the_list_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.RATES, "search", "2/m/ip")
    client = Client()
    assert [client.get("/vacancies/?q=網").status_code for _ in range(2)] == [200, 200]
    is_told_when(client.get("/vacancies/?by=open"), at_most=60)
    assert client.get("/vacancies/").status_code == 200


def test_files_are_limited_but_not_who_has_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.RATES, "export", "2/h/ip")
    client = Client()
    first = client.get("/opendata/vacancies.csv")
    for _ in range(3):
        again = client.get("/opendata/vacancies.csv", headers={"if-none-match": first["ETag"]})
        assert again.status_code == 304
    assert client.get("/opendata/vacancies.json").status_code == 200
    is_told_when(client.get("/opendata/vacancies.csv"), at_most=3600)
    assert client.get("/vacancies/feed.atom").status_code == 200


def test_while_the_cache_is_away_reading_goes_on_and_what_is_sent_stays_typed(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is counted: who reads costs little, who sends might send without end."""
    vacancy = make_vacancy("published")
    away = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}  # nobody listens
    settings.CACHES = {"default": away}
    client = Client()
    for path in ["/vacancies/?q=網", *FILES]:
        assert client.get(path).status_code == 200, path
    assert "the cache is away: search is not limited" in caplog.messages
    for url, sent in [
        (f"/vacancies/{vacancy.vacancy_no}/", {"text": "質問です"}),
        ("/subscribe/", {"email": "hito@example.jp", "rhythm": "daily", **agreed()}),
    ]:
        page = client.post(url, sent)
        assert page.status_code == 503
        words = page.content.decode()
        assert "いまは受け付けられません" in words
        assert next(iter(sent.values())) in words
    assert not VacancyQuestion.objects.exists()
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("path", FILES)
def test_who_has_the_newest_file_is_told_so(path: str) -> None:
    make_vacancy("published")
    client = Client()
    first = client.get(path)
    again = client.get(path, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert "Last-Modified" not in first, "a time in seconds is shared by two changes of one second"


def test_every_publication_change_and_end_is_another_file() -> None:
    """Also when it comes late to the database, with a time before that of the last one."""
    path, editor, by = FILES[0], make_editor(), make_coordinator()
    tags = []

    def look() -> None:
        tags.append(Client().get(path)["ETag"])

    look()
    vacancy = make_vacancy("published", by=editor)
    look()
    with past.on(timezone.localdate() - timedelta(days=1)):
        make_vacancy("published", by=editor)
    look()
    vacancy = change(vacancy, by, headcount="2")
    look()
    services.close_vacancy(Vacancy.objects.get(pk=vacancy.pk), outcome="filled", by=editor)
    look()
    with past.on(timezone.localdate() + timedelta(days=1)):
        look()
    assert len(set(tags)) == len(tags)
