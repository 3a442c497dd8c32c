"""Who looked at whom."""

from django.conf import settings
from django.db import models

from talentpool.specialists.models.person import Specialist
from talentpool.specialists.querysets import ProfileViewQuerySet


class ProfileView(models.Model):
    """Who looked at whose profile, when and for which need: written before the page is sent
    (B-07), and the person reads it."""

    specialist = models.ForeignKey(Specialist, on_delete=models.CASCADE, related_name="views")
    at = models.DateTimeField("日時", auto_now_add=True)
    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # the person has a right to know who it was
        related_name="+",
        verbose_name="閲覧者",
    )
    viewer_body = models.CharField("閲覧した団体", max_length=40)
    viewer_role = models.CharField("役割", max_length=40)
    scope = models.CharField("見た範囲", max_length=12)
    purpose = models.CharField("目的", max_length=80)

    objects = ProfileViewQuerySet.as_manager()

    class Meta:
        verbose_name = "閲覧記録"
        verbose_name_plural = "閲覧記録"
        ordering = ["-at"]
        indexes = [models.Index(name="views_of_a_person", fields=["specialist", "-at", "-id"])]

    def __str__(self) -> str:
        return f"{self.specialist_id} {self.at:%Y-%m-%d %H:%M}"
