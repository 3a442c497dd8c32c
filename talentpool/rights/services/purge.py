"""The nightly removal of what is past its term, and its report (B-06)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from talentpool.audit import services as audit
from talentpool.privacy import retention
from talentpool.privacy.models import RetentionTerm


@dataclass(frozen=True, slots=True)
class Purged:
    """How many records of one kind are past their term, or were removed."""

    term: RetentionTerm
    rows: int
    ended_before: datetime


def purge(*, dry_run: bool = False, now: datetime | None = None) -> list[Purged]:
    """Remove every record past its term; with `dry_run` only count them.

    By the system, each night. Each kind has its own transaction and its own audit event; running
    twice removes nothing the second time.
    """
    moment = now or timezone.now()
    terms = RetentionTerm.objects.filter(code__in=retention.registered()).order_by("code")
    return [
        Purged(
            term,
            retention.due(term, moment).count() if dry_run else _remove(term, moment),
            retention.ended_before(term, moment),
        )
        for term in terms
    ]


@transaction.atomic
def _remove(term: RetentionTerm, moment: datetime) -> int:
    rows = retention.remove_due(term, moment)
    if rows:
        audit.record("purge", term, by=None, detail={"rows": rows})
    return rows
