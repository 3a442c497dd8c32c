"""What a person may ask of the prefecture about the own data, and how it was dealt with (B-04);
who looked at unusually many people (B-07)."""

import uuid
from datetime import date, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from talentpool.rights.querysets import RightsRequestQuerySet, ViewAlertQuerySet
from talentpool.rights.watching import Limit

TOO_EARLY = "決定日は、請求日と本人確認日より前にはできません。"
DAYS_TO_DECIDE = (
    30  # calendar days from the request: 個人情報保護法83条, 94条, 102条; not confirmed
)
DAYS_TO_EXTEND = (
    30  # at most, with notice of the reason: the same articles, second paragraph; not confirmed
)


class RightsRequest(models.Model):
    """開示・訂正・利用停止・削除の請求: taken in, identity checked, decided within the term."""

    class Kind(models.TextChoices):
        DISCLOSURE = "disclosure", "開示"
        CORRECTION = "correction", "訂正"
        SUSPENSION = "suspension", "利用停止"
        DELETION = "deletion", "削除"

    class Status(models.TextChoices):
        RECEIVED = "received", "本人確認待ち"
        IDENTIFIED = "identified", "検討中"
        DECIDED = "decided", "決定済み"
        DONE = "done", "対応済み"
        WITHDRAWN = "withdrawn", "取下げ"

    OPEN = (Status.RECEIVED, Status.IDENTIFIED)

    class Channel(models.TextChoices):
        PORTAL = "portal", "ポータル"
        PAPER = "paper", "窓口・郵送"

    class Identity(models.TextChoices):
        SIGN_IN = "sign_in", "本人のアカウントからの請求"
        DOCUMENT = "document", "本人確認書類(運転免許証など)"
        AGENT = "agent", "代理人の資格を示す書類"

    class Decision(models.TextChoices):
        GRANTED = "granted", "請求のとおりにする"
        PARTLY = "partly", "一部について行う"
        REFUSED = "refused", "行わない"

    # An extension changes the date, not the state, and is possible while the request is open.
    # Verb: the states it starts from and the one it ends in. Services, buttons and tests read it.
    TRANSITIONS: ClassVar[dict[str, tuple[tuple[Status, ...], Status]]] = {
        "identify": ((Status.RECEIVED,), Status.IDENTIFIED),
        "decide": ((Status.IDENTIFIED,), Status.DECIDED),
        "carry_out": ((Status.DECIDED,), Status.DONE),
        "withdraw": (OPEN, Status.WITHDRAWN),
    }

    specialist = models.ForeignKey(
        "specialists.Specialist",
        on_delete=models.PROTECT,  # what was asked and decided is part of the record
        related_name="rights_requests",
        verbose_name="専門人材",
    )
    kind = models.CharField("請求の種類", max_length=10, choices=Kind)
    wish = models.TextField("請求の内容", max_length=1000, blank=True)
    channel = models.CharField("受付の方法", max_length=6, choices=Channel)
    status = models.CharField("状態", max_length=10, choices=Status, default=Status.RECEIVED)
    received_on = models.DateField("請求日")
    due_on = models.DateField("決定の期限")
    extended_to = models.DateField("延長後の期限", null=True, blank=True)
    extension_reason = models.CharField("延長の理由", max_length=200, blank=True)
    identity = models.CharField("本人確認の方法", max_length=8, choices=Identity, blank=True)
    identified_on = models.DateField("本人確認日", null=True, blank=True)
    decision = models.CharField("決定", max_length=8, choices=Decision, blank=True)
    decision_reason = models.CharField("決定の理由", max_length=400, blank=True)
    document_number = models.CharField("文書番号", max_length=40, blank=True)
    decided_on = models.DateField("決定日", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who decided is part of the record
        related_name="+",
        null=True,
        blank=True,
        verbose_name="決定した人",
    )
    done_on = models.DateField("対応日", null=True, blank=True)
    # The form's own key: sending the same form twice makes one request.
    request_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = RightsRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "本人からの請求"
        verbose_name_plural = "本人からの請求"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_rights_request_per_kind",
                fields=["specialist", "kind"],
                condition=Q(status__in=["received", "identified", "decided"]),
            ),
            models.CheckConstraint(
                name="rights_request_is_due_in_thirty_days",
                condition=Q(due_on=F("received_on") + timedelta(days=DAYS_TO_DECIDE)),
            ),
            models.CheckConstraint(
                name="rights_extension_is_thirty_days_at_most_with_reason",
                condition=Q(extended_to__isnull=True)
                | (
                    Q(
                        extended_to__gt=F("due_on"),
                        extended_to__lte=F("due_on") + timedelta(days=DAYS_TO_EXTEND),
                    )
                    & ~Q(extension_reason="")
                ),
            ),
            models.CheckConstraint(
                name="rights_request_goes_on_after_identity_check",
                condition=Q(status__in=["received", "withdrawn"])
                | (Q(identified_on__isnull=False) & ~Q(identity="")),
            ),
            models.CheckConstraint(
                name="decided_rights_request_has_decision_and_number",
                condition=Q(status__in=["received", "identified", "withdrawn"])
                | (
                    Q(decided_on__isnull=False, decided_by__isnull=False)
                    & ~Q(decision="")
                    & ~Q(document_number="")
                ),
            ),
            models.CheckConstraint(
                name="refused_rights_request_says_why",
                condition=~Q(decision__in=["partly", "refused"]) | ~Q(decision_reason=""),
            ),
            models.CheckConstraint(
                name="done_rights_request_has_day",
                condition=~Q(status="done") | Q(done_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}の請求 {self.pk}"

    @property
    def earliest_decision(self) -> date:
        """Nothing is decided before it was asked and the identity was checked."""
        return max(self.received_on, self.identified_on or self.received_on)

    @property
    def deadline(self) -> date:
        """The day by which the prefecture decides: the term, or what it was extended to."""
        return self.extended_to or self.due_on

    @property
    def is_open(self) -> bool:
        """Waits for the prefecture's decision."""
        return self.status in self.OPEN

    @property
    def erases(self) -> bool:
        """Whether carrying it out removes all of the identity: a deletion granted in whole only."""
        return self.kind == self.Kind.DELETION and self.decision == self.Decision.GRANTED

    def allows(self, verb: str) -> bool:
        """Whether the verb may be carried out in the present state."""
        return self.status in self.TRANSITIONS[verb][0]

    @property
    def can(self) -> dict[str, bool]:
        """All verbs with whether each is possible, for the buttons."""
        return {verb: self.allows(verb) for verb in self.TRANSITIONS}


class Looking(models.TextChoices):
    """How closely somebody was looked at."""

    LISTED = "listed", "一覧などで登録番号と条件を見た人"
    NAMED = "named", "お名前、連絡先、書類まで見た人"


# Views that do not tell who the person is; all others do.
LISTED_SCOPES = ("pool_number", "blind")


class ViewLimit(models.Model):
    """From how many people a day on it is told that somebody looks at unusually many: data, which
    the prefecture settles."""

    looking = models.CharField("見方", max_length=6, choices=Looking, primary_key=True)
    least = models.PositiveIntegerField(
        "知らせない人数", help_text="1日にこの人数より少なければ、知らせません"
    )
    times = models.PositiveSmallIntegerField(
        "いつもの何倍",
        help_text="本人のいつもの人数と、同じ役割の人のいつもの人数の、どちらも超える倍数",
    )
    always = models.PositiveIntegerField(
        "必ず知らせる人数", help_text="1日にこの人数以上なら、いつもと比べずに知らせます"
    )
    days = models.PositiveSmallIntegerField("比べる日数", default=28)
    basis = models.CharField("根拠", max_length=120)
    confirmed = models.BooleanField("確認済み", default=False)

    class Meta:
        verbose_name = "閲覧の警告の基準"
        verbose_name_plural = "閲覧の警告の基準"
        ordering = ["-looking"]
        constraints = [
            models.CheckConstraint(
                name="view_limit_rises",
                condition=Q(least__gte=1, times__gte=1, days__gte=7, always__gte=F("least")),
            )
        ]

    def __str__(self) -> str:
        return self.get_looking_display()

    @property
    def rule(self) -> Limit:
        """The figures for the pure rule."""
        return Limit(least=self.least, always=self.always, times=self.times)


class ViewAlert(models.Model):
    """An account looked at unusually many people on a day. Somebody else finds out why."""

    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who looked is part of the record
        related_name="+",
        verbose_name="閲覧した人",
    )
    viewer_body = models.CharField("団体", max_length=40)
    viewer_role = models.CharField("役割", max_length=40)
    day = models.DateField("日")
    looking = models.CharField("見方", max_length=6, choices=Looking)
    people = models.PositiveIntegerField("人数")
    own_usual = models.PositiveIntegerField("本人のいつもの人数", null=True, blank=True)
    group_usual = models.PositiveIntegerField("同じ役割のいつもの人数", null=True, blank=True)
    found_at = models.DateTimeField("見つけた日時", auto_now_add=True)
    finding = models.CharField("確かめた結果", max_length=400, blank=True)
    settled_at = models.DateTimeField("確かめた日時", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who found out is part of the record
        related_name="+",
        null=True,
        blank=True,
        verbose_name="確かめた人",
    )

    objects = ViewAlertQuerySet.as_manager()

    class Meta:
        verbose_name = "閲覧の警告"
        verbose_name_plural = "閲覧の警告"
        ordering = ["-day", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_view_alert_per_viewer_day_and_looking",
                fields=["viewer", "day", "looking"],
            ),
            models.CheckConstraint(
                name="settled_view_alert_says_what_was_found",
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, finding="")
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(finding="")),
            ),
            models.CheckConstraint(
                name="nobody_settles_the_own_view_alert",
                condition=Q(settled_by__isnull=True) | ~Q(settled_by=F("viewer")),
            ),
        ]

    def __str__(self) -> str:
        return f"閲覧の警告 第{self.pk}号"
