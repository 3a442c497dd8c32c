"""A vacancy past its last day goes on for nobody: its town is asked for the outcome."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.models import MonthlyRound, RoundAnswer, Vacancy
from municipalities.vacancies.queue import town_queue
from municipalities.vacancies.services.gaps import gaps_of
from municipalities.vacancies.views.states import shown
from talentpool.conventions.months import first_of_month
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import make_coordinator, make_editor, make_vacancy
from tests.municipalities.vacancies.test_gaps import put_new_form_in_force

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def make_over(editor: User, field: str = "close_date") -> Vacancy:
    """Published, and since yesterday past the day in `field`."""
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    kind = {"close_type": "1"} if field == "close_date" else {}
    return make_vacancy("published", by=editor, **kind, **{field: yesterday})


def page(user: User, url: str) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("field", ["close_date", "publish_until"])
def test_its_town_is_asked_for_the_outcome(field: str) -> None:
    editor = make_editor()
    vacancy = make_over(editor, field)
    make_vacancy("published", by=editor, close_type="1", close_date=str(timezone.localdate()))
    (item,) = [item for item in town_queue(editor) if item.action == "結果を入れる"]
    assert item.url == reverse("town:vacancy_close", args=[vacancy.vacancy_no])
    assert shown(vacancy).label == "締切後"
    assert list(Vacancy.objects.over_on(timezone.localdate())) == [vacancy]
    services.close_vacancy(vacancy, outcome="nobody", by=editor)
    assert not [item for item in town_queue(editor) if item.action == "結果を入れる"]


def test_no_page_says_that_it_is_open() -> None:
    editor, by = make_editor(), make_coordinator()
    vacancy = make_over(editor)
    month = first_of_month(timezone.localdate())
    round_ = MonthlyRound.objects.create(month=month, opens_on=month, cut_off=month)
    RoundAnswer.objects.create(round=round_, municipality_id="342157")
    for user, url in [
        (editor, "/town/vacancies/"),
        (editor, reverse("town:vacancy_detail", args=[vacancy.vacancy_no])),
        (editor, "/town/round/"),
        (by, f"/admin/vacancies/vacancy/{vacancy.pk}/review/"),
        (by, "/admin/vacancies/vacancy/"),
    ]:
        text = page(user, url).split("<main")[-1].split('id="changelist-filter"')[0]
        assert "締切後" in text, url
        assert "募集中" not in text, url


def test_a_new_form_asks_nothing_of_it() -> None:
    editor = make_editor()
    make_over(editor)
    going = make_vacancy("published", by=editor)
    put_new_form_in_force(make_coordinator())
    found = gaps_of(Vacancy.objects.all(), timezone.localdate())
    assert [gap.vacancy for gap in found] == [going]
