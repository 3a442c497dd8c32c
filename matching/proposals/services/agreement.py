"""From the person's yes to the signature: names, interview, decision, stepping back, signing."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from matching.engagements import services as engagements
from matching.engagements.models import Engagement
from matching.engagements.services import BookingRefused, SignedShare
from matching.engagements.terms import ShareTerms, Terms
from matching.proposals.models import Bundle, Candidate, Proposal
from matching.proposals.services.approaches import (
    end_bundle,
    leave_bundle,
    lock_bundle,
    lock_proposals,
    move_up,
    set_terms,
)
from matching.proposals.services.errors import Refused
from matching.proposals.services.offers import close_proposal
from municipalities.registry.notices import tell_coordinators, tell_town
from municipalities.vacancies import services as needs
from municipalities.vacancies.models import Need
from talentpool.audit import services as audit
from talentpool.conventions.business_days import add_business_days
from talentpool.specialists.notices import tell_specialist
from talentpool.users.models import User

CONFIRM_BUSINESS_DAYS = 5  # at least so long, once terms have changed


def _accepted_candidate(proposal: Proposal) -> Candidate:
    candidate = (
        proposal.candidates.select_for_update(of=("self",))
        .filter(status=Candidate.Status.ACCEPTED)
        .first()
    )
    if candidate is None:
        raise Refused("いまは、本人が引き受けた候補がいません。")
    return candidate


@transaction.atomic
def ask_disclosure(proposal_id: int, *, by: User) -> Candidate:
    """The town asks to see the name of the person who accepted. By the town's staff."""
    (proposal,) = lock_proposals([proposal_id])
    candidate = _accepted_candidate(proposal)
    if candidate.town_asked_at is None:
        candidate.town_asked_at = timezone.now()
        candidate.save(update_fields=["town_asked_at"])
        audit.record("ask_disclosure", candidate, by=by)
        if candidate.person_agreed_at is None:
            tell_specialist(
                candidate.specialist,
                subject="お名前の開示のお願い",
                first_line="市町から、お名前の開示の希望が届きました。",
                path=f"/specialist/approaches/{candidate.bundle_id}/",
                key=f"candidate:{candidate.pk}:asked",
            )
    return candidate


@transaction.atomic
def set_disclosure(candidate_id: int, *, agreed: bool, by: User) -> Candidate:
    """The person lets one town see the name, or takes that back (B-09). By the person.

    Raises Refused outside an accepted approach; after the signature the name is part of the
    contract.
    """
    candidate = Candidate.objects.select_for_update(of=("self",)).get(pk=candidate_id)
    if candidate.status != Candidate.Status.ACCEPTED:
        raise Refused("いまは、お名前の開示を変えられる段階ではありません。")
    candidate.person_agreed_at = timezone.now() if agreed else None
    candidate.save(update_fields=["person_agreed_at"])
    audit.record("set_disclosure", candidate, by=by, detail={"agreed": agreed})
    return candidate


@transaction.atomic
def record_interview(proposal_id: int, *, held_on: date, by: User) -> Proposal:
    """Note the day of the interview. By the town's staff."""
    (proposal,) = lock_proposals([proposal_id])
    if proposal.status != Proposal.Status.ACCEPTED:
        raise Refused("いまは、面接日を記録する段階ではありません。")
    proposal.interview_on = held_on
    proposal.save(update_fields=["interview_on"])
    audit.record("record_interview", proposal, by=by)
    return proposal


@transaction.atomic
def decide(
    proposal_id: int, *, document_number: str, decided_on: date, terms_version: int, by: User
) -> Proposal:
    """The town decides to take the person on, with its document number; or confirms again after
    the terms changed. `terms_version` is the version that the page showed.

    By the town's staff. Raises Refused when the name is not open yet or the terms have changed.
    """
    bundle_id = _bundle_of(proposal_id)
    bundle, candidates = lock_bundle(bundle_id)
    candidate = _of_proposal(candidates, proposal_id)
    proposal = candidate.proposal
    if bundle.status != Bundle.Status.ACCEPTED or proposal.status not in {
        Proposal.Status.ACCEPTED,
        Proposal.Status.DECIDED,
    }:
        raise Refused("いまは、決定する段階ではありません。")
    if not candidate.is_open:
        raise Refused("お名前が開示されてから、面接を経て決定してください。")
    if terms_version != bundle.terms_version:
        raise Refused("共同の市町の変更で条件が変わりました。新しい条件を確かめてください。")
    proposal.status = Proposal.Status.DECIDED
    proposal.document_number = document_number
    proposal.decided_on = decided_on
    proposal.confirmed_version = terms_version
    proposal.save()
    audit.record("decide", proposal, by=by, detail={"terms_version": terms_version})
    _settle(bundle, candidates)
    return proposal


