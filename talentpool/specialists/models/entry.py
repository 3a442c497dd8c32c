"""The ways into the pool: one link, sent to one mail address, once (A-11)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from talentpool.specialists.models.person import Firm, Specialist


class EntryTicket(models.Model):
    """A verified way to an account: to register oneself, to register a firm, to join a firm on its
    manager's invitation, to speak for a firm, or to take over what the prefecture entered. The
    token is kept as its SHA-256 only; nothing of the person exists before the link is opened."""

    class Way(models.TextChoices):
        SELF = "self", "自分で登録"
        FIRM = "firm", "事業者の登録"
        MEMBER = "member", "事業者からの招待"
        CLAIM = "claim", "県の登録の引き継ぎ"
        MANAGER = "manager", "事業者の担当者の案内"

    class Status(models.TextChoices):
        ASKED = "asked", "受付"  # the queue answers it
        SENT = "sent", "送信済み"
        USED = "used", "使用済み"
        ENDED = "ended", "取消し・送り直し"

    # Verb: the states it starts from and the one it ends in.
    TRANSITIONS: ClassVar[dict[str, tuple[tuple[Status, ...], Status]]] = {
        "send": ((Status.ASKED,), Status.SENT),
        "use": ((Status.SENT,), Status.USED),
        "end": ((Status.ASKED, Status.SENT), Status.ENDED),
    }

    way = models.CharField("入口", max_length=8, choices=Way)
    email = models.EmailField("メールアドレス")
    specialist = models.ForeignKey(
        Specialist,
        on_delete=models.CASCADE,
        related_name="tickets",
        null=True,
        verbose_name="引き継ぐ登録",
    )
    firm = models.ForeignKey(
        Firm,
        on_delete=models.CASCADE,
        related_name="tickets",
        null=True,
        verbose_name="招待した事業者",
    )
    token_sha256 = models.CharField(max_length=64, unique=True)
    status = models.CharField("状態", max_length=6, choices=Status, default=Status.SENT)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who let somebody in must stay known
        related_name="+",
        null=True,
        verbose_name="送った人",
    )
    sent_at = models.DateTimeField("送信日時", default=timezone.now)
    expires_at = models.DateTimeField("期限")
    ended_at = models.DateTimeField("終わった日時", null=True)

    class Meta:
        verbose_name = "登録の案内"
        verbose_name_plural = "登録の案内"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_ticket_per_address_and_way",
                fields=["email", "way"],
                condition=Q(status="sent", firm__isnull=True),
            ),
            # Another firm's invitation does not end the first one's.
            models.UniqueConstraint(
                name="one_open_ticket_per_address_way_and_firm",
                fields=["email", "way", "firm"],
                condition=Q(status="sent", firm__isnull=False),
            ),
            # A mail to a wrong address opens nothing once the right one has its own.
            models.UniqueConstraint(
                name="one_open_claim_per_person",
                fields=["specialist"],
                condition=Q(status="sent", specialist__isnull=False),
            ),
            models.CheckConstraint(
                name="ticket_email_is_lower_case", condition=Q(email=Lower("email"))
            ),
            models.CheckConstraint(
                name="ticket_leads_where_its_way_says",
                condition=Q(way__in=["self", "firm"], specialist=None, firm=None)
                | Q(way__in=["member", "manager"], specialist=None, firm__isnull=False)
                | Q(way="claim", specialist__isnull=False, firm=None),
            ),
            models.CheckConstraint(
                name="ticket_expires_after_it_was_sent", condition=Q(expires_at__gt=F("sent_at"))
            ),
            models.CheckConstraint(
                name="ended_ticket_has_time",
                condition=Q(status__in=["asked", "sent"], ended_at=None)
                | (Q(status__in=["used", "ended"]) & Q(ended_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_way_display()} {self.pk}"

    @property
    def is_open(self) -> bool:
        """Can be used now."""
        return self.status == self.Status.SENT and timezone.now() < self.expires_at
