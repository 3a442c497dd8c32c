"""固定: a pair of a plan that the next runs hold, until somebody lets it go."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from matching.proposals.querysets import PinQuerySet, RunQuerySet


class Pin(models.Model):
    """固定: this person for this need, with so many half-days a month, in every run that the need
    goes into. It binds neither the town's ranking nor the person's answer."""

    class Reason(models.TextChoices):
        CONTINUED = "continued", "いまの担当者に続けてもらうため"
        TALKED = "talked", "市町と本人の間で話が進んでいるため"
        WISHED = "wished", "市町がこの人を希望しているため"
        PREPARED = "prepared", "引継ぎや準備が済んでいるため"
        OTHER = "other", "その他"

    class ReleaseReason(models.TextChoices):
        NO_MORE = "no_more", "固定の理由がなくなったため"
        IMPOSSIBLE = "impossible", "固定のとおりにはできなくなったため"
        MISTAKEN = "mistaken", "固定がまちがっていたため"
        OTHER = "other", "その他"

    need = models.ForeignKey(
        "vacancies.Need",
        on_delete=models.PROTECT,  # what was held is part of the runs' record
        related_name="pins",
        verbose_name="案件",
    )
    specialist = models.ForeignKey(
        "specialists.Specialist",
        on_delete=models.PROTECT,  # who was held is part of the runs' record
        related_name="pins",
        verbose_name="専門人材",
    )
    run = models.ForeignKey(
        "proposals.Run",
        on_delete=models.PROTECT,  # the plan that it was taken from
        related_name="pins",
        verbose_name="元の計算",
    )
    half_days = models.PositiveSmallIntegerField("量(半日/月)")
    reason = models.CharField("固定した理由", max_length=10, choices=Reason)
    pinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who held it is part of the record
        related_name="+",
        verbose_name="固定した人",
    )
    pinned_at = models.DateTimeField("固定した日時", auto_now_add=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who let it go is part of the record
        related_name="+",
        null=True,
        blank=True,
        verbose_name="解いた人",
    )
    released_at = models.DateTimeField("解いた日時", null=True, blank=True)
    release_reason = models.CharField(
        "解いた理由", max_length=10, choices=ReleaseReason, blank=True
    )

    objects = PinQuerySet.as_manager()

    class Meta:
        verbose_name = "固定"
        verbose_name_plural = "固定"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_pin_in_force_per_need",
                fields=["need"],
                condition=Q(released_at__isnull=True),
            ),
            models.CheckConstraint(name="pin_holds_some_half_days", condition=Q(half_days__gt=0)),
            models.CheckConstraint(name="pin_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="released_pin_says_who_when_and_why",
                condition=Q(released_at__isnull=True, released_by__isnull=True, release_reason="")
                | (Q(released_at__isnull=False, released_by__isnull=False) & ~Q(release_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"固定 {self.pk}"


class RunPin(models.Model):
    """A pin that was in force when a run was started: held by it, or left out and why."""

    run = models.ForeignKey("proposals.Run", models.CASCADE, related_name="held_pins")
    pin = models.ForeignKey(
        Pin,
        on_delete=models.PROTECT,  # what a run held is part of its record
        related_name="in_runs",
    )
    left_out = models.CharField("守らなかった理由", max_length=400, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = "計算の固定"
        verbose_name_plural = "計算の固定"
        ordering = ["run", "pin"]
        constraints = [
            models.UniqueConstraint(name="pin_is_once_per_run", fields=["run", "pin"]),
        ]

    def __str__(self) -> str:
        return f"{self.run} {self.pin}"
