"""The coordinator's screens: start a run, watch it, read the plan, offer, approach, sign.

Mounted inside the admin by matching.proposals.admin, which checks that the account is the
prefecture's; verbs ask once more that it may write.
"""

from collections.abc import Collection, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from matching.engine import ProblemError
from matching.proposals import board, board_rows
from matching.proposals.budgets import beside_plan, without_limit
from matching.proposals.conflicts import assess_needs
from matching.proposals.dates import begins_too_early, refuse_first_date, refuse_over
from matching.proposals.errors import Refused
from matching.proposals.forms import (
    ApproachForm,
    OfferForm,
    SignForm,
    StartRunForm,
    ToldLessForm,
)
from matching.proposals.freshness import Now, accepted_since
from matching.proposals.home import waits_for_run
from matching.proposals.mend_pages import difference_kept, planned_one_fell_away
from matching.proposals.models import Bundle, Candidate, Proposal, Run
from matching.proposals.offer_check import OfferCheck, check_offer
from matching.proposals.pin_pages import RunPins, offered_otherwise, pinned_person, pins_to_show
from matching.proposals.pinned import Impossible
from matching.proposals.plan_page import PlanPage, page_of
from matching.proposals.services import approaches, offers, pinning, runs, signing
from matching.proposals.strains import Strain, strains
from municipalities.registry.access import SignedInRequest, for_coordinator
from municipalities.registry.querysets import is_coordinator
from municipalities.vacancies.models import Need
from talentpool.conventions.months import first_of_month
from talentpool.conventions.numbers import number_in
from talentpool.specialists.answers import restrictions_of
from talentpool.specialists.models import Specialist
from talentpool.specialists.services import log_views
from talentpool.vocabulary.models import Skill


@for_coordinator
def start_run(request: SignedInRequest) -> HttpResponse:
    """Choose needs and start a run."""
    form = StartRunForm(request.POST or None, user=request.user)
    impossible: Sequence[Impossible] = ()
    if request.method == "POST" and form.is_valid():
        try:
            run = runs.start_run(
                title=form.cleaned_data["title"],
                need_ids=[need.pk for need in form.cleaned_data["needs"]],
                wall_seconds=form.cleaned_data["wall_seconds"],
                policy=form.cleaned_data["policy"],
                request_key=form.cleaned_data["request_key"],
                without_pins=[number_in(pk) for pk in request.POST.getlist("without_pins")],
                by=request.user,
            )
        except pinning.PinsImpossible as refusal:
            form.add_error(None, str(refusal))
            impossible = refusal.impossible
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("admin:proposals_run_change", run.pk)
    status = 422 if form.errors else 200
    context = {"form": form, "impossible": impossible, "pins": pins_to_show(request)}
    return render(request, "proposals/start_run.html", context, status=status)


def run_page(request: SignedInRequest, run_id: str) -> HttpResponse:
    """Progress while the run is going on, then the plan with its reasons."""
    run = get_object_or_404(Run.objects.visible_to(request.user), pk=run_id)
    return _show_run(request, run, _run_context(request, run))


