"""What the pool is searched by, searches that were kept, and demand that nobody could meet."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from matching.pool.querysets import DemandQuerySet, PoolEntryQuerySet, SavedSearchQuerySet
from talentpool.conventions.months import months_between


class PoolEntry(models.Model):
    """One person as the search sees him or her. Never written by hand: triggers of the migrations
    keep it in step with the person, skills, forms, declared days and bookings, whoever writes them,
    and it goes when the person goes.

    `facets` holds words such as `kind:firm`, `skill:NW:3` (one for each level up to the person's),
    `form:10`, `base:342157`, `talent:PM`, `role:DX_PM`, `weekday:0` (Monday),
    `certificate:ip_st`; `unsent` marks who has never applied. `free` holds the free half-days
    (declared less signed and held) by month; its subscripts are `month_number` of the month.
    """

    specialist = models.OneToOneField(
        "specialists.Specialist",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="pool_entry",
        verbose_name="専門人材",
    )
    pool_number = models.CharField("登録番号", max_length=10)
    confirmed_at = models.DateTimeField("稼働可能日の最終確認")
    facets = ArrayField(models.TextField(), verbose_name="条件")
    free = ArrayField(models.SmallIntegerField(), verbose_name="空き(半日)")
    search_text = models.TextField("検索用")

    objects = PoolEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "人材を探す"
        verbose_name_plural = "人材を探す"
        ordering = ["pool_number"]
        indexes = [
            models.Index("pool_number", "specialist", name="pool_by_number"),
            models.Index(
                F("confirmed_at").desc(), F("specialist").desc(), name="pool_by_confirmation"
            ),
            GinIndex(fields=["facets"], name="pool_facets"),
        ]

    def __str__(self) -> str:
        return self.pool_number


def month_number(month: date) -> int:
    """The subscript of a month in `PoolEntry.free`: months since the year 0."""
    return month.year * 12 + month.month


class KeptOverview(models.Model):
    """人材の概況 as it was counted on a day, for all its quarters; names nobody, and is not shown
    before `overview.hide` has covered what tells of fewer than three."""

    as_of = models.DateField("基準日", unique=True)
    counts = models.JSONField("時期・業務分野・レベルごとの人数と量(半日)")
    counted_at = models.DateTimeField("集計日時")

    class Meta:
        verbose_name = "人材の概況の集計"
        verbose_name_plural = "人材の概況の集計"
        ordering = ["-as_of"]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d}"


class SavedSearch(models.Model):
    """Conditions of the search under a name: one's own, or for all of the prefecture's staff.

    `query` is the query string of the search's address, in which words are sealed: what somebody
    looked for may be a name.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name="作成者",
    )
    name = models.CharField("名前", max_length=40)
    query = models.TextField("条件", max_length=4000, blank=True)
    shared = models.BooleanField("県の担当者で共有する", default=False)
    created_at = models.DateTimeField("作成日時", auto_now_add=True)

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        verbose_name = "保存した条件"
        verbose_name_plural = "保存した条件"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="saved_search_name_is_unique_per_owner", fields=["owner", "name"]
            ),
            models.CheckConstraint(name="saved_search_has_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class Demand(models.Model):
    """合う人がいない: what a town would need and the pool does not have. Time is half-days a month
    over whole months."""

    class Status(models.TextChoices):
        OPEN = "open", "確認待ち"
        NOTED = "noted", "募集を検討"
        MET = "met", "見つかった"
        CLOSED = "closed", "対応しない"

    # Verb: the states it starts from and the one it ends in.
    TRANSITIONS: ClassVar[dict[str, tuple[tuple[Status, ...], Status]]] = {
        "note": ((Status.OPEN,), Status.NOTED),
        "meet": ((Status.OPEN, Status.NOTED), Status.MET),
        "close": ((Status.OPEN, Status.NOTED), Status.CLOSED),
    }

    municipality = models.ForeignKey(
        "registry.Municipality",
        on_delete=models.PROTECT,  # what a town asked for is part of its record
        related_name="demands",
        verbose_name="市町",
    )
    need = models.ForeignKey(
        "vacancies.Need",
        on_delete=models.PROTECT,  # where it came from is part of the record
        related_name="demands",
        null=True,
        blank=True,
        verbose_name="案件",
    )
    skill = models.ForeignKey(
        "vocabulary.Skill",
        on_delete=models.PROTECT,  # a code list row in use is not removed
        related_name="+",
        verbose_name="業務分野",
    )
    level = models.PositiveSmallIntegerField("レベル")
    half_days = models.PositiveSmallIntegerField("量(半日/月)")
    first_month = models.DateField("開始月")
    last_month = models.DateField("終了月")
    note = models.CharField("補足", max_length=300, blank=True)
    status = models.CharField("状態", max_length=6, choices=Status, default=Status.OPEN)
    answer = models.CharField("県からの連絡", max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who asked is part of the record
        related_name="+",
        null=True,  # recorded by the calendar
        blank=True,
        verbose_name="記録した人",
    )
    created_at = models.DateTimeField("記録日時", auto_now_add=True)
    answered_at = models.DateTimeField("回答日時", null=True, blank=True)

    objects = DemandQuerySet.as_manager()

    class Meta:
        verbose_name = "満たせなかった需要"
        verbose_name_plural = "満たせなかった需要"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="demand_is_once_per_need_and_skill",
                fields=["need", "skill"],
                condition=Q(need__isnull=False),
            ),
            models.CheckConstraint(
                name="demand_level_is_one_to_four", condition=Q(level__gte=1, level__lte=4)
            ),
            models.CheckConstraint(
                name="demand_asks_for_something", condition=Q(half_days__gte=1, half_days__lte=40)
            ),
            models.CheckConstraint(
                name="demand_ends_after_start", condition=Q(last_month__gte=F("first_month"))
            ),
            models.CheckConstraint(
                name="demand_months_are_first_days",
                condition=Q(first_month__day=1, last_month__day=1),
            ),
            models.CheckConstraint(
                name="demand_comes_from_somebody_or_a_need",
                condition=Q(created_by__isnull=False) | Q(need__isnull=False),
            ),
            models.CheckConstraint(
                name="answered_demand_has_time",
                condition=Q(status="open", answered_at__isnull=True)
                | (~Q(status="open") & Q(answered_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.skill_id} L{self.level}"

    @property
    def months(self) -> int:
        """Length in months, both ends included."""
        return months_between(self.first_month, self.last_month)

    def allows(self, verb: str) -> bool:
        """Whether the verb may be carried out in the present state."""
        return self.status in self.TRANSITIONS[verb][0]
