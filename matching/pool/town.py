"""The towns' overview of the pool, and what they did not find in it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from matching.pool import services
from matching.pool.forms import DemandForm
from matching.pool.models import Demand
from matching.pool.overview import LEAST_PEOPLE, overview, quarter_of, quarters
from municipalities.registry.access import SignedInRequest, for_municipality
from talentpool.pages.paging import keyset_page


@for_municipality
def show_overview(request: SignedInRequest) -> HttpResponse:
    """人材の概況: how much of which skill at which level is free in a quarter, never who."""
    shown = overview(quarter_of(request.GET.get("quarter", "")))
    return render(
        request,
        "pool/overview.html",
        {
            "overview": shown,
            "quarters": quarters(timezone.localdate()),
            "least_people": LEAST_PEOPLE,
        },
    )


@for_municipality
def demands(request: SignedInRequest) -> HttpResponse:
    """What the town has recorded as missing, with the prefecture's answers."""
    rows = Demand.objects.visible_to(request.user).select_related("skill", "need")
    page = keyset_page(rows, request.GET, order=["-pk"], size=20)
    return render(request, "pool/demands.html", {"page": page})


@for_municipality
def new_demand(request: SignedInRequest) -> HttpResponse:
    """Record that nobody fits."""
    form = DemandForm(
        request.POST if request.method == "POST" else None,
        initial={"skill": request.GET.get("skill", ""), "level": request.GET.get("level", "")},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        services.record_demand(
            skill_code=given["skill"].pk,
            level=given["level"],
            half_days=given["half_days"],
            first_month=given["first_month"],
            last_month=given["last_month"],
            note=given["note"],
            by=request.user,
        )
        messages.success(request, "記録しました。県が、募集や登録の呼びかけに使います。")
        return redirect("town:pool_demands")
    status = 422 if request.method == "POST" else 200
    return render(request, "pool/new_demand.html", {"form": form}, status=status)
