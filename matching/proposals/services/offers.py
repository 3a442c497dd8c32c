"""Offer candidates to a town, and the town's ranking."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from matching import engine
from matching.pool.services import record_demand_of_need
from matching.proposals.conflicts import assess_needs
from matching.proposals.errors import Refused
from matching.proposals.models import Candidate, Proposal, Run
from matching.proposals.services.locks import lock_needs, lock_proposals
from municipalities.registry.notices import tell_coordinators, tell_town
from municipalities.vacancies import services as vacancies
from municipalities.vacancies.models import Need, Vacancy
from talentpool.audit import services as audit
from talentpool.specialists.conflicts.rules import Assessment, Result
from talentpool.specialists.models import Specialist
from talentpool.users.models import User

ToldLess = Mapping[tuple[int, int], Sequence[str]]  # by need and person
CANDIDATES = 3  # the person of the plan and the next two; at least two where the pool has them


@transaction.atomic
def make_proposals(
    run: Run,
    *,
    need_ids: Sequence[int],
    rank_due: date,
    told_less: ToldLess | None = None,
    by: User,
) -> list[Proposal]:
    """Offer each need's planned person and the next best who still have the days.

    By a coordinator, who says in `told_less` what the town reads less exactly, by need and person
    (`rarity.Less`). The same request again returns the proposals that it made. Raises Refused
    when the run has no plan, when a need is not accepted any more or has an open proposal, or when
    a need has no candidate at all.
    """
    if run.plan is None:
        raise Refused("計算が終わってから提示してください。")
    problem = engine.problem_from_json(run.problem)
    plan = engine.plan_from_json(run.plan)
    needs = lock_needs(need_ids)
    if not needs:
        raise Refused("提示する案件を1つ以上選んでください。")
    made = list(
        Proposal.objects.filter(run=run, need__in=needs, status__in=Proposal.OPEN).order_by("pk")
    )
    if len(made) == len(needs):
        return made
    return [_offer(run, need, problem, plan, rank_due, told_less or {}, by) for need in needs]


def people_to_offer(run: Run, needs: Sequence[Need]) -> dict[int, list[int]]:
    """Whom `make_proposals` would offer for each need now, by number; nothing without a plan."""
    if run.plan is None:
        return {}
    problem = engine.problem_from_json(run.problem)
    plan = engine.plan_from_json(run.plan)
    return {
        need.pk: [person["specialist_id"] for person in _people_for(need, problem, plan)]
        for need in needs
    }


def _offer(
    run: Run,
    need: Need,
    problem: engine.Problem,
    plan: engine.Plan,
    rank_due: date,
    told_less: ToldLess,
    by: User,
) -> Proposal:
    if need.status != Need.Status.ACCEPTED:
        raise Refused(f"「{need.title}」は受付済みではないため、提示できません。")
    if need.proposals.filter(status__in=Proposal.OPEN).exists():
        raise Refused(f"「{need.title}」には、すでに候補を提示しています。")
    people = _people_for(need, problem, plan)
    if not people:
        raise Refused(f"「{need.title}」には候補がいません。理由を確かめてください。")
    proposal = Proposal.objects.create(need=need, run=run, rank_due=rank_due)
    Candidate.objects.bulk_create(
        Candidate(
            proposal=proposal,
            position=position,
            told_less=list(told_less.get((need.pk, person["specialist_id"]), ())),
            **person,
        )
        for position, person in enumerate(people, start=1)
    )
    audit.record(
        "offer_candidates", proposal, by=by, detail={"need": need.pk, "candidates": len(people)}
    )
    tell_town(
        need.municipality_id,
        subject="候補に順位を付けてください",
        first_line=f"{rank_due:%-m月%-d日}までに、候補の順位を付けてください。",
        path=f"/town/proposals/{proposal.pk}/",
        key=f"proposal:{proposal.pk}:offered",
    )
    return proposal


def _people_for(need: Need, problem: engine.Problem, plan: engine.Plan) -> list[dict[str, Any]]:
    """The planned person first, then the best others who have days left in the plan; of these, who
    can be matched still and whom no conflict of interest forbids by now; each with the conflict as
    it stands."""
    found = engine.explain(problem, plan, str(need.pk), alternatives=10)
    people: list[tuple[engine.Choice | engine.Alternative, int, bool]] = [
        (choice, choice.half_days, True) for choice in found.chosen
    ]
    people += [(other, other.half_days, False) for other in found.alternatives if other.free]
    still = set(
        Specialist.objects.registered()
        .filter(pk__in=[int(person.specialist) for person, _, _ in people])
        .values_list("pk", flat=True)
    )
    people = [entry for entry in people if int(entry[0].specialist) in still]
    conflicts = assess_needs((int(person.specialist), need) for person, _, _ in people)
    people = [
        entry
        for entry in people
        if conflicts[(int(entry[0].specialist), need.pk)].result != Result.NO
    ]
    return [
        {
            "specialist_id": int(person.specialist),
            "planned": planned,
            "half_days": half_days,
            "score": person.score,
            "terms": [[term.label, term.points] for term in person.terms],
            **conflict_columns(conflicts[(int(person.specialist), need.pk)]),
        }
        for person, half_days, planned in people[:CANDIDATES]
    ]


def conflict_columns(assessment: Assessment) -> dict[str, str]:
    """What a candidate keeps of an assessment: result, facts, measures."""
    return {
        "conflict_result": assessment.result,
        "conflict": assessment.evidence[:600],
        "conflict_measures": "、".join(assessment.measures)[:300],
    }


@transaction.atomic
def rank_candidates(
    proposal_id: int, *, ranks: Mapping[int, int | None], wants_assessor: bool = False, by: User
) -> Proposal:
    """Record the town's order: candidate pk → 1, 2, … or None for "not this time".

    By the town's staff. The same ranks again change nothing. Raises Refused when the proposal is
    past this step, when a candidate is missing or when two have the same rank. With nobody wanted
    the proposal ends and the need is open for the next run.
    """
    (proposal,) = lock_proposals([proposal_id])
    candidates = list(proposal.candidates.order_by("position"))
    if proposal.ranked_at is not None and ranks == {row.pk: row.rank for row in candidates}:
        return proposal
    if not proposal.allows("rank"):
        raise Refused("この候補提示は、すでに次の段階へ進んでいます。")
    candidates = [row for row in candidates if row.allows("pass_over")]  # the others have left
    if set(ranks) != {candidate.pk for candidate in candidates}:
        raise Refused("すべての候補について選んでください。")
    given = sorted(rank for rank in ranks.values() if rank is not None)
    if given != list(range(1, len(given) + 1)):
        raise Refused("順位は第1希望から順に、同じ順位が重ならないように付けてください。")
    for candidate in candidates:
        candidate.rank = ranks[candidate.pk]
        if candidate.rank is None:
            candidate.move("pass_over")
    Candidate.objects.bulk_update(candidates, ["rank", "status"])
    proposal.wants_assessor = wants_assessor
    proposal.ranked_at = timezone.now()
    audit.record("rank_candidates", proposal, by=by, detail={"wanted": len(given)})
    if not given:
        close_proposal(proposal, reason=Proposal.CloseReason.NOBODY_WANTED, by=by)
        return proposal
    proposal.move("rank")
    proposal.save()
    tell_coordinators(
        subject="市町の順位が届きました",
        first_line="順位が付いた候補への打診を始めてください。",
        path="/admin/proposals/proposal/board/",
        key=f"proposal:{proposal.pk}:ranked",
    )
    return proposal


@transaction.atomic
def rank_by_default(proposal_id: int) -> bool:
    """The date for ranking has passed: the order of the offer counts, and says so. By the sweep;
    False when there was nothing to do."""
    (proposal,) = lock_proposals([proposal_id])
    if not proposal.allows("rank_by_default") or proposal.rank_due >= timezone.localdate():
        return False
    candidates = list(proposal.candidates.filter(status=Candidate.Status.OFFERED))
    for candidate in candidates:
        candidate.rank = candidate.position
    Candidate.objects.bulk_update(candidates, ["rank"])
    proposal.move("rank_by_default")
    proposal.ranked_at = timezone.now()
    proposal.ranked_by_default = True
    proposal.save()
    audit.record("rank_by_default", proposal, by=None)
    return True


@transaction.atomic
def give_up(need_id: int, *, by: User) -> Vacancy:
    """Nobody fits the need: it ends as unfilled, what it asked for is recorded as demand, and a
    vacancy in the standard form is drafted for its town to finish. By a coordinator.

    Raises Refused while candidates are offered for it, VacanciesError in a wrong state.
    """
    (need,) = lock_needs([need_id])
    if need.proposals.filter(status__in=Proposal.OPEN).exists():
        raise Refused(f"「{need.title}」には候補を提示しています。終わってから公募へ進めます。")
    # The vacancy first: its number's lock comes before the audit record's.
    vacancy = vacancies.post_vacancy_from_need(need, by=by)
    vacancies.mark_unfilled(need, by=by)
    record_demand_of_need(need, by=by)
    return vacancy


def close_proposal(proposal: Proposal, *, reason: str, by: User | None) -> None:
    """End a proposal with its reason code; the need stays accepted for the next run unless its
    town withdrew it. The caller holds the lock and saves nothing else of it."""
    proposal.move("close")
    proposal.close_reason = reason
    proposal.closed_at = timezone.now()
    proposal.save()
    audit.record("close_proposal", proposal, by=by, detail={"reason": reason})
    tell_coordinators(
        subject="候補提示が終わりました",
        first_line="次の進め方を決めてください。",
        path=f"/admin/proposals/proposal/{proposal.pk}/",
        key=f"proposal:{proposal.pk}:closed",
    )
