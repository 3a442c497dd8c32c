"""稼働の見込み: who declares less than is booked, and how that was settled; what the pool has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from matching.engagements import outlook
from matching.engagements.declaring import Hit, hits_by_person, months_short, settle_months
from matching.engagements.models import SettledMonth
from municipalities.registry.access import SignedInRequest
from municipalities.registry.querysets import is_coordinator
from talentpool.conventions.amounts import days_label
from talentpool.conventions.months import first_of_month
from talentpool.conventions.numbers import number_in
from talentpool.pages.forms import PortalForm
from talentpool.pages.paging import Page, keyset_page
from talentpool.specialists.models import Specialist
from talentpool.specialists.services import declared_half_days, log_views

PEOPLE = 20  # a page; each has a table of months


class SettleForm(PortalForm):
    """What was agreed with the towns about the months of one person."""

    note = forms.CharField(
        label="市町と決めたこと",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="例：4月は江田島市が1日減らす。市町と本人に連絡済み。",
    )
    seen = forms.CharField(widget=forms.HiddenInput)
    person = forms.IntegerField(widget=forms.HiddenInput)

    def clean_seen(self) -> dict[date, tuple[int, int]]:
        try:
            parts = [part.split("/") for part in self.cleaned_data["seen"].split(",")]
            return {
                date.fromisoformat(month): (int(declared), int(booked))
                for month, declared, booked in parts
            }
        except ValueError as error:
            raise forms.ValidationError("ページを開き直して、もう一度入れてください。") from error


@dataclass(frozen=True, slots=True)
class Short:
    """A person with the months that are short, how each was settled, and the form for the rest."""

    person: Specialist
    months: list[tuple[Hit, SettledMonth | None]]
    form: SettleForm | None


def coordinator_capacity(request: SignedInRequest) -> HttpResponse:
    """The page; POST notes what was agreed about one person's months."""
    form = None
    if request.method == "POST":
        if not is_coordinator(request.user):
            raise Http404
        form = SettleForm(request.POST, auto_id="id_sent_%s")
        if form.is_valid() and _settle(request, form):
            return redirect("admin:engagements_capacity")
    months = months_short(since=first_of_month(timezone.localdate()))
    page = _page_of_short(request, months, form)
    short = _short(page.items, months, form, may_write=is_coordinator(request.user))
    log_views(
        [row.person.pk for row in short],
        viewer=request.user,
        scope="pool_number",
        purpose="空いている日数の見込みを一覧で見るため",
    )
    kept, found = outlook.latest()
    days = ("declared", "booked", "free", "expected")
    rows = [{**row, **{name: days_label(row[name]) for name in days}} for row in found]
    context = {"short": short, "page": page, "outlook": kept, "rows": rows, "form": form}
    context |= {"people": len(months), "is_one": form is not None or "person" in request.GET}
    status = 422 if form is not None else 200
    return render(request, "engagements/capacity.html", context, status=status)


def _settle(request: SignedInRequest, form: SettleForm) -> bool:
    data = form.cleaned_data
    person = get_object_or_404(Specialist.objects.visible_to(request.user), pk=data["person"])
    settled = settle_months(person, data["seen"], note=data["note"], by=request.user)
    if len(settled) < len(data["seen"]):
        messages.error(
            request, "開いているあいだに日数が変わった月は、記録していません。確かめてください。"
        )
    if settled:
        messages.success(request, f"{len(settled)}か月について、市町と決めたことを記録しました。")
    return True


def _page_of_short(
    request: SignedInRequest, months: Mapping[int, list[date]], sent: SettleForm | None
) -> Page[Specialist]:
    """A page of the people who are short, by pool number; only the one whom the address or the form
    that was sent names."""
    people = Specialist.objects.visible_to(request.user).filter(pk__in=list(months))
    one = number_in(sent.data.get("person", "") if sent else request.GET.get("person", ""))
    if one:
        people = people.filter(pk=one)
    return keyset_page(people, request.GET, order=["pool_number"], size=PEOPLE)


def _short(
    people: Sequence[Specialist],
    months: Mapping[int, list[date]],
    sent: SettleForm | None,
    *,
    may_write: bool,
) -> list[Short]:
    """The months of these people, in six queries for all of them together."""
    ids = [person.pk for person in people]
    all_months = sorted({month for pk in ids for month in months[pk]})
    declared = {
        pk: {month: days[month] for month in months[pk]}
        for pk, days in declared_half_days(ids, all_months).items()
    }
    hits = hits_by_person(declared)
    agreed = {
        (row.specialist_id, row.month, row.declared, row.booked): row
        for row in SettledMonth.objects.filter(
            specialist_id__in=ids, month__in=all_months
        ).select_related("settled_by")
    }
    found = []
    for person in people:
        rows = [
            (hit, agreed.get((person.pk, hit.month, hit.declared, hit.booked)))
            for hit in hits[person.pk]
        ]
        open_ones = [hit for hit, settled in rows if settled is None]
        form = _form(person, open_ones, sent) if open_ones and may_write else None
        found.append(Short(person, rows, form))
    return found


def _form(person: Specialist, hits: Sequence[Hit], sent: SettleForm | None) -> SettleForm:
    if sent is not None and sent.data.get("person") == str(person.pk):
        return sent
    seen = ",".join(f"{hit.month.isoformat()}/{hit.declared}/{hit.booked}" for hit in hits)
    initial: dict[str, Any] = {"seen": seen, "person": person.pk}
    return SettleForm(initial=initial, auto_id=f"id_{person.pk}_%s")
