"""The parts of a large run, as rows."""

from django.db import models
from django.db.models import Q

from matching.proposals.querysets import RunPartQuerySet


class RunPart(models.Model):
    """部分計算: a part of a large run that any worker may solve, with its frozen input and plan."""

    run = models.ForeignKey("proposals.Run", models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField("順番")
    problem = models.JSONField("凍結した入力")
    plan = models.JSONField("案", null=True)
    attempts = models.PositiveSmallIntegerField("試行回数", default=0)
    finished_at = models.DateTimeField("終了", null=True)

    objects = RunPartQuerySet.as_manager()

    class Meta:
        verbose_name = "部分計算"
        verbose_name_plural = "部分計算"
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(name="one_part_at_a_position", fields=["run", "position"]),
            models.CheckConstraint(
                name="solved_part_has_plan_and_time",
                condition=Q(plan__isnull=True, finished_at__isnull=True)
                | Q(plan__isnull=False, finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} 部分{self.position + 1}"
