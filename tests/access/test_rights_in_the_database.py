"""D-15: what `visible_to` costs the database. Times are measured by tests/bench/pool.py."""

from typing import Any

import pytest
from django.db import connection

from consultations.desk.models import Consultation
from consultations.knowledge.models import Article
from matching.engagements.models import Engagement, Share
from matching.pool.models import PoolEntry
from matching.proposals.models import Proposal
from municipalities.vacancies.models import Need, Vacancy
from tests import factories

pytestmark = pytest.mark.django_db

TOWN = "342157"


@pytest.mark.parametrize(
    ("model", "index"),
    [
        (Need, "needs_of_town"),
        (Vacancy, "vacancies_of_town"),
        (Consultation, "consultations_of_town"),
    ],
)
def test_the_newest_rows_of_a_town_are_read_along_their_index(model: Any, index: str) -> None:
    """Without it the database walks through the rows of all towns until it has fifty."""
    rows = model.objects.visible_to(factories.make_editor(TOWN)).order_by("-pk")[:50]
    with connection.cursor() as cursor:
        # So few rows are read by any way: the two that a table with many rows offers are compared.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;")
        cursor.execute("SET LOCAL enable_sort = off;")
        plan = rows.explain()
        assert f"Index Scan Backward using {index}" in plan, plan


def test_index_pages_are_not_taken_for_turns_of_a_disk() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW random_page_cost")
        assert cursor.fetchone() == ("1.1",)


@pytest.mark.parametrize("model", [Engagement, Share, Proposal, Article])
def test_rows_that_are_a_towns_by_another_table_ask_for_its_keys_once(model: Any) -> None:
    """No join, whose plan takes as long as the page of rows."""
    rows: Any = model.objects.visible_to(factories.make_editor(TOWN))
    plan = rows.order_by("-pk")[:50].explain()
    assert "InitPlan" in plan
    assert "Join" not in plan
    assert "Loop" not in plan


def test_entries_that_are_not_sent_are_left_out() -> None:
    sent = factories.make_specialist()
    unsent = factories.make_specialist()
    PoolEntry.objects.filter(pk=unsent.pk).update(facets=["unsent", "kind:firm"])
    PoolEntry.objects.filter(pk=sent.pk).update(facets=["kind:firm"])
    seen = PoolEntry.objects.visible_to(factories.make_coordinator())
    assert list(seen.values_list("pk", flat=True)) == [sent.pk]
    assert not seen.without(["kind:firm", "kind:other"]).exists()
