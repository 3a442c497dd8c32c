"""Conflicts of interest in the coordination: what keeps a pair out of a run, what is shown beside
it, and who is at work or about to be."""

from collections.abc import Iterable, Sequence

from matching.engagements.watch import work_of_need
from matching.proposals.models import Bundle, Candidate
from municipalities.vacancies.models import Need
from talentpool.specialists.conflicts.facts import Pair, assess_pairs
from talentpool.specialists.conflicts.rules import Assessment, Result
from talentpool.specialists.models import Interest, Specialist


def pair_of(specialist_id: int, need: Need) -> Pair:
    """A person in the work of a need."""
    return Pair(specialist_id, need.municipality_id, work_of_need(need))


def assess_needs(pairs: Iterable[tuple[int, Need]]) -> dict[tuple[int, int], Assessment]:
    """Assessments by person and need, in a number of queries that does not grow."""
    wanted = {(person, need.pk): pair_of(person, need) for person, need in pairs}
    found = assess_pairs(list(set(wanted.values())))
    return {key: found[pair] for key, pair in wanted.items()}


def barred_pairs(
    needs: Sequence[Need], specialist_ids: Sequence[int]
) -> dict[tuple[int, int], Assessment]:
    """The pairs of a person and a need that are 不可. Only who has ties is looked at: nobody else
    can be."""
    tied = set(
        Specialist.objects.filter(pk__in=specialist_ids, firm__isnull=False).values_list(
            "pk", flat=True
        )
    ) | set(
        Interest.objects.filter(specialist_id__in=specialist_ids).values_list(
            "specialist_id", flat=True
        )
    )
    pairs = [(person, need) for person in sorted(tied) for need in needs]
    return {
        key: assessment
        for key, assessment in assess_needs(pairs).items()
        if assessment.result == Result.NO
    }


def refusal_of(specialist: Specialist, needs: Sequence[Need]) -> str:
    """Why the person must not be approached or signed for these needs now, or nothing."""
    found = assess_needs([(specialist.pk, need) for need in needs])
    for need in needs:
        if found[(specialist.pk, need.pk)].result == Result.NO:
            town = need.municipality.name
            return f"{specialist.pool_number} は、{town}との利益相反により不可です。"
    return ""


def pairs_in_coordination(people: set[int] | None, codes: set[str] | None) -> list[Pair]:
    """Who is approached or has accepted: a conflict that arises now is told now."""
    candidates = Candidate.objects.filter(
        status__in=Candidate.IN_BUNDLE, bundle__status__in=Bundle.OPEN
    )
    if people is not None:
        candidates = candidates.filter(specialist_id__in=people)
    if codes is not None:
        candidates = candidates.filter(proposal__need__municipality_id__in=codes)
    rows = candidates.select_related("proposal__need").prefetch_related("proposal__need__skills")
    return [pair_of(row.specialist_id, row.proposal.need) for row in rows.order_by("pk")]
