"""The form of one section of a vacancy, made from the definition of its version."""

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.html import format_html

from municipalities.registry.models import Municipality
from municipalities.vacancies.definition import Definition, FieldSpec, Problems, Values
from municipalities.vacancies.models import Vacancy
from municipalities.vacancies.services.writing import opened_on
from talentpool.pages.fields import JapaneseDateField
from talentpool.pages.forms import PortalForm

MANY_CHOICES = 6  # from here on a list to pick from is shorter than radio buttons
MARKED = {
    "codes": "当てはまるものをすべて選んでください",
    "lg_codes": "共同で募集する市町に印を付けてください。相手の同意がそろうと、県へ提出できます",
}
NUMERIC = {"int": "numeric", "decimal": "decimal", "tel": "tel", "mail": "email", "url": "url"}


class SectionForm(PortalForm):
    """Fields of one section. What is typed goes through the definition, not through Django's
    validation: a draft keeps what can be read, and says what is still wrong."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    opened = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Any = None, *, definition: Definition, section: str, vacancy: Vacancy
    ) -> None:
        self.definition = definition
        self.specs = definition.in_section(section)
        initial: dict[str, Any] = {
            "version": vacancy.version,
            "opened": opened_on(vacancy, self.identifiers),
        }
        for spec in self.specs:
            initial |= _initial(spec, vacancy.working_values.get(spec.identifier, ""))
        super().__init__(data, initial=initial)
        for spec in self.specs:
            self.fields[spec.identifier] = _field(spec, definition)
            if spec.kind == "lg_codes":
                self._add_bodies(spec, vacancy)
            if spec.kind == "code_text":
                self.fields[f"{spec.identifier}_words"] = forms.CharField(
                    label=f"{spec.header}の説明", required=False, max_length=spec.max_length
                )
        self.show_required(vacancy.working_values)

    def _add_bodies(self, spec: FieldSpec, vacancy: Vacancy) -> None:
        """The other towns of the prefecture to tick, the bodies of others by their codes."""
        towns = Municipality.objects.in_prefecture().exclude(pk=vacancy.municipality_id)
        choices = [(town.code, town.name) for town in towns]
        known = {code for code, _ in choices}
        self.fields[spec.identifier].choices = choices  # type: ignore[attr-defined]
        self.fields[f"{spec.identifier}_others"] = forms.CharField(
            label=f"{spec.header}(県外)",
            required=False,
            max_length=spec.max_length,
            help_text="県外の団体は、6桁の団体コードを;で区切って入れてください(例：332054)。",
        )
        chosen = vacancy.working_values.get(spec.identifier, "").split(";")
        self.initial[spec.identifier] = [code for code in chosen if code in known]
        self.initial[f"{spec.identifier}_others"] = ";".join(
            code for code in chosen if code and code not in known | {vacancy.municipality_id}
        )

    def show_required(self, values: Values) -> None:
        """Mark as 必須 what must be filled, given the other values."""
        for spec in self.specs:
            self.fields[spec.identifier].required = spec.is_required(values)

    def full_clean(self) -> None:
        """Nothing is refused for being empty here: `show_required` is for the labels."""
        required = {name: field.required for name, field in self.fields.items()}
        for field in self.fields.values():
            field.required = False
        super().full_clean()
        for name, field in self.fields.items():
            field.required = required[name]

    def typed(self) -> dict[str, str]:
        """What was typed, as text by identifier, for the definition to read."""
        texts = {}
        for spec in self.specs:
            value = self.cleaned_data.get(spec.identifier)
            if isinstance(value, list):
                value = ";".join(value)
            if spec.kind == "lg_codes":
                others = self.cleaned_data.get(f"{spec.identifier}_others")
                value = ";".join(filter(None, [value, others]))
            if spec.kind == "code_text" and value:
                value = f"{value} {self.cleaned_data.get(f'{spec.identifier}_words') or ''}"
            texts[spec.identifier] = "" if value is None else str(value)
        return texts

    @property
    def identifiers(self) -> list[str]:
        return [spec.identifier for spec in self.specs]

    def unread(self) -> set[str]:
        """Fields that hold something no date, or no text of that length, can be read from."""
        parts = ("", "_words", "_others")
        return {key for key in self.identifiers if any(key + part in self.errors for part in parts)}

    def refused(self) -> Problems:
        """What the definition cannot read, with its words."""
        found: Problems = {}
        texts = self.typed()
        for spec in self.specs:
            try:
                spec.canonical(texts[spec.identifier])
            except ValueError as error:
                found[spec.identifier] = [str(error)]
        return found

    def adds_nothing_to(self, values: Values) -> bool:
        """Whether the form holds what is saved already, field by field."""
        if self.unread() or self.refused():
            return False
        texts = self.typed()
        return all(
            spec.canonical(texts[spec.identifier]) == values.get(spec.identifier, "")
            for spec in self.specs
        )

    def over(self, vacancy: Vacancy, sent: QueryDict) -> QueryDict:
        """Let the next press of what was sent save over what is saved now; gives it so."""
        again = sent.copy()
        again["version"] = str(vacancy.version)
        again["opened"] = opened_on(vacancy, self.identifiers)
        self.data = again
        return again

    def add_problems(self, problems: Problems) -> None:
        """Put the definition's words beside the fields that have no words of their own yet."""
        for identifier, messages in problems.items():
            if identifier in self.fields and identifier not in self.errors:
                self.add_error(identifier, messages)


