"""The monthly round: every town is asked whether what it has published still holds."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from municipalities.registry.querysets import OwnTownQuerySet


class MonthlyRound(models.Model):
    """The question of one month, open until the cut-off."""

    month = models.DateField("月", unique=True, help_text="その月の1日")
    opens_on = models.DateField("開始日")
    cut_off = models.DateField("締切日")

    class Meta:
        verbose_name = "毎月の確認"
        verbose_name_plural = "毎月の確認"
        ordering = ["-month"]
        constraints = [
            models.CheckConstraint(name="round_month_is_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="round_closes_after_opening", condition=Q(cut_off__gte=F("opens_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}の確認"


class RoundAnswer(models.Model):
    """What a town answered; without a time it has not answered yet."""

    class Kind(models.TextChoices):
        UNCHANGED = "unchanged", "変更なし"
        CHANGED = "changed", "変更した"
        CLOSED = "closed", "終了した"

    round = models.ForeignKey(MonthlyRound, on_delete=models.CASCADE, related_name="answers")
    municipality = models.ForeignKey(
        "registry.Municipality",
        on_delete=models.PROTECT,  # who was asked is part of the record
        related_name="+",
        verbose_name="市町",
    )
    kind = models.CharField("回答", max_length=9, choices=Kind, blank=True)
    answered_at = models.DateTimeField("回答日時", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who answered is part of the record
        related_name="+",
        null=True,
        blank=True,
    )
    # The 変更なし beside a change that is the answer, or was until its town recalled it; it stands
    # again when the change is given up.
    confirmed_at = models.DateTimeField("前の「変更なし」の日時", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who answered is part of the record
        related_name="+",
        null=True,
        blank=True,
        verbose_name="前の「変更なし」の回答者",
    )
    reminders = models.PositiveSmallIntegerField("催促した回数", default=0)
    reminded_at = models.DateTimeField("前に催促した日時", null=True, blank=True)

    objects = OwnTownQuerySet.as_manager()

    class Meta:
        verbose_name = "毎月の確認への回答"
        verbose_name_plural = "毎月の確認への回答"
        ordering = ["round", "municipality__kana"]
        constraints = [
            models.UniqueConstraint(
                name="town_is_asked_once_a_month", fields=["round", "municipality"]
            ),
            models.CheckConstraint(
                name="round_answer_has_its_person",
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
            ),
            models.CheckConstraint(
                name="round_answer_says_what_it_is",
                condition=Q(answered_at__isnull=True, kind="")
                | Q(answered_at__isnull=False, kind__in=["unchanged", "changed", "closed"]),
            ),
            models.CheckConstraint(
                name="earlier_round_answer_has_its_person",
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | Q(
                    confirmed_at__isnull=False, confirmed_by__isnull=False, kind__in=["", "changed"]
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.municipality_id}"
