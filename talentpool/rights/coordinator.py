"""The prefecture's screens: requests, a person's package, a breach, alerts of unusual views."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from municipalities.registry.access import SignedInRequest, for_coordinator
from municipalities.registry.querysets import is_coordinator
from talentpool.conventions.business_days import business_days_between
from talentpool.pages.errors import refuse
from talentpool.privacy import erasure
from talentpool.rights import breach, services
from talentpool.rights.errors import Refused
from talentpool.rights.forms import (
    BreachForm,
    DecideForm,
    ExtendForm,
    FindingForm,
    IdentifyForm,
    PaperForm,
)
from talentpool.rights.models import RightsRequest, ViewAlert, ViewLimit
from talentpool.rights.views import json_response, package_context
from talentpool.specialists.models import LobbyingRecord, Specialist
from talentpool.specialists.services import log_views

SHOWN = 200  # people on the page of a breach; the file has all


@for_coordinator
def take_in(request: SignedInRequest) -> HttpResponse:
    """A request that came on paper or at the counter."""
    form = PaperForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = services.file_request(
                data["pool_number"],
                kind=data["kind"],
                wish=data["wish"],
                received_on=data["received_on"],
                request_key=data["request_key"],
                by=request.user,
            )
        except Refused as refusal:
            refuse(form, str(refusal), beside="kind")
        else:
            messages.success(request, "請求を受け付けました。次に本人確認をしてください。")
            return redirect("admin:rights_rightsrequest_change", made.pk)
    return render(request, "rights/take_in.html", {"form": form})


def request_page(request: SignedInRequest, pk: str) -> HttpResponse:
    """One request with what can be done now. The person's name is shown: the view is logged."""
    asked = get_object_or_404(
        RightsRequest.objects.visible_to(request.user).select_related("specialist", "decided_by"),
        pk=pk,
    )
    forms = _forms(request, asked) if is_coordinator(request.user) else {}
    if request.method == "POST" and is_coordinator(request.user):
        done = _act(request, asked, forms)
        if done is not None:
            return done
    log_views(
        [asked.specialist_id],
        viewer=request.user,
        scope="name",
        purpose=f"あなたからの{asked.get_kind_display()}の請求（第{asked.pk}号）に対応するため",
    )
    today = timezone.localdate()
    return render(
        request,
        "rights/coordinator_request.html",
        {
            "asked": asked,
            "is_late": asked.is_open and asked.deadline < today,
            "business_days": business_days_between(today, asked.deadline),
            "unlinked": LobbyingRecord.objects.visible_to(request.user).perhaps_of(asked.specialist)
            if asked.is_open or asked.allows("carry_out")
            else [],
            "obstacles": erasure.why_not(asked.specialist_id) if asked.kind == "deletion" else [],
            "may_write": is_coordinator(request.user),
            **forms,
        },
    )


def _forms(request: SignedInRequest, asked: RightsRequest) -> dict[str, Any]:
    """The forms of the verbs that are possible; the one that was sent is bound."""
    sent = request.POST.get("verb", "") if request.method == "POST" else ""
    made: dict[str, Any] = {}
    if asked.allows("identify"):
        made["identify_form"] = IdentifyForm(request.POST if sent == "identify" else None)
    if asked.is_open and asked.extended_to is None:
        made["extend_form"] = ExtendForm(request.POST if sent == "extend" else None)
    if asked.allows("decide"):
        made["decide_form"] = DecideForm(
            request.POST if sent == "decide" else None,
            asked=asked,
            initial={"decided_on": timezone.localdate()},
        )
    return made


