"""The consultation desk: a town asks, the prefecture answers (sources.md 0 direction 1, and 6)."""

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from consultations.desk.querysets import ConsultationQuerySet, MessageQuerySet
from talentpool.conventions.business_days import business_days_between
from talentpool.conventions.era import fiscal_year_label


class Action(models.TextChoices):
    """What can be done with a consultation, and who does it."""

    ASSIGN = "assign", "担当を決める"
    ASK_BACK = "ask_back", "確認の質問を送る"
    ANSWER = "answer", "回答を送る"
    ADD = "add", "書き足して送る"
    CLOSE = "close", "相談を終える"


PREFECTURE_ACTIONS = (Action.ASSIGN, Action.ASK_BACK, Action.ANSWER)
TOWN_ACTIONS = (Action.ADD, Action.CLOSE)


class Consultation(models.Model):
    """One question of a town. `answer_due` is the day by which the prefecture answers; `turn` says
    who has to act next, and is empty when nobody has."""

    class Status(models.TextChoices):
        ASKED = "asked", "受付待ち"
        IN_PROGRESS = "in_progress", "対応中"
        ANSWERED = "answered", "回答済み"
        CLOSED = "closed", "終了"

    class Turn(models.TextChoices):
        PREFECTURE = "prefecture", "県の対応待ち"
        TOWN = "town", "市町の対応待ち"

    class Stage(models.TextChoices):
        PLAN = "plan", "企画・検討"
        RFI = "rfi", "情報提供依頼(RFI)"
        BUDGET = "budget", "予算要求"
        SPECIFICATION = "specification", "仕様書の作成"
        BEFORE_NOTICE = "before_notice", "公告の前"
        EVALUATION = "evaluation", "見積・提案の評価"
        CONTRACT = "contract", "契約"
        CHANGE = "change", "契約の変更"
        OPERATION = "operation", "運用"
        NONE = "none", "調達には関わらない"

    class Secrecy(models.TextChoices):
        SHAREABLE = "shareable", "市町名を伏せて、ほかの市町と共有してよい"
        PREFECTURE_ONLY = "prefecture_only", "県の相談窓口の中だけで扱う"

    # Which action leads from which state to which; nothing else is possible. Read by the
    # services, the buttons and the tests.
    TRANSITIONS: dict[Action, dict[str, str]] = {
        Action.ASSIGN: {
            Status.ASKED: Status.IN_PROGRESS,
            Status.IN_PROGRESS: Status.IN_PROGRESS,
            Status.ANSWERED: Status.ANSWERED,
        },
        Action.ASK_BACK: {
            Status.ASKED: Status.IN_PROGRESS,
            Status.IN_PROGRESS: Status.IN_PROGRESS,
        },
        Action.ANSWER: {
            Status.ASKED: Status.ANSWERED,
            Status.IN_PROGRESS: Status.ANSWERED,
            Status.ANSWERED: Status.ANSWERED,
        },
        Action.ADD: {
            Status.ASKED: Status.ASKED,
            Status.IN_PROGRESS: Status.IN_PROGRESS,
            Status.ANSWERED: Status.IN_PROGRESS,
        },
        Action.CLOSE: {
            Status.ASKED: Status.CLOSED,
            Status.IN_PROGRESS: Status.CLOSED,
            Status.ANSWERED: Status.CLOSED,
        },
    }

    municipality = models.ForeignKey(
        "registry.Municipality",
        on_delete=models.PROTECT,  # a consultation is part of the record of its town
        related_name="consultations",
        verbose_name="市町",
        db_index=False,  # consultations_of_town begins with it
    )
    fiscal_year = models.PositiveSmallIntegerField("年度(西暦)")
    number = models.PositiveIntegerField("番号", help_text="年度ごとに1から")
    topic = models.ForeignKey(
        "vocabulary.Skill",
        on_delete=models.PROTECT,  # a code list row in use is not removed
        related_name="consultations",
        verbose_name="分野",
    )
    stage = models.CharField("調達の段階", max_length=16, choices=Stage)
    title = models.CharField("件名", max_length=60)
    question = models.TextField("相談したいこと", max_length=2000)
    wanted_by = models.DateField("回答がほしい日", null=True, blank=True)
    answer_due = models.DateField("回答期限")
    secrecy = models.CharField("共有の範囲", max_length=16, choices=Secrecy)
    status = models.CharField("状態", max_length=12, choices=Status, default=Status.ASKED)
    turn = models.CharField(
        "対応待ち", max_length=12, choices=Turn, default=Turn.PREFECTURE, blank=True
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who answered for the prefecture is part of the record
        related_name="+",
        null=True,
        blank=True,
        verbose_name="担当者",
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who asked is part of the record
        related_name="+",
        verbose_name="相談した人",
    )
    asked_at = models.DateTimeField("相談日時")
    answered_at = models.DateTimeField("最初の回答日時", null=True, blank=True)
    closed_at = models.DateTimeField("終了日時", null=True, blank=True)
    # The form's own key: sending the same form twice makes one consultation.
    request_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = "相談"
        verbose_name_plural = "相談"
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["turn", "answer_due"],
                condition=~Q(turn=""),
                name="open_consultations_by_due",
            ),
            models.Index(name="consultations_of_town", fields=["municipality", "id"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="consultation_number_is_unique_in_year", fields=["fiscal_year", "number"]
            ),
            models.CheckConstraint(
                name="consultation_number_starts_at_one", condition=Q(number__gte=1)
            ),
            models.CheckConstraint(
                name="consultation_has_title_and_question",
                condition=~Q(title="") & ~Q(question=""),
            ),
            models.CheckConstraint(
                name="consultation_in_hand_has_assignee",
                condition=Q(status="asked", assignee__isnull=True)
                | Q(status__in=["in_progress", "answered"], assignee__isnull=False)
                | Q(status="closed"),
            ),
            models.CheckConstraint(
                name="turn_fits_consultation_status",
                condition=Q(status="asked", turn="prefecture")
                | Q(status="in_progress", turn__in=["prefecture", "town"])
                | Q(status="answered", turn="town")
                | Q(status="closed", turn=""),
            ),
            models.CheckConstraint(
                name="answered_consultation_has_time",
                condition=Q(status="answered", answered_at__isnull=False)
                | Q(status="asked", answered_at__isnull=True)
                | Q(status__in=["in_progress", "closed"]),
            ),
            models.CheckConstraint(
                name="closed_consultation_has_time",
                condition=Q(status="closed", closed_at__isnull=False)
                | (~Q(status="closed") & Q(closed_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number_label} {self.title}"

    @property
    def number_label(self) -> str:
        """令和8年度 第87号."""
        return f"{fiscal_year_label(self.fiscal_year)} 第{self.number}号"

    @property
    def is_open(self) -> bool:
        return self.status != self.Status.CLOSED

    @property
    def was_withdrawn(self) -> bool:
        """Closed by the town before any answer."""
        return not self.is_open and self.answered_at is None

    @property
    def status_label(self) -> str:
        """The state in words, a consultation that ended without an answer told apart."""
        return "取下げ" if self.was_withdrawn else self.get_status_display()

    def allows(self, action: Action) -> bool:
        """Whether `action` is possible in the present state."""
        return self.status in self.TRANSITIONS[action]

    def waited_business_days(self, today: date) -> int:
        """Business days since the question came in; 0 on the same day."""
        return business_days_between(timezone.localdate(self.asked_at), today)


class Message(models.Model):
    """One text in the thread under the question. Never changed once it is sent."""

    class Kind(models.TextChoices):
        TOWN = "town", "市町から"
        ASK_BACK = "ask_back", "県からの確認"
        ANSWER = "answer", "県の回答"

    consultation = models.ForeignKey(
        Consultation,
        on_delete=models.CASCADE,
        related_name="messages",
        verbose_name="相談",
    )
    kind = models.CharField("種類", max_length=8, choices=Kind)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who wrote is part of the record
        related_name="+",
        verbose_name="書いた人",
    )
    body = models.TextField("本文", max_length=4000)
    at = models.DateTimeField("日時")
    request_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "やりとり"
        verbose_name_plural = "やりとり"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="message_is_not_empty", condition=~Q(body="")),
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.get_kind_display()}"

    @property
    def is_from_town(self) -> bool:
        return self.kind == self.Kind.TOWN
