"""Invitations past their term (of accepted ones the account is the record, they stay), and imports
of contracts and procurements."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from municipalities.registry.models import DealImport, Invitation


def unused(before: datetime) -> QuerySet[Any]:
    """Invitations that nobody took up and that ran out before that moment."""
    return Invitation.objects.filter(expires_at__lt=before).exclude(
        status=Invitation.Status.ACCEPTED
    )


def finished_imports(before: datetime) -> QuerySet[Any]:
    """Imports that ended before that moment."""
    return DealImport.objects.filter(finished_at__lt=before)
