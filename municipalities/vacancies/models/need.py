"""A town's need: what is to be solved, how much, when, with which skill."""

from datetime import date, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from municipalities.vacancies.querysets import NeedQuerySet
from talentpool.conventions.era import fiscal_year, fiscal_year_span
from talentpool.conventions.months import first_of_month, months_between


class Need(models.Model):
    """Time is half-days a month over whole months (first to last, both included); money is yen."""

    class Status(models.TextChoices):
        DRAFT = "draft", "下書き"
        SUBMITTED = "submitted", "県の確認待ち"
        ACCEPTED = "accepted", "受付済み"
        FILLED = "filled", "契約済み"
        UNFILLED = "unfilled", "該当者なし"
        LAPSED = "lapsed", "期間終了"
        WITHDRAWN = "withdrawn", "取下げ"

    # To the end of so many fiscal years after the current one a need may reach ahead, from April on
    # 48 months: the engine plans 60 at most.
    FISCAL_YEARS_AHEAD = 3

    OPEN = (Status.DRAFT, Status.SUBMITTED, Status.ACCEPTED)

    # Verb: the states it starts from and the one it ends in. Services, buttons and tests read it.
    TRANSITIONS: ClassVar[dict[str, tuple[tuple[Status, ...], Status]]] = {
        "submit": ((Status.DRAFT,), Status.SUBMITTED),
        "accept": ((Status.SUBMITTED,), Status.ACCEPTED),
        "return": ((Status.SUBMITTED, Status.ACCEPTED), Status.DRAFT),
        "withdraw": (OPEN, Status.WITHDRAWN),
        "mark_filled": ((Status.ACCEPTED,), Status.FILLED),
        "mark_unfilled": ((Status.ACCEPTED,), Status.UNFILLED),
        "mark_lapsed": ((Status.ACCEPTED,), Status.LAPSED),  # nobody until its months were over
    }

    class Problem(models.TextChoices):
        RENEWAL = "renewal", "大規模システムの更改"
        SECURITY = "security", "セキュリティ対策の徹底"
        NETWORK = "network", "ネットワークの検討"
        ADVISER = "adviser", "CIO補佐官"
        OTHER = "other", "その他"

    class Place(models.TextChoices):
        ON_SITE = "on_site", "来庁のみ"
        MIXED = "mixed", "来庁と遠隔"
        REMOTE = "remote", "遠隔のみ"

    PRIORITIES: ClassVar[dict[int, str]] = {1: "1 通常", 2: "2 急ぐ", 3: "3 最優先"}

    municipality = models.ForeignKey(
        "registry.Municipality",
        on_delete=models.PROTECT,  # a need is part of the record of its town
        related_name="needs",
        verbose_name="市町",
        db_index=False,  # needs_of_town begins with it
    )
    title = models.CharField("件名", max_length=60)
    problem = models.CharField("課題の種類", max_length=10, choices=Problem)
    description = models.TextField("解決したいこと", max_length=1000)
    half_days = models.PositiveSmallIntegerField("量(半日/月)")
    least_half_days = models.PositiveSmallIntegerField("最低の量(半日/月)")
    first_month = models.DateField("開始月", help_text="その月の1日")
    last_month = models.DateField("終了月", help_text="その月の1日")
    place = models.CharField("働き方", max_length=8, choices=Place, default=Place.MIXED)
    on_site_half_days = models.PositiveSmallIntegerField("来庁(半日/月)", default=0)
    weekdays = models.PositiveSmallIntegerField("曜日", default=31)
    budget_yen = models.PositiveIntegerField("予算(円)", null=True, blank=True)
    forms = models.ManyToManyField(
        "vocabulary.EngagementForm", blank=True, verbose_name="任用等の形態"
    )
    involves_procurement = models.BooleanField("仕様や見積の確認を含む", default=False)
    priority = models.PositiveSmallIntegerField("優先度", default=1)
    status = models.CharField("状態", max_length=10, choices=Status, default=Status.DRAFT)
    remark = models.CharField("県からの連絡", max_length=400, blank=True)
    closing_note = models.CharField("終了の理由", max_length=200, blank=True)
    version = models.PositiveIntegerField("版", default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who asked is part of the record
        related_name="+",
        verbose_name="作成者",
    )
    created_at = models.DateTimeField("作成日時", auto_now_add=True)
    updated_at = models.DateTimeField("更新日時", auto_now=True)
    submitted_at = models.DateTimeField("提出日時", null=True, blank=True)
    accepted_at = models.DateTimeField("受付日時", null=True, blank=True)
    closed_at = models.DateTimeField("終了日時", null=True, blank=True)

    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = "案件"
        verbose_name_plural = "案件"
        ordering = ["-pk"]
        indexes = [
            models.Index(name="needs_by_status", fields=["status"]),
            models.Index(name="needs_of_town", fields=["municipality", "id"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="need_ends_after_start", condition=Q(last_month__gte=F("first_month"))
            ),
            models.CheckConstraint(
                name="need_months_are_first_days",
                condition=Q(first_month__day=1, last_month__day=1),
            ),
            # From one first day to the one 48 months later are at least 1,460 days, to the one
            # before at most 1,433.
            models.CheckConstraint(
                name="need_is_48_months_at_most",
                condition=Q(last_month__lt=F("first_month") + timedelta(days=1_460)),
            ),
            models.CheckConstraint(
                name="need_amount_is_in_order",
                condition=Q(
                    least_half_days__gte=1,
                    half_days__gte=F("least_half_days"),
                    half_days__lte=40,
                ),
            ),
            models.CheckConstraint(
                name="on_site_part_fits_in_need", condition=Q(on_site_half_days__lte=F("half_days"))
            ),
            models.CheckConstraint(
                name="need_weekdays_are_seven_bits", condition=Q(weekdays__gte=1, weekdays__lte=127)
            ),
            models.CheckConstraint(
                name="need_priority_is_one_to_three", condition=Q(priority__gte=1, priority__lte=3)
            ),
            models.CheckConstraint(
                name="submitted_need_has_time",
                condition=Q(status__in=["draft", "withdrawn"]) | Q(submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="accepted_need_has_time",
                condition=~Q(status__in=["accepted", "filled", "unfilled", "lapsed"])
                | Q(accepted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="closed_need_has_time",
                condition=Q(
                    status__in=["filled", "unfilled", "lapsed", "withdrawn"],
                    closed_at__isnull=False,
                )
                | Q(status__in=["draft", "submitted", "accepted"], closed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def months(self) -> int:
        """Length in months, both ends included."""
        return months_between(self.first_month, self.last_month)

    @classmethod
    def latest_month(cls, month: date) -> date:
        """The last month that a need may have, seen from `month` (a first day): March of the third
        fiscal year after the current one."""
        _, last = fiscal_year_span(fiscal_year(month) + cls.FISCAL_YEARS_AHEAD)
        return first_of_month(last)

    def begins(self, month: date) -> date:
        """The first of its months that can still be worked, seen from `month` (a first day); of a
        need that is over, its last."""
        return min(max(self.first_month, month), self.last_month)

    def is_over(self, month: date) -> bool:
        """Whether all its months lie before `month` (a first day)."""
        return self.last_month < month

    @property
    def priority_words(self) -> str:
        """The priority with its word."""
        return self.PRIORITIES.get(self.priority, str(self.priority))

    @property
    def is_returned(self) -> bool:
        """Sent back by the prefecture with a remark, and not yet submitted again."""
        return self.status == self.Status.DRAFT and self.submitted_at is not None

    def allows(self, verb: str) -> bool:
        """Whether the verb may be carried out in the present state."""
        return self.status in self.TRANSITIONS[verb][0]


class NeedSkill(models.Model):
    """A field of work that the need asks for, with the least level (1 to 4)."""

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="skills")
    skill = models.ForeignKey(
        "vocabulary.Skill",
        on_delete=models.PROTECT,  # a code list row in use is not removed
        verbose_name="業務分野",
    )
    level = models.PositiveSmallIntegerField("レベル")

    class Meta:
        verbose_name = "求めるスキル"
        verbose_name_plural = "求めるスキル"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="skill_is_once_per_need", fields=["need", "skill"]),
            models.CheckConstraint(
                name="need_level_is_one_to_four", condition=Q(level__gte=1, level__lte=4)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.skill_id} L{self.level}"
