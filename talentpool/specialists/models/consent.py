"""What people agree to and pledge, in which words, when (B-01, B-02)."""

import hashlib
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from talentpool.specialists.models.person import Specialist
from talentpool.specialists.querysets import ConsentQuerySet, PurposeTextQuerySet


class Purpose(models.TextChoices):
    """What personal data is used for, and what a person pledges."""

    REGISTRATION = "registration", "登録と県による調整"
    PROVISION = "provision", "市町への紹介"
    NEWS = "news", "お知らせのメール"
    CONFIDENTIALITY = "confidentiality", "秘密を守る誓約"
    ANTISOCIAL = "antisocial", "反社会的勢力でないことの誓約"


PLEDGES = frozenset({Purpose.CONFIDENTIALITY, Purpose.ANTISOCIAL})
# Without these no town is told of a person.
INTRODUCED = frozenset({Purpose.REGISTRATION, Purpose.PROVISION})
# Without these nobody is registered; the others are free to choose.
REQUIRED = frozenset(
    {Purpose.REGISTRATION, Purpose.PROVISION, Purpose.CONFIDENTIALITY, Purpose.ANTISOCIAL}
)


class PurposeText(models.Model):
    """One version of the words of one purpose. Never changed: new words are a new version.

    After `in_force_from` the version before counts until `earlier_until` (the grace in which people
    are asked again) and not at all when that is empty.
    """

    purpose = models.CharField("目的", max_length=16, choices=Purpose)
    version = models.PositiveSmallIntegerField("版")
    body = models.TextField("文面", max_length=2000)
    recipients = models.CharField("提供先", max_length=300, blank=True)
    retention = models.CharField("保存の期間", max_length=300, blank=True)
    in_force_from = models.DateField("使い始める日")
    earlier_until = models.DateField("前の版への同意が有効な最後の日", null=True, blank=True)
    confirmed = models.BooleanField("確認済み", default=False)
    sha256 = models.CharField("文面の指紋", max_length=64, editable=False)

    objects = PurposeTextQuerySet.as_manager()

    class Meta:
        verbose_name = "同意・誓約の文面"
        verbose_name_plural = "同意・誓約の文面"
        ordering = ["purpose", "-version"]
        constraints = [
            models.UniqueConstraint(
                name="purpose_text_version_is_unique", fields=["purpose", "version"]
            ),
            models.CheckConstraint(
                name="grace_of_purpose_text_follows_its_start",
                condition=Q(earlier_until__isnull=True) | Q(earlier_until__gte=F("in_force_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} 第{self.version}版"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sha256 = self.digest()
        super().save(*args, **kwargs)

    def digest(self) -> str:
        """SHA-256 over everything that the person reads."""
        words = "\n".join([self.purpose, self.body, self.recipients, self.retention])
        return hashlib.sha256(words.encode()).hexdigest()

    @property
    def is_pledge(self) -> bool:
        return self.purpose in PLEDGES

    @property
    def is_required(self) -> bool:
        """Whether nobody is registered without it."""
        return self.purpose in REQUIRED

    def still_takes(self, version: int, today: date) -> bool:
        """Whether a consent to `version` counts while this text is the one in force."""
        if version >= self.version:
            return version == self.version
        return version == self.version - 1 and bool(
            self.earlier_until and today <= self.earlier_until
        )


class Consent(models.Model):
    """A person agreed to one purpose in the words of one version; ended, never deleted."""

    class Method(models.TextChoices):
        SCREEN = "screen", "本人が画面で"
        PAPER = "paper", "本人の書面を県が記録"

    specialist = models.ForeignKey(Specialist, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField("目的", max_length=16, choices=Purpose)
    text = models.ForeignKey(
        PurposeText,
        on_delete=models.PROTECT,  # what was agreed to must stay readable
        related_name="consents",
        verbose_name="文面",
    )
    text_sha256 = models.CharField("文面の指紋", max_length=64)
    given_at = models.DateTimeField("同意した日時", default=timezone.now)
    method = models.CharField("方法", max_length=8, choices=Method, default=Method.SCREEN)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who took the consent down is part of it
        related_name="+",
        null=True,
        verbose_name="記録した人",
    )
    withdrawn_at = models.DateTimeField("取り消した日時", null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    NEVER_WITHDRAWN: ClassVar[frozenset[str]] = frozenset(PLEDGES)

    class Meta:
        verbose_name = "同意・誓約"
        verbose_name_plural = "同意・誓約"
        ordering = ["-given_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_current_consent_per_purpose",
                fields=["specialist", "purpose"],
                condition=Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                name="consent_is_withdrawn_after_it_was_given",
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("given_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.specialist_id} {self.get_purpose_display()}"
