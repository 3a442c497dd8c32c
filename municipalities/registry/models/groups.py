"""Municipalities that stand together."""

from django.db import models
from django.db.models import Q

from municipalities.registry.models.bodies import Municipality


class Group(models.Model):
    """Municipalities that stand together: a joint-use group of systems or a sphere (圏域)."""

    class Kind(models.TextChoices):
        JOINT_USE = "joint_use", "共同利用グループ"
        SPHERE = "sphere", "圏域"

    kind = models.CharField("種類", max_length=10, choices=Kind)
    name = models.CharField("名称", max_length=60, unique=True)
    source = models.CharField("出典", max_length=200, blank=True)
    confirmed = models.BooleanField("確認済み", default=False)

    class Meta:
        verbose_name = "共同利用・圏域"
        verbose_name_plural = "共同利用・圏域"
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """A member; without a municipality where the source does not say which one it is."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members")
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,  # a code that was used stays readable for ever
        related_name="group_members",
        null=True,
        blank=True,
        verbose_name="市町",
    )
    note = models.CharField("注記", max_length=200, blank=True)

    class Meta:
        verbose_name = "構成団体"
        verbose_name_plural = "構成団体"
        constraints = [
            models.UniqueConstraint(
                name="municipality_is_once_in_group",
                fields=["group", "municipality"],
                condition=Q(municipality__isnull=False),
            ),
            models.CheckConstraint(
                name="unknown_member_has_note",
                condition=Q(municipality__isnull=False) | ~Q(note=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.municipality) if self.municipality_id else self.note