def _initial(spec: FieldSpec, value: str) -> dict[str, Any]:
    if spec.kind == "codes":
        return {spec.identifier: value.split(";") if value else []}
    if spec.kind == "code_text":
        code, _, words = value.partition(" ")
        return {spec.identifier: code, f"{spec.identifier}_words": words}
    if spec.kind == "date" and value:
        return {spec.identifier: date.fromisoformat(value)}
    return {spec.identifier: value}


def _sentences(spec: FieldSpec) -> list[str]:
    """The note's sentences, without those on how a cell of a file holds several codes."""
    of_cells = {"複数選べる", ";で区切る"} if spec.kind == "codes" else set()
    return [one for one in spec.note.split("。") if one not in of_cells]


def _help(spec: FieldSpec, definition: Definition) -> str:
    """When it is required, how to fill it in, how long it may be: whole sentences."""
    parts = []
    if spec.condition:
        identifier, codes = spec.condition_parts()
        other = definition.by_identifier[identifier]
        labels = "・".join((other.allowed or {}).get(code, code) for code in sorted(codes))
        when = "のときだけ" if spec.needs_condition else "のときは必ず"
        parts.append(f"「{other.header}」が{labels}{when}入れてください")
    if spec.kind in MARKED:
        parts.append(MARKED[spec.kind])
    # A box to mark needs no word on how a cell holds several.
    parts += [] if spec.kind == "lg_codes" else _sentences(spec)
    if spec.kind == "text" and spec.max_length:
        parts.append(f"{spec.max_length}文字まで")
    words = "。".join(filter(None, parts))
    return str(format_html("{}", f"{words}。" if words else ""))


def _field(spec: FieldSpec, definition: Definition) -> forms.Field:
    common: dict[str, Any] = {
        "label": spec.header,
        "help_text": _help(spec, definition),
        "required": False,
    }
    choices = list((spec.allowed or {}).items())
    if spec.kind == "codes":
        return forms.MultipleChoiceField(
            choices=choices, widget=forms.CheckboxSelectMultiple, **common
        )
    if spec.kind == "lg_codes":
        return forms.MultipleChoiceField(choices=[], widget=forms.CheckboxSelectMultiple, **common)
    if spec.is_chosen and len(choices) >= MANY_CHOICES:
        return forms.ChoiceField(choices=[("", "選んでください"), *choices], **common)
    if spec.is_chosen:
        if spec.requirement != "required":  # a radio button that was pressed cannot be lifted
            choices = [*choices, ("", "入れない")]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
    if spec.kind == "date":
        return JapaneseDateField(**common)
    if spec.kind == "text":
        rows = 3 if (spec.max_length or 0) <= 400 else 6
        return forms.CharField(widget=forms.Textarea(attrs={"rows": rows}), **common)
    field = forms.CharField(**common)
    if spec.kind in {"int", "decimal", "lg_code"}:
        field.widget.width = "input--16"
    if spec.kind in NUMERIC:
        field.widget.attrs["inputmode"] = NUMERIC[spec.kind]
    return field


