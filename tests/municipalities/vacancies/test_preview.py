"""The preview is what the public will read, and says so only where that is true."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.models import Vacancy
from tests.municipalities.vacancies.objects import (
    change,
    make_coordinator,
    make_editor,
    make_vacancy,
)

pytestmark = pytest.mark.django_db
SEEN = "このように見えます"


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def preview_of(vacancy: Vacancy) -> str:
    client = Client()
    client.force_login(vacancy.created_by)
    page = client.get(reverse("town:vacancy_preview", args=[vacancy.vacancy_no]))
    assert page.status_code == 200
    return page.content.decode().split("<main")[1]


def write(vacancy: Vacancy, **values: str) -> Vacancy:
    row, problems = services.save_values(
        services.open_change(vacancy, by=vacancy.created_by),
        values,
        identifiers=list(values),
        version=vacancy.version,
        by=vacancy.created_by,
    )
    assert not problems
    return row


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("draft", "公表すると、このように見えます。まだ公表していません。"),
        ("submitted", "公表すると、このように見えます。まだ公表していません。"),
        ("published", ">公開のページは、このように見えます。"),
        ("closed", ">公開のページは、このように見えます。"),
    ],
)
def test_it_says_when_the_public_reads_it(status: str, words: str) -> None:
    page = preview_of(make_vacancy(status))
    assert words in page
    assert ("募集終了" in page) == (status == "closed")


@pytest.mark.parametrize("status", ["draft", "published"])
def test_what_stays_in_the_prefecture_is_not_said_to_be_seen(status: str) -> None:
    page = preview_of(make_vacancy(status, publish_ok="0"))
    assert SEEN not in page
    assert "公表可否が「県内限定」のため、公開のページには載りません" in page


def test_what_was_taken_back_is_not_said_to_be_seen() -> None:
    page = preview_of(make_vacancy("withdrawn"))
    assert SEEN not in page
    assert "取り下げたため" in page


def test_a_change_that_takes_it_off_the_public_page_says_so() -> None:
    page = preview_of(write(make_vacancy("published"), publish_ok="0"))
    assert SEEN not in page
    assert "変更を公表すると、公開のページから外れます" in page
    assert "何が変わったか" not in page


def test_a_change_that_brings_it_up_says_what_is_now() -> None:
    page = preview_of(write(make_vacancy("published", publish_ok="0"), publish_ok="1"))
    assert "今は県内限定で" in page
    assert "何が変わったか" not in page  # the public has read nothing before


def test_after_its_last_day_it_is_not_said_to_be_seen() -> None:
    today, day = timezone.localdate(), timedelta(days=1)
    over, kept, longer = (
        make_vacancy("published", publish_until=(today - day).isoformat()) for _ in range(3)
    )
    for seen in (over, write(kept, headcount="2")):
        page = preview_of(seen)
        assert SEEN not in page
        assert ">公表終了希望日を過ぎたため、公開のページには載っていません" in page
    page = preview_of(write(longer, publish_until=(today + day).isoformat()))
    assert f"{SEEN}。今は公表終了希望日を過ぎたため" in page


def test_a_first_day_that_lies_ahead_is_shown_as_to_the_public() -> None:
    ahead = (timezone.localdate() + timedelta(days=9)).isoformat()
    vacancy = make_vacancy("submitted", open_date=ahead)
    page = preview_of(vacancy)
    services.publish_vacancy(vacancy, by=make_coordinator())
    public = Client().get(reverse("public:vacancy_detail", args=[vacancy.vacancy_no]))
    for text in (page, public.content.decode()):
        assert "この募集は、" in text
        assert "募集前" in text
        assert "応募するには" not in text


def test_a_change_shows_what_changes_as_the_public_will_read_it() -> None:
    by = make_coordinator()
    vacancy = make_vacancy("published", by=make_editor(), contact_name="主任 甲")
    vacancy = change(vacancy, by, headcount="2")
    vacancy = write(vacancy, headcount="3", contact_name="主任 乙")
    page = preview_of(vacancy)
    assert page.count("何が変わったか") == 2
    assert '<th scope="row">募集人数</th><td>2</td><td>3</td>' in page
    assert "主任" not in page  # what the public does not read
    services.submit_change(vacancy, by=vacancy.created_by)
    services.publish_change(vacancy, by=by)
    public = Client().get(reverse("public:vacancy_detail", args=[vacancy.vacancy_no]))
    text = public.content.decode()
    assert text.count("何が変わったか") == 2
    assert '<th scope="row">募集人数</th><td>2</td><td>3</td>' in text
