"""Who works for which body, and how they are let in."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from municipalities.registry.models.bodies import Municipality
from municipalities.registry.querysets import InvitationQuerySet, MembershipQuerySet


class Membership(models.Model):
    """What a member of staff is, and of which body. Ended, never deleted: the record needs it."""

    class Role(models.TextChoices):
        COORDINATOR = "coordinator", "県コーディネーター"
        PREFECTURAL_APPROVER = "prefectural_approver", "県決裁者"
        AUDITOR = "auditor", "監査"
        EDITOR = "editor", "市町担当"
        APPROVER = "approver", "市町決裁者"

    PREFECTURAL_ROLES = (Role.COORDINATOR, Role.PREFECTURAL_APPROVER, Role.AUDITOR)
    MUNICIPAL_ROLES = (Role.EDITOR, Role.APPROVER)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who acted must stay known
        related_name="memberships",
        verbose_name="利用者",
    )
    role = models.CharField("役割", max_length=24, choices=Role)
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,  # who acted for which body must stay known
        related_name="memberships",
        null=True,
        blank=True,
        verbose_name="市町",
    )
    section = models.CharField("所属", max_length=60, blank=True)
    since = models.DateField("開始日")
    until = models.DateField("終了日", null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "所属と役割"
        verbose_name_plural = "所属と役割"
        constraints = [
            models.UniqueConstraint(
                name="one_current_membership_per_user",
                fields=["user"],
                condition=Q(until__isnull=True),
            ),
            models.CheckConstraint(
                name="municipal_role_has_municipality",
                condition=Q(role__in=["editor", "approver"], municipality__isnull=False)
                | Q(
                    role__in=["coordinator", "prefectural_approver", "auditor"],
                    municipality__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="membership_ends_after_start",
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
            ),
        ]

    def __str__(self) -> str:
        body = self.municipality.name if self.municipality else "県"
        return f"{body} {self.get_role_display()}"


class Invitation(models.Model):
    """The way into the portal for staff: one address, one body, one role, once, for 72 hours
    (A-10). The link's token is kept as its SHA-256 only."""

    class Status(models.TextChoices):
        SENT = "sent", "招待中"
        ACCEPTED = "accepted", "登録済み"
        REVOKED = "revoked", "取消し"
        REPLACED = "replaced", "送り直し済み"

    # verb: (from, to)
    TRANSITIONS = {
        "accept": (Status.SENT, Status.ACCEPTED),
        "revoke": (Status.SENT, Status.REVOKED),
        "replace": (Status.SENT, Status.REPLACED),
    }

    email = models.EmailField("メールアドレス")
    role = models.CharField("役割", max_length=24, choices=Membership.Role)
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,  # who was let in for which body must stay known
        related_name="invitations",
        null=True,
        blank=True,
        verbose_name="市町",
    )
    section = models.CharField("所属", max_length=60, blank=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    status = models.CharField("状態", max_length=10, choices=Status, default=Status.SENT)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who let somebody in must stay known
        related_name="+",
        null=True,
        verbose_name="招待した人",
        help_text="空欄は、最初のコーディネーターの招待",
    )
    invited_at = models.DateTimeField("招待日時", default=timezone.now)
    expires_at = models.DateTimeField("期限")
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # the account came from here
        related_name="invitation",
        null=True,
        verbose_name="登録した利用者",
    )
    ended_at = models.DateTimeField("登録・取消しの日時", null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "招待"
        verbose_name_plural = "招待"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_invitation_per_address",
                fields=["email"],
                condition=Q(status="sent"),
            ),
            models.CheckConstraint(
                name="invitation_email_is_lower_case", condition=Q(email=Lower("email"))
            ),
            models.CheckConstraint(
                name="municipal_invitation_has_municipality",
                condition=Q(role__in=["editor", "approver"], municipality__isnull=False)
                | Q(
                    role__in=["coordinator", "prefectural_approver", "auditor"],
                    municipality__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="accepted_invitation_has_account",
                condition=Q(status="accepted", account__isnull=False)
                | (~Q(status="accepted") & Q(account__isnull=True)),
            ),
            models.CheckConstraint(
                name="ended_invitation_has_time",
                condition=Q(status="sent", ended_at__isnull=True)
                | (~Q(status="sent") & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="invitation_expires_after_start", condition=Q(expires_at__gt=F("invited_at"))
            ),
        ]

    def __str__(self) -> str:
        body = self.municipality.name if self.municipality else "県"
        return f"{body} {self.get_role_display()}"

    @property
    def is_open(self) -> bool:
        """Can be accepted now."""
        return self.status == self.Status.SENT and timezone.now() < self.expires_at

    @property
    def status_words(self) -> str:
        """The state as staff read it: an invitation past its hours says so."""
        if self.status == self.Status.SENT and not self.is_open:
            return "期限切れ"
        return str(self.get_status_display())
