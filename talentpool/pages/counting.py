"""Several counts in one query, for pages that show many numbers side by side."""

from collections.abc import Mapping
from typing import Any

from django.db.models import CharField, Count, QuerySet, Value


def count_together(querysets: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """How many rows each queryset has, by its key, asked as one UNION of aggregates."""
    if not querysets:
        return {}
    first, *others = (_counted(key, rows) for key, rows in querysets.items())
    found = dict(first.union(*others, all=True) if others else first)
    return {key: found.get(key, 0) for key in querysets}


def _counted(key: str, rows: QuerySet[Any]) -> QuerySet[Any, tuple[str, int]]:
    of = rows.order_by().annotate(of=Value(key, output_field=CharField())).values("of")
    return of.annotate(rows=Count("pk")).values_list("of", "rows")