@transaction.atomic
def confirm_terms(bundle_id: int, *, terms_version: int, by: User) -> Bundle:
    """The person confirms terms that changed after the yes. By the person."""
    bundle, candidates = lock_bundle(bundle_id)
    if bundle.status != Bundle.Status.ACCEPTED:
        raise Refused("いまは、条件を確認する段階ではありません。")
    if terms_version != bundle.terms_version:
        raise Refused("条件がさらに変わりました。新しい条件を確かめてください。")
    bundle.confirmed_version = terms_version
    bundle.save(update_fields=["confirmed_version"])
    audit.record("confirm_terms", bundle, by=by, detail={"terms_version": terms_version})
    _settle(bundle, candidates)
    return bundle


def _settle(bundle: Bundle, candidates: list[Candidate]) -> None:
    """The bundle is agreed when every town and the person confirmed the current terms."""
    version = bundle.terms_version
    if bundle.confirmed_version == version and all(
        candidate.proposal.status == Proposal.Status.DECIDED
        and candidate.proposal.confirmed_version == version
        for candidate in candidates
    ):
        bundle.status = Bundle.Status.AGREED
        bundle.save(update_fields=["status"])
        tell_coordinators(
            subject="契約を締結できます",
            first_line="全員が合意しました。契約の締結を進めてください。",
            path=f"/admin/proposals/bundle/{bundle.pk}/",
            key=f"bundle:{bundle.pk}:agreed:{version}",
        )


@transaction.atomic
def step_back(proposal_id: int, *, reason: str, by: User | None) -> Proposal:
    """A town leaves its bundle. The days and the cost of the others are worked out anew and they
    confirm again, the person too; the town's own need goes on to its next candidate, unless the
    reason ends the need itself.

    By the town's staff, or by the sweep when the date for the decision has passed. Raises Refused
    when nobody has accepted yet or the engagement is signed.
    """
    bundle, candidates = lock_bundle(_bundle_of(proposal_id))
    if bundle.status not in {Bundle.Status.ACCEPTED, Bundle.Status.AGREED}:
        raise Refused("いまは、見送る段階ではありません。")
    leaving = _of_proposal(candidates, proposal_id)
    audit.record("step_back", leaving.proposal, by=by, detail={"reason": reason})
    _leave(bundle, candidates, leaving)
    _after_stepping_back(leaving.proposal, reason, by)
    return leaving.proposal


def _leave(bundle: Bundle, candidates: list[Candidate], leaving: Candidate) -> None:
    """Take one town out; new terms for those who stay, the end of the bundle without any."""
    staying = [candidate for candidate in candidates if candidate.pk != leaving.pk]
    if not staying:
        bundle.status = Bundle.Status.DISSOLVED
        bundle.closed_at = timezone.now()
        bundle.save()
    leave_bundle(bundle, [leaving], Candidate.Status.DROPPED)
    if staying:
        _renew_terms(bundle, staying)


@transaction.atomic
def end_coordination(need: Need, *, by: User) -> None:
    """A need is withdrawn: its open proposal ends, its bundle goes on without it. Called by the
    withdrawal of the need, in its transaction."""
    proposal = need.proposals.filter(status__in=Proposal.OPEN).first()
    if proposal is None:
        return
    in_bundle = proposal.candidates.filter(status__in=["approached", "accepted"]).first()
    if in_bundle is not None:
        bundle, candidates = lock_bundle(in_bundle.bundle_id)
        leaving = _of_proposal(candidates, proposal.pk)
        _leave(bundle, candidates, leaving)
        proposal = leaving.proposal
    else:
        (proposal,) = lock_proposals([proposal.pk])
    close_proposal(proposal, reason=Proposal.CloseReason.WITHDRAWN, by=by)


def _renew_terms(bundle: Bundle, staying: list[Candidate]) -> None:
    """New terms for those who stay; where the person's days no longer suffice for them (the
    least amount raised a town's days), the bundle ends and everybody moves on."""
    until = bundle.answer_due
    if bundle.status != Bundle.Status.APPROACHED:
        due = add_business_days(timezone.localdate(), CONFIRM_BUSINESS_DAYS)
        until = bundle.decide_due = max(due, bundle.decide_due or due)
    try:
        with transaction.atomic():
            set_terms(bundle, staying, hold_until=until)
    except BookingRefused:
        end_bundle(
            bundle,
            staying,
            Bundle.Status.DISSOLVED,
            left=Candidate.Status.UNAVAILABLE,
            by=None,
        )
        return
    bundle.terms_version += 1
    if bundle.status == Bundle.Status.AGREED:
        bundle.status = Bundle.Status.ACCEPTED
    bundle.save()
    if bundle.status == Bundle.Status.APPROACHED:
        return  # the person has not answered yet and sees the new terms; the towns wait
    for candidate in staying:
        proposal = candidate.proposal
        if proposal.status == Proposal.Status.DECIDED:
            proposal.status = Proposal.Status.ACCEPTED
            proposal.save(update_fields=["status"])
        tell_town(
            proposal.need.municipality_id,
            subject="日数と負担額が変わりました",
            first_line="共同の市町が変わりました。新しい条件を確認してください。",
            path=f"/town/proposals/{proposal.pk}/",
            key=f"bundle:{bundle.pk}:terms:{bundle.terms_version}:{proposal.pk}",
        )
    tell_specialist(
        bundle.specialist,
        subject="条件が変わりました",
        first_line="市町が1つ減りました。新しい条件を確認してください。",
        path=f"/specialist/approaches/{bundle.pk}/",
        key=f"bundle:{bundle.pk}:terms:{bundle.terms_version}",
    )


