"""Links into the pool past their term: of those that were used the account is the record."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from talentpool.specialists.models import EntryTicket


def ended_tickets(before: datetime) -> QuerySet[Any]:
    """Links that ran out before that moment, with the addresses they were sent to."""
    return EntryTicket.objects.filter(expires_at__lt=before)
