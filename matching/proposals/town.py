"""The town's pages of the coordination: rank blind candidates, open names, decide."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from matching.proposals.blind import blind_view
from matching.proposals.errors import Refused
from matching.proposals.forms import (
    CandidateForm,
    DecideForm,
    InterviewForm,
    RankForm,
    StepBackForm,
)
from matching.proposals.models import Candidate, Proposal
from matching.proposals.services import agreement, offers
from municipalities.registry.access import SignedInRequest, for_municipality
from talentpool.pages.paging import keyset_page
from talentpool.specialists.services import log_views

STEPS = ["案件を出す", "県の聞き取り", "候補の提示", "本人の意向", "面接", "決定", "契約"]
STEP_OF = {
    Proposal.Status.OFFERED: 3,
    Proposal.Status.RANKED: 4,
    Proposal.Status.APPROACHED: 4,
    Proposal.Status.ACCEPTED: 5,
    Proposal.Status.DECIDED: 7,
    Proposal.Status.SIGNED: 8,
    Proposal.Status.CLOSED: 3,
}


def _proposal(request: SignedInRequest, proposal_id: int) -> Proposal:
    proposal: Proposal = get_object_or_404(
        Proposal.objects.visible_to(request.user)
        .select_related("need__municipality")
        .prefetch_related("need__skills"),
        pk=proposal_id,
    )
    return proposal


@for_municipality
def proposal_list(request: SignedInRequest) -> HttpResponse:
    proposals = Proposal.objects.visible_to(request.user).select_related("need__municipality")
    page = keyset_page(proposals, request.GET, order=["-pk"], size=20)
    return render(request, "proposals/town_list.html", {"page": page})


@for_municipality
def proposal_page(request: SignedInRequest, proposal_id: int) -> HttpResponse:
    """One page for every step: it shows what is to be done now."""
    return _show(request, _proposal(request, proposal_id))


def _show(request: SignedInRequest, proposal: Proposal, **forms: Any) -> HttpResponse:
    candidates = list(
        proposal.candidates.with_consent()
        .select_related("specialist__base", "specialist__firm", "specialist__user", "bundle")
        .prefetch_related("specialist__skills__skill", "specialist__forms", "specialist__interests")
        .order_by("position")
    )
    current = next((c for c in candidates if c.status in {"accepted", "signed"}), None)
    _log(request, proposal, candidates)
    decided_on = proposal.decided_on if proposal.allows("correct") else None
    context = {
        "proposal": proposal,
        "need": proposal.need,
        "steps": STEPS,
        "step": _step(proposal, current),
        "candidates": [blind_view(candidate) for candidate in candidates],
        "current": current,
        "current_view": blind_view(current) if current else None,
        "partners": _partners(current),
        "rank_form": RankForm(candidates=candidates),
        "interview_form": InterviewForm(
            proposal=proposal, initial={"held_on": proposal.interview_on}
        ),
        "disclosure_form": CandidateForm(proposal=proposal),
        "decide_form": DecideForm(
            proposal=proposal,
            initial={
                "terms_version": current.bundle.terms_version if current and current.bundle else 0,
                "decided_on": decided_on or timezone.localdate(),
                "document_number": proposal.document_number,
            },
        ),
        **forms,
    }
    # Only a form that was not filled in rightly comes in here.
    return render(request, "proposals/town_proposal.html", context, status=422 if forms else 200)


def _log(request: SignedInRequest, proposal: Proposal, candidates: list[Candidate]) -> None:
    """Everybody on the page is looked at: by name the one who is open, blind the others (B-07). Of
    who has left, or agrees no more in words that count, it shows the letter alone (B-02)."""
    purpose = f"{proposal.need.municipality.name}の案件（第{proposal.need_id}号）の候補を選ぶため"
    for scope, is_open in (("name", True), ("blind", False)):
        shown = [row for row in candidates if row.may_be_told]
        seen = [row.specialist_id for row in shown if row.is_open == is_open]
        log_views(seen, viewer=request.user, scope=scope, purpose=purpose)


def _step(proposal: Proposal, current: Candidate | None) -> int:
    if proposal.status == Proposal.Status.ACCEPTED and proposal.interview_on:
        return 6
    return STEP_OF[Proposal.Status(proposal.status)]


def _partners(current: Candidate | None) -> list[Candidate]:
    """The towns that share the person: who they are, their days and their part."""
    if current is None or current.bundle is None:
        return []
    return list(
        current.bundle.candidates.filter(
            status__in=[Candidate.Status.ACCEPTED, Candidate.Status.SIGNED]
        )
        .select_related("proposal__need__municipality", "hold")
        .order_by("proposal__need__municipality__kana")
    )


@for_municipality
def rank(request: SignedInRequest, proposal_id: int) -> HttpResponse:
    """Rank the candidates, check the answers, send."""
    proposal = _proposal(request, proposal_id)
    if request.method != "POST":
        return redirect("town:proposal", proposal.pk)
    candidates = list(proposal.candidates.with_consent().order_by("position"))
    form = RankForm(request.POST, candidates=candidates)
    if not form.is_valid():
        return _show(request, proposal, rank_form=form)
    if "confirmed" not in request.POST:
        return render(
            request,
            "proposals/town_rank_check.html",
            {"proposal": proposal, "need": proposal.need, "form": form, "answers": _answers(form)},
        )
    return _do(
        request,
        proposal,
        lambda: offers.rank_candidates(
            proposal.pk,
            ranks=form.ranks(),
            wants_assessor=form.cleaned_data["wants_assessor"],
            by=request.user,
        ),
        "順位を県に送りました。県が本人の意向を確かめます。",
    )


def _answers(form: RankForm) -> list[tuple[str, str]]:
    rows = []
    for candidate in form.candidates:
        rank = form.ranks()[candidate.pk]
        rows.append((f"候補{candidate.letter}", f"第{rank}希望" if rank else "今回は希望しない"))
    rows.append(("評価者の派遣", "頼む" if form.cleaned_data["wants_assessor"] else "頼まない"))
    return rows


def _do(request: SignedInRequest, proposal: Proposal, verb: Any, done: str) -> HttpResponse:
    """Carry out a verb and go back to the page, with the refusal or what was done."""
    try:
        verb()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("town:proposal", proposal.pk)


CHANGED = (
    "見送りを記録しました。案件の内容を直すには、県が案件を差し戻します。"
    "どこが変わるかを、県へ連絡してください。"
)
OPENED = "ご本人が同意しているので、お名前と所属を表示します。"
ASKED = "ご本人が同意すると、このページに表示されます。"


@require_POST
@for_municipality
def ask_disclosure(request: SignedInRequest, proposal_id: int) -> HttpResponse:
    proposal = _proposal(request, proposal_id)
    form = CandidateForm(request.POST, proposal=proposal)
    if not form.is_valid():
        messages.error(request, agreement.STALE)
        return redirect("town:proposal", proposal.pk)
    try:
        candidate = agreement.ask_disclosure(
            proposal.pk, candidate_id=form.cleaned_data["candidate"], by=request.user
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        said = OPENED if candidate.is_open else ASKED
        messages.success(request, f"お名前の開示を希望しました。{said}")
    return redirect("town:proposal", proposal.pk)


@for_municipality
def interview(request: SignedInRequest, proposal_id: int) -> HttpResponse:
    proposal = _proposal(request, proposal_id)
    if request.method != "POST":
        return redirect("town:proposal", proposal.pk)
    form = InterviewForm(request.POST, proposal=proposal)
    if not form.is_valid():
        return _show(request, proposal, interview_form=form)
    return _do(
        request,
        proposal,
        lambda: agreement.record_interview(
            proposal.pk, held_on=form.cleaned_data["held_on"], by=request.user
        ),
        "面接日を記録しました。",
    )


@for_municipality
def decide(request: SignedInRequest, proposal_id: int) -> HttpResponse:
    proposal = _proposal(request, proposal_id)
    if request.method != "POST":
        return redirect("town:proposal", proposal.pk)
    form = DecideForm(request.POST, proposal=proposal)
    if not form.is_valid():
        return _show(request, proposal, decide_form=form)
    corrected = proposal.allows("correct") and (
        (proposal.document_number, proposal.decided_on)
        != (form.cleaned_data["document_number"], form.cleaned_data["decided_on"])
    )
    return _do(
        request,
        proposal,
        lambda: agreement.decide(
            proposal.pk,
            document_number=form.cleaned_data["document_number"],
            decided_on=form.cleaned_data["decided_on"],
            terms_version=form.cleaned_data["terms_version"],
            candidate_id=form.cleaned_data["candidate"],
            by=request.user,
        ),
        "決定の記録を直しました。県にも知らせました。"
        if corrected
        else "決定を記録しました。共同の市町がそろうと、県が契約を締結します。",
    )


@for_municipality
def step_back(request: SignedInRequest, proposal_id: int) -> HttpResponse:
    """Leave the bundle: a page of its own, because other towns are touched."""
    proposal = _proposal(request, proposal_id)
    form = StepBackForm(request.POST or None, proposal=proposal)
    if request.method == "POST" and form.is_valid():
        return _do(
            request,
            proposal,
            lambda: agreement.step_back(
                proposal.pk,
                reason=form.cleaned_data["reason"],
                candidate_id=form.cleaned_data["candidate"],
                by=request.user,
            ),
            CHANGED
            if form.cleaned_data["reason"] == Proposal.CloseReason.NEED_CHANGED
            else "見送りを記録しました。",
        )
    current = proposal.candidates.filter(status="accepted").select_related("bundle").first()
    others = [c for c in _partners(current) if c.proposal_id != proposal.pk]
    return render(
        request,
        "proposals/town_step_back.html",
        {
            "form": form,
            "proposal": proposal,
            "question": "この候補を見送りますか",
            "objects": [f"{proposal.need.municipality.name}「{proposal.need.title}」"],
            "consequence": _consequence(others),
            "action_label": "見送る",
            "cancel_url": reverse("town:proposal", args=[proposal.pk]),
        },
        status=422 if form.errors else 200,
    )


def _consequence(others: list[Candidate]) -> str:
    if not others:
        return "仮に押さえた日数を戻します。"
    names = "、".join(other.proposal.need.municipality.name for other in others)
    return (
        f"同じ人を共同で迎える{names}の日数と負担額を計算し直し、"
        "それぞれにもう一度確認をお願いします。"
    )
