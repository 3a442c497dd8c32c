"""働きかけ記録 for a town: write down, read with what the law says, note the report."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from municipalities.registry.access import SignedInRequest, for_municipality
from municipalities.registry.querysets import municipality_code_of
from talentpool.pages.admin import number_or_404
from talentpool.pages.fields import JapaneseDateField
from talentpool.pages.forms import PortalForm, PortalModelForm
from talentpool.pages.paging import keyset_page
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import LobbyingRecord
from talentpool.specialists.services import record_lobbying, report_lobbying
from talentpool.specialists.services.lobbying import why_not_before

FIELDS = [
    "happened_on",
    "requester",
    "company",
    "in_company",
    "retired_on",
    "post",
    "duty",
    "subject",
    "content",
    "answer",
]


class LobbyingForm(PortalModelForm):
    class Meta:
        model = LobbyingRecord
        fields = FIELDS
        field_classes = {"happened_on": JapaneseDateField, "retired_on": JapaneseDateField}
        help_texts = {
            "requester": "退職した職員の氏名。",
            "in_company": "会社などに勤めている、または役員であるとき。国や自治体の職は除きます。",
            "duty": "求められた契約・処分が、その人の在職中のどの仕事に当たるか。",
        }
        widgets = {
            "post": forms.RadioSelect,
            "duty": forms.RadioSelect,
            "content": forms.Textarea(attrs={"rows": 4}),
            "answer": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("post", "duty"):
            choices: Any = self.fields[name]
            choices.choices = [(value, label) for value, label in choices.choices if value]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        check_days(self, data)
        happened, reported = data.get("happened_on"), self.instance.reported_on
        if happened and reported and happened > reported:
            self.add_error("happened_on", why_not_before(reported))
        return data


def check_report_day(day: date, happened_on: date) -> date:
    """The day of a report lies between the day of the request and today. Raises
    ValidationError."""
    if not happened_on <= day <= timezone.localdate():
        raise forms.ValidationError("働きかけを受けた日から今日までの日を入れてください。")
    return day


def check_days(form: forms.BaseForm, data: dict[str, Any]) -> None:
    """The request is no later than today and no earlier than the retirement."""
    happened, retired = data.get("happened_on"), data.get("retired_on")
    if happened and happened > timezone.localdate():
        form.add_error("happened_on", "今日までの日を入れてください。")
    if happened and retired and happened < retired:
        form.add_error("retired_on", "働きかけを受けた日より前の日を入れてください。")


class ReportForm(PortalForm):
    reported_on = JapaneseDateField(label="人事委員会等へ届け出た日")

    def __init__(self, *args: Any, record: LobbyingRecord, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record

    def clean_reported_on(self) -> Any:
        return check_report_day(self.cleaned_data["reported_on"], self.record.happened_on)


@for_municipality
def lobbying_list(request: SignedInRequest) -> HttpResponse:
    records = LobbyingRecord.objects.visible_to(request.user).select_related("corrected_by")
    page = keyset_page(records, request.GET, order=["-happened_on", "-pk"], size=20)
    return render(request, "specialists/lobbying_list.html", {"page": page})


@for_municipality
def lobbying_new(request: SignedInRequest) -> HttpResponse:
    """A new record; with `corrects` one that sets an earlier record right, filled in with it."""
    record = LobbyingRecord(municipality_id=municipality_code_of(request.user))
    first = _first(request)
    if first is not None:
        record.corrects, record.reported_on = first, first.reported_on
    initial = {name: getattr(first, name) for name in FIELDS} if first is not None else {}
    form = LobbyingForm(request.POST or None, instance=record, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = record_lobbying(form.instance, by=request.user)
        except PoolRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "記録しました。県にも届きます。")
            return redirect("town:lobbying_record", made.pk)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "first": first}
    return render(request, "specialists/lobbying_new.html", context, status=status)


def _first(request: SignedInRequest) -> LobbyingRecord | None:
    """The record that is to be set right; 404 when it is not the town's."""
    wanted = request.GET.get("corrects", "")
    if not wanted:
        return None
    record: LobbyingRecord = get_object_or_404(
        LobbyingRecord.objects.visible_to(request.user), pk=number_or_404(wanted)
    )
    return record


@for_municipality
def lobbying_record(request: SignedInRequest, pk: int) -> HttpResponse:
    record = get_object_or_404(
        LobbyingRecord.objects.visible_to(request.user).select_related("corrected_by", "corrects"),
        pk=pk,
    )
    form = ReportForm(request.POST or None, record=record)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            report_lobbying(record, reported_on=form.cleaned_data["reported_on"], by=request.user)
            messages.success(request, "届出の日を記録しました。")
            return redirect("town:lobbying_record", record.pk)
        status = 422
    context = {"record": record, "verdict": record.verdict, "form": form}
    return render(request, "specialists/lobbying_record.html", context, status=status)
