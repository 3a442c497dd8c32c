"""When a person has time."""

from django.db import models
from django.db.models import Q

from talentpool.specialists.models.person import Specialist


class Availability(models.Model):
    """Half-days that a person declares for one month. What is booked stands in engagements."""

    specialist = models.ForeignKey(
        Specialist, on_delete=models.CASCADE, related_name="availability"
    )
    month = models.DateField("月", help_text="その月の1日")
    half_days = models.PositiveSmallIntegerField("半日数")
    declared_at = models.DateTimeField("申告日時", auto_now=True)

    class Meta:
        verbose_name = "稼働可能日"
        verbose_name_plural = "稼働可能日"
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(
                name="one_declaration_per_month", fields=["specialist", "month"]
            ),
            models.CheckConstraint(
                name="availability_month_is_first_day", condition=Q(month__day=1)
            ),
            models.CheckConstraint(name="half_days_fit_in_a_month", condition=Q(half_days__lte=62)),
        ]

    def __str__(self) -> str:
        return f"{self.specialist_id} {self.month:%Y-%m}: {self.half_days}"
