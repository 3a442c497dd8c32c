"""The month's batch for the ministry: frozen rows, the file's bytes, approval and chain."""

import hashlib
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from municipalities.vacancies.querysets import MinistryExportQuerySet
from talentpool.conventions.era import format_month

FIRST_HASH = "0" * 64


class MinistryExport(models.Model):
    """One version of a month. Rows and bytes never change after freezing (a trigger refuses it);
    a mended month is a new version with its reason."""

    class Status(models.TextChoices):
        DRAFT = "draft", "確定(決裁前)"
        APPROVED = "approved", "決裁済み"
        SUBMITTED = "submitted", "提出済み"
        DISCARDED = "discarded", "破棄"

    # Verb: the states it starts from and the one it ends in. Services, buttons and tests read it.
    TRANSITIONS: ClassVar[dict[str, tuple[tuple[Status, ...], Status]]] = {
        "approve": ((Status.DRAFT,), Status.APPROVED),
        "submit": ((Status.APPROVED,), Status.SUBMITTED),
        "discard": ((Status.DRAFT, Status.APPROVED), Status.DISCARDED),
    }

    month = models.DateField("提出年月", help_text="その月の1日")
    version = models.PositiveSmallIntegerField("版")
    form_version = models.ForeignKey(
        "vacancies.FormVersion",
        on_delete=models.PROTECT,  # the rows mean nothing without their form
        related_name="+",
        verbose_name="様式版",
    )
    base = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,  # 更新区分 was computed against it
        related_name="+",
        null=True,
        blank=True,
        verbose_name="比較した提出分",
    )
    reason = models.CharField("作り直し・見送りの理由", max_length=1000, blank=True)
    rows = models.JSONField("行")
    counts = models.JSONField("更新区分ごとの件数")
    held_back = ArrayField(
        models.CharField(max_length=14), verbose_name="見送った募集情報", default=list, blank=True
    )
    content = models.BinaryField("CSVファイル")
    sha256 = models.CharField("SHA-256", max_length=64)
    previous_hash = models.CharField("前の鎖", max_length=64)
    chain_hash = models.CharField("鎖", max_length=64, unique=True)
    status = models.CharField("状態", max_length=10, choices=Status, default=Status.DRAFT)
    document_number = models.CharField("文書番号", max_length=40, blank=True)
    document_date = models.DateField("決裁日", null=True, blank=True)
    approver = models.CharField("決裁者(職名)", max_length=60, blank=True)
    frozen_at = models.DateTimeField("確定日時")
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who froze it is part of the record
        related_name="+",
        null=True,
        blank=True,
        verbose_name="確定した人",
        help_text="空欄は自動処理",
    )
    submitted_at = models.DateTimeField("提出日時", null=True, blank=True)

    objects = MinistryExportQuerySet.as_manager()

    class Meta:
        verbose_name = "月次提出"
        verbose_name_plural = "月次提出"
        ordering = ["-month", "-version"]
        constraints = [
            models.UniqueConstraint(
                name="version_of_month_is_written_once", fields=["month", "version"]
            ),
            models.UniqueConstraint(
                name="one_batch_of_month_is_on_its_way",
                fields=["month"],
                condition=Q(status__in=["draft", "approved"]),
            ),
            models.CheckConstraint(name="export_month_is_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="corrected_month_has_reason", condition=Q(version=1) | ~Q(reason="")
            ),
            models.CheckConstraint(
                name="approved_export_has_document_number",
                condition=Q(status__in=["draft", "discarded"])
                | (~Q(document_number="") & ~Q(approver="") & Q(document_date__isnull=False)),
            ),
            models.CheckConstraint(
                name="submitted_export_has_time",
                condition=Q(status="submitted", submitted_at__isnull=False)
                | (~Q(status="submitted") & Q(submitted_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{format_month(self.month)}分 第{self.version}版"

    @property
    def file_name(self) -> str:
        """Name of the file, the same whenever it is downloaded."""
        return f"boshu-{settings.PREFECTURE_CODE}-{self.month:%Y-%m}-v{self.version}.csv"

    @property
    def row_count(self) -> int:
        """How many vacancies the batch holds."""
        return sum(self.counts.values())

    def allows(self, verb: str) -> bool:
        """Whether the verb may be carried out in the present state."""
        return self.status in self.TRANSITIONS[verb][0]

    def expected_chain_hash(self) -> str:
        """SHA-256 over predecessor, month, version, reason and the file's hash."""
        parts = [self.previous_hash, f"{self.month:%Y-%m}", str(self.version), self.reason]
        return hashlib.sha256("\n".join([*parts, self.sha256]).encode()).hexdigest()
