"""Engagements as towns, specialists and coordinators see them; a person's days."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from matching.engagements.forms import DaysForm
from matching.engagements.models import CapacityMonth, Engagement
from matching.engagements.services import declare_days
from matching.engagements.timeline import timeline
from municipalities.registry.access import SignedInRequest, for_municipality, for_specialist
from talentpool.conventions.era import format_month
from talentpool.conventions.months import add_months, first_of_month
from talentpool.pages.paging import keyset_page
from talentpool.specialists.models import Availability, Specialist
from talentpool.specialists.services import log_views

MONTHS_AHEAD = 18


def _list(request: SignedInRequest, template: str) -> HttpResponse:
    engagements = (
        Engagement.objects.visible_to(request.user)
        .select_related("specialist")
        .prefetch_related("shares__municipality")
    )
    page = keyset_page(engagements, request.GET, order=["-pk"], size=20)
    return render(request, template, {"page": page})


def _engagement(request: SignedInRequest, pk: int | str) -> Engagement:
    engagement: Engagement = get_object_or_404(
        Engagement.objects.visible_to(request.user).select_related(
            "specialist__firm", "form", "signed_by"
        ),
        pk=pk,
    )
    return engagement


def _detail(request: SignedInRequest, engagement: Engagement, area: str) -> HttpResponse:
    shares = list(
        engagement.shares.select_related("municipality", "need").order_by(
            "municipality__kana", "pk"
        )
    )
    if area != "specialist":
        log_views(
            [engagement.specialist_id],
            viewer=request.user,
            scope="name",
            purpose=f"契約 {engagement.number}",
        )
    return render(
        request,
        "engagements/detail.html",
        {
            "engagement": engagement,
            "shares": shares,
            "area": area,
            "half_days": sum(share.half_days for share in shares),
        },
    )


@for_municipality
def town_list(request: SignedInRequest) -> HttpResponse:
    return _list(request, "engagements/town_list.html")


@for_municipality
def town_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _detail(request, _engagement(request, pk), "town")


@for_specialist
def person_list(request: SignedInRequest) -> HttpResponse:
    return _list(request, "engagements/person_list.html")


@for_specialist
def person_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _detail(request, _engagement(request, pk), "specialist")


def coordinator_detail(request: SignedInRequest, pk: str) -> HttpResponse:
    """Mounted in the admin."""
    return _detail(request, _engagement(request, pk), "coordinator")


def coordinator_timeline(request: SignedInRequest) -> HttpResponse:
    """シェア契約の予定: person by month over a fiscal year, picture and equal table."""
    picture = timeline(request.user, request.GET.get("year", ""), timezone.localdate())
    log_views(
        [person.pk for person in picture.people],
        viewer=request.user,
        scope="pool_number",
        purpose="契約の予定",
    )
    return render(request, "engagements/timeline.html", {"timeline": picture})


@for_specialist
def days(request: SignedInRequest) -> HttpResponse:
    """Declare half-days for the coming months, beside what is booked."""
    person = get_object_or_404(Specialist.objects.visible_to(request.user))
    first = first_of_month(timezone.localdate())
    months = [add_months(first, index) for index in range(MONTHS_AHEAD)]
    declared: dict[Any, int] = dict(
        Availability.objects.filter(specialist=person, month__in=months).values_list(
            "month", "half_days"
        )
    )
    form = DaysForm(request.POST or None, months=months, declared=declared)
    if request.method == "POST" and form.is_valid():
        hit = declare_days(person, form.days(), by=request.user)
        if hit:
            names = "、".join(format_month(month) for month in hit)
            messages.warning(
                request,
                f"申告を受け付けました。{names}は契約や仮押さえのほうが多いため、"
                "そちらが優先されます。県から連絡します。",
            )
        else:
            messages.success(request, "稼働可能日を確認しました。ありがとうございます。")
        return redirect("specialist:days")
    booked = {
        row.month: row for row in CapacityMonth.objects.filter(specialist=person, month__in=months)
    }
    rows = [(month, form[f"{month:%Y-%m}"], booked.get(month)) for month in months]
    return render(
        request, "engagements/days.html", {"form": form, "rows": rows, "specialist": person}
    )
