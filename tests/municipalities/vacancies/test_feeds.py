"""What people's programs read: the feed (RFC 4287) and the calendar of deadlines (RFC 5545)."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import Client

from tests.municipalities.vacancies.objects import change, make_coordinator, make_vacancy

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
CALENDAR = "/vacancies/deadlines.ics"


def read_feed() -> ET.Element:
    content = Client().get("/vacancies/feed.atom", headers={"host": "127.0.0.1"}).content
    return ET.fromstring(content)


def at(text: str | None) -> datetime:
    return datetime.fromisoformat(str(text))


def test_the_feed_has_what_atom_asks_for_and_addresses_of_the_site() -> None:
    vacancy = make_vacancy("published")
    feed = read_feed()
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    address = f"{settings.SITE_URL}/vacancies/{vacancy.vacancy_no}/"
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == (
        f"{settings.PREFECTURE_NAME} {settings.PREFECTURE_OFFICE}"
    )
    assert feed.findtext(f"{ATOM}id") == f"{settings.SITE_URL}/vacancies/"
    assert {link.get("href") for link in feed.findall(f"{ATOM}link")} == {
        f"{settings.SITE_URL}/vacancies/",
        f"{settings.SITE_URL}/vacancies/feed.atom",
    }
    assert entry.findtext(f"{ATOM}id") == address
    assert [link.get("href") for link in entry.findall(f"{ATOM}link")] == [address]
    published, updated = (at(entry.findtext(ATOM + name)) for name in ("published", "updated"))
    assert published <= updated


def test_a_summary_says_what_the_town_wrote_and_runs_nothing() -> None:
    make_vacancy("published", issues="帯域<100Mbps & 老朽化\n<b>次の行</b>")
    (summary,) = read_feed().iter(f"{ATOM}summary")
    assert summary.get("type") == "html"
    assert summary.text == ("<p>帯域&lt;100Mbps &amp; 老朽化<br>&lt;b&gt;次の行&lt;/b&gt;</p>")


# --- The calendar ---------------------------------------------------------------------------------
def read_calendar() -> list[tuple[str, str]]:
    text = Client().get(CALENDAR).getvalue().decode().replace("\r\n ", "")
    assert text.endswith("\r\n")
    return [(line.partition(":")[0], line.partition(":")[2]) for line in text.split("\r\n")[:-1]]


def test_a_calendar_without_deadlines_has_a_component() -> None:
    lines = read_calendar()
    assert ("BEGIN", "VTIMEZONE") in lines
    assert ("BEGIN", "VEVENT") not in lines
    opened = []
    for name, value in lines:
        if name == "BEGIN":
            opened.append(value)
        elif name == "END":
            assert opened.pop() == value
    assert opened == []


def test_a_change_of_a_deadline_is_a_later_sequence() -> None:
    vacancy = make_vacancy("published", close_type="1", close_date="2099-12-31")
    first = dict(read_calendar())
    vacancy = change(vacancy, make_coordinator(), close_date="2099-12-30")
    second = dict(read_calendar())
    assert (first["SEQUENCE"], second["SEQUENCE"]) == ("0", "1")
    assert second["DTSTART;VALUE=DATE"] == "20991230"
    changed = f"{vacancy.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    assert second["LAST-MODIFIED"] == second["DTSTAMP"] == changed


def test_the_calendar_keeps_its_lines_short() -> None:
    make_vacancy(
        "published",
        position_title="情報化,アドバイザー;" * 3,
        close_type="1",
        close_date="2099-12-31",
    )
    content = Client().get(CALENDAR).getvalue()
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    lines = dict(read_calendar())
    assert lines["DTSTART;VALUE=DATE"] == "20991231"
    assert "情報化\\,アドバイザー\\;" in lines["SUMMARY"]
