"""When a person has time."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone

from talentpool.specialists import confidence
from talentpool.specialists.models.person import Specialist
from talentpool.specialists.querysets import OwnRowsQuerySet

MONTHS_AHEAD = 18  # so far ahead a person declares


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


class Pause(models.Model):
    """A term without work for the pool: its months count as none declared, whatever stands in
    them, and come back by themselves when it ends."""

    specialist = models.ForeignKey(Specialist, on_delete=models.CASCADE, related_name="pauses")
    first_month = models.DateField("休む最初の月")
    last_month = models.DateField("休む最後の月")
    declared_at = models.DateTimeField("申告日時", auto_now_add=True)

    objects = OwnRowsQuerySet.as_manager()

    class Meta:
        verbose_name = "休止期間"
        verbose_name_plural = "休止期間"
        ordering = ["first_month"]
        constraints = [
            models.CheckConstraint(
                name="pause_is_in_whole_months",
                condition=Q(first_month__day=1, last_month__day=1),
            ),
            models.CheckConstraint(
                name="pause_ends_after_start", condition=Q(last_month__gte=F("first_month"))
            ),
            ExclusionConstraint(
                name="pauses_of_a_person_do_not_overlap",
                expressions=[
                    ("specialist", RangeOperators.EQUAL),
                    (
                        Func(
                            F("first_month"),
                            F("last_month"),
                            models.Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.specialist_id} {self.first_month:%Y-%m}..{self.last_month:%Y-%m}"


class AvailabilitySignal(models.Model):
    """What a person did that says something about the days: the confidence reads the latest of
    each kind. Of signing in the day is kept and no time, once a day; the confidence of today reads
    the account's own last time, the days are for fitting it (`services.fits`)."""

    class Kind(models.TextChoices):
        ACCEPTED = confidence.ACCEPTED, "打診を引き受けた"
        REPLIED = confidence.REPLIED, "日程のほかの理由で断った"
        DECLINED = confidence.DECLINED, "日程が合わず断った"
        UNANSWERED = confidence.UNANSWERED, "打診に返事がなかった"
        SIGN_IN = confidence.SIGN_IN, "サインインした日"

    specialist = models.ForeignKey(Specialist, on_delete=models.CASCADE, related_name="signals")
    kind = models.CharField("種類", max_length=10, choices=Kind)
    at = models.DateTimeField("日時", default=timezone.now)
    # Of an answer: when it was asked for. Only what was known then can predict it.
    asked_at = models.DateTimeField("打診した日時", null=True, blank=True)

    objects = OwnRowsQuerySet.as_manager()

    class Meta:
        verbose_name = "稼働の手がかり"
        verbose_name_plural = "稼働の手がかり"
        ordering = ["-at"]
        indexes = [
            models.Index(name="latest_signal_of_a_kind", fields=["specialist", "kind", "-at"]),
            models.Index(
                name="sign_in_days_by_day", fields=["at"], condition=Q(kind=confidence.SIGN_IN)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="sign_ins_are_kept_once_a_day",
                fields=["specialist", "at"],
                condition=Q(kind=confidence.SIGN_IN),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.specialist_id} {self.get_kind_display()}"