def _act(
    request: SignedInRequest, asked: RightsRequest, forms: dict[str, Any]
) -> HttpResponse | None:
    """Carry out the verb that was sent; None when its form has errors to show."""
    verb = request.POST.get("verb", "")
    verbs: dict[str, tuple[Callable[..., Any], str]] = {
        "identify": (services.identify, "本人確認を記録しました。"),
        "extend": (services.extend, "期限を延長し、ご本人に知らせました。"),
        "decide": (services.decide, "決定を記録し、ご本人に知らせました。"),
        "carry_out": (services.carry_out, "対応を記録しました。"),
    }
    if verb not in verbs:
        return redirect("admin:rights_rightsrequest_change", asked.pk)
    form = forms.get(f"{verb}_form")
    if form is not None and not form.is_valid():
        return None
    service, words = verbs[verb]
    try:
        if form is None and verb != "carry_out":
            raise Refused(services.STALE)
        service(asked.pk, **(form.cleaned_data if form is not None else {}), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, words)
    return redirect("admin:rights_rightsrequest_change", asked.pk)


def _person(request: SignedInRequest, pk: int) -> Specialist:
    """The person whose package is opened, with the view logged."""
    person: Specialist = get_object_or_404(Specialist.objects.visible_to(request.user), pk=pk)
    log_views(
        [person.pk],
        viewer=request.user,
        scope="package",
        purpose="あなたについて保有する記録のすべてを確かめるため",
    )
    return person


@for_coordinator
def package(request: SignedInRequest, pk: int) -> HttpResponse:
    """A person's package, to check and print before it is handed over."""
    context = package_context(_person(request, pk), to_review=True)
    return render(request, "rights/package.html", {**context, "for_staff": True})


@for_coordinator
def package_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """A person's package, as a file."""
    return json_response(_person(request, pk), to_review=True)


@for_coordinator
def breach_kit(request: SignedInRequest) -> HttpResponse:
    """漏えい時の対応: who is affected by the access log, counted, and the draft of the report.

    What is asked for is sent by POST and writes nothing but the log of the numbers shown: an
    address is no place for mail addresses.
    """
    form = BreachForm(request.POST or None, initial={"known_on": timezone.localdate()})
    if request.method != "POST" or not form.is_valid():
        return render(request, "rights/breach.html", {"form": form})
    data = form.cleaned_data
    asked = {name: data[name] for name in ("since", "until", "actor", "body", "pool_numbers")}
    people = breach.affected(request.user, **asked)
    log_views(
        [one.person for one in people],
        viewer=request.user,
        scope="pool_number",
        purpose="情報漏えいのおそれがあり、影響を受けた人を調べるため",
    )
    if "csv" in request.POST:
        response = HttpResponse(breach.as_csv(people), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="affected.csv"'
        return response
    report = {name: data[name] for name in ("known_on", "grave", "malicious", "cause")}
    return render(
        request,
        "rights/breach.html",
        {
            "form": form,
            "people": people[:SHOWN],
            "count": len(people),
            "hidden": max(0, len(people) - SHOWN),
            "named": sum(one.with_name for one in people),
            "must_report": breach.must_report(len(people), grave=data["grave"]),
            "report": breach.first_report(people, **report),
            "is_answered": True,
        },
    )


def alert_page(request: SignedInRequest, pk: str) -> HttpResponse:
    """One alert: how many people, against what is usual, what for; POST takes the finding."""
    alert = get_object_or_404(
        ViewAlert.objects.visible_to(request.user).select_related("viewer", "settled_by"), pk=pk
    )
    may_settle = (
        is_coordinator(request.user)
        and alert.settled_at is None
        and alert.viewer_id != request.user.pk
    )
    form = FindingForm(request.POST or None)
    if request.method == "POST" and is_coordinator(request.user) and form.is_valid():
        try:
            services.settle_alert(alert.pk, finding=form.cleaned_data["finding"], by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "確かめた結果を記録しました。")
        return redirect("admin:rights_viewalert_change", alert.pk)
    return render(
        request,
        "rights/alert.html",
        {
            "alert": alert,
            "limit": ViewLimit.objects.filter(looking=alert.looking).first(),
            "breakdown": services.breakdown(request.user, alert),
            "form": form,
            "may_settle": may_settle,
            "is_own": alert.viewer_id == request.user.pk,
        },
    )
