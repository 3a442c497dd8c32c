"""Approach a person for one or more needs, take the answer, move the next in line up."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from matching.engagements import services as engagements
from matching.engagements.services import BookingRefused
from matching.engagements.terms import PersonTerms, Terms, TownTerms, work_out
from matching.proposals.models import Bundle, Candidate, Proposal
from matching.proposals.services.errors import Refused
from matching.proposals.services.offers import close_proposal
from municipalities.registry.notices import tell_coordinators, tell_town
from talentpool.audit import services as audit
from talentpool.conventions.business_days import add_business_days
from talentpool.specialists.models import Specialist
from talentpool.specialists.notices import tell_specialist
from talentpool.users.models import User

ANSWER_BUSINESS_DAYS = 5
DECIDE_BUSINESS_DAYS = 15


def next_candidate(proposal: Proposal) -> Candidate | None:
    """The best-ranked candidate who has not been asked yet."""
    return (
        proposal.candidates.filter(status=Candidate.Status.OFFERED, rank__isnull=False)
        .select_related("specialist")
        .order_by("rank")
        .first()
    )


def terms_for(specialist: Specialist, candidates: Sequence[Candidate]) -> Terms:
    """Days and cost when `specialist` serves the needs of `candidates` together."""
    return work_out(
        PersonTerms(
            half_day_rate_yen=specialist.half_day_rate_yen,
            monthly_fixed_yen=specialist.monthly_fixed_yen,
            least_half_days=specialist.least_half_days,
        ),
        [
            TownTerms(
                key=candidate.pk,
                half_days=candidate.half_days,
                first_month=candidate.proposal.need.first_month,
                last_month=candidate.proposal.need.last_month,
            )
            for candidate in sorted(candidates, key=lambda candidate: candidate.pk)
        ],
    )


def lock_proposals(proposal_ids: Iterable[int]) -> list[Proposal]:
    """Lock proposals in the order of their keys, the order every verb keeps."""
    return list(
        Proposal.objects.select_for_update(of=("self",))
        .select_related("need")
        .filter(pk__in=list(proposal_ids))
        .order_by("pk")
    )


@transaction.atomic
def approach(*, proposal_ids: Sequence[int], answer_due: date, by: User) -> Bundle:
    """Approach the person whom all these towns want next; holds the days until `answer_due`.

    By a coordinator. Raises Refused when a proposal is not ranked, when the towns want different
    people next, or when the person has not enough free days left.
    """
    proposals = lock_proposals(proposal_ids)
    if not proposals:
        raise Refused("打診する案件を1つ以上選んでください。")
    candidates = []
    for proposal in proposals:
        candidate = next_candidate(proposal)
        if proposal.status != Proposal.Status.RANKED or candidate is None:
            raise Refused(f"「{proposal.need.title}」は、いま打診できる段階ではありません。")
        candidates.append(candidate)
    if len({candidate.specialist_id for candidate in candidates}) != 1:
        raise Refused("選んだ案件の第1希望が同じ人ではありません。人ごとに分けて打診してください。")
    try:
        return _approach(proposals, candidates, answer_due, by)
    except BookingRefused as refusal:
        raise Refused(str(refusal)) from refusal


def _approach(
    proposals: Sequence[Proposal],
    candidates: Sequence[Candidate],
    answer_due: date,
    by: User | None,
) -> Bundle:
    """Make the bundle with its terms and holds; the proposals are locked and ranked."""
    specialist = candidates[0].specialist
    bundle = Bundle.objects.create(specialist=specialist, answer_due=answer_due, total_yen=0)
    for candidate in candidates:
        candidate.bundle = bundle
        candidate.status = Candidate.Status.APPROACHED
    set_terms(bundle, candidates, hold_until=answer_due)
    for proposal in proposals:
        proposal.status = Proposal.Status.APPROACHED
        proposal.save(update_fields=["status"])
    audit.record(
        "approach",
        bundle,
        by=by,
        detail={
            "specialist": specialist.pk,
            "needs": [proposal.need_id for proposal in proposals],
        },
    )
    tell_specialist(
        specialist,
        subject="打診が届きました",
        first_line=f"{answer_due:%-m月%-d日}までに、お返事をお願いします。",
        path=f"/specialist/approaches/{bundle.pk}/",
        key=f"bundle:{bundle.pk}:approach",
    )
    return bundle


def set_terms(bundle: Bundle, candidates: Sequence[Candidate], *, hold_until: date) -> None:
    """Work the terms out for `candidates` and hold their days anew until `hold_until`.

    Raises BookingRefused; the caller's transaction then keeps nothing.
    """
    terms = terms_for(bundle.specialist, candidates)
    old = [candidate.hold for candidate in candidates if candidate.hold is not None]
    engagements.lock_capacity(
        bundle.specialist_id,
        [(kept.first_month, kept.last_month) for kept in old]
        + [(share.first_month, share.last_month) for share in terms.shares],
    )
    for kept in old:
        engagements.release(kept.pk)
    by_key = {share.key: share for share in terms.shares}
    for candidate in candidates:
        share = by_key[candidate.pk]
        candidate.agreed_half_days = share.half_days
        candidate.cost_yen = share.cost_yen
        candidate.fixed_yen = share.fixed_yen
        candidate.hold = engagements.hold(
            bundle.specialist_id,
            half_days=share.half_days,
            first_month=share.first_month,
            last_month=share.last_month,
            until=hold_until,
        )
        candidate.save()
    bundle.total_yen = terms.total_yen
    bundle.save(update_fields=["total_yen"])


@transaction.atomic
def accept(bundle_id: int, *, agreed_codes: Collection[str], by: User) -> Bundle:
    """The person takes the bundle on and lets the towns `agreed_codes` see the name.

    By the person. Raises Refused when the date has passed or the answer was given already.
    """
    bundle, candidates = lock_bundle(bundle_id)
    if bundle.status != Bundle.Status.APPROACHED:
        raise Refused("この打診は、すでに回答済みか、期限が過ぎています。")
    bundle.status = Bundle.Status.ACCEPTED
    bundle.answered_at = timezone.now()
    bundle.confirmed_version = bundle.terms_version
    bundle.decide_due = add_business_days(timezone.localdate(), DECIDE_BUSINESS_DAYS)
    bundle.save()
    for candidate in candidates:
        candidate.status = Candidate.Status.ACCEPTED
        if candidate.proposal.need.municipality_id in agreed_codes:
            candidate.person_agreed_at = timezone.now()
        candidate.save()
        extend_hold(candidate, bundle.decide_due)
        proposal = candidate.proposal
        proposal.status = Proposal.Status.ACCEPTED
        proposal.save(update_fields=["status"])
        tell_town(
            proposal.need.municipality_id,
            subject="候補の方が引き受けました",
            first_line=f"{bundle.decide_due:%-m月%-d日}までに、面接と決定を進めてください。",
            path=f"/town/proposals/{proposal.pk}/",
            key=f"bundle:{bundle.pk}:accepted:{proposal.pk}",
        )
    audit.record("accept_approach", bundle, by=by, detail={"disclosed_to": sorted(agreed_codes)})
    return bundle


def extend_hold(candidate: Candidate, until: date) -> None:
    """Keep the candidate's days until a later day."""
    if candidate.hold is not None:
        candidate.hold.until = until
        candidate.hold.save(update_fields=["until"])


