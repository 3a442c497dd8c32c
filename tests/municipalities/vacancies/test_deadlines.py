"""A last day that is over: nothing is handed on with it, and nothing shown after it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.deadlines import past_days
from municipalities.vacancies.errors import IncompleteError
from municipalities.vacancies.models import Vacancy
from municipalities.vacancies.services.writing import problems_of
from talentpool.embedded.sample import past
from tests.municipalities.vacancies.objects import make_coordinator, make_vacancy

TODAY = timezone.localdate()
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, []),
        ({"close_date": TODAY.isoformat(), "publish_until": TODAY.isoformat()}, []),
        ({"close_date": (TODAY - DAY).isoformat()}, ["close_date"]),
        ({"publish_until": (TODAY - DAY).isoformat()}, ["publish_until"]),
        ({"close_date": "いつか"}, []),
    ],
)
def test_only_days_that_are_over_are_named(values: dict[str, str], found: list[str]) -> None:
    assert [identifier for identifier, _ in past_days(values, TODAY)] == found


def ends_yesterday(field: str) -> dict[str, str]:
    opened = {"open_date": (TODAY - 9 * DAY).isoformat(), field: (TODAY - DAY).isoformat()}
    return opened | ({"close_type": "1"} if field == "close_date" else {})


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["close_date", "publish_until"])
def test_what_is_over_is_neither_submitted_nor_published(field: str) -> None:
    late = ends_yesterday(field)
    draft = make_vacancy(**late)
    with pytest.raises(IncompleteError) as refusal:
        services.submit_vacancy(draft, by=draft.created_by)
    assert set(refusal.value.problems) == {field}
    with past.on(TODAY - 2 * DAY):
        waiting = make_vacancy("submitted", **late)
    with pytest.raises(IncompleteError) as refusal:
        services.publish_vacancy(waiting, by=make_coordinator())
    assert set(refusal.value.problems) == {field}


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["close_date", "publish_until"])
def test_a_change_may_leave_a_day_that_is_over_but_sets_no_such_day(field: str) -> None:
    with past.on(TODAY - 5 * DAY):
        vacancy = make_vacancy("published", **ends_yesterday(field))
    by = vacancy.created_by
    vacancy = services.open_change(vacancy, by=by)

    def typed(**values: str) -> Vacancy:
        row, _ = services.save_values(
            vacancy,
            values,
            identifiers=list(values),
            version=Vacancy.objects.get().version,
            by=by,
        )
        return row

    typed(headcount="7")
    assert problems_of(Vacancy.objects.get()) == {}
    typed(**{field: (TODAY - 2 * DAY).isoformat()})
    with pytest.raises(IncompleteError) as refusal:
        services.submit_change(Vacancy.objects.get(), by=by)
    assert set(refusal.value.problems) == {field}
    typed(**{field: TODAY.isoformat()})
    handed_in = services.submit_change(Vacancy.objects.get(), by=by)
    with past.on(TODAY + DAY), pytest.raises(IncompleteError):
        services.publish_change(handed_in, by=make_coordinator())
    services.publish_change(handed_in, by=make_coordinator())


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["published", "closed"])
def test_after_the_wished_end_the_public_sees_nothing_of_it(status: str, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    until = TODAY + 2 * DAY
    vacancy = make_vacancy(status, publish_until=until.isoformat(), issues="竜宮城の保守")
    address = f"/vacancies/{vacancy.vacancy_no}/"
    with past.on(until):
        assert Client().get(address).status_code == 200
    with past.on(until + DAY):
        assert Client().get(address).status_code == 404
        assert not Vacancy.objects.public().exists()
        assert not Vacancy.objects.get().is_public
        for place in ("vacancies/?q=竜宮", "vacancies/feed.atom", "sitemap.xml", "opendata/"):
            path = f"/{place}vacancies.json" if place == "opendata/" else f"/{place}"
            answer = Client().get(path)
            body = b"".join(answer) if answer.streaming else answer.content
            assert vacancy.vacancy_no not in body.decode(), path
        town = Client()
        town.force_login(vacancy.created_by)
        page = town.get(f"/town{address}").content.decode()
        assert "公表のページを見る" not in page
