"""People of the pool and the firms they belong to."""

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from talentpool.conventions import weekdays
from talentpool.specialists.querysets import SpecialistQuerySet

ALL_WEEKDAYS = 31  # Monday is bit 0, Friday bit 4, Saturday bit 5, Sunday bit 6


def folded(expression: Any) -> models.Func:
    """The folded form of a text as the database works it out (`conventions.folding`)."""
    return models.Func(expression, function="search_key", output_field=models.TextField())


class Firm(models.Model):
    """A vendor or other company whose people are in the pool."""

    name = models.CharField("名称", max_length=80)
    corporate_number = models.CharField("法人番号", max_length=13, unique=True)
    invoice_number = models.CharField("インボイス登録番号", max_length=14, blank=True)
    # Of a firm that registered itself, until the prefecture has looked at it.
    unseen_since = models.DateTimeField(
        "県の確認を待つ(登録日時)", null=True, blank=True, editable=False
    )

    class Meta:
        verbose_name = "事業者"
        verbose_name_plural = "事業者"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Specialist(models.Model):
    """A person of the pool. Money is yen a half-day, time is half-days a month."""

    class Kind(models.TextChoices):
        FIRM = "firm", "地場ベンダ等"
        RETIRED = "retired", "県職員OB"
        SIDE_JOB = "side_job", "兼業・副業"
        ACADEMIC = "academic", "大学等"
        NATIONAL = "national", "国の人材リスト"
        OTHER = "other", "そのほか"  # who has left a firm, and rows of before the two above

    # Asked where they belong and their post, and nothing more.
    BELONGING = (Kind.ACADEMIC, Kind.NATIONAL, Kind.OTHER)

    class Status(models.TextChoices):
        DRAFT = "draft", "入力中"
        APPLIED = "applied", "申請"
        UNDER_REVIEW = "under_review", "審査中"
        REGISTERED = "registered", "登録中"
        PAUSED = "paused", "休止"
        RENEWAL_DUE = "renewal_due", "更新待ち"
        WITHDRAWN = "withdrawn", "取りやめ"
        REMOVED = "removed", "抹消"

    # Verb: the states it starts from and the one it ends in. Services, buttons and tests read it.
    TRANSITIONS: ClassVar[dict[str, tuple[tuple[Status, ...], Status]]] = {
        "submit": ((Status.DRAFT,), Status.APPLIED),
        "take_up": ((Status.APPLIED,), Status.UNDER_REVIEW),
        "claim": ((Status.APPLIED, Status.UNDER_REVIEW), Status.DRAFT),
        "send_back": ((Status.APPLIED, Status.UNDER_REVIEW), Status.DRAFT),
        "register": ((Status.UNDER_REVIEW,), Status.REGISTERED),
        "admit_paused": ((Status.UNDER_REVIEW,), Status.PAUSED),
        "refuse": ((Status.APPLIED, Status.UNDER_REVIEW), Status.REMOVED),
        "pause": ((Status.REGISTERED,), Status.PAUSED),
        "resume": ((Status.PAUSED,), Status.REGISTERED),
        "fall_due": ((Status.REGISTERED, Status.PAUSED), Status.RENEWAL_DUE),
        "renew": ((Status.REGISTERED, Status.RENEWAL_DUE), Status.REGISTERED),
        "renew_paused": ((Status.PAUSED, Status.RENEWAL_DUE), Status.PAUSED),
        "lapse": ((Status.RENEWAL_DUE,), Status.WITHDRAWN),
        "withdraw": (
            (
                Status.DRAFT,
                Status.APPLIED,
                Status.UNDER_REVIEW,
                Status.REGISTERED,
                Status.PAUSED,
                Status.RENEWAL_DUE,
            ),
            Status.WITHDRAWN,
        ),
        "reapply": ((Status.WITHDRAWN,), Status.DRAFT),
        "readmit": ((Status.REMOVED,), Status.WITHDRAWN),
        "remove": ((Status.REGISTERED, Status.PAUSED, Status.RENEWAL_DUE), Status.REMOVED),
    }
    # While in these the person writes the registration; in the others single parts are corrected.
    IN_POOL = (Status.REGISTERED, Status.PAUSED, Status.RENEWAL_DUE)
    GONE = (Status.WITHDRAWN, Status.REMOVED)

    class Remote(models.TextChoices):
        NO = "no", "来庁のみ"
        PARTLY = "partly", "来庁と遠隔"
        ONLY = "only", "遠隔のみ"

    pool_number = models.CharField("登録番号", max_length=10, unique=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # a person's account is closed, not removed under them
        related_name="specialist",
        null=True,
        blank=True,
        verbose_name="利用者",
    )
    kind = models.CharField("区分", max_length=10, choices=Kind)
    status = models.CharField("状態", max_length=12, choices=Status, default=Status.APPLIED)
    name = models.CharField("氏名", max_length=80)
    kana = models.CharField("フリガナ", max_length=80)
    # The name that somebody works under, where it is not the registered one (通称, 旧姓).
    known_as = models.CharField("通称・旧姓", max_length=80, blank=True)
    firm = models.ForeignKey(
        Firm,
        on_delete=models.PROTECT,  # conflicts of interest are read from it
        related_name="specialists",
        null=True,
        blank=True,
        verbose_name="所属事業者",
    )
    firm_agreed_at = models.DateTimeField("事業者が同意した日時", null=True, blank=True)
    # Said by the firm; the person stays here until the prefecture has settled how it goes on.
    left_firm_on = models.DateField("事業者を離れた日", null=True, blank=True)
    # Ties that were declared before are those of another belonging.
    belonging_changed_at = models.DateTimeField(
        "区分・所属を変えた日時", null=True, blank=True, editable=False
    )
    employer = models.CharField("勤務先", max_length=80, blank=True)
    # Of who was registered while 大学等 and 国の人材リスト were one kind, until a coordinator has
    # looked which of the two it is, or that it is neither.
    kind_unsettled_since = models.DateTimeField(
        "区分の確認を待つ(日時)", null=True, blank=True, editable=False
    )
    # The employer of which the person said that it is no company; another name is asked anew.
    employer_no_company = models.CharField(
        "会社ではないと答えた勤務先", max_length=80, blank=True, editable=False
    )
    side_job_permit_until = models.DateField("副業の承諾の期限", null=True, blank=True)
    base = models.ForeignKey(
        "registry.Municipality",
        on_delete=models.PROTECT,  # distances are worked out from it
        related_name="+",
        null=True,
        verbose_name="拠点の市町",
    )
    radius_km = models.PositiveSmallIntegerField("来庁できる距離(km)", default=60)
    remote = models.CharField("働き方", max_length=8, choices=Remote, default=Remote.PARTLY)
    weekdays = models.PositiveSmallIntegerField("動ける曜日", default=ALL_WEEKDAYS)
    max_towns = models.PositiveSmallIntegerField("受け持てる市町の数", default=3)
    least_half_days = models.PositiveSmallIntegerField("最低の量(半日/月)", default=1)
    half_day_rate_yen = models.PositiveIntegerField("報酬の希望(円/半日)", default=0)
    monthly_fixed_yen = models.PositiveIntegerField(
        "月額の共通経費(円)", default=0, help_text="連絡調整など、市町の数によらずかかる費用"
    )
    years = models.PositiveSmallIntegerField("経験年数", default=0)
    municipal_years = models.PositiveSmallIntegerField("自治体での経験年数", default=0)
    strengths = models.CharField(
        "得意なこと",
        max_length=300,
        blank=True,
        help_text="市町に見せます。お名前や会社名は書かないでください",
    )
    forms = models.ManyToManyField(
        "vocabulary.EngagementForm", blank=True, verbose_name="受けられる形態"
    )
    confirmed_at = models.DateTimeField("稼働可能日の最終確認", null=True, blank=True)
    submitted_at = models.DateTimeField("申請日時", null=True, blank=True)
    registered_on = models.DateField("登録日", null=True, blank=True)
    registered_until = models.DateField("登録の期限", null=True, blank=True)

    objects = SpecialistQuerySet.as_manager()

    class Meta:
        verbose_name = "専門人材"
        verbose_name_plural = "専門人材"
        ordering = ["kana", "pk"]
        indexes = [
            models.Index(name="specialist_kana", fields=["kana"]),
            models.Index(name="specialist_status", fields=["status"]),
            # Who may be the same person: by folded name and by folded reading.
            models.Index(folded("name"), name="specialist_name_key"),
            models.Index(folded("kana"), name="specialist_kana_key"),
            # The short lists that the coordinators' home page counts.
            models.Index(
                name="specialist_firm_disagrees",
                fields=["status"],
                condition=Q(kind="firm", firm_agreed_at__isnull=True),
            ),
            models.Index(
                name="specialist_without_account",
                fields=["registered_until"],
                condition=Q(user__isnull=True),
            ),
            models.Index(
                name="specialist_left_firm",
                fields=["left_firm_on"],
                condition=Q(left_firm_on__isnull=False),
            ),
            models.Index(
                name="specialist_kind_unsettled",
                fields=["status"],
                condition=Q(kind_unsettled_since__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="firm_member_has_firm", condition=~Q(kind="firm") | Q(firm__isnull=False)
            ),
            # What a matching run takes: one person beyond it would make the run fail for all.
            models.CheckConstraint(
                name="pay_of_person_fits_in_runs",
                condition=Q(half_day_rate_yen__lte=10_000_000, monthly_fixed_yen__lte=100_000_000),
            ),
            models.CheckConstraint(
                name="who_left_the_firm_is_not_agreed_for",
                condition=Q(left_firm_on__isnull=True)
                | Q(kind="firm", firm_agreed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="registered_specialist_has_term",
                condition=~Q(status="registered")
                | Q(
                    registered_on__isnull=False,
                    registered_until__isnull=False,  # a comparison with nothing is not false
                    registered_until__gte=F("registered_on"),
                ),
            ),
            # What was never sent in is the person's own: no page of the prefecture shows it.
            models.CheckConstraint(
                name="what_was_never_sent_in_is_draft_or_given_up",
                condition=Q(submitted_at__isnull=False) | Q(status__in=["draft", "withdrawn"]),
            ),
            models.CheckConstraint(
                name="weekdays_are_seven_bits", condition=Q(weekdays__gte=1, weekdays__lte=127)
            ),
            models.CheckConstraint(name="max_towns_is_positive", condition=Q(max_towns__gte=1)),
        ]

    def __str__(self) -> str:
        return self.pool_number

    def allows(self, verb: str) -> bool:
        """Whether the verb may be carried out in the present state."""
        return self.status in self.TRANSITIONS[verb][0]

    @property
    def may_renew(self) -> bool:
        """Whether the registration can be renewed in the present state, paused or not."""
        return self.allows("renew") or self.allows("renew_paused")

    @property
    def needs_permit(self) -> bool:
        """Whether side work needs the employer's permission; who has not said so needs it."""
        background = getattr(self, "background", None)
        return self.kind == self.Kind.SIDE_JOB and (
            background is None or background.permit_needed is not False
        )

    def may_work_on(self, day: date) -> bool:
        """Whether nothing of the person's employer forbids work for a town on that day: a
        permission counts from the day on which it was given, where that is known."""
        if not self.needs_permit:
            return True
        until = self.side_job_permit_until
        background = getattr(self, "background", None)
        given = background.permit_given_on if background is not None else None
        return until is not None and day <= until and (given is None or given <= day)

    @property
    def names(self) -> str:
        """The registered name, with the one that the person works under where that is another."""
        return f"{self.name}（通称・旧姓 {self.known_as}）" if self.known_as else self.name

    def get_weekdays_display(self) -> str:
        return weekdays.names_of(self.weekdays)

    @property
    def day_rate_yen(self) -> int:
        """Yen a day (two half-days)."""
        return self.half_day_rate_yen * 2
