"""People whom the prefecture enters from a file."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from municipalities.registry.models import FileImport
from municipalities.registry.querysets import is_prefectural


class PeopleImportQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Prefectural staff alone."""
        return self.all() if is_prefectural(user) else self.none()


class PeopleImport(FileImport):
    """People of the pool from a file."""

    objects = PeopleImportQuerySet.as_manager()

    class Meta:
        verbose_name = "人材の取込み"
        verbose_name_plural = "人材の取込み"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="people_import_progress_is_in_order", condition=Q(done__lte=F("total"))
            ),
            models.CheckConstraint(
                name="ended_people_import_keeps_no_file",
                condition=Q(status__in=["applied", "discarded"], content__isnull=True)
                | ~Q(status__in=["applied", "discarded"]),
            ),
        ]
