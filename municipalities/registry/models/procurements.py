"""What a municipality is going to buy, and who may take part."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from municipalities.registry.models.bodies import Municipality
from municipalities.registry.models.contracts import check_number
from municipalities.registry.querysets import OwnTownsPartsQuerySet, ProcurementQuerySet


class PlannedProcurement(models.Model):
    """A procurement that a municipality prepares: what conflicts of interest are read from beside
    its contracts. Never shown to the pool's people: it would tell a vendor what is coming."""

    class Status(models.TextChoices):
        PLANNED = "planned", "準備中"
        ANNOUNCED = "announced", "公告・募集中"
        DECIDED = "decided", "決定済み"
        CANCELLED = "cancelled", "取りやめ"

    UNDECIDED = (Status.PLANNED, Status.ANNOUNCED)

    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.CASCADE,
        related_name="planned_procurements",
        verbose_name="市町",
    )
    subject = models.CharField("件名", max_length=120)
    skill = models.ForeignKey(
        "vocabulary.Skill",
        on_delete=models.PROTECT,  # a code list row in use is not removed
        null=True,
        blank=True,
        verbose_name="業務分野",
    )
    prepared_from = models.DateField("準備を始める日")
    announced_on = models.DateField("公告・募集の予定日", null=True, blank=True)
    decided_on = models.DateField("決定の予定日")
    status = models.CharField("状態", max_length=10, choices=Status, default=Status.PLANNED)
    note = models.CharField("メモ", max_length=300, blank=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who said so is part of the record
        related_name="+",
        null=True,
        blank=True,
        verbose_name="最後に直した人",
    )
    updated_at = models.DateTimeField("最後に直した日時", auto_now=True)

    objects = ProcurementQuerySet.as_manager()

    class Meta:
        verbose_name = "調達の予定"
        verbose_name_plural = "調達の予定"
        ordering = ["decided_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="procurement_is_decided_after_its_preparation",
                condition=Q(decided_on__gte=F("prepared_from")),
            ),
            models.CheckConstraint(
                name="procurement_is_announced_in_its_term",
                condition=Q(announced_on__isnull=True)
                | Q(announced_on__gte=F("prepared_from"), announced_on__lte=F("decided_on")),
            ),
            models.UniqueConstraint(
                name="same_procurement_is_not_entered_twice",
                fields=["municipality", "subject", "decided_on"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.subject}"

    def is_overdue(self, today: date) -> bool:
        """Whether the day of the decision has passed and nobody has said what became of it."""
        return self.decided_on < today and self.status in self.UNDECIDED


class ProcurementParty(models.Model):
    """A firm that takes or may take part, by corporate number."""

    class Role(models.TextChoices):
        EXPECTED = "expected", "参加が見込まれる"
        ESTIMATE = "estimate", "見積を出した"
        BIDDER = "bidder", "応札・応募した"
        WINNER = "winner", "選ばれた"

    procurement = models.ForeignKey(
        PlannedProcurement,
        on_delete=models.CASCADE,
        related_name="parties",
        verbose_name="調達の予定",
    )
    corporate_number = models.CharField("法人番号", max_length=13, validators=[check_number])
    name = models.CharField("事業者名", max_length=80)
    role = models.CharField("立場", max_length=10, choices=Role, default=Role.EXPECTED)

    objects = OwnTownsPartsQuerySet.as_manager()

    class Meta:
        verbose_name = "調達に加わる事業者"
        verbose_name_plural = "調達に加わる事業者"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="firm_is_once_per_procurement", fields=["procurement", "corporate_number"]
            ),
            models.CheckConstraint(
                name="party_has_corporate_number",
                condition=Q(corporate_number__regex=r"^[0-9]{13}$"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procurement_id} {self.corporate_number}"
