"""The towns of the prefecture: who they are, who works there, what they buy from whom."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower
from django.utils import timezone

from municipalities.registry.querysets import InvitationQuerySet, MunicipalityQuerySet


class Prefecture(models.Model):
    """One of the 47, by its six-digit local-government code (the last digit is a check digit)."""

    code = models.CharField("団体コード", max_length=6, primary_key=True)
    name = models.CharField("名称", max_length=10)
    kana = models.CharField("よみ", max_length=20)

    class Meta:
        verbose_name = "都道府県"
        verbose_name_plural = "都道府県"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Municipality(models.Model):
    """A city, town or village. Always shown in full: 府中市 and 府中町 are two."""

    code = models.CharField("団体コード", max_length=6, primary_key=True)
    prefecture = models.ForeignKey(
        Prefecture,
        verbose_name="都道府県",
        on_delete=models.PROTECT,  # a code that was used stays readable for ever
        related_name="municipalities",
    )
    name = models.CharField("名称", max_length=20)
    kana = models.CharField("よみ", max_length=40)
    latitude = models.DecimalField("緯度", max_digits=6, decimal_places=3, null=True, blank=True)
    longitude = models.DecimalField("経度", max_digits=6, decimal_places=3, null=True, blank=True)
    tile_column = models.PositiveSmallIntegerField("図の列", null=True, blank=True)
    tile_row = models.PositiveSmallIntegerField("図の行", null=True, blank=True)

    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        verbose_name = "市町"
        verbose_name_plural = "市町"
        ordering = ["kana", "code"]
        constraints = [
            models.UniqueConstraint(
                name="name_is_unique_in_prefecture", fields=["prefecture", "name"]
            )
        ]

    def __str__(self) -> str:
        return self.name


class Population(models.Model):
    """Population is dated data: value, as-of date, source (domain.md 7.2)."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.CASCADE, related_name="populations", verbose_name="市町"
    )
    as_of = models.DateField("基準日")
    value = models.PositiveIntegerField("人口")
    source = models.CharField("出典", max_length=120)
    confirmed = models.BooleanField("確認済み", default=False)

    class Meta:
        verbose_name = "人口"
        verbose_name_plural = "人口"
        ordering = ["-as_of"]
        constraints = [
            models.UniqueConstraint(
                name="one_population_per_date", fields=["municipality", "as_of"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.as_of}: {self.value}"


class Group(models.Model):
    """Municipalities that stand together: a joint-use group of systems or a sphere (圏域)."""

    class Kind(models.TextChoices):
        JOINT_USE = "joint_use", "共同利用グループ"
        SPHERE = "sphere", "圏域"

    kind = models.CharField("種類", max_length=10, choices=Kind)
    name = models.CharField("名称", max_length=60, unique=True)
    source = models.CharField("出典", max_length=200, blank=True)
    confirmed = models.BooleanField("確認済み", default=False)

    class Meta:
        verbose_name = "共同利用・圏域"
        verbose_name_plural = "共同利用・圏域"
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """A member; without a municipality where the source does not say which one it is."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members")
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,  # a code that was used stays readable for ever
        related_name="group_members",
        null=True,
        blank=True,
        verbose_name="市町",
    )
    note = models.CharField("注記", max_length=200, blank=True)

    class Meta:
        verbose_name = "構成団体"
        verbose_name_plural = "構成団体"
        constraints = [
            models.UniqueConstraint(
                name="municipality_is_once_in_group",
                fields=["group", "municipality"],
                condition=Q(municipality__isnull=False),
            ),
            models.CheckConstraint(
                name="unknown_member_has_note",
                condition=Q(municipality__isnull=False) | ~Q(note=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.municipality) if self.municipality_id else self.note


class SchemeUse(models.Model):
    """Which town used which national scheme or hired by itself (facts of the report)."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="scheme_uses", verbose_name="市町"
    )
    fiscal_year = models.PositiveSmallIntegerField("年度(西暦)", null=True, blank=True)
    scheme = models.CharField("制度", max_length=80)
    source = models.CharField("出典", max_length=200)

    class Meta:
        verbose_name = "国の制度等の利用"
        verbose_name_plural = "国の制度等の利用"
        constraints = [
            models.UniqueConstraint(
                name="scheme_use_is_once",
                fields=["municipality", "fiscal_year", "scheme"],
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.scheme}"


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


class VendorContract(models.Model):
    """A contract of a municipality with a vendor: what conflicts of interest are read from."""

    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.CASCADE,
        related_name="vendor_contracts",
        verbose_name="市町",
    )
    corporate_number = models.CharField("法人番号", max_length=13)
    vendor_name = models.CharField("契約者", max_length=80)
    subject = models.CharField("件名", max_length=120)
    skill = models.ForeignKey(
        "vocabulary.Skill",
        on_delete=models.PROTECT,  # a code list row in use is not removed
        null=True,
        blank=True,
        verbose_name="業務分野",
    )
    starts = models.DateField("開始日")
    ends = models.DateField("終了日")

    class Meta:
        verbose_name = "契約(ベンダ)"
        verbose_name_plural = "契約(ベンダ)"
        ordering = ["municipality", "-ends"]
        constraints = [
            models.CheckConstraint(
                name="contract_ends_after_start", condition=Q(ends__gte=F("starts"))
            ),
            ExclusionConstraint(
                name="same_contract_is_not_entered_twice",
                expressions=[
                    ("municipality", RangeOperators.EQUAL),
                    ("corporate_number", RangeOperators.EQUAL),
                    ("subject", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts"),
                            F("ends"),
                            models.Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.vendor_name} {self.subject}"

    def clean(self, *args: Any, **kwargs: Any) -> None:
        from django.core.exceptions import ValidationError

        from talentpool.conventions import corporate_number

        if not corporate_number.is_valid(self.corporate_number):
            raise ValidationError(
                {
                    "corporate_number": "法人番号(13桁)の検査数字が合いません。"
                    "番号を確かめてください。"
                }
            )