REMARK_ROWS, MORE_REMARK_ROWS = 4, 6  # at first, and each time more are asked for


class ReturnVacancyForm(PortalForm):
    """What is to be mended: as a whole, and on single fields, as many as are asked for."""

    remark = forms.CharField(
        label="直してほしい点",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="市町の画面にそのまま表示されます。",
    )

    def __init__(
        self, data: Any = None, *, definition: Definition, typed: Any = None, grow: bool = False
    ) -> None:
        """`typed` is what stood in the form when another button was pressed, with more rows for
        fields when it is to `grow`."""
        super().__init__(data, initial=typed.dict() if typed is not None else None)
        fields = [
            (spec.identifier, spec.header) for spec in definition.fields if spec.section != "system"
        ]
        rows = _rows_in(data or typed) + (MORE_REMARK_ROWS if grow else 0)
        self.rows = range(1, min(rows, len(fields)) + 1)
        self.may_grow = rows < len(fields)
        for number in self.rows:
            self.fields[f"field_{number}"] = forms.ChoiceField(
                label=f"項目{number}", choices=[("", "選んでください"), *fields], required=False
            )
            self.fields[f"words_{number}"] = forms.CharField(
                label=f"項目{number}への指摘", max_length=200, required=False
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.field_remarks: dict[str, str] = {}
        for number in self.rows:
            identifier, words = data.get(f"field_{number}"), data.get(f"words_{number}")
            if bool(identifier) != bool(words):
                missing = "words" if identifier else "field"
                self.add_error(f"{missing}_{number}", f"項目{number}は、指摘と組で入れてください。")
            elif identifier in self.field_remarks:
                self.add_error(f"field_{number}", "この項目は、上でも選ばれています。")
            elif identifier:
                self.field_remarks[str(identifier)] = str(words)
        if not data.get("remark") and not self.field_remarks and not self.errors:
            self.add_error("remark", "直してほしい点を入れるか、項目への指摘を入れてください。")
        return data

    def field_rows(self) -> list[Any]:
        """The rows for single fields, for the template."""
        return [self[f"{part}_{n}"] for n in self.rows for part in ("field", "words")]

    @property
    def has_rows(self) -> bool:
        """Whether something stands in the rows for single fields."""
        return any(field.value() for field in self.field_rows())

    @property
    def has_words(self) -> bool:
        """Whether something stands in the form, sent or not."""
        return bool((self["remark"].value() or "").strip()) or self.has_rows


def _rows_in(data: Any) -> int:
    """How many rows for single fields the form had from which `data` came."""
    rows = REMARK_ROWS
    while data and f"field_{rows + 1}" in data:
        rows += 1
    return rows


class CloseForm(PortalForm):
    """How the recruiting ended, and why."""

    outcome = forms.ChoiceField(
        label="結果", choices=Vacancy.Outcome.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label="理由",
        max_length=200,
        required=False,
        help_text="募集をやめたときは、必ず入れてください。公開しません。個人の名前は書かないでください。",
    )

    def __init__(
        self, data: Any = None, *, must_say_why: bool = False, initial: Any = None
    ) -> None:
        """The prefecture, which ends what a town began, always says why."""
        super().__init__(data, initial=initial)
        if must_say_why:
            self.fields["note"].required = True
            self.fields[
                "note"
            ].help_text = "市町に見えます。公開しません。個人の名前は書かないでください。"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        stopped = data.get("outcome") == Vacancy.Outcome.STOPPED
        if stopped and not (data.get("note") or "").strip() and "note" not in self.errors:
            self.add_error("note", "募集をやめた理由を入れてください。")
        return data


class WithdrawVacancyForm(PortalForm):
    """Why it is taken back."""

    note = forms.CharField(
        label="取り下げる理由",
        max_length=200,
        help_text="県に見えます。公開しません。個人の名前は書かないでください。",
    )


class WithholdForm(PortalForm):
    """Why the words of an earlier text are kept from the public."""

    reason = forms.CharField(
        label="言葉を公開しない理由",
        max_length=200,
        help_text="公開しません。個人の名前は書かないでください。",
    )


class HideQuestionForm(PortalForm):
    """Why a question is kept from the public."""

    reason = forms.CharField(
        label="公開しない理由",
        max_length=200,
        help_text="市町に見えます。個人の名前は書かないでください。",
    )
