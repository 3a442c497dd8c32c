"""Several counts in one query, for pages that show many numbers side by side."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

CAP = 1000  # more are not counted: a page says "1,000件以上"
MORE = "以上"


def count_together(querysets: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """How many rows each queryset has, by its key, asked as one UNION of counts; `CAP` + 1 stands
    for more than `CAP`, so that a long list costs no more than a short one."""
    parts: list[str] = []
    params: list[Any] = []
    for key, rows in querysets.items():
        try:
            sql, given = rows.order_by().values("pk")[: CAP + 1].query.sql_with_params()
        except EmptyResultSet:  # of which the ORM knows that it has none
            continue
        # The ORM's own SQL, its values beside it: nothing of a user is in the text.
        parts.append(f"SELECT %s, count(*) FROM ({sql}) AS counted")  # noqa: S608
        params += [key, *given]
    found = {}
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), params)
            found = dict(cursor.fetchall())
    return {key: found.get(key, 0) for key in querysets}


def capped(number: int, unit: str = "") -> str:
    """A number of `count_together` in words: 12件, or 1,000件以上 where there are more."""
    return f"{number:,}{unit}" if number <= CAP else f"{CAP:,}{unit}{MORE}"
