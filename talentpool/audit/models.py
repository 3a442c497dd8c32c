"""Append-only record of every business verb, chained by SHA-256 (A-46)."""

from django.db import models


class Event(models.Model):
    """One thing that somebody did. Holds ids only, never names, addresses or free text (B-16)."""

    at = models.DateTimeField("日時")
    actor_id = models.BigIntegerField("利用者番号", null=True, help_text="空欄は自動処理")
    actor_role = models.CharField("役割", max_length=40, blank=True)
    action = models.CharField("操作", max_length=60, db_index=True)
    object_type = models.CharField("対象の種類", max_length=60)
    object_id = models.CharField("対象の番号", max_length=40)
    detail = models.JSONField("内訳", default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = "監査記録"
        verbose_name_plural = "監査記録"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["object_id", "object_type"], name="events_of_object")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.action} {self.object_type}:{self.object_id}"
