"""The coordinator's search over the pool, mounted inside the admin by `matching.pool.admin`."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from matching.pool import exports, services
from matching.pool.forms import AnswerForm, SaveSearchForm, SearchForm
from matching.pool.models import Demand, SavedSearch
from matching.pool.search import find, page_of, rows_of, shown_months
from matching.pool.table import written
from municipalities.registry.access import SignedInRequest, for_coordinator
from municipalities.registry.querysets import is_coordinator
from talentpool.pages.sealing import seal, unseal
from talentpool.specialists.services import log_views

PURPOSE = "matching.pool.search"
SEALED = "w"  # the words in the address, which nobody reads there
HERE = "admin:pool_poolentry_changelist"


def search(request: SignedInRequest) -> HttpResponse:
    """人材を探す. The form is posted, so that words such as a name stay out of the address; the
    answer is a redirect to an address that holds the conditions and can be kept."""
    if request.method == "POST":
        return redirect(f"{reverse(HERE)}?{address_of(request.POST)}#found-title")
    form = SearchForm(given_in(request.GET), user=request.user)
    context: dict[str, Any] = {
        "form": form,
        "saved": SavedSearch.objects.visible_to(request.user)
        .select_related("owner")
        .only("name", "query", "shared", "owner__name"),
        "save_form": SaveSearchForm(),
        "chosen": bool(address_of(given_in(request.GET))),
        "query": kept_query(request.GET),
        "may_write": is_coordinator(request.user),
    }
    if form.is_valid():
        context |= _results(request, form.cleaned_data)
    return render(request, "pool/search.html", context)


def _results(request: SignedInRequest, conditions: dict[str, Any]) -> dict[str, Any]:
    found = find(request.user, conditions)
    page = page_of(found, request.GET, conditions)
    log_views(
        [entry.pk for entry in page],
        viewer=request.user,
        scope="pool_number",
        purpose="条件に合う人を一覧で探すため",
    )
    months = shown_months(conditions)
    rows = rows_of(request.user, page.items, conditions)
    return {
        "found": found,
        "page": page,
        "rows": rows,
        "table_rows": written(
            rows,
            with_distance=conditions.get("town") is not None,
            people_url=reverse("admin:specialists_specialist_changelist"),
        ),
        "first_month": months[0],
        "last_month": months[-1],
        "town": conditions.get("town"),
    }


def given_in(params: QueryDict) -> QueryDict:
    """The form's data of an address: the sealed words are opened."""
    given = params.copy()
    sealed = given.pop(SEALED, [""])[-1]
    given["q"] = (unseal(sealed, purpose=PURPOSE) or "") if sealed else ""
    return given


def address_of(given: QueryDict) -> str:
    """The query string of a form's data: what is filled in, with the words sealed."""
    names = _field_names()
    pairs = [
        (name, value.strip())
        for name in names
        for value in given.getlist(name)
        if value.strip() and name != "q"
    ]
    words = given.get("q", "").strip()[:60]
    if words:
        pairs.append((SEALED, seal(words, purpose=PURPOSE)))
    return urlencode(pairs)


def kept_query(params: QueryDict) -> str:
    """The conditions of an address without the place in the list."""
    names = {*_field_names(), SEALED}
    return urlencode(
        [(name, value) for name, value in parse_qsl(params.urlencode()) if name in names]
    )


def _field_names() -> list[str]:
    """The inputs of the search form; a month is two."""
    names = []
    for name in SearchForm.base_fields:
        names += [f"{name}_0", f"{name}_1"] if name.endswith("_month") else [name]
    return names


@require_POST
@for_coordinator
def save(request: SignedInRequest) -> HttpResponse:
    """Keep the conditions of the address under a name."""
    query = kept_query(QueryDict(request.GET.urlencode()))
    back = f"{reverse(HERE)}?{query}"
    form = SaveSearchForm(request.POST)
    if not form.is_valid():
        messages.error(request, "条件に付ける名前を、40字までで入れてください。")
        return redirect(back)
    try:
        saved = services.save_search(
            name=form.cleaned_data["name"],
            query=query,
            shared=form.cleaned_data["shared"],
            by=request.user,
        )
    except services.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"条件「{saved.name}」を保存しました。")
    return redirect(back)


@require_POST
@for_coordinator
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remove a kept search, one's own or a shared one."""
    services.remove_search(pk, by=request.user)
    messages.success(request, "条件を削除しました。")
    return redirect(HERE)


@for_coordinator
@reauthentication_required
def export(request: SignedInRequest) -> HttpResponse:
    """The list as CSV, after asking who it is (A-06) and after every person's log says so."""
    form = SearchForm(given_in(request.GET), user=request.user)
    back = f"{reverse(HERE)}?{kept_query(request.GET)}"
    if not form.is_valid():
        return redirect(back)
    try:
        entries = exports.entries_of(request.user, form.cleaned_data)
    except exports.TooManyRows as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    if request.method != "POST":
        return render(
            request,
            "pool/export.html",
            {"people": len(entries), "back": back, "query": kept_query(request.GET)},
        )
    content = exports.csv_of(request.user, entries, form.cleaned_data)
    ids = [entry.pk for entry in entries]
    log_views(
        ids,
        viewer=request.user,
        scope="pool_number",
        purpose="条件に合う人の一覧をファイルに書き出すため",
    )
    used = [name for name in SearchForm.base_fields if form.cleaned_data.get(name)]
    services.record_export(people=len(ids), conditions=used, by=request.user)
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="pool.csv"'},
    )


def demand_page(request: SignedInRequest, demand_id: str) -> HttpResponse:
    """One demand: what was asked for, and the prefecture's answer."""
    demand = get_object_or_404(
        Demand.objects.visible_to(request.user).select_related(
            "municipality", "skill", "need", "created_by"
        ),
        pk=demand_id,
    )
    may_answer = is_coordinator(request.user) and demand.allows("close")
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and may_answer and form.is_valid():
        try:
            services.answer_demand(demand.pk, by=request.user, **form.cleaned_data)
        except services.Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "回答を記録し、市町に知らせました。")
        return redirect("admin:pool_demand_change", demand.pk)
    context = {"demand": demand, "form": form, "may_answer": may_answer}
    return render(request, "pool/demand.html", context, status=422 if form.errors else 200)
