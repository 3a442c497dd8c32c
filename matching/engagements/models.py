"""Shared engagements: one person, one or more towns, each with its days and its share."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest

from matching.engagements.querysets import EngagementQuerySet, ShareQuerySet
from municipalities.registry.querysets import OwnTownQuerySet
from talentpool.conventions.weekdays import names_of


class CapacityMonth(models.Model):
    """A person's month: what is bookable and what is booked, in half-days.

    The bookable limit is max(declared, used): a person who declares less than what is booked
    already breaks no booking, and gets no new one. The constraint below is what makes
    double-booking impossible, whatever the code above it does (A-21). `declared` is what counts as
    declared (`specialists.services.declared_half_days`), kept here so that the months in which more
    is booked are found by index; the verbs that set the limit set it too.
    """

    specialist = models.ForeignKey(
        "specialists.Specialist", on_delete=models.PROTECT, related_name="capacity_months"
    )
    month = models.DateField("月")
    signed = models.PositiveSmallIntegerField("契約済み(半日)", default=0)
    held = models.PositiveSmallIntegerField("仮押さえ(半日)", default=0)
    declared = models.PositiveSmallIntegerField("申告(半日)", default=0)
    limit = models.PositiveSmallIntegerField("上限(半日)")

    class Meta:
        verbose_name = "月の稼働枠"
        verbose_name_plural = "月の稼働枠"
        ordering = ["specialist", "month"]
        indexes = [
            models.Index(
                name="months_that_are_short",
                fields=["month"],
                condition=Q(declared__lt=F("signed") + F("held")),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_capacity_row_per_month", fields=["specialist", "month"]
            ),
            models.CheckConstraint(
                name="booked_half_days_fit_in_month",
                condition=Q(limit__gte=F("signed") + F("held")),
            ),
            models.CheckConstraint(
                name="limit_is_declared_or_booked",
                condition=Q(limit=Greatest(F("declared"), F("signed") + F("held"))),
            ),
            models.CheckConstraint(name="capacity_month_is_first_day", condition=Q(month__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.specialist_id} {self.month:%Y-%m}: {self.used}/{self.limit}"

    @property
    def used(self) -> int:
        """Half-days taken, signed or held."""
        return self.signed + self.held

    def set_declared(self, half_days: int) -> None:
        """What counts as declared now, and the limit that follows from it."""
        self.declared, self.limit = half_days, max(half_days, self.used)


class SettledMonth(models.Model):
    """That a coordinator has talked over with the towns a month in which more is booked than the
    person declares. It counts for these numbers (half-days) only; others are settled anew."""

    specialist = models.ForeignKey(
        "specialists.Specialist",
        on_delete=models.PROTECT,  # how bookings were settled is part of the record
        related_name="settled_months",
        verbose_name="専門人材",
    )
    month = models.DateField("月")
    declared = models.PositiveSmallIntegerField("申告(半日)")
    booked = models.PositiveSmallIntegerField("契約・仮押さえ(半日)")
    note = models.CharField("市町と決めたこと", max_length=300)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who settled it is part of the record
        related_name="+",
        verbose_name="記録した人",
    )
    settled_at = models.DateTimeField("記録日時", auto_now_add=True)

    class Meta:
        verbose_name = "日数の不足の調整"
        verbose_name_plural = "日数の不足の調整"
        ordering = ["specialist", "month", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="month_is_settled_once_for_its_numbers",
                fields=["specialist", "month", "declared", "booked"],
            ),
            models.CheckConstraint(
                name="settled_month_was_short", condition=Q(booked__gt=F("declared"))
            ),
            models.CheckConstraint(name="settled_month_says_how", condition=~Q(note="")),
            models.CheckConstraint(name="settled_month_is_first_day", condition=Q(month__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.specialist_id} {self.month:%Y-%m}"


class Outlook(models.Model):
    """The pool's time in the coming months as it was counted on a day; names nobody."""

    as_of = models.DateField("基準日", unique=True)
    rows = models.JSONField("月ごとの量(半日)")
    counted_at = models.DateTimeField("集計日時")

    class Meta:
        verbose_name = "稼働の見込み"
        verbose_name_plural = "稼働の見込み"
        ordering = ["-as_of"]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d}"