@transaction.atomic
def decline(bundle_id: int, *, reason: str, by: User) -> Bundle:
    """The person says no; the next in line is approached at once. By the person.

    Possible until the engagement is signed. Raises Refused after that.
    """
    bundle, candidates = lock_bundle(bundle_id)
    if bundle.status not in Bundle.OPEN:
        raise Refused("この打診は、すでに終わっています。")
    bundle.decline_reason = reason
    end_bundle(bundle, candidates, Bundle.Status.DECLINED, left=Candidate.Status.DECLINED, by=by)
    audit.record("decline_approach", bundle, by=by, detail={"reason": reason})
    return bundle


@transaction.atomic
def expire(bundle_id: int) -> None:
    """The date for the person's answer, or for confirming changed terms, has passed: the next in
    line is approached. By the sweep."""
    bundle, candidates = lock_bundle(bundle_id)
    unconfirmed = (
        bundle.status == Bundle.Status.ACCEPTED and bundle.confirmed_version < bundle.terms_version
    )
    if bundle.status != Bundle.Status.APPROACHED and not unconfirmed:
        return
    end_bundle(bundle, candidates, Bundle.Status.EXPIRED, left=Candidate.Status.EXPIRED, by=None)
    audit.record("expire_approach", bundle, by=None)


def lock_bundle(bundle_id: int) -> tuple[Bundle, list[Candidate]]:
    """The bundle's proposals, the bundle and its candidates still in it, locked in that order."""
    in_it = Candidate.objects.filter(
        bundle_id=bundle_id, status__in=["approached", "accepted"]
    ).order_by("pk")
    proposals = {
        proposal.pk: proposal
        for proposal in lock_proposals(in_it.values_list("proposal_id", flat=True))
    }
    bundle = (
        Bundle.objects.select_for_update(of=("self",))
        .select_related("specialist__user")
        .get(pk=bundle_id)
    )
    candidates = list(in_it.select_for_update(of=("self",)).select_related("hold"))
    for candidate in candidates:
        candidate.proposal = proposals[candidate.proposal_id]
    return bundle, candidates


