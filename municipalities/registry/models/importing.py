"""A file that is brought in: checked first, applied when the one who brought it says so."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from municipalities.registry.models.bodies import Municipality
from municipalities.registry.querysets import OwnTownQuerySet


class FileImport(models.Model):
    """`content` is the file until the import ends; then only counts and problems stay. Rooms make
    a table of their own from it; `registry.importing` does the steps."""

    class Status(models.TextChoices):
        CHECKING = "checking", "確認中"
        CHECKED = "checked", "確認済み"
        APPLYING = "applying", "取込み中"
        APPLIED = "applied", "取込み済み"
        REFUSED = "refused", "読めないファイル"
        DISCARDED = "discarded", "取りやめ"

    class Mode(models.TextChoices):
        ALL = "all", "1件でも問題があれば、何も取り込まない"
        VALID = "valid", "問題のないものだけ取り込む"

    # Verb: the states it starts from and the one it ends in. Services, buttons and tests read it.
    TRANSITIONS: ClassVar[dict[str, tuple[tuple[Status, ...], Status]]] = {
        "apply": ((Status.CHECKED,), Status.APPLYING),
        "discard": ((Status.CHECKED, Status.REFUSED), Status.DISCARDED),
        "give_up": ((Status.CHECKING, Status.CHECKED, Status.APPLYING), Status.DISCARDED),
    }

    file_name = models.CharField("ファイル名", max_length=120)
    content = models.BinaryField("ファイル", null=True)
    status = models.CharField("状態", max_length=10, choices=Status, default=Status.CHECKING)
    mode = models.CharField("取込み方", max_length=5, choices=Mode, blank=True)
    done = models.PositiveIntegerField("済んだ行", default=0)
    total = models.PositiveIntegerField("全部の行", default=0)
    valid = models.PositiveIntegerField("問題のない件数", default=0)
    invalid = models.PositiveIntegerField("問題のある件数", default=0)
    written = models.PositiveIntegerField("取り込んだ件数", default=0)
    problem_count = models.PositiveIntegerField("問題の数", default=0)
    problems = models.JSONField("問題", default=list, help_text="the first ones, for the page")
    problem_file = models.BinaryField("問題の全部", null=True, help_text="CSV, gzip")
    attempts = models.PositiveSmallIntegerField(
        "試した回数", default=0, help_text="of the present step; what ends sets it back"
    )
    message = models.CharField("知らせ", max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who brought the file is part of the record
        related_name="+",
        verbose_name="取り込んだ人",
    )
    created_at = models.DateTimeField("開始日時", auto_now_add=True)
    finished_at = models.DateTimeField("終了日時", null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.file_name}({self.get_status_display()})"

    @property
    def is_running(self) -> bool:
        """Whether a worker has to do with it now."""
        return self.status in {self.Status.CHECKING, self.Status.APPLYING}

    def allows(self, verb: str) -> bool:
        """Whether the verb may be carried out in the present state."""
        return self.status in self.TRANSITIONS[verb][0]


class DealImport(FileImport):
    """Contracts or planned procurements from a file: of one town, or of any when a coordinator
    brings it (then the file names the town of each row)."""

    class Kind(models.TextChoices):
        PROCUREMENTS = "procurements", "調達の予定"
        CONTRACTS = "contracts", "契約"

    kind = models.CharField("内容", max_length=12, choices=Kind)
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,  # an import is part of the record of its town
        related_name="+",
        null=True,
        verbose_name="市町",
    )

    objects = OwnTownQuerySet.as_manager()

    class Meta:
        verbose_name = "契約・調達の取込み"
        verbose_name_plural = "契約・調達の取込み"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="deal_import_progress_is_in_order", condition=Q(done__lte=F("total"))
            ),
            models.CheckConstraint(
                name="ended_deal_import_keeps_no_file",
                condition=Q(status__in=["applied", "discarded"], content__isnull=True)
                | ~Q(status__in=["applied", "discarded"]),
            ),
        ]
