"""Search in a folded column, exactly as LIKE finds it, for words of any length (D-05).

PostgreSQL's trigram index finds nothing for words of one or two characters, which most Japanese
words are. Each searched table has a GIN index over `search_grams(<its folded column>)`, a function
of the migrations of this app.
"""

import json
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from talentpool.conventions.folding import search_key

MAX_WORDS = 8  # more words in one search are not read: each costs a pass over what was found
FIRST_ROWS = 300  # what a list reads of the rows found: a page, and the count up to its limit
QuerySetT = TypeVar("QuerySetT", bound=models.QuerySet[Any])


class _Grams(models.Func):
    """Single characters and pairs of neighbours of a text."""

    function = "search_grams"
    output_field = ArrayField(models.TextField())


def grams_of(key: str) -> list[str]:
    """What the rows that hold `key` have in their index: its pairs, or its one character."""
    return sorted({key[i : i + 2] for i in range(len(key) - 1)}) or [key]


def containing(
    queryset: QuerySetT, text: str, *, column: str = "search_text", in_order: bool = False
) -> QuerySetT:
    """The rows whose folded `column` holds every word of `text`. The index over pairs of
    characters only narrows the rows down; LIKE decides.

    `in_order` says that the list is read along an index and only its first rows are: those that
    hold a word of one pair that is common are met sooner on the way than gathered by pairs.
    """
    keys = [key for word in text.split()[:MAX_WORDS] if (key := search_key(word))]
    found = queryset
    for key in keys:
        found = found.filter(**{f"{column}__contains": key})
    grams = sorted({gram for key in keys for gram in grams_of(key)})
    if not grams:
        return found
    of_one_pair = in_order and len(keys) == 1 and grams == keys
    if of_one_pair and _is_common(queryset.model, grams[0], column):
        return found
    return found.alias(grams=_Grams(column)).filter(grams__contains=grams)


def _is_common(model: type[models.Model], gram: str, column: str) -> bool:
    """Whether, by the planner's statistics, reading FIRST_ROWS of the rows that hold the pair
    along another index takes fewer steps than gathering all of them: with R of N rows,
    FIRST_ROWS * N / R < R. For a word of one pair R is exact but for its sample."""
    holding = model._default_manager.alias(grams=_Grams(column)).filter(grams__contains=[gram])
    (plan,) = json.loads(holding.order_by().values("pk").explain(format="json"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [_table(model)])
        (rows,) = cursor.fetchone() or (-1,)
    return 0 < FIRST_ROWS * rows < plan["Plan"]["Plan Rows"] ** 2


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
