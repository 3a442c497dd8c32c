"""A file of vacancies that a town brings: checked first, applied when it says so."""

from django.db import models
from django.db.models import F, Q

from municipalities.registry.models import FileImport
from municipalities.registry.querysets import OwnTownQuerySet


class VacancyImport(FileImport):
    """Vacancies of one town from a file in the standard form."""

    municipality = models.ForeignKey(
        "registry.Municipality",
        on_delete=models.PROTECT,  # an import is part of the record of its town
        related_name="+",
        verbose_name="市町",
    )

    draft_versions = models.JSONField(
        "下書きの版", default=dict, help_text="確かめたときの版。番号ごと"
    )

    cautions = models.PositiveIntegerField("確かめてほしい募集の数", default=0)

    objects = OwnTownQuerySet.as_manager()

    class Meta:
        verbose_name = "募集情報の取込み"
        verbose_name_plural = "募集情報の取込み"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="import_progress_is_in_order", condition=Q(done__lte=F("total"))
            ),
            models.CheckConstraint(
                name="ended_import_keeps_no_file",
                condition=Q(status__in=["applied", "discarded"], content__isnull=True)
                | ~Q(status__in=["applied", "discarded"]),
            ),
        ]
