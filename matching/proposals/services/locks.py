"""What the verbs of coordination lock, always in this order, so that none waits in a circle:

needs → proposals → bundle → candidates → people → (capacity) → the chain of the audit record.

All are `FOR NO KEY UPDATE`: a row that points at a locked one, and is written again by somebody
else, must not wait for it. Within a kind the order is that of the keys. People are locked before
the first audit event, all of them whom the verb may come to (the candidates of the proposals),
because the next in line may move up in the same transaction.
"""

from collections.abc import Iterable

from matching.engagements.services import lock_people
from matching.proposals.models import Bundle, Candidate, Proposal
from municipalities.vacancies.models import Need


def lock_needs(need_ids: Iterable[int]) -> list[Need]:
    """For the verbs that end a need; before any other lock."""
    return list(
        Need.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=list(need_ids))
        .order_by("pk")
    )


def lock_proposals(proposal_ids: Iterable[int]) -> list[Proposal]:
    """The proposals and the people offered in them, where no bundle is concerned."""
    proposals = _proposals(proposal_ids)
    _lock_candidates_people(proposals)
    return proposals


def lock_bundle(bundle_id: int) -> tuple[Bundle, list[Candidate]]:
    """A bundle and its candidates still in it, each with its locked proposal."""
    in_it = Candidate.objects.filter(bundle_id=bundle_id, status__in=Candidate.IN_BUNDLE)
    proposals = _proposals(in_it.values_list("proposal_id", flat=True))
    bundle = (
        Bundle.objects.select_for_update(of=("self",), no_key=True)
        .select_related("specialist__user")
        .get(pk=bundle_id)
    )
    candidates = list(
        in_it.select_for_update(of=("self",), no_key=True).select_related("hold").order_by("pk")
    )
    _lock_candidates_people(proposals)
    by_key = {proposal.pk: proposal for proposal in proposals}
    for candidate in candidates:
        candidate.proposal = by_key[candidate.proposal_id]
    return bundle, candidates


def _proposals(proposal_ids: Iterable[int]) -> list[Proposal]:
    return list(
        Proposal.objects.select_for_update(of=("self",), no_key=True)
        .select_related("need")
        .filter(pk__in=list(proposal_ids))
        .order_by("pk")
    )


def _lock_candidates_people(proposals: Iterable[Proposal]) -> None:
    lock_people(
        Candidate.objects.filter(proposal__in=list(proposals)).values_list(
            "specialist_id", flat=True
        )
    )
