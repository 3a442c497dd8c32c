"""Forms of a contract and of a planned procurement with the firms that may take part."""

from typing import TYPE_CHECKING, Any

from django import forms

from municipalities.registry.deals import Party
from municipalities.registry.models import PlannedProcurement, ProcurementParty, VendorContract
from talentpool.conventions import corporate_number
from talentpool.conventions.folding import tidy_digits
from talentpool.pages.fields import JapaneseDateField
from talentpool.pages.forms import PortalForm, PortalModelForm
from talentpool.pages.opened import OpenedModelForm, fingerprint

PARTY_ROWS = 3
WRONG_NUMBER = "法人番号(13桁)の検査数字が合いません。番号を確かめてください。"


class CorporateNumberField(forms.CharField):
    """法人番号 typed with full-width digits, hyphens or spaces; cleans to thirteen digits."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "法人番号")
        kwargs.setdefault("help_text", "国税庁が付けた13桁の数字です。")
        super().__init__(max_length=20, **kwargs)
        self.widget.attrs.setdefault("inputmode", "numeric")

    def to_python(self, value: Any) -> str:
        number = tidy_digits(super().to_python(value) or "").replace("-", "")
        if number and not corporate_number.is_valid(number):
            raise forms.ValidationError(WRONG_NUMBER, code="corporate_number")
        return number


class ContractForm(OpenedModelForm, PortalModelForm):
    corporate_number = CorporateNumberField()

    class Meta:
        model = VendorContract
        fields = ["subject", "vendor_name", "corporate_number", "skill", "starts", "ends"]
        field_classes = {"starts": JapaneseDateField, "ends": JapaneseDateField}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("starts") and data.get("ends") and data["ends"] < data["starts"]:
            self.add_error("ends", "開始日より後の日を入れてください。")
        return data


def _known(row: PlannedProcurement) -> list[tuple[str, str, str]]:
    """Number, name and role of the firms that are saved with a procurement."""
    rows = row.parties.order_by("corporate_number", "pk")
    return list(rows.values_list("corporate_number", "name", "role"))


class ProcurementForm(OpenedModelForm, PortalModelForm):
    class Meta:
        model = PlannedProcurement
        fields = [
            "subject",
            "skill",
            "prepared_from",
            "announced_on",
            "decided_on",
            "status",
            "note",
        ]
        field_classes = {
            "prepared_from": JapaneseDateField,
            "announced_on": JapaneseDateField,
            "decided_on": JapaneseDateField,
        }

    def __init__(self, *args: Any, parties: "BasePartyFormSet | None" = None, **kwargs: Any):
        self.parties = parties  # the firms are saved with it: who opened it has seen them too
        super().__init__(*args, **kwargs)

    def _saved(self, row: Any) -> str:
        return fingerprint({"row": super()._saved(row), "parties": _known(row)})

    def _more_differences(self, row: Any) -> list[str]:
        known = _known(row)
        sent = self.parties
        if sent is None or not sent.is_valid():
            return []
        typed = [(one.corporate_number, one.name, one.role) for one in sent.parties()]
        if sorted(typed) == sorted(known):
            return []
        names = "、".join(name for _, name, _ in known) or "なし"
        return [f"事業者：いまの内容は「{names}」"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        start, end = data.get("prepared_from"), data.get("decided_on")
        announced = data.get("announced_on")
        if start and end and end < start:
            self.add_error("decided_on", "準備を始める日より後の日を入れてください。")
        elif announced and start and end and not start <= announced <= end:
            self.add_error(
                "announced_on", "準備を始める日から決定の予定日までの日を入れてください。"
            )
        return data


class PartyForm(PortalForm):
    """One firm; a row left empty is none."""

    hide_optional = True
    name = forms.CharField(label="事業者名", max_length=80, required=False)
    corporate_number = CorporateNumberField(required=False, help_text="")
    role = forms.ChoiceField(label="立場", choices=ProcurementParty.Role.choices, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        if data.get("name") and not data.get("corporate_number"):
            self.add_error("corporate_number", "法人番号を入れてください。")
        if data.get("corporate_number") and not data.get("name"):
            self.add_error("name", "事業者名を入れてください。")
        return data


if TYPE_CHECKING:
    PartyFormsBase = forms.BaseFormSet[PartyForm]
else:
    PartyFormsBase = forms.BaseFormSet


class BasePartyFormSet(PartyFormsBase):
    def clean(self) -> None:
        numbers = [row.corporate_number for row in self.parties()]
        if len(numbers) != len(set(numbers)):
            raise forms.ValidationError("同じ事業者が2回入っています。")

    def parties(self) -> list[Party]:
        """The firms of the rows that are filled in."""
        return [
            Party(
                corporate_number=form.cleaned_data["corporate_number"],
                name=form.cleaned_data["name"],
                role=form.cleaned_data.get("role") or ProcurementParty.Role.EXPECTED,
            )
            for form in self.forms
            if _is_filled(form)
        ]


def _is_filled(form: PartyForm) -> bool:
    """Whether a row names a firm with its number; a row with one of them has an error."""
    data = getattr(form, "cleaned_data", {})
    return bool(data.get("corporate_number") and data.get("name"))


PartyFormSet = forms.formset_factory(
    PartyForm, formset=BasePartyFormSet, extra=PARTY_ROWS, max_num=30, absolute_max=30
)
