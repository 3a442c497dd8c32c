"""What ties a person to firms, what was declared when, and how conflicts were settled."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from municipalities.registry.models.contracts import check_number
from talentpool.specialists.conflicts import rules
from talentpool.specialists.models.person import Specialist
from talentpool.specialists.querysets import (
    DeclarationQuerySet,
    OwnRowsQuerySet,
    PrefectureOnlyQuerySet,
)


class Interest(models.Model):
    """A tie of a person to a firm, by corporate number, from when to when (sources.md 3.4).

    A firm that the person left stays here with its last day: it counts for two more years.
    """

    class Kind(models.TextChoices):
        EMPLOYER = rules.TieKind.EMPLOYER, rules.TieKind.EMPLOYER.label
        OFFICER = rules.TieKind.OFFICER, rules.TieKind.OFFICER.label
        SHARES = rules.TieKind.SHARES, rules.TieKind.SHARES.label
        PRODUCT = rules.TieKind.PRODUCT, rules.TieKind.PRODUCT.label
        CLIENT = rules.TieKind.CLIENT, rules.TieKind.CLIENT.label
        RELATIVE = rules.TieKind.RELATIVE, rules.TieKind.RELATIVE.label

    specialist = models.ForeignKey(Specialist, on_delete=models.CASCADE, related_name="interests")
    kind = models.CharField("関わり", max_length=10, choices=Kind)
    corporate_number = models.CharField("法人番号", max_length=13, validators=[check_number])
    name = models.CharField("会社名", max_length=80)
    since = models.DateField("いつから", null=True, blank=True)
    until = models.DateField("いつまで", null=True, blank=True)
    note = models.CharField("補足", max_length=200, blank=True)
    # Kept by the portal when a registration left a firm; nobody takes it out.
    from_registration = models.BooleanField("登録の所属だった会社", default=False, editable=False)
    created_at = models.DateTimeField("申告日時", auto_now_add=True)

    objects = OwnRowsQuerySet.as_manager()

    class Meta:
        verbose_name = "利害関係"
        verbose_name_plural = "利害関係"
        ordering = ["kind", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="interest_ends_after_start",
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gte=F("since")),
            ),
            models.CheckConstraint(
                name="interest_has_corporate_number",
                condition=Q(corporate_number__regex=r"^[0-9]{13}$"),
            ),
            models.CheckConstraint(
                name="tie_kept_from_registration_is_past_employer",
                condition=Q(from_registration=False) | Q(kind="employer", until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.specialist_id} {self.get_kind_display()}"


class InterestDeclaration(models.Model):
    """That a person declared the ties as they stood then: once a fiscal year and at each change.

    `content` is the list as it was declared.
    """

    specialist = models.ForeignKey(
        Specialist, on_delete=models.CASCADE, related_name="interest_declarations"
    )
    fiscal_year = models.PositiveSmallIntegerField("年度(西暦)")
    declared_at = models.DateTimeField("申告日時", auto_now_add=True)
    content = models.JSONField("申告の内容", default=list)

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = "利益相反の申告"
        verbose_name_plural = "利益相反の申告"
        ordering = ["-declared_at"]
        indexes = [models.Index(name="declaration_of_a_year", fields=["specialist", "fiscal_year"])]

    def __str__(self) -> str:
        return f"{self.specialist_id} {self.fiscal_year}年度"


class FirmRelation(models.Model):
    """A parent company and its subsidiary, from when to when. Kept by the prefecture."""

    parent_number = models.CharField("親会社の法人番号", max_length=13, validators=[check_number])
    parent_name = models.CharField("親会社", max_length=80)
    child_number = models.CharField("子会社の法人番号", max_length=13, validators=[check_number])
    child_name = models.CharField("子会社", max_length=80)
    since = models.DateField("いつから", null=True, blank=True)
    until = models.DateField("いつまで", null=True, blank=True)
    source = models.CharField("出典", max_length=120, blank=True)
    confirmed = models.BooleanField("確認済み", default=False)

    objects = PrefectureOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = "会社の親子関係"
        verbose_name_plural = "会社の親子関係"
        ordering = ["parent_name", "child_name"]
        constraints = [
            models.UniqueConstraint(
                name="relation_is_entered_once", fields=["parent_number", "child_number"]
            ),
            models.CheckConstraint(
                name="no_firm_is_its_own_parent",
                condition=~Q(parent_number=F("child_number")),
            ),
            models.CheckConstraint(
                name="relation_ends_after_start",
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gte=F("since")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parent_name} - {self.child_name}"


class ConflictCase(models.Model):
    """A conflict of a person with a town that a coordinator has to look into, or has settled.

    `key` names the same conflict on another day (`rules.Finding.key`). An open case is an alert.
    """

    class State(models.TextChoices):
        OPEN = "open", "確認待ち"
        KNOWN = "known", "契約のときに把握済み"
        DECIDED = "decided", "判断済み"

    class Decision(models.TextChoices):
        NONE = rules.Result.NONE, "相反なし"
        MEASURES = rules.Result.MEASURES, "回避措置を付けて可"
        NO = rules.Result.NO, "不可"

    specialist = models.ForeignKey(
        Specialist,
        on_delete=models.PROTECT,  # how a conflict was settled is part of the record
        related_name="conflict_cases",
        verbose_name="専門人材",
    )
    municipality = models.ForeignKey(
        "registry.Municipality",
        on_delete=models.PROTECT,  # with which town is part of the record
        related_name="+",
        verbose_name="市町",
    )
    key = models.CharField("しるし", max_length=120)
    rule = models.CharField("規則", max_length=4)
    result = models.CharField(
        "判定", max_length=8, choices=[(result.value, result.label) for result in rules.Result]
    )
    evidence = models.CharField("根拠", max_length=600)
    # Until when the contract or procurement went when it was found or decided on.
    deal_ends = models.DateField("契約・調達の終わり", null=True, blank=True)
    found_on = models.DateField("見つかった日")
    state = models.CharField("状態", max_length=8, choices=State, default=State.OPEN)
    decision = models.CharField("判断", max_length=8, choices=Decision, blank=True)
    measures = models.CharField("回避措置・理由", max_length=300, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who settled it is part of the record
        related_name="+",
        null=True,
        blank=True,
        verbose_name="判断した人",
    )
    decided_at = models.DateTimeField("判断日時", null=True, blank=True)

    objects = PrefectureOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = "利益相反の確認"
        verbose_name_plural = "利益相反の確認"
        ordering = ["state", "-found_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="conflict_is_one_case", fields=["specialist", "municipality", "key"]
            ),
            models.CheckConstraint(
                name="decided_case_says_who_and_what",
                condition=Q(state="decided", decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(decision="")
                & ~Q(measures="")
                | (~Q(state="decided") & Q(decision="", decided_by__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.specialist_id} {self.municipality_id} {self.rule}"

    def note(self, finding: rules.Finding) -> None:
        """Take over what is found today: how grave it is, the facts, and until when they hold."""
        self.result = finding.result
        self.evidence = finding.evidence[:600]
        self.deal_ends = finding.deal.ends if finding.deal else None


class BarTermQuerySet(models.QuerySet[Any]):
    def in_force(self, day: date) -> "BarTerm | None":
        """The term that counts on a day; None before the first."""
        return self.filter(in_force_from__lte=day).order_by("-in_force_from").first()


class BarTerm(models.Model):
    """How long a firm stays out of a town's bidding after its person helped the town to buy: data,
    which the prefecture settles."""

    in_force_from = models.DateField("使い始める日", unique=True)
    years = models.PositiveSmallIntegerField("契約の終わりからの年数")
    basis = models.CharField("根拠", max_length=200)
    confirmed = models.BooleanField("確認済み", default=False)

    objects = BarTermQuerySet.as_manager()

    class Meta:
        verbose_name = "入札の制限の期間"
        verbose_name_plural = "入札の制限の期間"
        ordering = ["-in_force_from"]
        constraints = [
            models.CheckConstraint(name="bar_term_is_ten_years_at_most", condition=Q(years__lte=10))
        ]

    def __str__(self) -> str:
        return f"契約の終わりから{self.years}年"
