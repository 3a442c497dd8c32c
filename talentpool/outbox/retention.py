"""Messages past their term."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from talentpool.outbox.models import Message


def finished(before: datetime) -> QuerySet[Any]:
    """Delivered, or given up, before that moment."""
    return Message.objects.filter(finished_at__lt=before)
