"""Search in a folded column, exactly as LIKE finds it, for words of any length (D-05).

PostgreSQL's trigram index finds nothing for words of one or two characters, which most Japanese
words are. Each searched table has a GIN index over `search_grams(<its folded column>)`, a function
of the migrations of this app.
"""

import time
from functools import lru_cache
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import connection, models

from talentpool.conventions.folding import search_key

MAX_WORDS = 8  # of one search: each costs a pass over what was found
PAIR = 2  # characters: what the index holds of a text as it stands
FIRST_ROWS = 300  # what a list reads of the rows found: a page, and the count up to its limit
STATISTICS_SECONDS = 600
QuerySetT = TypeVar("QuerySetT", bound=models.QuerySet[Any])


def few_words(text: str) -> None:
    """Validator of every field that is searched with: nothing of what was typed is left out.

    Raises ValidationError for more than MAX_WORDS words.
    """
    over = len(text.split()) - MAX_WORDS
    if over > 0:
        raise ValidationError(f"ことばは{MAX_WORDS}つまでです。{over}つ減らしてください。")


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
    """The rows whose folded `column` holds every word of `text`, as LIKE would find them.

    The index over single characters and pairs narrows the rows down, and LIKE decides. Of a word of
    one or two characters the index says all; LIKE is asked all the same, and first, because where
    the planner walks along another index it would work out the pairs of every row on the way.

    `in_order` says that the list is read along an index and only its first rows are: those that
    hold a word of one pair that is common are met sooner on the way than gathered by pairs.

    Of more than MAX_WORDS words the last are not read: forms refuse them by `few_words`.
    """
    keys = [key for word in text.split()[:MAX_WORDS] if (key := search_key(word))]
    if not keys:
        return queryset
    of_one_pair = in_order and len(keys) == 1 and len(keys[0]) <= PAIR
    if of_one_pair and _is_common(queryset.model, keys[0]):
        return queryset.filter(**{f"{column}__contains": keys[0]})
    found = queryset
    for key in keys:
        found = found.filter(**{f"{column}__contains": key})
    grams = sorted({gram for key in keys for gram in grams_of(key)})
    return found.alias(grams=_Grams(column)).filter(grams__contains=grams)


HOLDING = """
SELECT known.gram, known.part * the_table.reltuples, the_table.reltuples
FROM pg_class AS the_table
JOIN pg_index ON indrelid = the_table.oid
JOIN pg_class AS index ON index.oid = indexrelid
JOIN pg_stats ON schemaname = index.relnamespace::regnamespace::text
    AND tablename = index.relname AND attname = 'search_grams'
CROSS JOIN LATERAL unnest(most_common_elems::text::text[], most_common_elem_freqs)
    AS known (gram, part)
WHERE the_table.oid = %s::regclass AND known.gram IS NOT NULL
"""


def _is_common(model: type[models.Model], gram: str) -> bool:
    """Whether, by the planner's statistics, reading FIRST_ROWS of the rows that hold the pair
    along another index takes fewer steps than gathering all of them."""
    return gram in _common_grams(_table(model), int(time.monotonic() // STATISTICS_SECONDS))


@lru_cache(maxsize=8)
def _common_grams(table: str, turn: int) -> frozenset[str]:
    """With R of N rows that hold a pair: FIRST_ROWS * N / R < R. A pair that the statistics do not
    know is rare. Read once in a `turn`: they change as seldom, and only the way of reading, never
    what is found, follows from them."""
    with connection.cursor() as cursor:
        cursor.execute(HOLDING, [table])
        found = cursor.fetchall()
    return frozenset(gram for gram, holding, rows in found if FIRST_ROWS * rows < holding**2)


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
