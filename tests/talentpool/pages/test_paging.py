"""Lists by keyset: every row once, in order, forwards and back, without counting (D-03)."""

import json
import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.db.models import F, QuerySet
from django.db.models.functions import Length
from django.template import Context, Template
from django.test import RequestFactory

from municipalities.registry.models import Membership, Municipality, Population, Prefecture
from talentpool.pages.paging import Page, keyset_page

pytestmark = pytest.mark.django_db
ROWS = 53


@pytest.fixture
def populations(town: Municipality) -> QuerySet[Population]:
    """Rows with many equal values, so that the key alone decides between them."""
    draw = random.Random(34)
    first = date(2000, 1, 1)
    Population.objects.bulk_create(
        Population(
            municipality=town,
            as_of=first + timedelta(days=n),
            value=draw.randrange(5),
            source=draw.choice(["い", "ろ", "は"]),
        )
        for n in range(ROWS)
    )
    return Population.objects.all()


def forwards(rows: QuerySet[Any], order: list[str], size: int) -> list[Page[Any]]:
    pages = [keyset_page(rows, {}, order=order, size=size)]
    while pages[-1].next:
        pages.append(keyset_page(rows, {"cursor": pages[-1].next}, order=order, size=size))
    return pages


@pytest.mark.parametrize("size", [1, 7, 52, 53, 54])
@pytest.mark.parametrize(
    "order", [["as_of"], ["-as_of"], ["value"], ["-value", "-source"], ["source", "value", "pk"]]
)
def test_pages_are_the_list_in_order_forwards_and_back(
    populations: QuerySet[Population], order: list[str], size: int
) -> None:
    descending = order[0].startswith("-")
    whole = list(populations.order_by(*order, "-pk" if descending else "pk"))
    pages = forwards(populations, order, size)
    assert [row for page in pages for row in page] == whole
    assert pages[0].previous == ""
    page, back = pages[-1], [pages[-1]]
    while page.previous:
        page = keyset_page(populations, {"cursor": page.previous}, order=order, size=size)
        back.insert(0, page)
    assert [row for page in back for row in page] == whole
    assert [len(page) for page in back] == [len(page) for page in pages]


def test_annotations_and_relations_may_be_sorted_by(populations: QuerySet[Population]) -> None:
    rows = populations.annotate(letters=Length("source"))
    order = ["letters", "municipality__kana", "value"]
    found = [row for page in forwards(rows, order, 10) for row in page]
    assert found == list(rows.order_by(*order, "pk"))


def test_nothing_is_counted_or_skipped_over(
    populations: QuerySet[Population], django_assert_num_queries: Callable[[int], Any]
) -> None:
    """One query a page, and its condition is a row comparison that an index answers."""
    last = forwards(populations, ["value"], 10)[-1]
    with django_assert_num_queries(1) as queries:
        keyset_page(populations, {"cursor": last.previous}, order=["value"], size=10)
    sql = queries[0]["sql"]
    assert "COUNT" not in sql
    assert "OFFSET" not in sql
    table = '"registry_population"'
    assert re.search(rf'\({table}\."value", {table}\."id"\) < \(', sql)


def test_the_filter_of_the_list_holds_on_every_page(populations: QuerySet[Population]) -> None:
    rows = populations.filter(source="い")
    found = [row for page in forwards(rows, ["-value"], 3) for row in page]
    assert {row.source for row in found} == {"い"}
    assert len(found) == rows.count()


def test_the_cursor_shows_nothing_of_the_row(populations: QuerySet[Population]) -> None:
    """A list sorted by people's names must not write names into addresses."""
    populations.update(source="秘密の名前")
    cursor = keyset_page(populations, {}, order=["source"], size=10).next
    import base64

    seen = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert "秘密".encode() not in seen
    assert json.dumps("秘密")[1:-1].encode() not in seen
    assert re.fullmatch(r"[\w-]+", cursor)


@pytest.mark.parametrize("cursor", ["", "x", "あ", "gAAAA" + "A" * 120, "%00"])
def test_an_unreadable_cursor_gives_the_first_page(
    populations: QuerySet[Population], cursor: str
) -> None:
    first = keyset_page(populations, {}, order=["as_of"], size=10)
    again = keyset_page(populations, {"cursor": cursor}, order=["as_of"], size=10)
    assert again.items == first.items


def test_a_cursor_of_another_order_gives_the_first_page(
    populations: QuerySet[Population],
) -> None:
    cursor = keyset_page(populations, {}, order=["value"], size=10).next
    page = keyset_page(populations, {"cursor": cursor}, order=["as_of"], size=10)
    assert page.items == list(populations.order_by("as_of")[:10])


def test_a_cursor_sealed_with_the_key_before_still_opens(
    populations: QuerySet[Population], settings: Any
) -> None:
    cursor = keyset_page(populations, {}, order=["as_of"], size=10).next
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    page = keyset_page(populations, {"cursor": cursor}, order=["as_of"], size=10)
    assert page.items == list(populations.order_by("as_of")[10:20])


def test_rows_taken_away_in_between_leave_no_half_first_page(
    populations: QuerySet[Population],
) -> None:
    second = forwards(populations, ["as_of"], 10)[1]
    populations.filter(pk__in=populations.order_by("as_of").values("pk")[:5]).delete()
    page = keyset_page(populations, {"cursor": second.previous}, order=["as_of"], size=10)
    assert page.items == list(populations.order_by("as_of")[:10])
    assert page.previous == ""


def test_an_empty_list_has_no_neighbours() -> None:
    page = keyset_page(Prefecture.objects.all(), {}, order=["kana"])
    assert (page.items, page.previous, page.next) == ([], "", "")


def test_mixed_directions_are_refused() -> None:
    with pytest.raises(ValueError, match="one direction"):
        keyset_page(Population.objects.all(), {}, order=["-value", "as_of"])


def test_a_column_that_may_be_null_is_refused() -> None:
    with pytest.raises(ValueError, match="until"):
        keyset_page(Membership.objects.all(), {}, order=["until"])


def test_the_pager_keeps_the_filters(populations: QuerySet[Population], rf: RequestFactory) -> None:
    rows = populations.annotate(plain=F("value"))
    second = forwards(rows, ["plain"], 20)[1]
    request = rf.get("/", {"area": "備後", "cursor": "old"})
    source = '{% include "components/pager.html" %}'
    html = Template(source).render(Context({"page": second, "request": request}))
    links = re.findall(r'rel="(\w+)" href="\?([^"]+)"', html)
    assert [(rel, parse_qs(query.replace("&amp;", "&"))) for rel, query in links] == [
        ("prev", {"area": ["備後"], "cursor": [second.previous]}),
        ("next", {"area": ["備後"], "cursor": [second.next]}),
    ]
    assert "前の20件" in html
