"""Bars on bidding whose firm was kept beyond the erasure of its person, until they end."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from matching.engagements.models import BiddingBar
from talentpool.privacy.erasure import ERASED_WORD, empty_held


def held_bars(before: datetime) -> QuerySet[Any]:
    """Bars that ended before that moment and still name the firm of an erased person."""
    return BiddingBar.objects.filter(
        until__lt=timezone.localdate(before), engagement__specialist__name=ERASED_WORD
    ).exclude(corporate_number__startswith="e-")


def empty_bars(rows: QuerySet[Any]) -> int:
    """Take the firm out of each."""
    return empty_held(BiddingBar, list(rows.values_list("pk", flat=True)))
