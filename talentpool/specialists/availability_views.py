"""Confirming the declared days: by the link of the monthly mail, and in the portal."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from municipalities.registry.access import SignedInRequest, for_specialist
from talentpool.conventions.months import add_months, first_of_month
from talentpool.specialists.models import MONTHS_AHEAD, Specialist
from talentpool.specialists.services import (
    answered_months,
    confirm_availability,
    declared_half_days,
)
from talentpool.specialists.services.asking import person_of


@login_not_required
@never_cache
def confirm_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the declared days and a button and changes nothing, for scanners open links; POST
    confirms. The page names nobody."""
    person = person_of(token)
    if person is None:
        return render(request, "specialists/link_closed.html", status=404)
    if request.method == "POST":
        confirm_availability(person, by=None)
        return render(request, "specialists/availability_confirmed.html")
    first = first_of_month(timezone.localdate())
    months = [add_months(first, index) for index in range(MONTHS_AHEAD)]
    declared = declared_half_days([person.pk], months)[person.pk]
    answered = answered_months(person, months)
    days = [(month, half_days, month in answered) for month, half_days in declared.items()]
    context = {"days": days, "unanswered": len(months) - len(answered)}
    return render(request, "specialists/availability_confirm.html", context)


@require_POST
@for_specialist
def confirm(request: SignedInRequest) -> HttpResponse:
    """In the portal: the declared days still hold as they stand."""
    person = get_object_or_404(Specialist.objects.visible_to(request.user))
    confirm_availability(person, by=request.user)
    messages.success(request, "稼働可能日を確認しました。ありがとうございます。")
    return redirect("specialist:home")
