"""What is kept no longer: each kind of record with its term, found and removed (B-06).

The term stands in `RetentionTerm`, as data. How records of a kind are found and removed is said by
the app that holds them, with `register_purge` in its `AppConfig.ready()`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from talentpool.conventions.era import fiscal_year, fiscal_year_span
from talentpool.privacy.models import RetentionTerm

Rows = models.QuerySet[Any]
Finder = Callable[[datetime], Rows]
Remover = Callable[[Rows], int]


@dataclass(frozen=True, slots=True)
class Purge:
    """`find` gives the records that ended before a moment, `remove` says how many went."""

    find: Finder
    remove: Remover


_purges: dict[str, Purge] = {}


def _delete(rows: Rows) -> int:
    count = rows.count()
    rows.delete()
    return count


def register_purge(code: str, find: Finder, remove: Remover = _delete) -> None:
    """Say how the records of a term are found and removed."""
    _purges[code] = Purge(find, remove)


def registered() -> set[str]:
    """The codes of all kinds of records that can be removed."""
    return set(_purges)


def ended_before(term: RetentionTerm, now: datetime) -> datetime:
    """What ended before this moment is past its term at `now`."""
    if term.days is not None:
        return now - timedelta(days=term.days)
    first = fiscal_year_span(fiscal_year(timezone.localdate(now)) - (term.fiscal_years or 0))[0]
    return timezone.make_aware(datetime.combine(first, time.min))


def due(term: RetentionTerm, now: datetime) -> Rows:
    """The records past this term. Raises KeyError where no app removes such records."""
    return _purges[term.code].find(ended_before(term, now))


def remove_due(term: RetentionTerm, now: datetime) -> int:
    """Remove the records past this term, within the caller's transaction; how many went."""
    return _purges[term.code].remove(due(term, now))
