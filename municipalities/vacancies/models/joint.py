"""Joint posting: the towns that post one vacancy together, and what each of them agreed to."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from municipalities.vacancies.models.vacancy import Vacancy
from municipalities.vacancies.querysets import JointTownQuerySet


class JointTown(models.Model):
    """A body that posts a vacancy together with the town that writes it.

    It agrees to one version of the text: what is written afterwards needs its word again. That
    nothing goes up before each has agreed is kept by the trigger `joint_vacancy_goes_up_agreed`.
    """

    class Status(models.TextChoices):
        ASKED = "asked", "回答待ち"
        AGREED = "agreed", "同意"
        DECLINED = "declined", "不同意"

    vacancy = models.ForeignKey(Vacancy, on_delete=models.CASCADE, related_name="joint_towns")
    municipality = models.ForeignKey(
        "registry.Municipality",
        on_delete=models.PROTECT,  # who agreed is part of the record
        related_name="+",
        verbose_name="市町",
    )
    status = models.CharField("状態", max_length=8, choices=Status, default=Status.ASKED)
    asked_at = models.DateTimeField("依頼日時")
    agreed_version = models.PositiveIntegerField("同意した版", null=True, blank=True)
    remark = models.CharField("連絡", max_length=400, blank=True)
    document_number = models.CharField("文書番号", max_length=40, blank=True)
    answered_at = models.DateTimeField("回答日時", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who answered is part of the record
        related_name="+",
        null=True,
        blank=True,
        verbose_name="回答した人",
    )
    # The agreement to what is published, kept while the body answers to a change of it.
    held_at = models.DateTimeField("公表の内容に同意した日時", null=True, blank=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who agreed is part of the record
        related_name="+",
        null=True,
        blank=True,
        verbose_name="公表の内容に同意した人",
    )
    held_document = models.CharField("公表の内容への同意の文書番号", max_length=40, blank=True)
    held_remark = models.CharField(
        "公表の内容への同意の連絡", max_length=400, blank=True, default="", db_default=""
    )

    objects = JointTownQuerySet.as_manager()

    class Meta:
        verbose_name = "共同で募集する市町"
        verbose_name_plural = "共同で募集する市町"
        ordering = ["municipality__kana", "municipality_id"]
        constraints = [
            models.UniqueConstraint(
                name="town_joins_a_vacancy_once", fields=["vacancy", "municipality"]
            ),
            models.CheckConstraint(
                name="agreed_town_agreed_to_a_version",
                condition=Q(status="agreed", agreed_version__isnull=False)
                | (~Q(status="agreed") & Q(agreed_version__isnull=True)),
            ),
            models.CheckConstraint(
                name="answer_of_joint_town_has_its_person",
                condition=Q(status="asked", answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(status="asked") & Q(answered_at__isnull=False, answered_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="held_agreement_has_its_person",
                condition=Q(held_at__isnull=True, held_by__isnull=True, held_document="")
                | Q(held_at__isnull=False, held_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vacancy_id} {self.municipality_id}"

    def agrees_to(self, version: int) -> bool:
        """Whether the body has agreed to this version of the text."""
        return self.status == self.Status.AGREED and self.agreed_version == version