def _after_stepping_back(proposal: Proposal, reason: str, by: User | None) -> None:
    if reason in {Proposal.CloseReason.INTERVIEW, Proposal.CloseReason.OVERDUE}:
        move_up([proposal])
        return
    close_proposal(proposal, reason=reason, by=by)
    if reason == Proposal.CloseReason.WITHDRAWN and by is not None:
        needs.withdraw_need(proposal.need, by=by)


def _bundle_of(proposal_id: int) -> int:
    """The bundle that a proposal is in. Raises Refused when it is in none."""
    bundle_id: int | None = (
        Candidate.objects.filter(
            proposal_id=proposal_id,
            status__in=[Candidate.Status.APPROACHED, Candidate.Status.ACCEPTED],
        )
        .values_list("bundle_id", flat=True)
        .first()
    )
    if bundle_id is None:
        raise Refused("いまは、本人が引き受けた候補がいません。")
    return bundle_id


def _of_proposal(candidates: list[Candidate], proposal_id: int) -> Candidate:
    for candidate in candidates:
        if candidate.proposal_id == proposal_id:
            return candidate
    raise Refused("この案件は、すでに組から外れています。")


@transaction.atomic
def sign(bundle_id: int, *, signed_on: date, form_code: str | None, by: User) -> Engagement:
    """Sign the shared engagement of a bundle on which everybody agreed. By a coordinator.

    Raises Refused when somebody has not confirmed the current terms, or when the person's days
    were taken meanwhile.
    """
    bundle, candidates = lock_bundle(bundle_id)
    if bundle.status != Bundle.Status.AGREED:
        raise Refused("全員の合意がそろってから締結してください。")
    try:
        engagement = engagements.sign(
            bundle.specialist,
            terms=_agreed_terms(bundle, candidates),
            towns=[_signed_share(candidate) for candidate in candidates],
            hold_ids=[
                candidate.hold_id for candidate in candidates if candidate.hold_id is not None
            ],
            form_code=form_code,
            signed_on=signed_on,
            by=by,
        )
    except BookingRefused as refusal:
        raise Refused(str(refusal)) from refusal
    bundle.engagement = engagement
    bundle.status = Bundle.Status.SIGNED
    bundle.closed_at = timezone.now()
    bundle.save()
    for candidate in candidates:
        candidate.status = Candidate.Status.SIGNED
        candidate.save(update_fields=["status"])
        proposal = candidate.proposal
        proposal.status = Proposal.Status.SIGNED
        proposal.closed_at = bundle.closed_at
        proposal.save(update_fields=["status", "closed_at"])
        needs.mark_filled(proposal.need, by=by)
        tell_town(
            proposal.need.municipality_id,
            subject="契約が締結されました",
            first_line="シェア契約が締結されました。内容を確認してください。",
            path=f"/town/engagements/{engagement.pk}/",
            key=f"engagement:{engagement.pk}:signed:{proposal.pk}",
        )
    tell_specialist(
        bundle.specialist,
        subject="契約が締結されました",
        first_line="シェア契約が締結されました。内容を確認してください。",
        path=f"/specialist/engagements/{engagement.pk}/",
        key=f"engagement:{engagement.pk}:signed",
    )
    audit.record("sign", bundle, by=by, detail={"engagement": engagement.pk})
    return engagement


def _agreed_terms(bundle: Bundle, candidates: list[Candidate]) -> Terms:
    """The terms as everybody confirmed them, not worked out anew."""
    shares = []
    for candidate in candidates:
        need = candidate.proposal.need
        if candidate.agreed_half_days is None or candidate.cost_yen is None:
            raise Refused("条件が定まっていません。")
        shares.append(
            ShareTerms(
                key=candidate.pk,
                half_days=candidate.agreed_half_days,
                first_month=need.first_month,
                last_month=need.last_month,
                cost_yen=candidate.cost_yen,
                fixed_yen=candidate.fixed_yen or 0,
            )
        )
    return Terms(shares=tuple(shares), total_yen=bundle.total_yen)


def _signed_share(candidate: Candidate) -> SignedShare:
    proposal = candidate.proposal
    if proposal.decided_on is None:
        raise Refused("市町の決定がそろっていません。")
    return SignedShare(
        key=candidate.pk,
        municipality_code=proposal.need.municipality_id,
        need_id=proposal.need_id,
        document_number=proposal.document_number,
        decided_on=proposal.decided_on,
    )
