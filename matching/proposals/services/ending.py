"""The prefecture's ways out of what cannot go on: pass over who cannot be approached, end a
proposal, end an approach that nobody will sign."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from matching.proposals.errors import Refused
from matching.proposals.models import Bundle, Candidate, Proposal
from matching.proposals.reasons import AsideReason
from matching.proposals.services.approaches import end_bundle, move_up, next_candidate
from matching.proposals.services.locks import lock_bundle, lock_proposals
from matching.proposals.services.offers import close_proposal
from matching.proposals.services.telling import tell_towns_of_end
from municipalities.registry.notices import tell_town
from talentpool.audit import services as audit
from talentpool.users.models import User

STALE = "表示していた候補から次の候補へ移っています。いまの内容を確かめてください。"


@transaction.atomic
def skip_candidate(proposal_id: int, *, candidate_id: int, reason: str, by: User) -> Proposal:
    """Pass over the person whom a town wants next and who cannot be approached; the next in line
    is approached at once, and without one the proposal ends. By a coordinator.

    `candidate_id` is the candidate that the page showed; the same again changes nothing. Raises
    Refused without a reason, past this step, or when somebody else is next.
    """
    _refuse_unknown(reason)
    (proposal,) = lock_proposals([proposal_id])
    if proposal.candidates.filter(
        pk=candidate_id, status=Candidate.Status.ASIDE, aside_reason=reason
    ).exists():
        return proposal
    proposal.move("skip", "いまは、次の候補へ進む段階ではありません。")
    candidate = next_candidate(proposal)
    if candidate is None or candidate.pk != candidate_id:
        raise Refused(STALE)
    candidate.move("set_aside")
    candidate.aside_reason = reason
    candidate.save(update_fields=["status", "aside_reason"])
    move_up([proposal], cause="set_aside")
    audit.record("set_aside", candidate, by=by, detail={"reason": reason})
    tell_towns_of_end([candidate], "set_aside")
    return proposal


@transaction.atomic
def end_proposal(proposal_id: int, *, reason: str, by: User) -> Proposal:
    """End a proposal of which nobody is approached; its need stays accepted, for another run or for
    a vacancy. By a coordinator. The same again changes nothing. Raises Refused without a reason of
    the prefecture, while somebody is approached, or once it has ended.
    """
    if reason not in Proposal.PREFECTURE_REASONS:
        raise Refused("終える理由を選んでください。")
    (proposal,) = lock_proposals([proposal_id])
    if proposal.status == Proposal.Status.CLOSED and proposal.close_reason == reason:
        return proposal
    if not proposal.allows("end"):
        raise Refused("打診をしている間と終わった後は、候補提示を終えられません。")
    close_proposal(proposal, reason=reason, by=by)
    tell_town(
        proposal.need.municipality_id,
        subject="候補の提示が終わりました",
        first_line="県が、示していた候補の提示を終えました。理由を確かめてください。",
        path=f"/town/proposals/{proposal.pk}/",
        key=f"proposal:{proposal.pk}:ended",
    )
    return proposal


@transaction.atomic
def end_approach(bundle_id: int, *, reason: str, by: User) -> Bundle:
    """End an approach before it is signed: the days are given back, every need goes on to its next
    candidate, the towns and the person are told. By a coordinator.

    The same again changes nothing. Raises Refused without a reason, or once it has ended.
    """
    _refuse_unknown(reason)
    bundle, candidates = lock_bundle(bundle_id)
    if (
        bundle.status == Bundle.Status.DISSOLVED
        and bundle.candidates.filter(status=Candidate.Status.ASIDE, aside_reason=reason).exists()
    ):
        return bundle
    if not bundle.allows("dissolve"):
        raise Refused("この打診は、すでに終わっています。")
    _end(bundle, candidates, reason, by)
    return bundle


@transaction.atomic
def drop_without_consent(bundle_id: int) -> bool:
    """The day for signing has passed and the person has taken back that a town reads the name,
    without which nobody signs: the approach ends. By the sweep; False when there was nothing to do.

    Who takes back the consent to be introduced has left at once (`leaving`). Who only has not
    answered to new words of it has taken nothing back: the agreement waits, and the prefecture is
    reminded.
    """
    bundle, candidates = lock_bundle(bundle_id)
    if (
        bundle.status != Bundle.Status.AGREED
        or bundle.sign_due is None
        or bundle.sign_due >= timezone.localdate()
        or all(candidate.person_agreed_at is not None for candidate in candidates)
    ):
        return False
    _end(bundle, candidates, AsideReason.CONSENT, None, cause="consent")
    return True


def _refuse_unknown(reason: str) -> None:
    if reason not in AsideReason.values:
        raise Refused("理由を選んでください。")


def _end(
    bundle: Bundle, candidates: Sequence[Candidate], reason: str, by: User | None, cause: str = ""
) -> None:
    for candidate in candidates:
        candidate.aside_reason = reason
    end_bundle(bundle, candidates, "dissolve", left="set_aside", cause=cause)
    audit.record("end_approach", bundle, by=by, detail={"reason": reason})