class Hold(models.Model):
    """Capacity kept for an approach until its date."""

    class State(models.TextChoices):
        ACTIVE = "active", "仮押さえ中"
        RELEASED = "released", "解除"
        SIGNED = "signed", "契約へ移行"

    specialist = models.ForeignKey(
        "specialists.Specialist", on_delete=models.PROTECT, related_name="holds"
    )
    municipality = models.ForeignKey(
        "registry.Municipality",
        on_delete=models.PROTECT,  # for whom the days were kept is part of the record
        related_name="+",
        null=True,
        verbose_name="市町",
    )
    half_days = models.PositiveSmallIntegerField("量(半日/月)")
    first_month = models.DateField("開始月")
    last_month = models.DateField("終了月")
    until = models.DateField("期限")
    state = models.CharField("状態", max_length=8, choices=State, default=State.ACTIVE)

    class Meta:
        verbose_name = "仮押さえ"
        verbose_name_plural = "仮押さえ"
        constraints = [
            models.CheckConstraint(
                name="hold_ends_after_start", condition=Q(last_month__gte=F("first_month"))
            ),
            models.CheckConstraint(name="hold_takes_something", condition=Q(half_days__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.specialist_id} {self.half_days}半日 {self.get_state_display()}"


class Engagement(models.Model):
    """シェア契約: signed once every town has decided with its own document number."""

    class Status(models.TextChoices):
        SIGNED = "signed", "締結済み"
        ENDED = "ended", "終了"
        TERMINATED = "terminated", "中途解除"

    class EndReason(models.TextChoices):
        PERSON = "person", "専門人材の都合"
        TOWN = "town", "市町の都合"
        CONFLICT = "conflict", "利益相反"
        BREACH = "breach", "契約の条件が守られない"
        OTHER = "other", "その他"

    number = models.CharField("契約番号", max_length=12, unique=True)
    specialist = models.ForeignKey(
        "specialists.Specialist",
        on_delete=models.PROTECT,  # an engagement is a public record
        related_name="engagements",
        verbose_name="専門人材",
    )
    form = models.ForeignKey(
        "vocabulary.EngagementForm",
        on_delete=models.PROTECT,  # a code list row in use is not removed
        null=True,
        verbose_name="形態",
    )
    status = models.CharField("状態", max_length=10, choices=Status, default=Status.SIGNED)
    first_month = models.DateField("開始月")
    last_month = models.DateField("終了月")
    half_day_rate_yen = models.PositiveIntegerField("単価(円/半日)")
    monthly_fixed_yen = models.PositiveIntegerField("月額の共通経費(円)", default=0)
    total_yen = models.PositiveBigIntegerField("契約額(円)")
    signed_on = models.DateField("締結日")
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who signed is part of the record
        related_name="+",
        verbose_name="締結の担当",
    )
    created_at = models.DateTimeField("作成日時", auto_now_add=True)
    ended_on = models.DateField("終了日", null=True, blank=True)
    end_reason = models.CharField("解除の理由", max_length=10, choices=EndReason, blank=True)
    end_document = models.CharField("解除の文書番号", max_length=40, blank=True)

    objects = EngagementQuerySet.as_manager()

    class Meta:
        verbose_name = "シェア契約"
        verbose_name_plural = "シェア契約"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="engagement_ends_after_start", condition=Q(last_month__gte=F("first_month"))
            ),
            models.CheckConstraint(
                name="ended_engagement_has_date",
                condition=Q(status="signed", ended_on__isnull=True)
                | Q(status__in=["ended", "terminated"], ended_on__isnull=False),
            ),
            models.CheckConstraint(
                name="terminated_engagement_has_reason_and_document",
                condition=~Q(status="terminated") | (~Q(end_reason="") & ~Q(end_document="")),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class BiddingBar(models.Model):
    """A firm that must not bid for a town, because its person helped the town to buy."""

    engagement = models.ForeignKey(
        Engagement,
        on_delete=models.CASCADE,
        related_name="bidding_bars",
        verbose_name="シェア契約",
    )
    municipality = models.ForeignKey(
        "registry.Municipality",
        on_delete=models.PROTECT,  # where the firm is barred is part of the record
        related_name="+",
        verbose_name="市町",
    )
    corporate_number = models.CharField("法人番号", max_length=13)
    name = models.CharField("事業者", max_length=80)
    since = models.DateField("いつから")
    until = models.DateField("いつまで")

    objects = OwnTownQuerySet.as_manager()

    class Meta:
        verbose_name = "入札の制限"
        verbose_name_plural = "入札の制限"
        ordering = ["until", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="firm_is_barred_once_per_engagement",
                fields=["engagement", "municipality", "corporate_number"],
            ),
            models.CheckConstraint(name="bar_ends_after_start", condition=Q(until__gte=F("since"))),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.corporate_number}"


class Share(models.Model):
    """One town's part: its days a month, its yen, its own document number.

    A deferred constraint trigger (migration `shares_sum_to_total`) holds the shares of an
    engagement to its total, to the yen.
    """

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="shares")
    municipality = models.ForeignKey(
        "registry.Municipality",
        on_delete=models.PROTECT,  # who pays is part of the record
        related_name="shares",
        verbose_name="市町",
        db_index=False,  # shares_of_town begins with it
    )
    need = models.ForeignKey(
        "vacancies.Need",
        on_delete=models.PROTECT,  # what was asked for is part of the record
        related_name="shares",
        verbose_name="案件",
    )
    half_days = models.PositiveSmallIntegerField("量(半日/月)")
    first_month = models.DateField("開始月")
    last_month = models.DateField("終了月")
    cost_yen = models.PositiveBigIntegerField("負担額(円)")
    document_number = models.CharField("文書番号", max_length=40)
    decided_on = models.DateField("決裁日")
    visit_weekdays = models.PositiveSmallIntegerField("訪問する曜日", default=0)  # 0: not known
    active = models.BooleanField("有効", default=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        verbose_name = "負担・配分"
        verbose_name_plural = "負担・配分"
        ordering = ["engagement", "municipality__kana"]
        indexes = [models.Index(name="shares_of_town", fields=["municipality", "engagement"])]
        constraints = [
            models.UniqueConstraint(
                name="one_active_share_per_need", fields=["need"], condition=Q(active=True)
            ),
            models.CheckConstraint(
                name="share_has_document_number", condition=~Q(document_number="")
            ),
            models.CheckConstraint(
                name="visits_are_on_days_of_the_week", condition=Q(visit_weekdays__lte=127)
            ),
            models.CheckConstraint(name="share_takes_something", condition=Q(half_days__gte=1)),
            models.CheckConstraint(
                name="share_ends_after_start", condition=Q(last_month__gte=F("first_month"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.engagement_id} {self.municipality_id}"

    @property
    def visits_on(self) -> str:
        """The weekdays of the visits, such as 火木曜日; empty where they are not known."""
        return f"{names_of(self.visit_weekdays)}曜日" if self.visit_weekdays else ""
