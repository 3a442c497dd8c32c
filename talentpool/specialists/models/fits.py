"""Parameters of the confidence that were found from the portal's own answers."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from talentpool.specialists.confidence import ASSUMED, Parameters
from talentpool.specialists.querysets import PrefectureOnlyQuerySet


class ConfidenceFitQuerySet(PrefectureOnlyQuerySet):
    def in_force(self) -> "ConfidenceFit | None":
        """The fit that was confirmed last; None while the assumed parameters count."""
        return self.exclude(confirmed_at=None).order_by("-confirmed_at", "-pk").first()


class ConfidenceFit(models.Model):
    """One fit with its check on answers held back. It counts once a coordinator confirms it."""

    made_at = models.DateTimeField("計算した日時", auto_now_add=True)
    answers = models.PositiveIntegerField("使った回答の数")
    held_back = models.PositiveIntegerField("確かめに使った回答の数")
    parameters = models.JSONField("新しい値")
    # Mean squared distance between chance and answer on what was held back: less is better.
    brier = models.FloatField("新しい値の外れ方")
    brier_now = models.FloatField("いまの値の外れ方")
    brier_no_decay = models.FloatField("薄れないとしたときの外れ方")
    worst_points = models.FloatField("10区分でいちばん大きなずれ(ポイント)")
    confirmed_at = models.DateTimeField("使い始めた日時", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who put it into force is part of the record
        related_name="+",
        null=True,
        blank=True,
        verbose_name="使うと決めた人",
    )

    objects = ConfidenceFitQuerySet.as_manager()

    class Meta:
        verbose_name = "確かさの計算の見直し"
        verbose_name_plural = "確かさの計算の見直し"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="confirmed_fit_says_who_and_when",
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"見直し 第{self.pk}号"

    @property
    def is_better(self) -> bool:
        """Whether it predicted the answers held back better than what counts now."""
        return self.brier < self.brier_now

    @property
    def values(self) -> Parameters:
        """The parameters as the confidence takes them."""
        kept: dict[str, Any] = dict(self.parameters)
        return Parameters(**{**kept, "ratios": {**ASSUMED.ratios, **kept["ratios"]}})
