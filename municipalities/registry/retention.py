"""Invitations past their term: of accepted ones the account is the record, they stay."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from municipalities.registry.models import Invitation


def unused(before: datetime) -> QuerySet[Any]:
    """Invitations that nobody took up and that ran out before that moment."""
    return Invitation.objects.filter(expires_at__lt=before).exclude(
        status=Invitation.Status.ACCEPTED
    )
