"""Imports of people past their term."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from talentpool.specialists.models import PeopleImport


def finished_imports(before: datetime) -> QuerySet[Any]:
    """Imports that ended before that moment."""
    return PeopleImport.objects.filter(finished_at__lt=before)
