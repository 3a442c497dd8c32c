"""Row first, then deliver: mail and task requests that survive a crash (A-35, A-36)."""

from django.db import models
from django.db.models import Q


class Message(models.Model):
    """One mail to send or one task to start, written in the transaction of its cause."""

    class Kind(models.TextChoices):
        MAIL = "mail", "メール"
        TASK = "task", "処理の依頼"

    class State(models.TextChoices):
        PENDING = "pending", "送信待ち"
        CLAIMED = "claimed", "送信中"
        DONE = "done", "送信済み"
        UNKNOWN = "unknown", "送信できたか不明"
        FAILED = "failed", "送信できず"

    kind = models.CharField("種類", max_length=4, choices=Kind)
    key = models.CharField("重複防止キー", max_length=120, unique=True)
    payload = models.JSONField("内容")
    in_bulk = models.BooleanField("一斉送信", default=False)  # leaves at the set rate
    state = models.CharField("状態", max_length=8, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField("試行回数", default=0)
    not_before = models.DateTimeField("次の試行")
    created_at = models.DateTimeField("作成", auto_now_add=True)
    finished_at = models.DateTimeField("終了", null=True)
    last_error = models.CharField("最後のエラー", max_length=200, blank=True)

    class Meta:
        verbose_name = "送信"
        verbose_name_plural = "送信箱"
        indexes = [
            models.Index(
                fields=["in_bulk", "not_before", "id"],
                condition=Q(state="pending"),
                name="waiting_messages",
            ),
            models.Index(
                fields=["not_before"], condition=Q(state="claimed"), name="claimed_messages"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="finished_message_has_time",
                condition=Q(state__in=["pending", "claimed"]) | Q(finished_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key}"
