"""Subscriptions and imports past their term."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from municipalities.vacancies.models.importing import VacancyImport
from municipalities.vacancies.models.subscription import Subscription
from municipalities.vacancies.services.subscriptions import forget


def unconfirmed(before: datetime) -> QuerySet[Any]:
    """Wishes for news that were not confirmed."""
    return Subscription.objects.filter(confirmed_at__isnull=True, created_at__lte=before)


def forget_subscriptions(rows: QuerySet[Any]) -> int:
    """Remove them with every mail that still holds the address."""
    keys = list(rows.values_list("pk", flat=True))
    forget(keys)
    return len(keys)


def finished_imports(before: datetime) -> QuerySet[Any]:
    """Imports that ended before that moment."""
    return VacancyImport.objects.filter(finished_at__lt=before)
