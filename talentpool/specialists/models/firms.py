"""Who speaks for a firm in the pool."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from talentpool.specialists.models.person import Firm


class FirmManager(models.Model):
    """The account that registered a firm, invites its people and agrees that they are shown.
    Ended, never deleted."""

    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="managers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who agreed for a firm must stay known
        related_name="firm_managers",
        verbose_name="利用者",
    )
    since = models.DateField("開始日")
    until = models.DateField("終了日", null=True, blank=True)

    class Meta:
        verbose_name = "事業者の担当者"
        verbose_name_plural = "事業者の担当者"
        constraints = [
            models.UniqueConstraint(
                name="one_current_firm_per_manager", fields=["user"], condition=Q(until=None)
            ),
            models.CheckConstraint(
                name="firm_manager_ends_after_start",
                condition=Q(until=None) | Q(until__gte=F("since")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.firm_id} {self.user_id}"
