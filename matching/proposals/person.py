"""The specialist's pages of the coordination: read an approach, answer, open the name, confirm."""

from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from matching.proposals.board import members_of
from matching.proposals.errors import Refused
from matching.proposals.forms import AnswerForm
from matching.proposals.models import Bundle, Candidate
from matching.proposals.services import agreement, approaches
from municipalities.registry.access import SignedInRequest, for_specialist
from talentpool.conventions.numbers import number_in
from talentpool.pages.paging import keyset_page


def _bundle(request: SignedInRequest, bundle_id: int) -> Bundle:
    bundle: Bundle = get_object_or_404(
        Bundle.objects.visible_to(request.user).select_related("specialist", "engagement"),
        pk=bundle_id,
    )
    return bundle


@for_specialist
def approach_list(request: SignedInRequest) -> HttpResponse:
    bundles = Bundle.objects.visible_to(request.user).with_towns()
    page = keyset_page(bundles, request.GET, order=["-pk"], size=20)
    return render(request, "proposals/person_list.html", {"page": page})


@for_specialist
def approach_page(request: SignedInRequest, bundle_id: int) -> HttpResponse:
    return _show(request, _bundle(request, bundle_id))


def _show(request: SignedInRequest, bundle: Bundle, form: AnswerForm | None = None) -> HttpResponse:
    """The page; with a `form` that was not filled in rightly."""
    shown = _staying(bundle)
    prefetch_related_objects([row.proposal.need for row in shown], "skills__skill")
    return render(
        request,
        "proposals/person_approach.html",
        {
            "bundle": bundle,
            "candidates": shown,
            "half_days": sum(c.agreed_half_days or 0 for c in shown),
            "form": form or AnswerForm(towns=_towns(shown), terms_version=bundle.terms_version),
            "needs_confirmation": bundle.status == "accepted"
            and bundle.confirmed_version < bundle.terms_version,
        },
        status=422 if form else 200,
    )


def _staying(bundle: Bundle) -> list[Candidate]:
    """The candidates through whom the towns are still in the approach; all where it has ended."""
    members = members_of(bundle)
    still = {*Candidate.IN_BUNDLE, Candidate.Status.SIGNED}
    return [row for row in members if row.status in still] or members


def _towns(candidates: list[Candidate]) -> list[tuple[str, str]]:
    towns = [candidate.proposal.need.municipality for candidate in candidates]
    return list(dict.fromkeys((town.code, town.name) for town in towns))


@for_specialist
def answer(request: SignedInRequest, bundle_id: int) -> HttpResponse:
    bundle = _bundle(request, bundle_id)
    if request.method != "POST":
        return redirect("specialist:approach", bundle.pk)
    form = AnswerForm(
        request.POST, towns=_towns(_staying(bundle)), terms_version=bundle.terms_version
    )
    if not form.is_valid():
        return _show(request, bundle, form)
    data = form.cleaned_data
    if data["answer"] == "accept":
        return _do(
            request,
            bundle,
            lambda: approaches.accept(
                bundle.pk,
                agreed_codes=data["agreed"],
                terms_version=data["terms_version"],
                by=request.user,
            ),
            "お引き受けいただきありがとうございます。市町からの連絡をお待ちください。",
        )
    return _do(
        request,
        bundle,
        lambda: approaches.decline(bundle.pk, reason=data["reason"], by=request.user),
        "お返事を受け付けました。登録はこのまま続きます。",
    )


def _do(request: SignedInRequest, bundle: Bundle, verb: Any, done: str) -> HttpResponse:
    try:
        verb()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("specialist:approach", bundle.pk)


@require_POST
@for_specialist
def disclosure(request: SignedInRequest, candidate_id: int) -> HttpResponse:
    """Let one town see the name, or take that back."""
    candidate = get_object_or_404(Candidate.objects.visible_to(request.user), pk=candidate_id)
    agreed = request.POST.get("agreed") == "yes"
    words = "お名前を見せることに同意しました。" if agreed else "お名前の開示を取り消しました。"
    return _do(
        request,
        _bundle(request, candidate.bundle_id or 0),
        lambda: agreement.set_disclosure(candidate.pk, agreed=agreed, by=request.user),
        words,
    )


@require_POST
@for_specialist
def confirm_terms(request: SignedInRequest, bundle_id: int) -> HttpResponse:
    bundle = _bundle(request, bundle_id)
    version = request.POST.get("terms_version", "")
    return _do(
        request,
        bundle,
        lambda: agreement.confirm_terms(
            bundle.pk, terms_version=number_in(version), by=request.user
        ),
        "新しい条件を確認しました。",
    )
