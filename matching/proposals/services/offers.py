"""Offer candidates to a town, and the town's ranking."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from matching import engine
from matching.engine.lookup import Lookup
from matching.engine.reasons import explain_in
from matching.pool.services import record_demand_of_need
from matching.proposals.conflicts import assess_needs
from matching.proposals.dates import refuse_first_date, refuse_over
from matching.proposals.errors import Refused
from matching.proposals.freshness import Now, accepted_since
from matching.proposals.models import Candidate, Proposal, Run
from matching.proposals.services.locks import lock_needs, lock_proposals
from matching.proposals.words import in_days
from municipalities.registry.notices import tell_coordinators, tell_town
from municipalities.vacancies import services as vacancies
from municipalities.vacancies.models import Need, Vacancy
from talentpool.audit import services as audit
from talentpool.conventions.months import first_of_month
from talentpool.specialists.conflicts.rules import Assessment, Result
from talentpool.users.models import User

ToldLess = Mapping[tuple[int, int], Sequence[str]]  # by need and person
OTHER_VERSION = (
    "この計算は、いまと違う版のソフトウェアで凍結されたか、選んだ案件を含みません。"
    "新しい計算を始めてください。"
)
WITHOUT_ANYBODY = (Proposal.CloseReason.NOBODY_LEFT, Proposal.CloseReason.OVERDUE)
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
    when the run has no plan, when a need is not accepted any more, was accepted anew since the run,
    is over or has an open proposal, when a need has no candidate at all, or for a `rank_due` that
    has passed or lies after the last day of a need.
    """
    if run.plan is None:
        raise Refused("計算が終わってから提示してください。")
    needs = lock_needs(need_ids)
    if not needs:
        raise Refused("提示する案件を1つ以上選んでください。")
    made = list(
        Proposal.objects.filter(run=run, need__in=needs, status__in=Proposal.OPEN).order_by("pk")
    )
    if len(made) == len(needs):
        return made
    for need in needs:
        _check_free(run, need)
    refuse_first_date(rank_due, needs, "順位付けの期限")
    found, now = _explained(run, needs)
    return [
        _offer(run, need, _people_for(need, found[need.pk], now), rank_due, told_less or {}, by)
        for need in needs
    ]


def people_to_offer(run: Run, needs: Sequence[Need]) -> dict[int, list[int]]:
    """Whom `make_proposals` would offer for each need now, by number; nothing without a plan.

    Raises Refused where the run's frozen input cannot be read or does not hold a need.
    """
    if run.plan is None:
        return {}
    found, now = _explained(run, needs)
    return {
        need.pk: [row["specialist_id"] for row in _people_for(need, found[need.pk], now)]
        for need in needs
    }


def _check_free(run: Run, need: Need) -> None:
    """Raises Refused for a need that cannot be offered anybody of the run now."""
    if need.status != Need.Status.ACCEPTED:
        raise Refused(f"「{need.title}」は受付済みではないため、提示できません。")
    if need.proposals.filter(status__in=Proposal.OPEN).exists():
        raise Refused(f"「{need.title}」には、すでに候補を提示しています。")
    if accepted_since(run, need):
        raise Refused(
            f"「{need.title}」は、この計算のあとに直され、受け付け直されています。"
            "新しい計算を始めてください。"
        )
    refuse_over([need], timezone.localdate())


def _offer(
    run: Run,
    need: Need,
    people: Sequence[Mapping[str, Any]],
    rank_due: date,
    told_less: ToldLess,
    by: User,
) -> Proposal:
    if not people:
        raise Refused(
            f"「{need.title}」には、いま条件に合う候補がいません。新しい計算を始めてください。"
        )
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


