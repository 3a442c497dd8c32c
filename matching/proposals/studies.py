"""検討: what would happen if, worked out beside a run by solving again. It changes nothing."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from matching.proposals.querysets import StudyQuerySet
from matching.proposals.states import Moving, Transitions


class Study(Moving):
    """One question about a run's plan, solved by a worker; the answer is kept as figures."""

    class Status(models.TextChoices):
        QUEUED = "queued", "計算待ち"
        RUNNING = "running", "計算中"
        FINISHED = "finished", "計算済み"
        FAILED = "failed", "計算できず"

    class Kind(models.TextChoices):
        PERSON_LEAVES = "person_leaves", "専門人材が1人抜けたら"
        PERSON_JOINS = "person_joins", "専門人材が1人加わったら"
        FORCED = "forced", "この人にすると"
        DECLINED = "declined", "担当を辞退されたら(ほかはそのまま)"
        LESS_TIME = "less_time", "空きが減ったら(ほかはそのまま)"
        NEED_ADDED = "need_added", "案件が1つ増えたら"
        NEED_REMOVED = "need_removed", "案件を1つ取り下げたら"
        BUDGET = "budget", "予算を変えたら"
        RULE = "rule", "条件を1つ問わないことにしたら"
        POLICIES = "policies", "決め方を変えたら(公平さの代償)"
        SHORTAGES = "shortages", "どんな人が足りないか"
        REPLAN = "replan", "いまの登録と調整の状況で組み直したら"

    GOING_ON = (Status.QUEUED, Status.RUNNING)

    TRANSITIONS: ClassVar[Transitions] = {
        "solve": (GOING_ON, Status.RUNNING),  # again after a worker was lost
        "finish": ((Status.RUNNING,), Status.FINISHED),
        "fail": (GOING_ON, Status.FAILED),
    }

    run = models.ForeignKey(
        "proposals.Run",
        on_delete=models.PROTECT,  # what was looked at is part of the run's record
        related_name="studies",
        verbose_name="マッチング実行",
    )
    kind = models.CharField("問い", max_length=16, choices=Kind)
    asked = models.JSONField("問いの中身", default=dict)
    words = models.CharField("問いの言葉", max_length=200)
    request_key = models.UUIDField("送信の鍵", unique=True, default=uuid.uuid4, editable=False)
    status = models.CharField("状態", max_length=8, choices=Status, default=Status.QUEUED)
    answer = models.JSONField("答え", null=True)
    attempts = models.PositiveSmallIntegerField("試行回数", default=0)
    failure = models.CharField("計算できなかった理由", max_length=200, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who asked is part of the record
        related_name="+",
        verbose_name="尋ねた人",
    )
    created_at = models.DateTimeField("開始", auto_now_add=True)
    finished_at = models.DateTimeField("終了", null=True, blank=True)

    objects = StudyQuerySet.as_manager()

    class Meta:
        verbose_name = "検討"
        verbose_name_plural = "検討"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="finished_study_has_answer_and_time",
                condition=~Q(status="finished")
                | Q(answer__isnull=False, finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="failed_study_says_why", condition=~Q(status="failed") | ~Q(failure="")
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def is_going_on(self) -> Any:
        """Whether the answer is still being worked out."""
        return self.status in self.GOING_ON