def _show_run(
    request: SignedInRequest, run: Run, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The page, once it is written down whom it shows (B-07)."""
    page = context["page"]
    if page is not None:
        difference = context["difference"]
        others = {*context["pins"].people, *(difference.people if difference else ())}
        others |= {pin.other.specialist_id for *_, pin in context["rows"] if pin.other}
        log_views(
            sorted({*page.people(context["reasons"]), *others}),
            viewer=request.user,
            scope="pool_number",
            purpose=f"候補を選ぶ計算（第{run.number}回）の結果を見るため",
        )
    return render(request, "proposals/run.html", context, status=status)


def run_progress(request: SignedInRequest, run_id: str) -> HttpResponse:
    """The part of the run's page that changes while it is going on (for htmx)."""
    run = get_object_or_404(Run.objects.visible_to(request.user).without_documents(), pk=run_id)
    if run.status not in Run.GOING_ON:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return render(request, "proposals/run_progress.html", {"run": run})


def _run_context(
    request: SignedInRequest, run: Run, form: OfferForm | None = None
) -> dict[str, Any]:
    needs = {
        need.pk: need
        for need in run.needs.select_related("municipality").prefetch_related("skills")
    }
    titles = {pk: need.title for pk, need in needs.items()}
    try:
        page = page_of(run, titles, dict(Skill.objects.values_list("code", "name")))
    except ProblemError:
        page = None
    offered = set(
        Proposal.objects.filter(need__in=needs, status__in=Proposal.OPEN).values_list(
            "need_id", flat=True
        )
    )
    month = first_of_month(timezone.localdate())
    free = {
        pk for pk, need in needs.items() if need.status == "accepted" and not need.is_over(month)
    } - offered
    anew = {pk for pk in free if accepted_since(run, needs[pk])}
    free -= anew
    planned = [row.need_id for row in page.rows if row.need_id in free] if page else []
    conflicts = assess_needs(
        (row.person_id, needs[row.need_id]) for row in (page.rows if page else ())
    )
    may_offer = run.status == Run.Status.FINISHED and bool(free) and is_coordinator(request.user)
    changed = {
        pair: why
        for pair, why in (Now(run, page.plan).changed() if page and may_offer else {}).items()
        if pair[0] in free
    }
    strained = _strains(page, needs)
    pins = RunPins(run)
    budgets = beside_plan(
        list(needs.values()), {need: strain.cost_yen for need, strain in strained.items()}
    )
    asked = number_in(request.GET.get("need", ""))
    reasons = page.reasons_for(asked) if page and asked else None
    return {
        "run": run,
        "page": page,
        "rows": [
            (
                row,
                conflicts[row.person_id, row.need_id],
                changed.get((row.need_id, row.person_id)),
                strained.get(row.need_id),
                pins.of(row.need_id, row.person_id),
            )
            for row in page.rows
        ]
        if page
        else [],
        "pins": pins,
        "budgets": budgets,
        "unlimited": without_limit(page.problem, budgets) if page else (),
        "difference": difference_kept(run),
        "mended_later": run.mendings.without_documents().order_by("-number").first(),
        "mended_from": Run.objects.without_documents().filter(mendings=run).first(),
        "changed": len(changed),
        "free_needs": free,
        "first_free": next(iter(planned), None),  # where the error summary's link leads
        "anew_needs": anew,
        "may_offer": may_offer,
        "may_write": is_coordinator(request.user),
        "offered_needs": offered,
        "chosen_needs": set(request.POST.getlist("needs")) if form else {str(pk) for pk in planned},
        "form": form or OfferForm(needs=[needs[pk] for pk in planned]),
        "reasons": reasons,
        "is_unreadable": page is None and run.problem is not None and run.greedy_plan is not None,
    }


def _strains(page: PlanPage | None, needs: dict[int, Need]) -> dict[int, Strain]:
    """By need, what the plan's terms come to, and where they go beyond its budget or its days."""
    days: dict[int, dict[Need, int]] = {}
    for row in page.rows if page else ():
        days.setdefault(row.person_id, {})[needs[row.need_id]] = row.half_days
    found: dict[int, Strain] = {}
    for person in Specialist.objects.filter(pk__in=days):
        found |= strains(person, days[person.pk])
    return found


def _offer_again(request: SignedInRequest, run: Run, form: OfferForm) -> HttpResponse:
    """The page of the run with what is wrong in the form."""
    return _show_run(request, run, _run_context(request, run, form), 422)


@require_POST
@for_coordinator
def offer(request: SignedInRequest, run_id: str) -> HttpResponse:
    """Offer candidates for the chosen needs of a plan."""
    run = get_object_or_404(Run.objects.visible_to(request.user), pk=run_id)
    form = OfferForm(request.POST, needs=list(run.needs.all()))
    if not form.is_valid():
        return _offer_again(request, run, form)
    need_ids = [int(pk) for pk in form.cleaned_data["needs"]]
    chosen = run.needs.filter(pk__in=need_ids).order_by("pk")
    try:
        refuse_over(chosen, timezone.localdate())
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _offer_again(request, run, form)
    try:
        refuse_first_date(form.cleaned_data["rank_due"], chosen, "順位付けの期限")
    except Refused as refusal:
        form.add_error("rank_due", str(refusal))
        return _offer_again(request, run, form)
    try:
        asked = set(request.POST.getlist("checked"))
        looked = {*request.POST.get("looked", "").split(), *asked}
        needs = chosen.select_related("municipality").prefetch_related("skills")
        check = check_offer(run, needs, looked, asked)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:proposals_run_change", run.pk)
    rare = check.rare
    answers = ToldLessForm(request.POST if asked else None, rows=rare)
    if not asked.issuperset(row.key for row in rare) or (rare and not answers.is_valid()):
        return _check_offer(request, run, check, answers)
    try:
        made = offers.make_proposals(
            run,
            need_ids=need_ids,
            rank_due=form.cleaned_data["rank_due"],
            told_less={
                (row.need.pk, row.person.pk): answers.cleaned_data[row.field] for row in rare
            },
            by=request.user,
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:proposals_run_change", run.pk)
    messages.success(request, f"{len(made)}件の候補を市町に提示しました。")
    others = [row.need.title for row in made if not row.candidates.filter(planned=True).exists()]
    if others:
        messages.warning(
            request,
            "案の人がいまは条件に合わないため、次に合う人だけを示しました："
            + "、".join(f"「{title}」" for title in others),
        )
    otherwise = offered_otherwise(made)
    if otherwise:
        messages.warning(
            request,
            "固定した人とは別の人を先に示しました："
            + "、".join(f"「{title}」" for title in otherwise),
        )
    return redirect("admin:proposals_board")


def _check_offer(
    request: SignedInRequest, run: Run, check: OfferCheck, answers: ToldLessForm
) -> HttpResponse:
    """Whom a town might recognise, before anything is offered: what to tell less of (B-08)."""
    log_views(
        {row.person.pk for row in check.rare},
        viewer=request.user,
        scope="pool_number",
        purpose="市町に示す前に、だれのことかわかってしまわないか確かめるため",
    )
    return render(
        request,
        "proposals/offer_check.html",
        {
            "run": run,
            "rows": [(row, answers[row.field]) for row in check.rare],
            "looked": " ".join(check.looked),
            "form": answers,
            "sent": [
                (name, value)
                for name, values in request.POST.lists()
                if name not in {"csrfmiddlewaretoken", "checked", "looked"}
                and name not in answers.fields
                for value in values
            ],
        },
    )


def show_board(request: SignedInRequest) -> HttpResponse:
    """調整: everything that is open, by step, with the date and the next action."""
    return _board(request)


def _board(request: SignedInRequest, sent: ApproachForm | None = None) -> HttpResponse:
    """`sent` is an approach that was refused: it stands where it was filled in, as it was sent."""
    lanes = board.lanes(
        request.user,
        skip=number_in(request.GET.get("after", "")),
        first=sent.person if sent is not None else 0,
    )
    log_views(
        board.people_on(lanes),
        viewer=request.user,
        scope="pool_number",
        purpose="打診や契約の進み具合を一覧で見るため",
    )
    return render(
        request,
        "proposals/board.html",
        {
            "ranking": board_rows.ranking(lanes.ranking),
            "lanes": lanes,
            "to_approach": [_to_approach(group, sent) for group in lanes.to_approach],
            "sent": sent,
            "may_write": is_coordinator(request.user),
        },
        status=422 if sent is not None else 200,
    )


def _to_approach(
    group: board.ToApproach, sent: ApproachForm | None
) -> tuple[board.ToApproach, ApproachForm, Collection[int]]:
    """A person to approach, with the form and the proposals whose box is ticked. A page of before
    the form said whom it approaches is known by its proposals."""
    if sent is not None and (
        sent.person == group.specialist.pk
        or (not sent.person and any(proposal.pk in sent.proposals for proposal, _ in group.pairs))
    ):
        return group, sent, sent.proposals
    needs = [proposal.need for proposal, _ in group.pairs]
    form = ApproachForm(needs=needs, person=group.specialist.pk)
    return group, form, [proposal.pk for proposal, _ in group.pairs]


OLD_BOARD = (
    "開いていたページが古いため、まだ打診していません。"
    "だれに打診するかと、選んだ案件を確かめて、もう一度押してください。"
)


@require_POST
@for_coordinator
def approach(request: SignedInRequest) -> HttpResponse:
    """Approach the person whom the chosen proposals want next."""
    form = ApproachForm(
        request.POST,
        person=number_in(request.POST.get("person", "")),
        proposals=[number_in(pk) for pk in request.POST.getlist("proposals")],
    )
    if not form.is_valid():
        return _board(request, form)
    if not form.person:
        form.add_error(None, OLD_BOARD)
        return _board(request, form)
    try:
        bundle = approaches.approach(
            proposal_ids=list(
                Proposal.objects.visible_to(request.user)
                .filter(pk__in=form.proposals)
                .values_list("pk", flat=True)
            ),
            answer_due=form.cleaned_data["answer_due"],
            by=request.user,
            person=form.person,
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _board(request, form)
    messages.success(request, f"{bundle.specialist.pool_number} に打診しました。")
    return redirect("admin:proposals_board")


def bundle_page(request: SignedInRequest, bundle_id: str) -> HttpResponse:
    """One approach: its towns, days and cost, who has confirmed, and the signing."""
    bundle = _bundle(request, bundle_id)
    candidates = board.members_of(bundle)
    form = SignForm(
        request.POST or None,
        candidates=[row for row in candidates if row.status in Candidate.IN_BUNDLE],
        initial={"form": board.usual_form(bundle)},
    )
    if request.method == "POST" and form.is_valid():
        return _sign(request, bundle, form)
    log_views(
        [bundle.specialist_id],
        viewer=request.user,
        scope="name",
        purpose=f"打診（第{bundle.pk}号）の内容と返事を確かめるため",
    )
    return render(
        request,
        "proposals/bundle.html",
        {
            "bundle": bundle,
            "restrictions": restrictions_of(bundle.specialist),
            "begins_too_early": bundle.status == Bundle.Status.AGREED
            and begins_too_early(
                [row for row in candidates if row.status in Candidate.IN_BUNDLE],
                timezone.localdate(),
            ),
            "candidates": candidates,
            "mends": [row.proposal.run_id for row in candidates][:1]
            if planned_one_fell_away(candidates)
            else [],
            "form": form,
            "may_write": is_coordinator(request.user),
        },
        status=422 if form.errors else 200,
    )


def _bundle(request: SignedInRequest, bundle_id: str) -> Bundle:
    bundle: Bundle = get_object_or_404(
        Bundle.objects.visible_to(request.user).select_related("specialist", "engagement"),
        pk=number_in(bundle_id),
    )
    return bundle


@for_coordinator
def _sign(request: SignedInRequest, bundle: Bundle, form: SignForm) -> HttpResponse:
    try:
        engagement = signing.sign(
            bundle.pk,
            signed_on=form.cleaned_data["signed_on"],
            form_code=form.cleaned_data["form"].code,
            by=request.user,
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:proposals_bundle_change", bundle.pk)
    messages.success(request, f"シェア契約 {engagement.number} を締結しました。")
    return redirect("admin:engagements_engagement_change", engagement.pk)


def proposal_page(request: SignedInRequest, proposal_id: str) -> HttpResponse:
    """One proposal as the coordinator sees it: who was offered, in which order, how it went."""
    proposal: Proposal = get_object_or_404(
        Proposal.objects.visible_to(request.user).select_related("need__municipality").with_run(),
        pk=proposal_id,
    )
    candidates = list(
        proposal.candidates.select_related("specialist", "bundle").order_by("position")
    )
    for candidate in candidates:
        candidate.shown = candidate.shown_status(proposal)  # type: ignore[attr-defined]
    log_views(
        [candidate.specialist_id for candidate in candidates],
        viewer=request.user,
        scope="pool_number",
        purpose=f"市町に示した候補（第{proposal.pk}号）を確かめるため",
    )
    return render(
        request,
        "proposals/proposal.html",
        {
            "proposal": proposal,
            "candidates": candidates,
            "waits": waits_for_run(proposal.need),
            "pinned": pinned_person(proposal.need_id),
            "may_mend": planned_one_fell_away(candidates),
            "may_write": is_coordinator(request.user),
        },
    )