def _people_for(need: Need, found: engine.Explanation, now: Now) -> list[dict[str, Any]]:
    """The planned person first, then the best others; of these, those who fit with the days, towns
    and permits of today beside the rest of the plan, who can be matched still and whom no conflict
    of interest forbids by now; each with days, points and conflict as they stand now."""
    key = str(need.pk)
    fits = {
        choice.specialist: (now.planned_fit(key, choice.specialist), True)
        for choice in found.chosen
    }
    others = now.instead(key, [other.specialist for other in found.alternatives])
    fits |= {person: (fit, False) for person, fit in others.items()}
    people = [(int(person), fit, planned) for person, (fit, planned) in fits.items()]
    people = [entry for entry in people if entry[1].half_days]
    conflicts = assess_needs((person, need) for person, _, _ in people)
    return [
        {
            "specialist_id": person,
            "planned": planned,
            "half_days": fit.half_days,
            "score": fit.score,
            "terms": [[in_days(term.label), term.points] for term in fit.terms],
            **conflict_columns(conflicts[(person, need.pk)]),
        }
        for person, fit, planned in people
        if conflicts[(person, need.pk)].result != Result.NO
    ][:CANDIDATES]


def _explained(run: Run, needs: Sequence[Need]) -> tuple[dict[int, engine.Explanation], Now]:
    """What the plan says of each need of the run, and how its people stand now. Raises Refused."""
    try:
        lookup = Lookup(engine.problem_from_json(run.problem))
        plan = engine.plan_from_json(run.plan)
        found = {need.pk: explain_in(lookup, plan, str(need.pk), 10) for need in needs}
    except engine.ProblemError as error:
        raise Refused(OTHER_VERSION) from error
    others = {int(o.specialist) for one in found.values() for o in one.alternatives}
    return found, Now(run, plan, others)


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
    """Record the town's order: candidate pk → 1, 2, … or None for "not this time". Of whom the town
    may read nothing now (`Candidate.may_be_told`) leaves the proposal.

    By the town's staff. The same ranks again change nothing. Raises Refused when the proposal is
    past this step, when a candidate is missing or when two have the same rank. With nobody wanted
    the proposal ends and the need is open for the next run.
    """
    (proposal,) = lock_proposals([proposal_id])
    candidates = list(proposal.candidates.with_consent().order_by("position"))
    before = {row.pk: row.rank for row in candidates}
    if proposal.ranked_at is not None and {**dict.fromkeys(before), **ranks} == before:
        return proposal
    if not proposal.allows("rank"):
        raise Refused("この候補提示は、すでに次の段階へ進んでいます。")
    candidates = [row for row in candidates if row.allows("pass_over")]  # the others have left
    told = [candidate for candidate in candidates if candidate.may_be_told]
    if not told:
        raise Refused("候補の方の同意を確認しています。確認できるまで、順位は付けられません。")
    if set(ranks) != {candidate.pk for candidate in told}:
        raise Refused("すべての候補について選んでください。")
    given = sorted(rank for rank in ranks.values() if rank is not None)
    if given != list(range(1, len(given) + 1)):
        raise Refused("順位は第1希望から順に、同じ順位が重ならないように付けてください。")
    for candidate in candidates:
        candidate.rank = ranks.get(candidate.pk)
        if candidate.rank is None:
            candidate.move("pass_over" if candidate in told else "leave")
    Candidate.objects.bulk_update(candidates, ["rank", "status"])
    proposal.wants_assessor = wants_assessor
    proposal.ranked_at = timezone.now()
    gone = len(candidates) - len(told)
    audit.record("rank_candidates", proposal, by=by, detail={"wanted": len(given), "untold": gone})
    if not given:
        reason = Proposal.CloseReason
        close_proposal(proposal, reason=reason.NOBODY_LEFT if gone else reason.NOBODY_WANTED, by=by)
        return proposal
    proposal.move("rank")
    proposal.save()
    tell_coordinators(
        subject="市町の順位が届きました",
        first_line=f"{_gone_words(gone)}順位が付いた候補への打診を始めてください。",
        path="/admin/proposals/proposal/board/",
        key=f"proposal:{proposal.pk}:ranked",
    )
    return proposal


