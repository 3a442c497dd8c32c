"""Search and what machines read of the public site."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from copy import copy
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from municipalities.vacancies.bulk_csv import stream_csv
from municipalities.vacancies.models import Vacancy
from municipalities.vacancies.views import sitemap
from municipalities.vacancies.views.opendata import employment_type
from talentpool.conventions.cells import read_csv
from talentpool.conventions.folding import search_key
from talentpool.pages import search
from talentpool.pages.search import grams_of
from tests.municipalities.vacancies.objects import make_editor, make_vacancy

pytestmark = pytest.mark.django_db


# --- Search (D-05) --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("網", True),
        ("更改", True),
        ("ネットワーク", True),
        ("ﾈｯﾄﾜｰｸ", True),
        ("ねっとわーく", True),
        ("更改 江田島", True),
        ("更改　江田島", True),
        ("更改 府中", False),
        ("改更", False),
        ("水道", False),
        ("%", False),
        ("_", False),
        ("\\", False),
        ("'", False),
        ("", True),
        ("　", True),
    ],
)
def test_words_are_found(query: str, found: bool) -> None:
    vacancy = make_vacancy("published", issues="庁内ネットワークの網を更改する。")
    page = Client().get("/vacancies/", {"q": query}).content.decode()
    assert (vacancy.vacancy_no in page) == found


ALPHABET = "市町情報網更改アイ ー%_"


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    texts=st.lists(st.text(ALPHABET, max_size=12), min_size=1, max_size=5),
    word=st.text(ALPHABET, min_size=1, max_size=3),
)
def test_the_index_finds_exactly_what_like_finds(db: Any, texts: list[str], word: str) -> None:
    """0 missed, 0 extra, over the same folded column."""
    key = search_key(word)
    if not key:
        return
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS folded (t text)")
        cursor.execute("TRUNCATE folded")
        for text in texts:
            cursor.execute("INSERT INTO folded VALUES (%s)", [search_key(text)])
        cursor.execute(
            "SELECT count(*) FILTER (WHERE position(%(k)s in t) > 0),"
            " count(*) FILTER (WHERE search_grams(t) @> %(g)s AND position(%(k)s in t) > 0)"
            " FROM folded",
            {"k": key, "g": grams_of(key)},
        )
        like, ours = cursor.fetchone()
    assert like == ours


def test_the_search_uses_its_index() -> None:
    make_vacancy("published")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Vacancy.objects.search("更改").order_by().explain()
    assert "vacancy_grams" in plan


def test_a_word_that_most_rows_hold_is_read_along_the_list() -> None:
    """Taking the pairs of each row apart costs more than it saves there: two words that hold
    the same rows are asked for in different ways, and both find what LIKE finds."""
    first = make_vacancy("published")
    row = copy(first)
    rows = []
    for number in range(400):
        row = copy(first)
        row.pk, row.vacancy_no = None, f"copy-{number}"
        row.search_text = f"{first.search_text}網{'琥珀' if number == 7 else ''}"
        rows.append(row)
    Vacancy.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE vacancies_vacancy")
    search._common_grams.cache_clear()
    for word, narrowed in [("助言", False), ("網", False), ("琥珀", True), ("助言 琥珀", True)]:
        found = Vacancy.objects.search(word).order_by()
        assert ("search_grams" in str(found.query)) == narrowed, word
        like = Vacancy.objects.all()
        for key in word.split():
            like = like.filter(search_text__contains=key)
        assert set(found.values_list("pk", flat=True)) == set(like.values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("days=2", {"a"}),
        ("days=1", set()),
        ("pay=40000", {"b"}),
        ("pay=30000", {"a", "b"}),
        ("unit=D&pay=40000", {"b"}),
        ("unit=M&pay=1", set()),
        ("by=open", {"a"}),
        ("by=week", {"b"}),
        ("q=助言&days=2", {"a"}),
    ],
)
def test_filters_with_numbers_and_dates(query: str, expected: set[str]) -> None:
    from datetime import timedelta

    from django.utils import timezone

    soon = (timezone.localdate() + timedelta(days=5)).isoformat()
    numbers = {
        "a": make_vacancy("published").vacancy_no,
        "b": make_vacancy(
            "published",
            code="343021",
            freq_min="5",
            freq_max="8",
            pay_max="50000",
            close_type="1",
            close_date=soon,
        ).vacancy_no,
    }
    page = Client().get(f"/vacancies/?{query}").content.decode()
    assert {name for name, number in numbers.items() if number in page} == expected


def test_a_wrong_filter_says_so() -> None:
    page = Client().get("/vacancies/?days=abc&municipality=999999")
    assert page.status_code == 200
    assert "エラー" in page.content.decode()


# --- Machines -------------------------------------------------------------------------------------
def hidden_and_shown() -> tuple[list[str], str]:
    editor = make_editor()
    hidden = [
        make_vacancy(status, by=editor).vacancy_no
        for status in ["draft", "submitted", "closed", "withdrawn"]
    ]
    hidden.append(make_vacancy("published", by=editor, publish_ok="0").vacancy_no)
    return hidden, make_vacancy(
        "published", by=editor, close_type="1", close_date="2099-12-31"
    ).vacancy_no


URLS = [
    "/vacancies/feed.atom",
    "/vacancies/deadlines.ics",
    "/opendata/vacancies.csv",
    "/opendata/vacancies.json",
    "/sitemap.xml",
]


@pytest.mark.parametrize("url", URLS)
def test_only_what_is_public_goes_out_and_no_names(url: str) -> None:
    """B-17."""
    hidden, shown = hidden_and_shown()
    text = Client().get(url).getvalue().decode()
    assert shown in text
    assert [number for number in hidden if number in text] == []
    assert "沖野みどり" not in text


@pytest.mark.parametrize("url", URLS)
def test_nothing_published_is_a_valid_file(url: str) -> None:
    answer = Client().get(url)
    assert answer.status_code == 200
    text = answer.getvalue().decode("utf-8-sig")
    if url.endswith((".atom", ".xml")):
        ET.fromstring(text)
    if url.endswith(".json"):
        assert json.loads(text)["vacancies"] == []


def test_the_open_csv_reads_back_as_the_values() -> None:
    vacancy = make_vacancy("published", issues='"引用"、改行\nあり', note="備考=1")
    content = Client().get("/opendata/vacancies.csv").getvalue()
    header, row = read_csv(content)
    values = dict(zip(header, row, strict=True))
    assert values["現状・課題"] == vacancy.values["issues"]
    assert values["募集管理番号"] == vacancy.vacancy_no
    assert "担当者(職・氏名)" not in values


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＠", "\t", "'=", "''-"])
def test_a_formula_is_guarded_by_the_database(start: str) -> None:
    """A-33: the same guard as in files written by Python, and it comes off at import."""
    vacancy = make_vacancy("published")
    vacancy.values["note"] = f"{start}1+1"
    vacancy.save()
    data = b"".join(stream_csv(Vacancy.objects.all(), [("note", "備考")]))
    raw = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert raw[1] == [f"'{start}1+1"]
    assert read_csv(data)[1] == [f"{start}1+1"]


def test_the_queryset_decides_which_rows_come() -> None:
    """A-12: also with values in its conditions."""
    make_vacancy("published", position_title="100%の仕事")
    make_vacancy("published", position_title="ほか", code="343021")
    queryset = Vacancy.objects.filter(position_title__contains="100%", municipality_id="342157")
    data = b"".join(stream_csv(queryset, [("position_title", "役職")]))
    assert read_csv(data)[1:] == [["100%の仕事"]]


def test_the_open_json_follows_the_schema_page() -> None:
    make_vacancy("published")
    (row,) = json.loads(Client().get("/opendata/vacancies.json").getvalue())["vacancies"]
    page = Client().get("/opendata/").content.decode()
    assert all(f"<code>{key}</code>" in page for key in row)


def test_the_job_posting_cannot_leave_its_element() -> None:
    vacancy = make_vacancy("published", issues="</script><script>alert(1)</script>")
    page = Client().get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()
    start = page.index('<script type="application/ld+json">') + 35
    data = json.loads(page[start : page.index("</script>", start)])
    assert data["@type"] == "JobPosting"
    assert data["description"].startswith("</script><script>alert(1)")
    assert data["baseSalary"]["value"]["unitText"] == "DAY"
    assert "<script>alert" not in page


def test_an_ended_vacancy_is_no_job_posting() -> None:
    vacancy = make_vacancy("closed")
    assert "ld+json" not in Client().get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()


@pytest.mark.parametrize(
    ("form", "unit", "kind"),
    [
        ("10", "D", "PART_TIME"),
        ("11", "D", "PART_TIME"),
        ("12", "F", "FULL_TIME"),
        ("13", "D", "FULL_TIME"),
        ("14", "D", "FULL_TIME"),
        ("20", "F", "CONTRACTOR"),
        ("21", "D", "CONTRACTOR"),
        ("30", "F", "FULL_TIME"),
    ],
)
def test_the_kind_of_work_for_search_engines(form: str, unit: str, kind: str) -> None:
    vacancy = Vacancy(engagement_form=form, frequency_unit=unit)
    assert employment_type(vacancy) == kind


def test_crawlers_find_the_site_map() -> None:
    answer = Client().get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    lines = answer.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert lines[-1] == f"Sitemap: {django_settings.SITE_URL}/sitemap.xml"


def test_more_pages_than_a_site_map_holds_are_parted(monkeypatch: pytest.MonkeyPatch) -> None:
    """sitemaps.org: 50,000 addresses in one, an index over several; each page is in one part."""
    numbers = {make_vacancy("published").vacancy_no for _ in range(5)}
    monkeypatch.setattr(sitemap, "MOST_ADDRESSES", 3)
    spaces = {"m": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    index = ET.fromstring(Client().get("/sitemap.xml").content)
    assert index.tag.endswith("sitemapindex")
    addresses = [str(found.text) for found in index.findall("m:sitemap/m:loc", spaces)]
    found: list[str] = []
    for address in addresses:
        part = ET.fromstring(Client().get(urlsplit(address).path).content)
        there = [str(one.text) for one in part.findall("m:url/m:loc", spaces)]
        assert 1 <= len(there) <= 3
        found += there
    assert len(found) == len(set(found)) == len(numbers) + 2
    assert {address.split("/")[-2] for address in found} >= numbers
    for number in ("0", "4", "9" * 30):
        assert Client().get(f"/sitemap-{number}.xml").status_code == 404
    monkeypatch.setattr(sitemap, "MOST_ADDRESSES", 7)
    assert ET.fromstring(Client().get("/sitemap.xml").content).tag.endswith("urlset")
