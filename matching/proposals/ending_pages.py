"""The coordinator's pages that end something, or move its date: each asks first, for towns and
people are told."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from matching.proposals.board import members_of
from matching.proposals.dates import begins_too_early
from matching.proposals.errors import Refused
from matching.proposals.forms import EndApproachForm, EndProposalForm, ExtendForm, SkipForm
from matching.proposals.home import waits_for_run
from matching.proposals.models import Bundle, Candidate, Proposal, Run
from matching.proposals.services import ending, extending, offers, periods
from matching.proposals.services.approaches import next_candidate
from municipalities.registry.access import SignedInRequest, for_coordinator
from municipalities.vacancies.errors import VacanciesError
from municipalities.vacancies.models import Need, Vacancy
from talentpool.conventions.era import format_wareki
from talentpool.pages.forms import PortalForm
from talentpool.specialists.services import log_views

VACANCY_DONE = "該当者なしとし、公募へ進めました。募集情報は市町が仕上げて提出します。"
ENDED_VACANCY_DONE = (
    "該当者なしとしました。この案件の募集情報は終わっているため、"
    "公募するときは新しく作るよう、市町に知らせました。"
)
NOT_NOW = "いまは、この操作をする段階ではありません。"


def _proposal(request: SignedInRequest, proposal_id: int) -> Proposal:
    proposal: Proposal = get_object_or_404(
        Proposal.objects.visible_to(request.user).select_related("need__municipality"),
        pk=proposal_id,
    )
    return proposal


def _do(request: SignedInRequest, verb: Callable[[], Any], done: str, back: str) -> HttpResponse:
    try:
        verb()
    except (Refused, VacanciesError) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(back)


def _not_now(request: SignedInRequest, back: str) -> HttpResponse:
    messages.error(request, NOT_NOW)
    return redirect(back)


@for_coordinator
def skip(request: SignedInRequest, proposal_id: int) -> HttpResponse:
    """次の候補へ進む: pass over the person who is next and cannot be approached."""
    proposal = _proposal(request, proposal_id)
    back = reverse("admin:proposals_proposal_change", args=[proposal.pk])
    form = SkipForm(request.POST or None, proposal=proposal)
    if request.method == "POST" and form.is_valid():
        return _do(
            request,
            lambda: ending.skip_candidate(
                proposal.pk,
                candidate_id=form.cleaned_data["candidate"],
                reason=form.cleaned_data["reason"],
                by=request.user,
            ),
            "次の候補へ進みました。",
            back,
        )
    candidate = next_candidate(proposal)
    if not proposal.allows("skip") or candidate is None:
        return _not_now(request, back)
    log_views(
        [candidate.specialist_id],
        viewer=request.user,
        scope="pool_number",
        purpose=f"次の候補へ進むかどうか（第{proposal.pk}号）を決めるため",
    )
    waiting = proposal.candidates.filter(
        status=Candidate.Status.OFFERED, rank__gt=candidate.rank
    ).exists()
    return _ask(
        request,
        form,
        f"第{candidate.rank}希望の候補を見送り、次の候補へ進みますか",
        [f"{_words(proposal)}　{candidate.specialist.pool_number}"],
        "次の希望順位の方に、すぐに打診します。市町に知らせます。"
        if waiting
        else "ほかに希望された候補がいないため、候補提示は終わります。"
        "案件は受付済みのまま残ります。",
        "次の候補へ進む",
        proposal.need.title,
        back,
    )


@for_coordinator
def end_proposal(request: SignedInRequest, proposal_id: int) -> HttpResponse:
    """候補提示を終える: the need is free for another run or for a vacancy."""
    proposal = _proposal(request, proposal_id)
    back = reverse("admin:proposals_proposal_change", args=[proposal.pk])
    form = EndProposalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _do(
            request,
            lambda: ending.end_proposal(
                proposal.pk, reason=form.cleaned_data["reason"], by=request.user
            ),
            "候補提示を終えました。",
            back,
        )
    if not proposal.allows("end"):
        return _not_now(request, back)
    return _ask(
        request,
        form,
        "候補提示を終えますか",
        [_words(proposal)],
        "示した候補にはだれも打診しません。案件は受付済みのまま残り、次のマッチングに含めることも、"
        "公募へ進めることもできます。市町に知らせます。",
        "候補提示を終える",
        proposal.need.title,
        back,
    )


@for_coordinator
def end_approach(request: SignedInRequest, bundle_id: int) -> HttpResponse:
    """打診を終える: days are given back, every need goes on to its next candidate."""
    bundle = get_object_or_404(
        Bundle.objects.visible_to(request.user).select_related("specialist").with_towns(),
        pk=bundle_id,
    )
    back = reverse("admin:proposals_bundle_change", args=[bundle.pk])
    form = EndApproachForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _do(
            request,
            lambda: ending.end_approach(
                bundle.pk, reason=form.cleaned_data["reason"], by=request.user
            ),
            "打診を終えました。",
            back,
        )
    if not bundle.allows("dissolve"):
        return _not_now(request, back)
    log_views(
        [bundle.specialist_id],
        viewer=request.user,
        scope="pool_number",
        purpose=f"打診（第{bundle.pk}号）を終えるかどうかを決めるため",
    )
    return _ask(
        request,
        form,
        f"{bundle.specialist.pool_number} への打診を終えますか",
        [
            _words(row.proposal)
            for row in bundle.candidates.all()
            if row.status in Candidate.IN_BUNDLE
        ],
        "仮に押さえた日数を空けます。市町ごとに、次の希望順位の方へすぐに打診します。"
        "市町と本人に知らせます。",
        "打診を終える",
        bundle.specialist.pool_number,
        back,
    )


@for_coordinator
def give_up(request: SignedInRequest, need_id: int) -> HttpResponse:
    """公募へ進める: nobody fits the need, whatever run it was in, if any."""
    need = get_object_or_404(
        Need.objects.visible_to(request.user).select_related("municipality", "vacancy"), pk=need_id
    )
    return _give_up(request, need, reverse("admin:vacancies_need_review", args=[need.pk]))


@for_coordinator
def give_up_in_run(request: SignedInRequest, run_id: str, need_id: int) -> HttpResponse:
    """募集情報にする: the same from the page of a run, which goes on there with its other needs."""
    run = get_object_or_404(Run.objects.visible_to(request.user), pk=run_id)
    need = get_object_or_404(run.needs.select_related("municipality", "vacancy"), pk=need_id)
    return _give_up(request, need, reverse("admin:proposals_run_change", args=[run.pk]))


def _give_up(request: SignedInRequest, need: Need, back: str) -> HttpResponse:
    vacancy = getattr(need, "vacancy", None)
    if request.method == "POST":
        ended = vacancy is not None and offers.has_ended(vacancy)
        return _do(
            request,
            lambda: offers.give_up(need.pk, by=request.user),
            ENDED_VACANCY_DONE if ended else VACANCY_DONE,
            back,
        )
    if not waits_for_run(need):
        return _not_now(request, back)
    return render(
        request,
        "proposals/give_up.html",
        {
            "need": need,
            "question": "この案件を公募へ進めますか",
            "objects": [f"{need.municipality.name}「{need.title}」"],
            "consequence": "案件は「該当者なし」で終わり、マッチングの対象から外れます。"
            + _what_of(vacancy)
            + "求められた力は、満たせなかった需要に記録します。市町に知らせます。",
            "action_label": "公募へ進める",
            "cancel_url": back,
        },
    )


@for_coordinator
def renew_terms(request: SignedInRequest, bundle_id: int) -> HttpResponse:
    """今月からの条件に改める: all have agreed to months of which some are over by now."""
    bundle = get_object_or_404(
        Bundle.objects.visible_to(request.user).select_related("specialist"), pk=bundle_id
    )
    back = reverse("admin:proposals_bundle_change", args=[bundle.pk])
    members = [row for row in members_of(bundle) if row.status in Candidate.IN_BUNDLE]
    if bundle.status != Bundle.Status.AGREED or not begins_too_early(members, timezone.localdate()):
        return _not_now(request, back)
    if request.method == "POST":
        return _renew(request, bundle, back)
    log_views(
        [bundle.specialist_id],
        viewer=request.user,
        scope="pool_number",
        purpose=f"打診（第{bundle.pk}号）の条件を改めるかどうかを決めるため",
    )
    return _ask(
        request,
        PortalForm(),
        "今月からの条件に改めますか",
        [_words(row.proposal) for row in members],
        "過ぎた月を除いて、日数と金額を計算し直します。"
        "市町はもう一度決定し、本人ももう一度確認します。市町と本人に知らせます。",
        "今月からの条件に改める",
        bundle.specialist.pool_number,
        back,
    )


def _renew(request: SignedInRequest, bundle: Bundle, back: str) -> HttpResponse:
    try:
        periods.renew_past_terms(bundle.pk, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    bundle.refresh_from_db(fields=["status"])
    if bundle.status in Bundle.OPEN:
        messages.success(request, "今月からの条件に改めました。市町と本人の確認を待ちます。")
    else:
        messages.warning(
            request,
            "今月からの条件では本人の稼働枠に収まらないため、打診を終えました。"
            "市町と本人に知らせました。",
        )
    return redirect(back)


@for_coordinator
def extend_ranking(request: SignedInRequest, proposal_id: int) -> HttpResponse:
    """順位付けの期限を延ばす: more time for a town."""
    proposal = _proposal(request, proposal_id)
    back = reverse("admin:proposals_proposal_change", args=[proposal.pk])
    if proposal.status != Proposal.Status.OFFERED:
        return _not_now(request, back)
    form = ExtendForm(request.POST or None, due=proposal.rank_due, needs=[proposal.need])
    if request.method == "POST" and form.is_valid():
        return _do(
            request,
            lambda: extending.extend_ranking(proposal.pk, **form.cleaned_data, by=request.user),
            "順位付けの期限を延ばしました。",
            back,
        )
    return _ask(
        request,
        form,
        "順位付けの期限を延ばします",
        [_words(proposal)],
        f"いまの期限は{format_wareki(proposal.rank_due)}です。市町に知らせます。",
        "期限を延ばす",
        proposal.need.title,
        back,
        danger=False,
    )


@for_coordinator
def extend_approach(request: SignedInRequest, bundle_id: int) -> HttpResponse:
    """回答か決定の期限を延ばす: more time for the person, or for the towns; days stay held."""
    bundle = get_object_or_404(
        Bundle.objects.visible_to(request.user).select_related("specialist"), pk=bundle_id
    )
    back = reverse("admin:proposals_bundle_change", args=[bundle.pk])
    due = extending.due_of(bundle)
    members = [row for row in members_of(bundle) if row.status in Candidate.IN_BUNDLE]
    if due is None or not members:  # the last town has just left
        return _not_now(request, back)
    form = ExtendForm(request.POST or None, due=due, needs=[row.proposal.need for row in members])
    if request.method == "POST" and form.is_valid():
        return _do(
            request,
            lambda: extending.extend_approach(bundle.pk, **form.cleaned_data, by=request.user),
            "期限を延ばしました。",
            back,
        )
    log_views(
        [bundle.specialist_id],
        viewer=request.user,
        scope="pool_number",
        purpose=f"打診（第{bundle.pk}号）の期限を延ばすかどうかを決めるため",
    )
    what = "回答" if bundle.status == Bundle.Status.APPROACHED else "市町の決定"
    return _ask(
        request,
        form,
        f"{what}の期限を延ばします",
        [_words(row.proposal) for row in members],
        f"いまの期限は{format_wareki(due)}です。"
        "仮に押さえた日数も、新しい期限まで押さえます。市町と本人に知らせます。",
        "期限を延ばす",
        bundle.specialist.pool_number,
        back,
        danger=False,
    )


def _what_of(vacancy: Vacancy | None) -> str:
    """What becomes of the vacancy of a need that goes on in public."""
    if vacancy is None:
        return "標準募集様式の下書きを作り、市町が仕上げて提出します。"
    if offers.has_ended(vacancy):
        return (
            f"市町が作った募集情報 {vacancy.vacancy_no} は"
            f"「{vacancy.get_status_display()}」のため、"
            "公募するときは、市町が新しい募集情報を作ります。"
        )
    return f"市町が作った募集情報 {vacancy.vacancy_no} を、そのまま使います。"


def _words(proposal: Proposal) -> str:
    return f"{proposal.need.municipality.name}「{proposal.need.title}」"


def _ask(
    request: SignedInRequest,
    form: PortalForm,
    question: str,
    objects: list[str],
    consequence: str,
    action_label: str,
    of: str,
    back: str,
    *,
    danger: bool = True,
) -> HttpResponse:
    return render(
        request,
        "proposals/ending.html",
        {
            "danger": danger,
            "form": form,
            "question": question,
            "objects": objects,
            "consequence": consequence,
            "action_label": action_label,
            "of": of,
            "cancel_url": back,
        },
        status=422 if form.errors else 200,
    )