@transaction.atomic
def rank_by_default(proposal_id: int) -> bool:
    """The date for ranking has passed: the order of the offer counts, and says so. Of whom the town
    may read nothing leaves, as when it ranks. By the sweep; False when there was nothing to do."""
    (proposal,) = lock_proposals([proposal_id])
    today = timezone.localdate()
    if not proposal.allows("rank_by_default") or proposal.rank_due >= today:
        return False
    if proposal.need.is_over(first_of_month(today)):
        return False  # it ends instead (`periods.lapse_need`)
    offered = proposal.candidates.with_consent().filter(status=Candidate.Status.OFFERED)
    candidates = list(offered.order_by("position"))
    told = [candidate for candidate in candidates if candidate.may_be_told]
    gone = len(candidates) - len(told)
    for rank, candidate in enumerate(told, 1):
        candidate.rank = rank
    for candidate in candidates:
        if candidate not in told:
            candidate.move("leave")
    Candidate.objects.bulk_update(candidates, ["rank", "status"])
    if not told:
        close_proposal(proposal, reason=Proposal.CloseReason.NOBODY_LEFT, by=None)
        return True
    proposal.move("rank_by_default")
    proposal.ranked_at = timezone.now()
    proposal.ranked_by_default = True
    proposal.save()
    tell_town(
        proposal.need.municipality_id,
        subject="順位付けの期限が過ぎました",
        first_line="順位が期限までに届かなかったため、県が提示の順で進めます。",
        path=f"/town/proposals/{proposal.pk}/",
        key=f"proposal:{proposal.pk}:ranked-by-default",
    )
    tell_coordinators(
        subject="順位付けの期限が過ぎました",
        first_line=f"{_gone_words(gone)}提示の順を順位としました。候補への打診を始めてください。",
        path="/admin/proposals/proposal/board/",
        key=f"proposal:{proposal.pk}:ranked",
    )
    audit.record("rank_by_default", proposal, by=None, detail={"untold": gone})
    return True


def _gone_words(gone: int) -> str:
    """What the coordinators read of those whose consent counts no more."""
    return f"新しい文面への同意が確認できない{gone}人は、候補から外れました。" if gone else ""


@transaction.atomic
def give_up(need_id: int, *, by: User) -> Vacancy:
    """Nobody fits the need: it ends as unfilled, what it asked for is recorded as demand, and a
    vacancy in the standard form is drafted for its town to finish, unless the town has begun one.
    By a coordinator.

    A vacancy that the town has ended (`has_ended`) stays as it is: the town is asked to copy it if
    it wants to recruit anew.

    Raises Refused while candidates are offered for it, VacanciesError in a wrong state.
    """
    (need,) = lock_needs([need_id])
    if need.proposals.filter(status__in=Proposal.OPEN).exists():
        raise Refused(f"「{need.title}」には候補を提示しています。終わってから公募へ進めます。")
    # The vacancy first: its number's lock comes before the audit record's.
    begun = Vacancy.objects.filter(need=need).first()
    vacancy = begun or vacancies.post_vacancy_from_need(need, by=by)
    vacancies.mark_unfilled(need, by=by)
    record_demand_of_need(need, by=by)
    if has_ended(vacancy):
        tell_town(
            need.municipality_id,
            subject="公募するときは、新しい募集情報を作ってください",
            first_line="この案件の募集情報は終わっています。公募するときは、写して新しく作ってください。",
            path=reverse("town:vacancy_detail", args=[vacancy.vacancy_no]),
            key=f"need:{need.pk}:ended-vacancy",
        )
    return vacancy


def has_ended(vacancy: Vacancy) -> bool:
    """Whether the town has withdrawn or closed the vacancy: nothing more is done with it."""
    return vacancy.status not in Vacancy.OPEN


def close_proposal(proposal: Proposal, *, reason: str, by: User | None, why: str = "") -> None:
    """End a proposal with its reason code; the need stays accepted for the next run unless its
    town withdrew it. The coordinators are told, and the town where nobody was left, with the
    sentences `why` first. The caller holds the lock and saves nothing else of it."""
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
    if reason in WITHOUT_ANYBODY:  # all other reasons are given by somebody
        tell_town(
            proposal.need.municipality_id,
            subject="候補の提示が終わりました",
            first_line=f"{why}示していた候補の方がいなくなりました。次の進め方は県が決めます。",
            path=f"/town/proposals/{proposal.pk}/",
            key=f"proposal:{proposal.pk}:nobody-left",
        )
