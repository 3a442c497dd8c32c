"""A need goes: its town takes it back, or its months are over."""

from collections.abc import Sequence

from django.db import transaction

from matching.proposals.errors import Refused
from matching.proposals.models import Candidate, Proposal
from matching.proposals.services.agreement import STALE, take_out
from matching.proposals.services.locks import lock_bundle, lock_proposals
from matching.proposals.services.offers import close_proposal
from municipalities.vacancies.errors import NotAllowedNowError
from municipalities.vacancies.models import Need
from talentpool.users.models import User

WITHDRAWAL_TRIES = 5


def end_coordination(need: Need, *, by: User) -> None:
    """A need is withdrawn: its open proposal ends, its bundle goes on without it. Called by the
    withdrawal of the need, in its transaction, which holds the lock of the need.

    Raises VacanciesError when the proposal moves on faster than it can be locked.
    """
    for _ in range(WITHDRAWAL_TRIES):
        try:
            with transaction.atomic():
                end_without([need], reason=Proposal.CloseReason.WITHDRAWN, by=by)
            return
        except Refused:  # between reading and locking it moved on to the next candidate
            continue
    raise NotAllowedNowError("調整が動いている最中です。少し待って、もう一度取り下げてください。")


def end_without(needs: Sequence[Need], *, reason: str, by: User | None) -> None:
    """End the open proposals of needs that are no longer wanted: of one need, or of several in one
    bundle, which goes on without them all at once. The caller holds the locks of the needs. Raises
    Refused when a proposal moves on meanwhile."""
    keys = {need.pk for need in needs}
    proposals = list(Proposal.objects.filter(need__in=keys, status__in=Proposal.OPEN))
    in_it = Candidate.objects.filter(proposal__in=proposals, status__in=Candidate.IN_BUNDLE)
    bundles = set(in_it.values_list("bundle_id", flat=True))
    if bundles:
        bundle, candidates = lock_bundle(min(bundles))
        leaving = [row for row in candidates if row.proposal.need_id in keys]
        if len(leaving) != len(proposals):
            raise Refused(STALE)
        take_out(bundle, candidates, leaving, "withdraw", by=by)
        proposals = [row.proposal for row in leaving]
    else:
        proposals = lock_proposals([proposal.pk for proposal in proposals])
        if in_it.exists():
            raise Refused(STALE)
    for proposal in proposals:
        if proposal.allows("close"):
            close_proposal(proposal, reason=reason, by=by)
