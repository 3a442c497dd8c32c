"""Search in a folded column, exactly as LIKE finds it, for words of any length (D-05).

PostgreSQL's trigram index finds nothing for words of one or two characters, which most Japanese
words are. Each searched table has a GIN index over `search_grams(<its folded column>)`, a function
of the migrations of this app.
"""

from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from talentpool.conventions.folding import search_key

MAX_WORDS = 8  # more words in one search are not read: each costs a pass over what was found
QuerySetT = TypeVar("QuerySetT", bound=models.QuerySet[Any])


class _Grams(models.Func):
    """Single characters and pairs of neighbours of a text."""

    function = "search_grams"
    output_field = ArrayField(models.TextField())


def grams_of(key: str) -> list[str]:
    """What the rows that hold `key` have in their index: its pairs, or its one character."""
    return sorted({key[i : i + 2] for i in range(len(key) - 1)}) or [key]


def containing(queryset: QuerySetT, text: str, *, column: str = "search_text") -> QuerySetT:
    """The rows whose folded `column` holds every word of `text`. The index over pairs of
    characters only narrows the rows down; LIKE decides."""
    found = queryset
    for word in text.split()[:MAX_WORDS]:
        key = search_key(word)
        if key:
            found = found.alias(grams=_Grams(column)).filter(
                grams__contains=grams_of(key), **{f"{column}__contains": key}
            )
    return found
