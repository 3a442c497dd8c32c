"""What people change in a registration that the prefecture has vetted."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from talentpool.specialists.models.person import Specialist
from talentpool.specialists.querysets import ProfileChangeQuerySet


class ProfileChange(models.Model):
    """A change that counts at once and that the prefecture looks at afterwards: a skill added or
    with a higher own level, a permission that is said not to be needed, another name, employer or
    date of retirement, other certificates. A skill that was taken out keeps the prefecture's level
    here, for when it comes back."""

    class Kind(models.TextChoices):
        ADDED = "added", "業務分野を加えた"
        RAISED = "raised", "自己評価を上げた"
        REMOVED = "removed", "業務分野を外した"
        NO_PERMIT = "no_permit", "副業の許可は要らない、に変えた"
        NAME = "name", "お名前・フリガナを変えた"
        BACKGROUND = "background", "退職・勤め先・許可の内容を変えた"
        CERTIFICATE = "certificate", "資格を変えた"

    specialist = models.ForeignKey(
        Specialist, on_delete=models.CASCADE, related_name="profile_changes"
    )
    kind = models.CharField("変更", max_length=12, choices=Kind)
    skill = models.ForeignKey(
        "vocabulary.Skill",
        on_delete=models.PROTECT,  # a code list row in use is not removed
        null=True,
        verbose_name="業務分野",
    )
    before = models.PositiveSmallIntegerField("前の自己評価", null=True)
    after = models.PositiveSmallIntegerField("後の自己評価", null=True)
    # What stood there and what stands there now, of a change of words and dates.
    detail = models.TextField("前と後", max_length=4000, blank=True)
    assessed_level = models.PositiveSmallIntegerField("県の評価", null=True)
    at = models.DateTimeField("日時", auto_now_add=True)
    seen_at = models.DateTimeField("県が確かめた日時", null=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who looked must stay known
        related_name="+",
        null=True,
        verbose_name="確かめた人",
    )

    objects = ProfileChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "登録のあとの変更"
        verbose_name_plural = "登録のあとの変更"
        ordering = ["-pk"]
        indexes = [
            models.Index(
                name="profile_change_unseen",
                fields=["specialist"],
                condition=Q(seen_at__isnull=True) & ~Q(kind="removed"),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="change_of_a_skill_names_it",
                condition=Q(
                    kind__in=["no_permit", "name", "background", "certificate"],
                    skill__isnull=True,
                )
                | Q(kind__in=["added", "raised", "removed"], skill__isnull=False),
            ),
            models.CheckConstraint(
                name="change_is_seen_by_somebody",
                condition=Q(seen_at__isnull=True, seen_by__isnull=True)
                | Q(seen_at__isnull=False, seen_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.specialist_id} {self.kind}"
