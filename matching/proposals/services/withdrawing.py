"""A need goes: its town takes it back, or its months are over."""

from django.db import transaction

from matching.proposals.errors import Refused
from matching.proposals.models import Candidate, Proposal
from matching.proposals.services.agreement import STALE, of_proposal, take_out
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
                end_without(need, reason=Proposal.CloseReason.WITHDRAWN, by=by)
            return
        except Refused:  # between reading and locking it moved on to the next candidate
            continue
    raise NotAllowedNowError("調整が動いている最中です。少し待って、もう一度取り下げてください。")


def end_without(need: Need, *, reason: str, by: User | None) -> None:
    """End the open proposal of a need that is no longer wanted; its bundle goes on without it. The
    caller holds the lock of the need. Raises Refused when the proposal moves on meanwhile."""
    proposal = need.proposals.filter(status__in=Proposal.OPEN).first()
    if proposal is None:
        return
    in_it = proposal.candidates.filter(status__in=Candidate.IN_BUNDLE)
    asked = in_it.first()
    if asked is None or asked.bundle_id is None:
        (proposal,) = lock_proposals([proposal.pk])
        if in_it.exists():
            raise Refused(STALE)
    else:
        bundle, candidates = lock_bundle(asked.bundle_id)
        leaving = of_proposal(candidates, proposal.pk)
        take_out(bundle, candidates, [leaving], "withdraw", by=by)
        proposal = leaving.proposal
    if proposal.allows("close"):
        close_proposal(proposal, reason=reason, by=by)
