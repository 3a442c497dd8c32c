"""Imports of people, what was typed and not saved, days of sign-ins and requests of retired staff
past their term."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from talentpool.specialists.confidence import SIGN_IN
from talentpool.specialists.models import (
    AvailabilitySignal,
    LobbyingRecord,
    PeopleImport,
    TopicDraft,
)


def finished_imports(before: datetime) -> QuerySet[Any]:
    """Imports that ended before that moment."""
    return PeopleImport.objects.filter(finished_at__lt=before)


def unsaved_topics(before: datetime) -> QuerySet[Any]:
    """What somebody, or staff for somebody, typed last before that moment and did not save."""
    return TopicDraft.objects.filter(saved_at__lt=before)


def old_sign_ins(before: datetime) -> QuerySet[Any]:
    """Days of sign-ins before that moment; the account's own last one stays with the account."""
    return AvailabilitySignal.objects.filter(kind=SIGN_IN, at__lt=before)


def old_lobbying(before: datetime) -> QuerySet[Any]:
    """Requests of retired staff that were made before that day, whether the person is in the pool
    or not; a record whose correction is younger stays with it."""
    day = timezone.localdate(before)
    kept: set[int] = set()
    corrections = LobbyingRecord.objects.filter(corrects__isnull=False)
    found = set(corrections.filter(happened_on__gte=day).values_list("corrects_id", flat=True))
    while found:
        kept |= found
        found = set(corrections.filter(pk__in=found).values_list("corrects_id", flat=True))
    return LobbyingRecord.objects.filter(happened_on__lt=day).exclude(pk__in=kept)


def remove_lobbying(rows: QuerySet[Any]) -> int:
    """Remove them, corrections before what they correct."""
    keys = list(rows.order_by("-pk").values_list("pk", flat=True))
    for key in keys:
        LobbyingRecord.objects.filter(pk=key).delete()
    return len(keys)
