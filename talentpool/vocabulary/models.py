"""Code lists as data. `confirmed` is false where the source could not be read: an administrator
settles it, and pages that show such a value say 未確認."""

from django.db import models
from django.db.models import Q


class Term(models.Model):
    """One word of a simple list: talent types, roles, certificates, systems, reasons."""

    vocabulary = models.CharField("一覧", max_length=30, db_index=True)
    code = models.CharField("コード", max_length=20)
    label = models.CharField("名称", max_length=80)
    description = models.CharField("説明", max_length=300, blank=True)
    order = models.PositiveSmallIntegerField("順", default=0)
    active = models.BooleanField("使用中", default=True)
    confirmed = models.BooleanField("確認済み", default=False)
    note = models.CharField("出典・注記", max_length=300, blank=True)

    class Meta:
        verbose_name = "用語"
        verbose_name_plural = "用語"
        ordering = ["vocabulary", "order", "code"]
        constraints = [
            models.UniqueConstraint(name="term_is_unique", fields=["vocabulary", "code"])
        ]

    def __str__(self) -> str:
        return self.label


class Skill(models.Model):
    """A field of work, which is at once what a need asks for and what a consultation is about."""

    code = models.CharField("コード", max_length=6, primary_key=True)
    name = models.CharField("名称", max_length=60)
    description = models.CharField("内容", max_length=200, blank=True)
    order = models.PositiveSmallIntegerField("順", default=0)
    confirmed = models.BooleanField("確認済み", default=False)
    note = models.CharField("出典・注記", max_length=300, blank=True)

    class Meta:
        verbose_name = "業務分野"
        verbose_name_plural = "業務分野"
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name


class Level(models.Model):
    """A pool level L1 to L4 and the ITSS levels it stands for."""

    number = models.PositiveSmallIntegerField("レベル", primary_key=True)
    name = models.CharField("名称", max_length=40)
    description = models.CharField("内容", max_length=200, blank=True)
    itss_from = models.PositiveSmallIntegerField("ITSS下限")
    itss_to = models.PositiveSmallIntegerField("ITSS上限")
    confirmed = models.BooleanField("確認済み", default=False)
    note = models.CharField("出典・注記", max_length=300, blank=True)

    class Meta:
        verbose_name = "レベル"
        verbose_name_plural = "レベル"
        ordering = ["number"]

    def __str__(self) -> str:
        return f"L{self.number} {self.name}"

    @property
    def itss(self) -> str:
        """The ITSS levels in words: ITSS 1〜2."""
        span = [str(level) for level in sorted({self.itss_from, self.itss_to})]
        return f"ITSS {'〜'.join(span)}"

    @property
    def choice(self) -> str:
        """The level as it is chosen, with what it stands for: L2 実務担当（ITSS 3）."""
        return f"{self}（{self.itss}）"


class EngagementForm(models.Model):
    """A legal form in which a municipality takes somebody on (sources.md 3.1)."""

    code = models.CharField("コード", max_length=2, primary_key=True)
    name = models.CharField("形態", max_length=60)
    basis = models.CharField("根拠", max_length=120, blank=True)
    rule = models.TextField("留意点", blank=True)
    grant = models.CharField("特別交付税", max_length=20, default="要確認")
    is_employment = models.BooleanField("雇用関係", null=True)
    active = models.BooleanField("使用中", default=True)
    confirmed = models.BooleanField("確認済み", default=False)
    note = models.CharField("出典・注記", max_length=300, blank=True)

    class Meta:
        verbose_name = "任用等の形態"
        verbose_name_plural = "任用等の形態"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class GrantRule(models.Model):
    """A rate of the special allocation tax by year, payer and kind of cost (sources.md 2).

    Only ever used for what is labelled 試算(参考値)."""

    fiscal_year = models.PositiveSmallIntegerField("年度(西暦)")
    payer = models.CharField("負担者", max_length=12)
    cost_kind = models.CharField("経費", max_length=20)
    forms = models.CharField("対象の形態コード", max_length=60, blank=True)
    rate = models.DecimalField("措置率", max_digits=3, decimal_places=2, null=True)
    cap_yen = models.PositiveIntegerField("上限(円)", null=True, blank=True)
    fiscal_power_adjusted = models.BooleanField("財政力補正", null=True)
    confirmed = models.BooleanField("確認済み", default=False)
    source = models.CharField("出典", max_length=200, blank=True)
    note = models.CharField("注記", max_length=300, blank=True)

    class Meta:
        verbose_name = "特別交付税の措置率"
        verbose_name_plural = "特別交付税の措置率"
        ordering = ["fiscal_year", "payer", "cost_kind"]
        constraints = [
            models.UniqueConstraint(
                name="grant_rule_is_unique", fields=["fiscal_year", "payer", "cost_kind"]
            ),
            models.CheckConstraint(
                name="grant_rate_is_a_share",
                condition=Q(rate__isnull=True) | Q(rate__gte=0, rate__lte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year} {self.payer} {self.cost_kind}"
