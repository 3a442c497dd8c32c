"""Engagements as towns, specialists and coordinators see them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from matching.engagements import ending, timeline_rows
from matching.engagements.forms import TerminateForm, VisitsForm
from matching.engagements.models import Engagement, Share
from matching.engagements.timeline import timeline
from matching.engagements.visiting import note_weekdays
from municipalities.registry.access import (
    SignedInRequest,
    for_coordinator,
    for_municipality,
    for_specialist,
)
from municipalities.registry.querysets import is_coordinator, municipality_code_of
from municipalities.vacancies.models import Need
from talentpool.conventions.era import format_wareki
from talentpool.conventions.weekdays import bits_of
from talentpool.pages.paging import keyset_page
from talentpool.specialists.services import log_views


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
            purpose=f"シェア契約（{engagement.number}）の内容を見るため",
        )
    return render(
        request,
        "engagements/detail.html",
        {
            "engagement": engagement,
            "shares": shares,
            "area": area,
            "half_days": sum(share.half_days for share in shares),
            "own_need": _own_ended_need(request, engagement, shares) if area == "town" else None,
            "may_terminate": area == "coordinator"
            and ending.may_terminate(engagement)
            and is_coordinator(request.user),
        },
    )


def _own_ended_need(
    request: SignedInRequest, engagement: Engagement, shares: list[Share]
) -> Need | None:
    """The need of the town that looks, once its engagement is over."""
    if engagement.status == Engagement.Status.SIGNED:
        return None
    code = municipality_code_of(request.user)
    return next((share.need for share in shares if share.municipality_id == code), None)


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


@for_coordinator
def coordinator_terminate(request: SignedInRequest, pk: int) -> HttpResponse:
    """中途で解除する: asks first, for days are given back and towns and person are told."""
    engagement = _engagement(request, pk)
    back = reverse("admin:engagements_engagement_change", args=[engagement.pk])
    form = TerminateForm(request.POST or None, engagement=engagement)
    if request.method == "POST" and form.is_valid():
        try:
            ending.terminate(engagement.pk, **form.cleaned_data, by=request.user)
        except ending.EndingRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "中途解除を記録し、市町と本人に知らせました。")
        return redirect(back)
    if not ending.may_terminate(engagement):
        messages.error(request, "この契約は、すでに終わっています。")
        return redirect(back)
    towns = engagement.shares.filter(active=True).select_related("municipality", "need")
    return render(
        request,
        "engagements/terminate.html",
        {
            "form": form,
            "engagement": engagement,
            "question": f"シェア契約 {engagement.number} の解除日を早めますか"
            if engagement.ended_on
            else f"シェア契約 {engagement.number} を中途で解除しますか",
            "objects": [
                f"{share.municipality.name}「{share.need.title}」"
                for share in towns.order_by("municipality__kana", "pk")
            ],
            "consequence": (
                f"いまの解除日は{format_wareki(engagement.ended_on)}です。"
                if engagement.ended_on
                else ""
            )
            + "解除日の翌月からの日数を空け、市町と本人に知らせます。"
            "契約額と負担額は、締結したときの額のまま残ります。",
            "action_label": "解除日を早める" if engagement.ended_on else "中途で解除する",
            "cancel_url": back,
        },
        status=422 if form.errors else 200,
    )


@for_coordinator
def visit_weekdays(request: SignedInRequest, pk: int) -> HttpResponse:
    """訪問する曜日: note them for one share, so that no plan counts on a full weekday."""
    share = get_object_or_404(
        Share.objects.visible_to(request.user).select_related("municipality", "need"), pk=pk
    )
    back = reverse("admin:engagements_engagement_change", args=[share.engagement_id])
    noted = [str(1 << bit) for bit in bits_of(share.visit_weekdays)]
    form = VisitsForm(request.POST or None, initial={"weekdays": noted})
    if request.method == "POST" and form.is_valid():
        note_weekdays(share.pk, weekdays=form.bits(), by=request.user)
        messages.success(request, "訪問する曜日を記録しました。次の計算から使います。")
        return redirect(back)
    return render(
        request,
        "engagements/visits.html",
        {
            "form": form,
            "number": share.engagement.number,
            "question": "訪問する曜日を記録しますか",
            "objects": [f"{share.municipality.name}「{share.need.title}」"],
            "consequence": "月4日の訪問で埋まった曜日には、次の計算はほかの市町の訪問を"
            "あてません。市町と本人には知らせません。",
            "action_label": "記録する",
            "cancel_url": back,
        },
        status=422 if form.errors else 200,
    )


def coordinator_timeline(request: SignedInRequest) -> HttpResponse:
    """シェア契約の予定: person by month over a fiscal year, picture and equal table."""
    picture = timeline(request.user, request.GET.get("year", ""), timezone.localdate())
    log_views(
        [person.pk for person in picture.people],
        viewer=request.user,
        scope="pool_number",
        purpose="契約している人の予定を一覧で見るため",
    )
    context = {
        "timeline": picture,
        "bars": timeline_rows.svg(picture),
        "rows": timeline_rows.rows(picture),
    }
    return render(request, "engagements/timeline.html", context)