def end_bundle(
    bundle: Bundle,
    candidates: Sequence[Candidate],
    status: Bundle.Status,
    *,
    left: Candidate.Status,
    by: User | None,
) -> None:
    """Close a bundle without an engagement: days are given back, each need moves on to its next
    candidate. Everything is locked by the caller."""
    bundle.status = status
    bundle.closed_at = timezone.now()
    bundle.save()
    leave_bundle(bundle, candidates, left)
    move_up([candidate.proposal for candidate in candidates])


def leave_bundle(bundle: Bundle, candidates: Sequence[Candidate], left: Candidate.Status) -> None:
    """Take candidates out of their bundle: days given back, consent to see the name ended."""
    holds = [candidate.hold for candidate in candidates if candidate.hold is not None]
    engagements.lock_capacity(
        bundle.specialist_id, [(kept.first_month, kept.last_month) for kept in holds]
    )
    for kept in holds:
        engagements.release(kept.pk)
    for candidate in candidates:
        candidate.status = left
        candidate.person_agreed_at = None
        candidate.save()


def move_up(proposals: Sequence[Proposal]) -> None:
    """Approach the next in line of each proposal, together where it is the same person; close a
    proposal that has nobody left. The proposals are locked by the caller."""
    due = add_business_days(timezone.localdate(), ANSWER_BUSINESS_DAYS)
    waiting = sorted(proposals, key=lambda proposal: proposal.pk)
    while waiting:
        by_person: dict[int, list[tuple[Proposal, Candidate]]] = {}
        for proposal in waiting:
            proposal.document_number = ""
            proposal.decided_on = None
            proposal.confirmed_version = 0
            candidate = next_candidate(proposal)
            if candidate is None:
                close_proposal(proposal, reason=Proposal.CloseReason.NOBODY_LEFT, by=None)
                continue
            proposal.status = Proposal.Status.RANKED
            proposal.save()
            by_person.setdefault(candidate.specialist_id, []).append((proposal, candidate))
        waiting = []
        for _, pairs in sorted(by_person.items()):
            waiting += _approach_or_skip(pairs, due)


def _approach_or_skip(pairs: Sequence[tuple[Proposal, Candidate]], due: date) -> list[Proposal]:
    """Approach one person for all pairs, or for each alone where all together are too much; who
    has not enough days is skipped, and the proposals that wait for somebody else are returned."""
    try:
        with transaction.atomic():
            _approach([pair[0] for pair in pairs], [pair[1] for pair in pairs], due, None)
    except BookingRefused:
        if len(pairs) > 1:
            return [left for pair in pairs for left in _approach_or_skip([pair], due)]
        Candidate.objects.filter(pk__in=[candidate.pk for _, candidate in pairs]).update(
            status=Candidate.Status.UNAVAILABLE, bundle=None
        )
        return [proposal for proposal, _ in pairs]
    tell_coordinators(
        subject="次の候補へ打診しました",
        first_line="辞退または期限切れのため、次の候補へ打診しました。",
        path="/admin/proposals/proposal/board/",
        key=f"moved-up:{'-'.join(str(pair[1].pk) for pair in pairs)}",
    )
    return []
