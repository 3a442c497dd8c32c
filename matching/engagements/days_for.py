"""稼働可能日 entered by a coordinator for somebody without an account, with how it was said."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from matching.engagements.declaring import declare_days, effective, new_hits
from matching.engagements.forms import DaysForm
from municipalities.registry.access import SignedInRequest, for_coordinator
from talentpool.conventions.months import add_months, first_of_month
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.forms.vetting import said_field
from talentpool.specialists.models import MONTHS_AHEAD, Availability, Specialist
from talentpool.specialists.services import behalf, log_views, registration


class DaysForForm(DaysForm):
    """The days of the coming months, and how the person told them."""

    reason = said_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = self.fields.pop("reason")  # stands last


@for_coordinator
def days_for(request: SignedInRequest, pk: int) -> HttpResponse:
    """The days of somebody without an account; 404 for all others. What is booked more than would
    be declared is shown before anything is saved."""
    person: Specialist = get_object_or_404(Specialist.objects.visible_to(request.user), pk=pk)
    if not registration.is_writable_for(person, request.user):
        raise Http404
    first = first_of_month(timezone.localdate())
    months = [add_months(first, index) for index in range(MONTHS_AHEAD)]
    rows = Availability.objects.filter(specialist=person, month__in=months)
    declared: dict[date, int] = dict(rows.values_list("month", "half_days"))
    form = DaysForForm(
        request.POST or None, months=months, declared=declared, weekdays=person.weekdays
    )
    hits = []
    if request.method == "POST" and form.is_valid():
        hits = new_hits(person.pk, effective(person.pk, form.days()))
        if (not hits or "confirmed" in request.POST) and _enter(request, person, form):
            return redirect("admin:specialists_specialist_topics", pk=person.pk)
    log_views(
        [person.pk], viewer=request.user, scope="name", purpose="本人に代わって日数を入れるため"
    )
    context = {"person": person, "form": form, "hits": hits}
    status = 422 if request.method == "POST" else 200
    return render(request, "engagements/days_for.html", context, status=status)


def _enter(request: SignedInRequest, person: Specialist, form: DaysForForm) -> bool:
    try:
        behalf.enter_for(
            person,
            "稼働可能日を入れました",
            lambda: declare_days(
                person, form.days(), weekdays=form.weekday_bits(), by=request.user
            ),
            reason=form.cleaned_data["reason"],
            by=request.user,
        )
    except PoolRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, "稼働可能日を入れました。")
    return True
