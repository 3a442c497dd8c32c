"""The national standard form as data: versions and their fields (sources.md 1.2)."""

from functools import cached_property

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from municipalities.vacancies.definition import Definition, FieldSpec, parse_allowed
from municipalities.vacancies.querysets import FormVersionQuerySet


class FormVersion(models.Model):
    """One version of the form. A draft until it has a date; then nothing of it changes any more:
    a trigger refuses it, because vacancies were written and sent in it."""

    code = models.CharField("様式版", max_length=16, unique=True)
    name = models.CharField("名称", max_length=80)
    in_force_from = models.DateField("適用開始日", null=True, blank=True)
    note = models.TextField("説明", blank=True)

    objects = FormVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "標準募集様式の版"
        verbose_name_plural = "標準募集様式の版"
        ordering = ["-in_force_from", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_form_version_starts_on_a_day", fields=["in_force_from"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}({self.code})"

    @property
    def is_draft(self) -> bool:
        """Whether its fields can still be edited."""
        return self.in_force_from is None

    @cached_property
    def definition(self) -> Definition:
        """The fields in their order, read once an instance."""
        return Definition(self.code, tuple(field.spec for field in self.fields.all()))


class FormField(models.Model):
    """One field of a version: header of the file, identifier, what may stand in it."""

    class Kind(models.TextChoices):
        STRING = "str", "文字(1行)"
        TEXT = "text", "文章"
        INTEGER = "int", "整数"
        DECIMAL = "decimal", "小数"
        DATE = "date", "日付"
        MONTH = "month", "年月"
        CODE = "code", "コード(1つ)"
        CODES = "codes", "コード(複数)"
        CODE_TEXT = "code_text", "コードと説明"
        LG_CODE = "lg_code", "団体コード"
        LG_CODES = "lg_codes", "団体コード(複数)"
        URL = "url", "URL"
        PHONE = "tel", "電話番号"
        MAIL = "mail", "メールアドレス"

    class Requirement(models.TextChoices):
        REQUIRED = "required", "必須"
        CONDITIONAL = "conditional", "条件により必須"
        OPTIONAL = "optional", "任意"

    class Section(models.TextChoices):
        SYSTEM = "system", "自動で入る項目"
        MUNICIPALITY = "municipality", "市町の状況"
        WORK = "work", "役職と業務"
        TERMS = "terms", "任用等の形態と期間"
        PLACE = "place", "勤務の頻度と場所"
        PAY = "pay", "報酬"
        QUALIFICATION = "qualification", "応募資格"
        SELECTION = "selection", "選考と応募"
        CONTACT = "contact", "問い合わせ先と公表"

    version = models.ForeignKey(
        FormVersion, on_delete=models.CASCADE, related_name="fields", verbose_name="版"
    )
    order = models.PositiveSmallIntegerField("順")
    identifier = models.SlugField("識別子", max_length=40)
    header = models.CharField("項目名", max_length=60)
    kind = models.CharField("型", max_length=12, choices=Kind)
    requirement = models.CharField("必須", max_length=12, choices=Requirement)
    condition = models.CharField(
        "条件",
        max_length=120,
        blank=True,
        help_text="例：joint_type=1|3 (joint_type が1か3のとき必須)",
    )
    allowed = models.TextField("選択肢", blank=True, help_text="例：0=なし;1=あり")
    minimum = models.DecimalField("最小", max_digits=12, decimal_places=1, null=True, blank=True)
    maximum = models.DecimalField("最大", max_digits=12, decimal_places=1, null=True, blank=True)
    max_length = models.PositiveSmallIntegerField("最大文字数", null=True, blank=True)
    section = models.CharField("区分", max_length=16, choices=Section)
    note = models.CharField("記入の仕方", max_length=300, blank=True)
    public = models.BooleanField(
        "公開",
        default=False,
        help_text="公開のページとオープンデータに載せる項目。担当者の氏名は載せない",
    )

    class Meta:
        verbose_name = "様式の項目"
        verbose_name_plural = "様式の項目"
        ordering = ["version", "order"]
        constraints = [
            models.UniqueConstraint(
                name="identifier_is_once_in_form_version", fields=["version", "identifier"]
            ),
            models.UniqueConstraint(
                name="header_is_once_in_form_version", fields=["version", "header"]
            ),
            models.UniqueConstraint(
                name="order_is_once_in_form_version",
                fields=["version", "order"],
                deferrable=models.Deferrable.DEFERRED,  # fields may change places
            ),
            models.CheckConstraint(
                name="conditional_field_has_condition",
                condition=~Q(requirement="conditional") | ~Q(condition=""),
            ),
        ]

    def __str__(self) -> str:
        return self.header

    @property
    def spec(self) -> FieldSpec:
        """The field as the pure validation takes it."""
        return FieldSpec(
            identifier=self.identifier,
            header=self.header,
            kind=self.kind,
            requirement=self.requirement,
            condition=self.condition,
            allowed=parse_allowed(self.allowed),
            minimum=self.minimum,
            maximum=self.maximum,
            max_length=self.max_length,
            section=self.section,
            note=self.note,
            public=self.public,
        )

    def clean(self) -> None:
        try:
            spec = self.spec
            if self.condition:
                spec.condition_parts()
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if spec.is_chosen and not spec.allowed:
            raise ValidationError({"allowed": "コードの項目には選択肢が要ります。"})
