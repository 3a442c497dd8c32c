"""Conflicts of interest in the admin: the cases, one person with every town, firms' relations."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from matching.engagements.models import BiddingBar
from matching.engagements.watch import open_case, skills_of_all
from municipalities.registry.access import SignedInRequest
from municipalities.registry.models import Municipality
from municipalities.registry.querysets import is_coordinator
from talentpool.audit.edits import AuditedAdmin
from talentpool.conventions.months import add_months, first_of_month
from talentpool.pages.admin import PortalAdmin, ReadOnlyAdmin, number_or_404
from talentpool.pages.errors import refuse
from talentpool.pages.forms import PortalForm
from talentpool.specialists.admin import log_listed
from talentpool.specialists.answers import restrictions_of
from talentpool.specialists.conflicts.facts import (
    Pair,
    assess_pairs,
    finding_now,
    said_by,
    ties_of,
)
from talentpool.specialists.conflicts.rules import RULES, Result, Work
from talentpool.specialists.models import ConflictCase, FirmRelation, Specialist
from talentpool.specialists.services import CaseClosed, decide_case, log_views, seen_of

MONTHS = 12
TAGS = {"none": "ok", "measures": "info", "check": "wait", "no": "late"}


class DecideForm(PortalForm):
    """How a coordinator settles a conflict."""

    decision = forms.ChoiceField(
        label="判断", choices=ConflictCase.Decision.choices, widget=forms.RadioSelect
    )
    measures = forms.CharField(
        label="回避措置・理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="回避措置は、市町にも示します。会社名や親族のことは書かないでください。",
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


@admin.register(ConflictCase)
class ConflictCaseAdmin(PortalAdmin):
    list_display = ["pk", "state", "specialist", "municipality", "result", "rule", "found_on"]
    list_filter = ["state", "result", "rule"]
    list_select_related = ["specialist", "municipality"]
    search_fields = ["specialist__pool_number", "municipality__name"]

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                "person/<int:pk>/",
                self.admin_site.admin_view(person_conflicts),
                name="specialists_conflictcase_person",
            )
        ]
        return own + super().get_urls()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        log_listed(
            request, response, purpose="利益相反の一覧", person_of=lambda row: row.specialist_id
        )
        return response

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        return case_page(cast(SignedInRequest, request), number_or_404(object_id))


@admin.register(FirmRelation)
class FirmRelationAdmin(AuditedAdmin):
    list_display = ["parent_name", "child_name", "since", "until", "confirmed"]
    search_fields = ["parent_name", "parent_number", "child_name", "child_number"]


@admin.register(BiddingBar)
class BiddingBarAdmin(ReadOnlyAdmin):
    list_display = ["municipality", "name", "corporate_number", "since", "until", "engagement"]
    list_select_related = ["municipality", "engagement"]
    search_fields = ["name", "corporate_number", "municipality__name"]


def case_page(request: SignedInRequest, pk: str) -> HttpResponse:
    """One conflict: the rule, the dates and the evidence; what was decided, or the form for it."""
    case = get_object_or_404(
        ConflictCase.objects.visible_to(request.user).select_related(
            "specialist", "municipality", "decided_by"
        ),
        pk=pk,
    )
    may_write = is_coordinator(request.user)
    finding = finding_now(case)
    seen = seen_of(case, finding)
    form = DecideForm(
        request.POST or None,
        initial={"decision": case.decision, "measures": case.measures, "seen": seen},
    )
    if request.method == "POST":
        if not may_write:
            raise Http404
        if form.is_valid():
            try:
                decide_case(case.pk, by=request.user, **form.cleaned_data)
            except CaseClosed as refusal:
                refuse(form, str(refusal), beside="decision")
                form.data = {**request.POST.dict(), "seen": seen}  # the page shows what is now
            else:
                messages.success(request, "判断を記録しました。")
                return redirect("admin:specialists_conflictcase_change", case.pk)
    log_views(
        [case.specialist_id],
        viewer=request.user,
        scope="pool_number",
        purpose="会社との関わりに問題がないか確かめるため",
    )
    return render(
        request,
        "specialists/conflict_case.html",
        {
            "case": case,
            "rule": RULES[case.rule],
            "form": form,
            "may_write": may_write,
            "kind": TAGS[case.result],
            "gone": case.state == ConflictCase.State.OPEN and finding is None,
            "finding": finding,
            "graver": finding is not None and finding.result.rank > Result(case.result).rank,
        },
        status=422 if form.errors else 200,
    )


def person_conflicts(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person with every town over the coming year, in any kind of work: what would be found
    where. POST opens the case of one finding, to settle it."""
    person = get_object_or_404(Specialist.objects.visible_to(request.user), pk=pk)
    today = timezone.localdate()
    last = add_months(first_of_month(today), MONTHS) - timedelta(days=1)
    work = Work(today, last, procurement=True, skills=skills_of_all())
    towns = {town.code: town for town in Municipality.objects.visible_to(request.user)}
    if request.method == "POST":
        return _open(request, person, work, towns)
    log_views(
        [person.pk],
        viewer=request.user,
        scope="name",
        purpose="会社との関わりを市町ごとに確かめるため",
    )
    pairs = [Pair(person.pk, code, work) for code in towns]
    rows = [
        (towns[pair.municipality_code], assessment, TAGS[assessment.result])
        for pair, assessment in assess_pairs(pairs).items()
        if any(finding.tie for finding in assessment.findings)
    ]
    rows.sort(key=lambda row: (-row[1].result.rank, row[0].kana))
    return render(
        request,
        "specialists/conflicts.html",
        {
            "person": person,
            "work": work,
            "ties": ties_of([person.pk])[person.pk],
            "said": said_by([person.pk], today)[person.pk],
            "rows": rows,
            "clear": len(towns) - len(rows),
            "tags": TAGS,
            "rules": RULES,
            "may_write": is_coordinator(request.user),
            "restrictions": restrictions_of(person),
        },
    )


def _open(
    request: SignedInRequest, person: Specialist, work: Work, towns: dict[str, Municipality]
) -> HttpResponse:
    code = request.POST.get("town", "")
    if not is_coordinator(request.user) or code not in towns:
        raise Http404
    pair = Pair(person.pk, code, work)
    case = open_case(pair, request.POST.get("key", ""), by=request.user)
    if case is None:
        messages.error(request, "この利益相反は、もう見つかりません。")
        return redirect("admin:specialists_conflictcase_person", person.pk)
    return redirect("admin:specialists_conflictcase_change", case.pk)
