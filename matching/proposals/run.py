"""マッチング実行: one calculation on frozen input."""

import uuid
from typing import ClassVar, cast

from django.conf import settings
from django.db import models
from django.db.models import Q

from matching.engine.policies import PolicyName
from matching.proposals.querysets import RunQuerySet
from matching.proposals.states import Moving, Transitions


class Run(Moving):
    """マッチング実行: freezes its input, is solved by a worker, changes nothing else."""

    class Status(models.TextChoices):
        QUEUED = "queued", "計算待ち"
        RUNNING = "running", "計算中"
        FINISHED = "finished", "計算済み"
        FAILED = "failed", "計算できず"

    class Policy(models.TextChoices):
        TOWNS_FIRST = "towns_first", "届く市町の数を先に(標準)"
        LEXIMIN = "leximin", "充足率の低い市町から"
        TOTAL = "total", "適合の得点の合計だけ"

        @property
        def engine_name(self) -> PolicyName:
            """The policy as the engine calls it."""
            return cast(PolicyName, self.value)

    GOING_ON = (Status.QUEUED, Status.RUNNING)

    TRANSITIONS: ClassVar[Transitions] = {
        "solve": (GOING_ON, Status.RUNNING),  # again after a worker was lost
        "finish": ((Status.RUNNING,), Status.FINISHED),
        "fail": (GOING_ON, Status.FAILED),
    }

    number = models.PositiveIntegerField("回", unique=True)
    title = models.CharField("名称", max_length=60)
    request_key = models.UUIDField("送信の鍵", unique=True, default=uuid.uuid4, editable=False)
    status = models.CharField("状態", max_length=8, choices=Status, default=Status.QUEUED)
    wall_seconds = models.PositiveSmallIntegerField("計算時間の上限(秒)", default=60)
    policy = models.CharField("決め方", max_length=12, choices=Policy, default=Policy.TOWNS_FIRST)
    needs = models.ManyToManyField("vacancies.Need", related_name="runs", verbose_name="案件")
    problem = models.JSONField("凍結した入力", null=True)
    frozen_at = models.DateTimeField("入力の凍結", null=True)
    input_sha256 = models.CharField("入力のハッシュ", max_length=64, blank=True)
    greedy_plan = models.JSONField("速い方法の案", null=True)
    plan = models.JSONField("案", null=True)
    pack = models.JSONField("監査パック(入力と案のほか)", null=True)
    plan_sha256 = models.CharField("案のハッシュ", max_length=64, blank=True)
    pack_sha256 = models.CharField("監査パックのハッシュ", max_length=64, blank=True)
    mends = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,  # what it was mended from is part of its record
        related_name="mendings",
        null=True,
        blank=True,
        verbose_name="組み直した元の計算",
    )
    mended = models.JSONField("組み直しの記録", null=True, blank=True)
    stage = models.CharField("段階", max_length=60, blank=True)
    stages_done = models.PositiveSmallIntegerField("終わった段階", default=0)
    stages_of = models.PositiveSmallIntegerField("段階の数", default=0)
    attempts = models.PositiveSmallIntegerField("試行回数", default=0)
    failure = models.CharField("計算できなかった理由", max_length=200, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who asked is part of the record
        related_name="+",
        verbose_name="開始した人",
    )
    created_at = models.DateTimeField("開始", auto_now_add=True)
    finished_at = models.DateTimeField("終了", null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = "マッチング実行"
        verbose_name_plural = "マッチング"
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                name="finished_run_has_plan_and_time",
                condition=~Q(status="finished")
                | Q(plan__isnull=False, finished_at__isnull=False, problem__isnull=False),
            ),
            models.CheckConstraint(
                name="mended_run_says_what_changed",
                condition=Q(mends__isnull=True, mended__isnull=True)
                | Q(mends__isnull=False, mended__isnull=False),
            ),
            models.CheckConstraint(
                name="failed_run_says_why", condition=~Q(status="failed") | ~Q(failure="")
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.number}回 {self.title}"
