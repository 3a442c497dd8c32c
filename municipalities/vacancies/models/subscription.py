"""News of vacancies for anybody, with nothing but a mail address (B-11)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class Subscription(models.Model):
    """Address, token, times, preferences: nothing else is known of a subscriber."""

    class Rhythm(models.TextChoices):
        AT_ONCE = "at_once", "公表のつど"
        DAILY = "daily", "1日1回"
        WEEKLY = "weekly", "週1回(月曜)"

    email = models.EmailField("メールアドレス", unique=True)
    token = models.CharField(max_length=48, unique=True)
    created_at = models.DateTimeField("申込み", auto_now_add=True)
    confirmed_at = models.DateTimeField("確認", null=True, blank=True)
    areas = ArrayField(
        models.CharField(max_length=6), verbose_name="市町", default=list, blank=True
    )
    fields = ArrayField(
        models.CharField(max_length=8), verbose_name="業務分野", default=list, blank=True
    )
    rhythm = models.CharField("頻度", max_length=8, choices=Rhythm, default=Rhythm.AT_ONCE)
    told_until = models.DateTimeField("ここまでは知らせた", null=True, blank=True)
    consent = models.CharField("同意した文面", max_length=20)

    class Meta:
        verbose_name = "配信の申込み"
        verbose_name_plural = "配信の申込み"
        constraints = [
            models.CheckConstraint(
                name="subscriber_email_is_lower_case", condition=Q(email=Lower("email"))
            )
        ]

    def __str__(self) -> str:
        return f"配信{self.pk}"


class Digest(models.Model):
    """That the mails of a rhythm were written, with all news before a day."""

    rhythm = models.CharField("頻度", max_length=8, choices=Subscription.Rhythm)
    until = models.DateField("この日の前まで")
    sent_at = models.DateTimeField("作成日時")

    class Meta:
        verbose_name = "まとめて送った配信"
        verbose_name_plural = "まとめて送った配信"
        constraints = [
            models.UniqueConstraint(name="digest_is_sent_once", fields=["rhythm", "until"])
        ]

    def __str__(self) -> str:
        return f"{self.rhythm} {self.until}"


class Suppression(models.Model):
    """An address that bounced, as a hash: nothing is sent to it, and nobody can read it here."""

    digest = models.CharField(max_length=64, primary_key=True)
    since = models.DateField(auto_now_add=True)

    class Meta:
        verbose_name = "配信停止のアドレス"
        verbose_name_plural = "配信停止のアドレス"

    def __str__(self) -> str:
        return self.digest[:8]


class SoftBounce(models.Model):
    """How often mail to an address did not arrive for the time being, by the address's hash."""

    digest = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveSmallIntegerField("回数", default=0)
    last_on = models.DateField("最後の日")

    class Meta:
        verbose_name = "一時的な不達"
        verbose_name_plural = "一時的な不達"
        constraints = [
            models.CheckConstraint(name="soft_bounce_is_counted", condition=Q(count__gte=1))
        ]

    def __str__(self) -> str:
        return f"{self.digest[:8]} {self.count}"
