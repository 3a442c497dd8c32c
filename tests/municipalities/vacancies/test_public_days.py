"""The days that people and machines read of a vacancy, and the bodies that post it together."""

import json
import re
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.models import Vacancy
from municipalities.vacancies.services.changes import questions_until
from talentpool.conventions.era import format_wareki
from tests.municipalities.vacancies.objects import make_coordinator, make_editor, make_vacancy
from tests.municipalities.vacancies.test_joint import FIRST, LEAD, make_published

pytestmark = pytest.mark.django_db
TYPED = datetime(2026, 7, 10, 3, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def typed_long_ago() -> Vacancy:
    """Published today, last typed in July."""
    vacancy = make_vacancy("published", close_type="1", close_date="2099-03-31")
    Vacancy.objects.update(changed_at=TYPED)
    return vacancy


def facts(vacancy: Vacancy) -> str:
    """The card with the days of the public page."""
    page = Client().get(reverse("public:vacancy_detail", args=[vacancy.vacancy_no]))
    return page.content.decode().split("<h2>この募集情報</h2>")[1].split("</section>")[0]


def updated_of(vacancy: Vacancy) -> str:
    return facts(vacancy).split("<dt>更新</dt>")[1]


def test_no_page_says_that_it_was_updated_before_it_was_published(
    typed_long_ago: Vacancy,
) -> None:
    assert format_wareki(timezone.localdate()) in updated_of(typed_long_ago)
    assert "7月10日" not in updated_of(typed_long_ago)


def test_no_machine_reads_it_either(typed_long_ago: Vacancy) -> None:
    client = Client()
    feed = ET.fromstring(client.get(reverse("public:vacancy_feed")).content)
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    published, updated = (entry.findtext(f"{ATOM}{key}") or "" for key in ("published", "updated"))
    assert published <= updated
    assert f"<lastmod>{timezone.localdate()}" in client.get("/sitemap.xml").content.decode()
    stamp = (
        client.get(reverse("public:vacancy_calendar")).getvalue().decode().split("DTSTAMP:")[1][:8]
    )
    assert stamp == f"{timezone.now():%Y%m%d}"


def test_the_end_is_an_update(typed_long_ago: Vacancy) -> None:
    Vacancy.objects.update(published_at=TYPED)
    services.close_vacancy(typed_long_ago, outcome="filled", by=make_coordinator())
    assert format_wareki(timezone.localdate()) in updated_of(typed_long_ago)


def at(day: int) -> datetime:
    return datetime(2026, 8, day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed", "published", "closed", "updated"),
    [
        (at(1), None, None, at(1)),
        (at(1), at(2), None, at(2)),
        (at(3), at(2), None, at(3)),
        (at(3), at(2), at(4), at(4)),
        (at(3), None, at(4), at(4)),
    ],
)
def test_the_latest_time_counts(
    changed: datetime, published: datetime | None, closed: datetime | None, updated: datetime
) -> None:
    vacancy = Vacancy(changed_at=changed, published_at=published, closed_at=closed)
    assert vacancy.updated_at == updated


# --- The last day ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("closes", "until", "last", "asked_until"),
    [
        (date(2026, 11, 30), None, date(2026, 11, 30), date(2026, 11, 23)),
        (date(2026, 11, 30), date(2026, 12, 31), date(2026, 11, 30), date(2026, 11, 23)),
        (date(2026, 11, 30), date(2026, 11, 20), date(2026, 11, 20), date(2026, 11, 13)),
        (None, date(2026, 11, 20), date(2026, 11, 20), date(2026, 11, 13)),
        (None, None, None, None),
    ],
)
def test_the_wished_end_of_publication_is_the_last_day_when_it_comes_first(
    closes: date | None, until: date | None, last: date | None, asked_until: date | None
) -> None:
    vacancy = Vacancy(open_date=date(2026, 11, 1), close_date=closes, publish_until=until)
    assert vacancy.last_day == last
    assert questions_until(vacancy) == asked_until


def posting_of(vacancy: Vacancy) -> dict[str, Any]:
    page = Client().get(reverse("public:vacancy_detail", args=[vacancy.vacancy_no]))
    block = page.content.decode().split('<script type="application/ld+json">')[1]
    found: dict[str, Any] = json.loads(block.split("</script>")[0])
    return found


def test_machines_and_people_read_the_day_on_which_the_page_goes() -> None:
    today = timezone.localdate()
    closes, until = today + timedelta(days=30), today + timedelta(days=5)
    vacancy = make_vacancy(
        "published", close_type="1", close_date=f"{closes}", publish_until=f"{until}"
    )
    assert posting_of(vacancy)["validThrough"] == f"{until}T23:59:59+09:00"
    calendar = Client().get(reverse("public:vacancy_calendar")).getvalue().decode()
    assert f"DTSTART;VALUE=DATE:{until:%Y%m%d}" in calendar
    page = Client().get(reverse("public:vacancy_detail", args=[vacancy.vacancy_no]))
    words = page.content.decode().split("<main")[1]
    assert words.count(format_wareki(until)) == 2  # among the facts, and as the answer
    assert format_wareki(closes) not in words
    soon = Client().get("/vacancies/", {"by": "week"}).content.decode()
    assert f"<dd>{format_wareki(until)}</dd>" in re.sub(r"</?time[^>]*>", "", soon)
    assert "まもなく締切" in soon


def test_who_recruits_until_somebody_is_found_says_until_when_at_the_latest() -> None:
    until = timezone.localdate() + timedelta(days=90)
    vacancy = make_vacancy("published", publish_until=f"{until}")
    page = Client().get(reverse("public:vacancy_detail", args=[vacancy.vacancy_no]))
    assert "随時(決まりしだい終了。遅くとも" in page.content.decode()
    shown = re.sub(r"</?time[^>]*>", "", Client().get("/vacancies/").content.decode())
    assert f"随時({format_wareki(until)}まで)" in shown


# --- All bodies of a joint vacancy ----------------------------------------------------------------
def test_machines_and_the_search_know_each_body() -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_published(FIRST, lead=lead, people=[first])
    posting = posting_of(vacancy)
    assert [body["name"] for body in posting["hiringOrganization"]] == ["江田島市", "府中市"]
    places = [place["address"] for place in posting["jobLocation"]]
    assert [place["addressLocality"] for place in places] == ["江田島市", "府中市"]
    assert [place["addressRegion"] for place in places] == ["広島県", "広島県"]
    found = Client().get("/vacancies/", {"q": "府中市"}).content.decode()
    assert vacancy.vacancy_no in found


def test_one_town_alone_is_no_list() -> None:
    posting = posting_of(make_vacancy("published"))
    assert posting["hiringOrganization"]["name"] == "江田島市"
    assert posting["jobLocation"]["address"]["addressLocality"] == "江田島市"
