"""A person's days: declare them, pause, and see first what that would do to bookings."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from matching.engagements.declaring import (
    DeclarationRefused,
    Hit,
    add_pause,
    declare_days,
    effective,
    end_pause,
    new_hits,
)
from matching.engagements.forms import DaysForm, PauseForm
from matching.engagements.models import CapacityMonth
from municipalities.registry.access import SignedInRequest, for_specialist
from talentpool.conventions.era import format_month
from talentpool.conventions.months import add_months, first_of_month, month_range
from talentpool.specialists.consent_first import consent_first
from talentpool.specialists.models import MONTHS_AHEAD, Availability, Pause, Specialist


def _person(request: SignedInRequest) -> Specialist:
    person: Specialist = get_object_or_404(Specialist.objects.visible_to(request.user))
    return person


@for_specialist
@consent_first
def days(request: SignedInRequest) -> HttpResponse:
    """Declare half-days for the coming months, beside what is booked."""
    person = _person(request)
    first = first_of_month(timezone.localdate())
    months = [add_months(first, index) for index in range(MONTHS_AHEAD)]
    declared: dict[date, int] = dict(
        Availability.objects.filter(specialist=person, month__in=months).values_list(
            "month", "half_days"
        )
    )
    form = DaysForm(
        request.POST or None, months=months, declared=declared, weekdays=person.weekdays
    )
    if request.method == "POST" and form.is_valid():
        hits = new_hits(person.pk, effective(person.pk, form.days()))
        if hits and "confirmed" not in request.POST:
            return _check(request, hits)
        hit = declare_days(person, form.days(), weekdays=form.weekday_bits(), by=request.user)
        _say(request, hit, "稼働可能日を確認しました。ありがとうございます。")
        return redirect("specialist:days")
    booked = {
        row.month: row for row in CapacityMonth.objects.filter(specialist=person, month__in=months)
    }
    pauses = list(
        Pause.objects.visible_to(request.user).filter(specialist=person, last_month__gte=first)
    )
    paused = {month for row in pauses for month in month_range(row.first_month, row.last_month)}
    rows = [
        {
            "month": month,
            "field": form[f"{month:%Y-%m}"],
            "booked": booked.get(month),
            "is_paused": month in paused,
            "is_open": month not in declared and month not in paused,
        }
        for month in months
    ]
    return render(
        request,
        "engagements/days.html",
        {
            "form": form,
            "rows": rows,
            "specialist": person,
            "pauses": pauses,
            "unanswered": sum(1 for row in rows if row["is_open"]),
        },
        status=422 if form.errors else 200,
    )


def _check(request: SignedInRequest, hits: list[Hit]) -> HttpResponse:
    """What is booked more than would be declared, before anything is saved."""
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken"
        for value in values
    ]
    return render(request, "engagements/days_check.html", {"hits": hits, "sent": sent})


def _say(request: SignedInRequest, hit: list[date], done: str) -> None:
    if not hit:
        messages.success(request, done)
        return
    names = "、".join(format_month(month) for month in hit)
    messages.warning(
        request,
        f"申告を受け付けました。{names}は契約や仮押さえのほうが多いため、"
        "そちらが優先されます。県から連絡します。",
    )


@for_specialist
@consent_first
def pause(request: SignedInRequest) -> HttpResponse:
    """Take no work for a term."""
    person = _person(request)
    form = PauseForm(request.POST or None, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        first, last = form.cleaned_data["first_month"], form.cleaned_data["last_month"]
        hits = new_hits(person.pk, dict.fromkeys(month_range(first, last), 0))
        if hits and "confirmed" not in request.POST:
            return _check(request, hits)
        try:
            hit = add_pause(person, first_month=first, last_month=last, by=request.user)
        except DeclarationRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            _say(request, hit, "休止期間を受け付けました。期間が終わると、もとの日数に戻ります。")
            return redirect("specialist:days")
    status = 422 if form.errors else 200
    return render(request, "engagements/pause.html", {"form": form}, status=status)


@require_POST
@for_specialist
def pause_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a pause back."""
    row = get_object_or_404(Pause.objects.visible_to(request.user), pk=pk)
    end_pause(row, by=request.user)
    messages.success(request, "休止を取り消しました。もとの日数に戻っています。")
    return redirect("specialist:days")
