"""A vacancy in the standard form: its values, and the columns that rules and search need."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils import timezone

from municipalities.registry.models import Municipality
from municipalities.vacancies.definition import SEPARATOR, Values
from municipalities.vacancies.querysets import NEED_IS_DONE, RevisionQuerySet, VacancyQuerySet
from municipalities.vacancies.searched import search_text_of
from talentpool.conventions.cells import csv_line

if TYPE_CHECKING:
    from municipalities.vacancies.models.form import FormVersion

# The public list's order. A keyset needs a value in every row, also where there is no time yet.
PUBLISHED_ORDER = Coalesce("published_at", Value(datetime(1970, 1, 1, tzinfo=UTC)))
# When what the public reads last became another: the draft was written before it was published. The
# rule of `Vacancy.updated_at`; PostgreSQL leaves out what is NULL.
LAST_CHANGED = Greatest("changed_at", "published_at", "closed_at")
# The rule of `Vacancy.last_day`.
LAST_DAY = Least("close_date", "publish_until")


class Vacancy(models.Model):
    """`values` holds the whole form as canonical text by identifier (definition.py) and is
    written by `write_values` only, which sets the typed columns with it."""

    class Status(models.TextChoices):
        DRAFT = "draft", "下書き"
        SUBMITTED = "submitted", "県の確認待ち"
        PUBLISHED = "published", "募集中"
        CLOSED = "closed", "募集終了"
        WITHDRAWN = "withdrawn", "取下げ"

    OPEN = (Status.DRAFT, Status.SUBMITTED, Status.PUBLISHED)

    class Outcome(models.TextChoices):
        FILLED = "filled", "採用・契約した"
        NOBODY = "nobody", "応募・該当者がなかった"
        STOPPED = "stopped", "募集をやめた"

    class ChangeState(models.TextChoices):
        DRAFT = "draft", "変更を作成中"
        SUBMITTED = "submitted", "変更の確認待ち"

    # Verb: the states it starts from and the one it ends in. Services, buttons and tests read it.
    TRANSITIONS: ClassVar[dict[str, tuple[tuple[Status, ...], Status]]] = {
        "submit": ((Status.DRAFT,), Status.SUBMITTED),
        "return": ((Status.SUBMITTED,), Status.DRAFT),
        "recall": ((Status.SUBMITTED,), Status.DRAFT),
        "publish": ((Status.SUBMITTED,), Status.PUBLISHED),
        "close": ((Status.PUBLISHED,), Status.CLOSED),
        "withdraw": (OPEN, Status.WITHDRAWN),
    }
    # The same for a change of what is published; "" is no change on its way.
    CHANGES: ClassVar[dict[str, tuple[tuple[str, ...], str]]] = {
        "open_change": (("",), ChangeState.DRAFT),
        "submit_change": ((ChangeState.DRAFT,), ChangeState.SUBMITTED),
        "return_change": ((ChangeState.SUBMITTED,), ChangeState.DRAFT),
        "recall_change": ((ChangeState.SUBMITTED,), ChangeState.DRAFT),
        "publish_change": ((ChangeState.SUBMITTED,), ""),
        "discard_change": ((ChangeState.DRAFT, ChangeState.SUBMITTED), ""),
    }

    vacancy_no = models.CharField("募集管理番号", max_length=14, unique=True)
    municipality = models.ForeignKey(
        "registry.Municipality",
        on_delete=models.PROTECT,  # a vacancy is part of the record of its town
        related_name="vacancies",
        verbose_name="市町",
        db_index=False,  # vacancies_of_town begins with it
    )
    need = models.OneToOneField(
        "vacancies.Need",
        on_delete=models.PROTECT,  # what the vacancy came from is part of the record
        related_name="vacancy",
        null=True,
        blank=True,
        verbose_name="もとの案件",
    )
    form_version = models.ForeignKey(
        "vacancies.FormVersion",
        on_delete=models.PROTECT,  # the values mean nothing without their form
        related_name="+",
        verbose_name="様式版",
    )
    values = models.JSONField("様式の値", default=dict)
    status = models.CharField("状態", max_length=10, choices=Status, default=Status.DRAFT)
    outcome = models.CharField("結果", max_length=8, choices=Outcome, blank=True)
    closing_note = models.CharField("終了・取下げの理由", max_length=200, blank=True)
    remark = models.CharField("県からの連絡", max_length=400, blank=True)
    field_remarks = models.JSONField("項目ごとの指摘", default=dict, blank=True)
    leftover = models.JSONField("新しい様式に移せなかった値", default=dict, blank=True)
    change = models.CharField("公表後の変更", max_length=10, choices=ChangeState, blank=True)
    changed_values = models.JSONField("変更中の値", null=True, blank=True)
    change_form = models.ForeignKey(
        "vacancies.FormVersion",
        on_delete=models.PROTECT,  # the changed values mean nothing without their form
        related_name="+",
        null=True,
        blank=True,
        verbose_name="変更の様式版",
    )
    version = models.PositiveIntegerField("版", default=1)

    # Read from `values`; empty while a draft has nothing there.
    joint_codes = ArrayField(
        models.CharField(max_length=6), verbose_name="共同の団体", default=list, blank=True
    )
    position_title = models.CharField("募集役職名", max_length=60, blank=True)
    talent_types = ArrayField(
        models.CharField(max_length=8), verbose_name="人材類型", default=list, blank=True
    )
    work_fields = ArrayField(
        models.CharField(max_length=8), verbose_name="業務分野", default=list, blank=True
    )
    engagement_form = models.CharField("任用等の形態", max_length=2, blank=True)
    headcount = models.PositiveSmallIntegerField("募集人数", null=True, blank=True)
    start_date = models.DateField("開始予定日", null=True, blank=True)
    end_date = models.DateField("終了予定日", null=True, blank=True)
    frequency_unit = models.CharField("勤務頻度", max_length=1, blank=True)
    freq_min = models.DecimalField(
        "頻度の下限", max_digits=5, decimal_places=1, null=True, blank=True
    )
    freq_max = models.DecimalField(
        "頻度の上限", max_digits=5, decimal_places=1, null=True, blank=True
    )
    remote = models.PositiveSmallIntegerField("リモート勤務", null=True, blank=True)
    side_job = models.PositiveSmallIntegerField("副業・兼業", null=True, blank=True)
    pay_unit = models.CharField("報酬区分", max_length=1, blank=True)
    pay_min = models.PositiveIntegerField("報酬額下限(円)", null=True, blank=True)
    pay_max = models.PositiveIntegerField("報酬額上限(円)", null=True, blank=True)
    open_date = models.DateField("募集開始日", null=True, blank=True)
    close_date = models.DateField("募集締切日", null=True, blank=True)
    close_type = models.CharField("締切区分", max_length=1, blank=True)
    publish_ok = models.BooleanField("公表可", default=False)
    publish_until = models.DateField("公表終了希望日", null=True, blank=True)
    search_text = models.TextField("検索用", blank=True, editable=False)
    # The vacancy in the open data (ADR 16): a line of CSV with what is public in its form, empty
    # while it waits for `renew_columns`.
    open_line = models.TextField("公開の行", blank=True, editable=False, default="", db_default="")

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who wrote it is part of the record
        related_name="+",
        null=True,
        blank=True,
        verbose_name="作成者",
        help_text="空欄はコマンドラインからの取込み",
    )
    created_at = models.DateTimeField("作成日時", auto_now_add=True)
    changed_at = models.DateTimeField("内容の更新日時", auto_now_add=True)
    submitted_at = models.DateTimeField("提出日時", null=True, blank=True)
    change_submitted_at = models.DateTimeField("変更の提出日時", null=True, blank=True)
    change_recalled_at = models.DateTimeField("変更の引戻し日時", null=True, blank=True)
    returned_at = models.DateTimeField("差戻し日時", null=True, blank=True)
    published_at = models.DateTimeField("公表日時", null=True, blank=True)
    closed_at = models.DateTimeField("終了日時", null=True, blank=True)
    kept_on_at = models.DateTimeField("案件の終了後も続けると決めた日時", null=True, blank=True)

    objects = VacancyQuerySet.as_manager()

    class Meta:
        verbose_name = "募集情報"
        verbose_name_plural = "募集情報"
        ordering = ["-pk"]
        indexes = [
            models.Index(
                PUBLISHED_ORDER.desc(),
                F("id").desc(),
                name="published_vacancies",
                condition=Q(status="published"),
            ),
            models.Index(name="vacancies_of_town", fields=["municipality", "id"]),
            GinIndex(fields=["work_fields"], name="vacancy_work_fields"),
            GinIndex(fields=["joint_codes"], name="vacancy_joint_codes"),
        ]
        constraints = [
            models.CheckConstraint(
                name="submitted_vacancy_has_time",
                condition=Q(status__in=["draft", "withdrawn"]) | Q(submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="published_vacancy_has_time",
                condition=~Q(status__in=["published", "closed"]) | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="closed_vacancy_has_time",
                condition=Q(status__in=["closed", "withdrawn"], closed_at__isnull=False)
                | Q(status__in=["draft", "submitted", "published"], closed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="closed_vacancy_has_outcome",
                condition=Q(status="closed", outcome__in=["filled", "nobody", "stopped"])
                | (~Q(status="closed") & Q(outcome="")),
            ),
            models.CheckConstraint(
                name="submitted_vacancy_has_its_core",
                condition=Q(status__in=["draft", "withdrawn"])
                | (
                    ~Q(position_title="")
                    & ~Q(engagement_form="")
                    & Q(work_fields__len__gt=0, talent_types__len__gt=0)
                    & Q(start_date__isnull=False, end_date__isnull=False)
                    & Q(open_date__isnull=False, remote__isnull=False, side_job__isnull=False)
                    & ~Q(close_type="")
                    & ~Q(pay_unit="")
                ),
            ),
            models.CheckConstraint(
                name="vacancy_with_deadline_has_its_date",
                condition=~Q(close_type="1", status__in=["submitted", "published"])
                | Q(close_date__isnull=False),
            ),
            models.CheckConstraint(
                name="vacancy_ends_after_start",
                condition=Q(status="draft")
                | Q(end_date__isnull=True)
                | Q(end_date__gte=F("start_date")),
            ),
            models.CheckConstraint(
                name="only_published_vacancy_has_change",
                condition=Q(change="", changed_values__isnull=True, change_form__isnull=True)
                | Q(
                    status="published",
                    change__in=["draft", "submitted"],
                    changed_values__isnull=False,
                    change_form__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="submitted_change_has_time",
                condition=~Q(change="submitted") | Q(change_submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="only_a_change_being_written_was_recalled",
                condition=Q(change_recalled_at__isnull=True) | Q(change="draft"),
            ),
            models.CheckConstraint(
                name="only_what_is_being_written_was_returned",
                condition=Q(returned_at__isnull=True) | Q(status="draft") | Q(change="draft"),
            ),
            models.CheckConstraint(
                name="vacancy_pay_is_in_order",
                condition=Q(status="draft")
                | Q(pay_max__isnull=True)
                | Q(pay_min__isnull=True)
                | Q(pay_max__gte=F("pay_min")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vacancy_no} {self.position_title or '(役職名なし)'}"

    @property
    def is_returned(self) -> bool:
        """Sent back by the prefecture and not yet submitted again, whatever is mended already; not
        so what its town recalled itself."""
        return self.returned_at is not None

    def allows(self, verb: str) -> bool:
        """Whether the verb may be carried out in the present state."""
        if verb in self.CHANGES:
            return self.status == self.Status.PUBLISHED and self.change in self.CHANGES[verb][0]
        return self.status in self.TRANSITIONS[verb][0]

    @property
    def is_public(self) -> bool:
        """Whether the public has a page of it (the rule of `VacancyQuerySet.public`)."""
        shown = self.published_at is not None and self.publish_ok
        in_time = self.publish_until is None or self.publish_until >= timezone.localdate()
        return shown and in_time and self.status != self.Status.WITHDRAWN

    @property
    def updated_at(self) -> datetime:
        """When what people read became what it is: written, published or changed, or ended."""
        times = (self.changed_at, self.published_at, self.closed_at)
        return max(time for time in times if time is not None)

    @property
    def last_day(self) -> date | None:
        """The last day of the recruiting: 募集締切日, or 公表終了希望日 when that comes first; None
        when it goes on until somebody is found."""
        return min(filter(None, (self.close_date, self.publish_until)), default=None)

    @property
    def waiting_since(self) -> datetime | None:
        """When what the prefecture is to look at was handed in: the change, or the vacancy."""
        return self.change_submitted_at or self.submitted_at

    @property
    def outlives_its_need(self) -> bool:
        """Open though its need is done, decided on or not (see `VacancyQuerySet.left_over`)."""
        ended = self.need is not None and self.need.status in NEED_IS_DONE
        return ended and self.status in self.OPEN

    @property
    def is_writable(self) -> bool:
        """Whether the town may write into it: a draft, or a change of what is published."""
        return self.status == self.Status.DRAFT or self.change == self.ChangeState.DRAFT

    @property
    def working_values(self) -> dict[str, str]:
        """What the town is writing: the change on its way, else the values."""
        values: dict[str, str] = self.values if self.changed_values is None else self.changed_values
        return values

    @property
    def working_form(self) -> "FormVersion":
        """The version of the form in which the town is writing."""
        return self.change_form or self.form_version

    @property
    def partner_codes(self) -> list[str]:
        """The bodies with which the town writes this vacancy together, itself left out."""
        return joint_codes_of(self.working_values, self.municipality_id)

    def partners(self) -> list[Municipality]:
        """The bodies that post it together with its town, those that the registry knows, in the
        order of the form."""
        if not self.joint_codes:
            return []
        towns = Municipality.objects.filter(code__in=self.joint_codes)
        return sorted(
            towns.select_related("prefecture"), key=lambda town: self.joint_codes.index(town.code)
        )

    def is_open_on(self, day: date) -> bool:
        """Whether people can apply on `day` (the same rule as `VacancyQuerySet.open_on`)."""
        return self.is_not_over_on(day) and (self.open_date is None or self.open_date <= day)

    def begins_after(self, day: date) -> date | None:
        """The first day of a published vacancy that has not begun on `day`; else None."""
        if self.is_not_over_on(day) and not self.is_open_on(day):
            return self.open_date
        return None

    def is_not_over_on(self, day: date) -> bool:
        """Whether it goes on or is yet to begin (the rule of `VacancyQuerySet.not_over_on`)."""
        in_time = self.last_day is None or self.last_day >= day
        return self.status == self.Status.PUBLISHED and in_time

    def is_over_on(self, day: date) -> bool:
        """Whether it is past its last day and its town has not ended it with an outcome."""
        return self.status == self.Status.PUBLISHED and not self.is_not_over_on(day)

    def write_values(self, values: Values, names: Mapping[str, str] | None = None) -> None:
        """Take canonical values and set the columns that are read from them; `names` as for
        `write_texts`. Does not save."""
        self.values = {key: value for key, value in values.items() if value}
        get = self.values.get
        self.joint_codes = joint_codes_of(self.values, self.municipality_id)
        self.position_title = get("position_title", "")[:60]
        self.talent_types = _codes(get("talent_type"))
        self.work_fields = _codes(get("work_fields"))
        self.engagement_form = get("engagement_form", "")
        self.headcount = _integer(get("headcount"))
        self.start_date = _day(get("start_date"))
        self.end_date = _day(get("end_date"))
        self.frequency_unit = get("frequency_unit", "")
        self.freq_min = _decimal(get("freq_min"))
        self.freq_max = _decimal(get("freq_max"))
        self.remote = _integer(get("remote"))
        self.side_job = _integer(get("side_job"))
        self.pay_unit = get("pay_unit", "")
        self.pay_min = _integer(get("pay_min"))
        self.pay_max = _integer(get("pay_max"))
        self.open_date = _day(get("open_date"))
        self.close_date = _day(get("close_date"))
        self.close_type = get("close_type", "")
        self.publish_ok = get("publish_ok") == "1"
        self.publish_until = _day(get("publish_until"))
        self.write_texts(names)

    def write_texts(self, names: Mapping[str, str] | None = None) -> None:
        """Set the texts that are made of the values for search and open data. Does not save.

        `names` of the bodies by code are read beforehand where many are written.
        """
        definition = self.form_version.definition
        known = Municipality.objects.names_of(self.joint_codes) if names is None else names
        partners = [known[code] for code in self.joint_codes if code in known]
        self.search_text = search_text_of(self.values, definition, partners)
        self.open_line = csv_line(self.values.get(key, "") for key in definition.open_identifiers)


# A joint appointment, and people whom the prefecture employs for several towns (sources.md 1.2).
JOINT_TYPES = frozenset({"1", "3"})


def joint_codes_of(values: Values, own: str) -> list[str]:
    """Codes of the bodies that post together with the town `own`; none unless it is joint."""
    if values.get("joint_type") not in JOINT_TYPES:
        return []
    return [code for code in _codes(values.get("joint_members")) if code != own]


def _codes(text: str | None) -> list[str]:
    return text.split(SEPARATOR) if text else []


def _integer(text: str | None) -> int | None:
    return int(text) if text else None


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


class VacancyRevision(models.Model):
    """What was published, as it stood: the first time and after each change."""

    vacancy = models.ForeignKey(Vacancy, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveSmallIntegerField("版")
    form_version = models.ForeignKey(
        "vacancies.FormVersion",
        on_delete=models.PROTECT,  # the values mean nothing without their form
        related_name="+",
    )
    values = models.JSONField("様式の値")
    changed = ArrayField(models.CharField(max_length=40), verbose_name="変わった項目", default=list)
    published_at = models.DateTimeField("公表日時")
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who published it is part of the record
        related_name="+",
    )

    withheld_reason = models.CharField(
        "言葉を公開しない理由",
        max_length=200,
        blank=True,
        help_text="県が、変わる前後の言葉を公開しないことにした理由。公開しません",
    )

    objects = RevisionQuerySet.as_manager()

    class Meta:
        verbose_name = "公表した版"
        verbose_name_plural = "公表した版"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(name="revision_number_is_once", fields=["vacancy", "number"])
        ]

    def __str__(self) -> str:
        return f"{self.vacancy_id} 第{self.number}版"

    @property
    def is_news(self) -> bool:
        """Whether the public reads something in it that it did not before: the first text, one
        that became public, or a change in a public field."""
        hidden = self.form_version.definition.hidden - {"publish_ok"} | {"form_version"}
        return self.number == 1 or not hidden.issuperset(self.changed)


class SectionDraft(models.Model):
    """What a person typed into a section and did not save yet (C-08). One person's own."""

    vacancy = models.ForeignKey(Vacancy, on_delete=models.CASCADE, related_name="section_drafts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    section = models.CharField(max_length=16)
    typed = models.TextField(help_text="as a form sends it")
    version = models.PositiveIntegerField(help_text="版 of the vacancy it was typed over")
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "入力の控え"
        verbose_name_plural = "入力の控え"
        constraints = [
            models.UniqueConstraint(
                name="one_section_draft_per_person", fields=["vacancy", "user", "section"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.vacancy_id} {self.section}"
