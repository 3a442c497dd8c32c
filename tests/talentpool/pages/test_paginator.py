"""Pages of long admin lists: counted to a cap, estimated above it, read from the nearer end."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talentpool.audit.models import Event
from talentpool.pages.admin import EstimatingPaginator, KeyedPaginator
from talentpool.vocabulary.models import Skill

pytestmark = pytest.mark.django_db
ROWS, SIZE = 23, 5
Paged = Callable[..., EstimatingPaginator]


@pytest.fixture
def paged(monkeypatch: pytest.MonkeyPatch) -> Paged:
    """A paginator over 23 rows whose number is above the cap; the estimate is exact."""
    monkeypatch.setattr(EstimatingPaginator, "CAP", 10)
    Skill.objects.all().delete()
    Skill.objects.bulk_create(Skill(code=f"S{number:02}", name="見本") for number in range(ROWS))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE vocabulary_skill")

    def paginator(**conditions: str) -> EstimatingPaginator:
        rows = Skill.objects.order_by("code")
        return EstimatingPaginator(rows.filter(**conditions) if conditions else rows, SIZE)

    return paginator


def codes(paginator: EstimatingPaginator, number: int) -> list[str]:
    return [skill.code for skill in paginator.page(number)]


def test_every_row_is_on_one_page(paged: Paged) -> None:
    paginator = paged()
    assert paginator.count == ROWS
    pages = [codes(paginator, number) for number in paginator.page_range]
    assert [len(page) for page in pages] == [5, 5, 5, 5, 3]
    assert [code for page in pages for code in page] == [f"S{number:02}" for number in range(ROWS)]


def test_the_last_page_is_read_from_the_end(paged: Paged) -> None:
    paginator = paged()
    assert paginator.count == ROWS
    with CaptureQueriesContext(connection) as queries:
        codes(paginator, 5)
    (last,) = queries.captured_queries
    assert "OFFSET" not in last["sql"]
    assert "DESC" in last["sql"]


def test_an_estimate_that_is_off_still_ends_with_the_last_row(paged: Paged) -> None:
    paginator = paged()
    paginator.__dict__["count"] = 31
    assert codes(paginator, 7) == ["S22"]
    assert codes(paginator, 6) == ["S17", "S18", "S19", "S20", "S21"]


def test_a_filtered_list_is_read_from_its_beginning(paged: Paged) -> None:
    paginator = paged(name="見本")
    assert paginator.count == 11  # more are not counted
    assert codes(paginator, 3) == [f"S{number}" for number in range(10, 15)][:1]


@pytest.mark.parametrize("conditions", [{}, {"name": "見本"}])
def test_what_lies_before_a_page_is_skipped_by_its_keys(
    paged: Paged, conditions: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """D-03: with what the rows read along, five thousand of them cost more than the page."""
    monkeypatch.setattr(EstimatingPaginator, "CAP", 30)
    paginator = paged(**conditions)
    assert paginator.count == ROWS
    whole = [codes(paginator, number) for number in paginator.page_range]
    monkeypatch.setattr(EstimatingPaginator, "NEAR", 6)
    with CaptureQueriesContext(connection) as queries:
        assert [codes(paginator, number) for number in paginator.page_range] == whole
    far = [query["sql"] for query in queries.captured_queries if "OFFSET 1" in query["sql"]]
    assert len(far) == 2  # the third and the fourth page of five
    assert not any('"vocabulary_skill"."name",' in sql for sql in far)
    assert len(queries) == 5 + 3


def test_the_count_says_what_it_is(paged: Paged) -> None:
    assert paged().count_words == "約23件"
    assert paged(name="見本").count_words == "10件以上"
    assert paged(code="S01").count_words == "1件"


def test_pages_by_key_hold_every_row_once_without_reading_what_lies_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(EstimatingPaginator, "CAP", 10)
    keys = [key for key in range(101, 101 + ROWS) if key not in {105, 113}]  # of nothing
    Event.objects.bulk_create(Event(pk=key, at=timezone.now(), hash=f"{key}") for key in keys)
    paginator = KeyedPaginator(Event.objects.order_by("-pk", "-pk"), SIZE)  # as the admin asks
    assert paginator.count == ROWS
    with CaptureQueriesContext(connection) as queries:
        pages = [[event.pk for event in paginator.page(number)] for number in paginator.page_range]
    assert [key for page in pages for key in page] == keys[::-1]
    assert [len(page) for page in pages] == [5, 5, 4, 4, 3]
    assert not any("OFFSET" in query["sql"] for query in queries.captured_queries)
    narrowed = KeyedPaginator(Event.objects.order_by("-pk").filter(pk__gt=0), SIZE)
    assert narrowed.count == 11
    assert len(list(narrowed.page(3))) == 1
