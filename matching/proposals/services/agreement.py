"""From the person's yes to the signature: names, interview, decision, stepping back, signing."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from matching.engagements.services import BookingRefused
from matching.proposals.dates import refuse_before_offer, usual_date
from matching.proposals.errors import Refused
from matching.proposals.models import Bundle, Candidate, Proposal
from matching.proposals.services.approaches import (
    end_bundle,
    leave_bundle,
    move_up,
    set_terms,
)
from matching.proposals.services.locks import lock_bundle, lock_needs, lock_proposals
from matching.proposals.services.names import tell_of_agreement, tell_of_name
from matching.proposals.services.offers import close_proposal
from matching.proposals.services.telling import tell_person_of_end, tell_towns_of_end
from municipalities.registry.notices import tell_coordinators, tell_town
from municipalities.vacancies import services as needs
from talentpool.audit import services as audit
from talentpool.conventions.months import first_of_month
from talentpool.specialists.notices import tell_specialist
from talentpool.users.models import User

CONFIRM_BUSINESS_DAYS = 5  # at least so long, once terms have changed
TOWN_LEFT = "共同の市町が減りました。"  # why terms change

NOBODY = "いまは、本人が引き受けた候補がいません。"
STALE = "表示していた候補から次の候補へ移っています。いまの内容を確かめてください。"


def _accepted_candidate(proposal: Proposal, candidate_id: int | None) -> Candidate:
    """The candidate who accepted, locked; the one whom the page showed where it says which."""
    candidate = (
        proposal.candidates.select_for_update(of=("self",), no_key=True)
        .filter(status=Candidate.Status.ACCEPTED)
        .first()
    )
    if candidate is None:
        raise Refused(NOBODY)
    if candidate_id is not None and candidate.pk != candidate_id:
        raise Refused(STALE)
    return candidate


@transaction.atomic
def ask_disclosure(proposal_id: int, *, candidate_id: int | None = None, by: User) -> Candidate:
    """The town asks to see the name of the person who accepted. By the town's staff.

    `candidate_id` is the candidate that the page showed. Raises Refused when nobody, or somebody
    else, has accepted.
    """
    (proposal,) = lock_proposals([proposal_id])
    candidate = _accepted_candidate(proposal, candidate_id)
    if candidate.town_asked_at is None:
        candidate.move("ask_disclosure")
        candidate.town_asked_at = timezone.now()
        candidate.save(update_fields=["town_asked_at"])
        if candidate.person_agreed_at is None:
            tell_specialist(
                candidate.specialist,
                subject="お名前の開示のお願い",
                first_line="市町から、お名前の開示の希望が届きました。",
                path=f"/specialist/approaches/{candidate.bundle_id}/",
                key=f"candidate:{candidate.pk}:asked",
            )
        audit.record("ask_disclosure", candidate, by=by)
    return candidate


@transaction.atomic
def set_disclosure(candidate_id: int, *, agreed: bool, by: User) -> Candidate:
    """The person lets one town see the name, or takes that back (B-09). By the person.

    Raises Refused outside an accepted approach; after the signature the name is part of the
    contract.
    """
    candidate = Candidate.objects.select_for_update(of=("self",), no_key=True).get(pk=candidate_id)
    candidate.move("set_disclosure", "いまは、お名前の開示を変えられる段階ではありません。")
    if (candidate.person_agreed_at is not None) != agreed:
        candidate.person_agreed_at = timezone.now() if agreed else None
        candidate.save(update_fields=["person_agreed_at"])
        tell_of_name(candidate)
        audit.record("set_disclosure", candidate, by=by, detail={"agreed": agreed})
    return candidate


@transaction.atomic
def record_interview(proposal_id: int, *, held_on: date, by: User) -> Proposal:
    """Note the day of the interview, or correct it until the engagement is signed. By the town's
    staff.

    Raises Refused before the name is open (whom would the town have met?), and for a day before
    the candidates were offered.
    """
    (proposal,) = lock_proposals([proposal_id])
    verb = "correct" if proposal.allows("correct") else "record_interview"
    proposal.move(verb, "いまは、面接日を記録する段階ではありません。")
    refuse_before_offer(proposal, held_on, "面接日")
    if not _accepted_candidate(proposal, None).is_open:
        raise Refused("お名前が開示されてから、面接日を記録してください。")
    if proposal.interview_on != held_on:
        before = {"before": f"{proposal.interview_on}"} if proposal.interview_on else {}
        proposal.interview_on = held_on
        proposal.save(update_fields=["interview_on"])
        audit.record("record_interview", proposal, by=by, detail=before)
    return proposal


@transaction.atomic
def decide(
    proposal_id: int,
    *,
    document_number: str,
    decided_on: date,
    terms_version: int,
    candidate_id: int | None = None,
    by: User,
) -> Proposal:
    """The town decides to take the person on, with its document number; confirms again after the
    terms changed; or corrects what it wrote down, until the engagement is signed. `candidate_id`
    and `terms_version` are what the page showed.

    By the town's staff. The same decision again changes nothing. Raises Refused when the name is
    not open yet, the terms have changed, or the day is before the candidates were offered.
    """
    bundle, candidates = lock_bundle(_bundle_of(proposal_id))
    candidate = of_proposal(candidates, proposal_id)
    proposal = candidate.proposal
    if candidate_id is not None and candidate.pk != candidate_id:
        raise Refused(STALE)
    if proposal.status == Proposal.Status.DECIDED and (
        (proposal.document_number, proposal.decided_on, proposal.confirmed_version)
        == (document_number, decided_on, terms_version)
    ):
        return proposal
    if proposal.allows("correct"):
        return _correct(bundle, proposal, document_number, decided_on, terms_version, by)
    proposal.move("decide", "いまは、決定する段階ではありません。")
    if not candidate.is_open:
        raise Refused("お名前が開示されてから、面接を経て決定してください。")
    if terms_version != bundle.terms_version:
        raise Refused("共同の市町の変更で条件が変わりました。新しい条件を確かめてください。")
    refuse_before_offer(proposal, decided_on, "決裁日")
    proposal.document_number = document_number
    proposal.decided_on = decided_on
    proposal.confirmed_version = terms_version
    proposal.save()
    _settle(bundle, candidates)
    audit.record("decide", proposal, by=by, detail={"terms_version": terms_version})
    return proposal


def _correct(
    bundle: Bundle,
    proposal: Proposal,
    document_number: str,
    decided_on: date,
    terms_version: int,
    by: User,
) -> Proposal:
    """Another number or day for a decision that stands: nobody confirms anything again. The record
    keeps what was written down before; the coordinators, who may be preparing the contract, are
    told."""
    proposal.move("correct")
    if terms_version != bundle.terms_version:
        raise Refused(STALE)
    refuse_before_offer(proposal, decided_on, "決裁日")
    before = {"document_number": proposal.document_number, "decided_on": f"{proposal.decided_on}"}
    proposal.document_number = document_number
    proposal.decided_on = decided_on
    proposal.save(update_fields=["document_number", "decided_on"])
    event = audit.record("correct_decision", proposal, by=by, detail={"before": before})
    tell_coordinators(
        subject="市町の決定の記録が直されました",
        first_line="文書番号または決裁日が直されました。締結の前に確かめてください。",
        path=f"/admin/proposals/bundle/{bundle.pk}/",
        key=f"proposal:{proposal.pk}:corrected:{event.pk}",
    )
    return proposal


@transaction.atomic
def confirm_terms(bundle_id: int, *, terms_version: int, by: User) -> Bundle:
    """The person confirms terms that changed after the yes. By the person.

    The same confirmation again changes nothing. Raises Refused when the terms changed once more.
    """
    bundle, candidates = lock_bundle(bundle_id)
    if (
        bundle.status in Bundle.ANSWERED
        and bundle.confirmed_version == terms_version == bundle.terms_version
    ):
        return bundle
    bundle.move("confirm_terms", "いまは、条件を確認する段階ではありません。")
    if terms_version != bundle.terms_version:
        raise Refused("条件がさらに変わりました。新しい条件を確かめてください。")
    bundle.confirmed_version = terms_version
    bundle.save(update_fields=["confirmed_version"])
    _settle(bundle, candidates)
    audit.record("confirm_terms", bundle, by=by, detail={"terms_version": terms_version})
    return bundle


def _settle(bundle: Bundle, candidates: list[Candidate]) -> None:
    """The bundle is agreed when every town and the person confirmed the current terms."""
    version = bundle.terms_version
    if bundle.confirmed_version == version and all(
        candidate.proposal.status == Proposal.Status.DECIDED
        and candidate.proposal.confirmed_version == version
        for candidate in candidates
    ):
        bundle.move("agree")
        bundle.save(update_fields=["status"])
        tell_of_agreement(bundle, candidates, f"agreed:{version}")


@transaction.atomic
def step_back(
    proposal_id: int, *, reason: str, candidate_id: int | None = None, by: User
) -> Proposal:
    """A town leaves its bundle. The days and the cost of the others are worked out anew and they
    confirm again, the person too; the town's own need goes on to its next candidate, unless the
    reason ends the need itself.

    By the town's staff; `candidate_id` is the candidate that the page showed, and doing it again
    changes nothing. Raises Refused when nobody has accepted yet or the engagement is signed.
    """
    if reason not in Proposal.TOWN_REASONS:
        raise Refused("見送る理由を選んでください。")
    lock_needs(Proposal.objects.filter(pk=proposal_id).values_list("need_id", flat=True))
    if _has_left(proposal_id, candidate_id):
        return Proposal.objects.get(pk=proposal_id)
    bundle, candidates = lock_bundle(_bundle_of(proposal_id))
    leaving = of_proposal(candidates, proposal_id)
    if candidate_id is not None and leaving.pk != candidate_id:
        raise Refused(STALE)
    if not leaving.allows("step_back"):
        raise Refused("いまは、見送る段階ではありません。")
    take_out(bundle, candidates, [leaving], "step_back", by=by)
    proposal = leaving.proposal
    if reason == Proposal.CloseReason.INTERVIEW:
        move_up([proposal])
    else:
        close_proposal(proposal, reason=reason, by=by)
    if reason == Proposal.CloseReason.WITHDRAWN:
        needs.withdraw_need(proposal.need, by=by)
    audit.record("step_back", proposal, by=by, detail={"reason": reason})
    return proposal


def _has_left(proposal_id: int, candidate_id: int | None) -> bool:
    return (
        candidate_id is not None
        and Candidate.objects.filter(
            pk=candidate_id, proposal_id=proposal_id, status=Candidate.Status.DROPPED
        ).exists()
    )


@transaction.atomic
def drop_overdue(bundle_id: int) -> bool:
    """The date for the towns' decisions has passed: those that have not decided leave together and
    go on to their next candidates, and with them those whose needs are over, so that terms are
    worked out once. By the sweep; False when there was nothing to do."""
    bundle, candidates = lock_bundle(bundle_id)
    if (
        bundle.status != Bundle.Status.ACCEPTED
        or bundle.decide_due is None
        or bundle.decide_due >= timezone.localdate()
    ):
        return False
    leaving = [
        candidate
        for candidate in candidates
        if candidate.proposal.status == Proposal.Status.ACCEPTED
    ]
    if not leaving:
        return False
    month = first_of_month(timezone.localdate())
    leaving += [
        candidate
        for candidate in candidates
        if candidate not in leaving and candidate.proposal.need.is_over(month)
    ]
    take_out(bundle, candidates, leaving, "step_back", by=None)
    move_up([candidate.proposal for candidate in leaving], cause="overdue")
    tell_towns_of_end(leaving, "overdue")
    for candidate in leaving:
        audit.record("drop_overdue", candidate.proposal, by=None)
    return True


def take_out(
    bundle: Bundle,
    candidates: Sequence[Candidate],
    leaving: Sequence[Candidate],
    verb: str,
    *,
    by: User | None,
) -> None:
    """Take towns out of a bundle; new terms for those who stay, its end without any. The caller
    holds the locks."""
    gone = {candidate.pk for candidate in leaving}
    staying = [candidate for candidate in candidates if candidate.pk not in gone]
    if not staying:
        bundle.move("dissolve")
        bundle.closed_at = timezone.now()
        bundle.save()
    leave_bundle(leaving, verb)
    if staying:
        renew_terms(bundle, staying, TOWN_LEFT, by=by)
        return
    tell_person_of_end(bundle, "no_town")
    audit.record("dissolve_approach", bundle, by=by, detail={"reason": "no_town"})


def renew_terms(bundle: Bundle, staying: list[Candidate], cause: str, *, by: User | None) -> None:
    """New terms for those who stay, told with the sentence `cause`; where the person's days no
    longer suffice for them (the least amount raised a town's days), the bundle ends and everybody
    moves on. The caller holds the locks."""
    answered = bundle.status != Bundle.Status.APPROACHED
    due = usual_date(CONFIRM_BUSINESS_DAYS, [candidate.proposal.need for candidate in staying])
    until = max(due, bundle.decide_due or due) if answered else bundle.answer_due
    try:
        set_terms(bundle, staying, hold_until=until)
    except BookingRefused:
        end_bundle(bundle, staying, "dissolve", left="lose_days")
        audit.record("dissolve_approach", bundle, by=by, detail={"reason": "days"})
        return
    bundle.terms_version += 1
    if bundle.status == Bundle.Status.APPROACHED:
        bundle.move("shrink")
        bundle.save()
        tell_specialist(
            bundle.specialist,
            subject="打診の条件が変わりました",
            first_line=f"{cause}{bundle.answer_due:%-m月%-d日}までに、お返事をお願いします。",
            path=f"/specialist/approaches/{bundle.pk}/",
            key=f"bundle:{bundle.pk}:terms:{bundle.terms_version}",
        )
        _note_terms(bundle, by)
        return  # the towns wait for the answer anyway
    bundle.move("reopen")
    bundle.decide_due = until
    bundle.save()
    for candidate in staying:
        proposal = candidate.proposal
        proposal.move("reopen")
        proposal.save(update_fields=["status"])
        tell_town(
            proposal.need.municipality_id,
            subject="日数と負担額が変わりました",
            first_line=f"{cause}新しい条件を確認してください。",
            path=f"/town/proposals/{proposal.pk}/",
            key=f"bundle:{bundle.pk}:terms:{bundle.terms_version}:{proposal.pk}",
        )
    tell_specialist(
        bundle.specialist,
        subject="条件が変わりました",
        first_line=f"{cause}新しい条件を確認してください。",
        path=f"/specialist/approaches/{bundle.pk}/",
        key=f"bundle:{bundle.pk}:terms:{bundle.terms_version}",
    )
    _note_terms(bundle, by)


def _note_terms(bundle: Bundle, by: User | None) -> None:
    detail = {"terms_version": bundle.terms_version}
    audit.record("renew_terms", bundle, by=by, detail=detail)


def _bundle_of(proposal_id: int) -> int:
    """The bundle that a proposal is in. Raises Refused when it is in none."""
    bundle_id: int | None = (
        Candidate.objects.filter(
            proposal_id=proposal_id,
            status__in=Candidate.IN_BUNDLE,
        )
        .values_list("bundle_id", flat=True)
        .first()
    )
    if bundle_id is None:
        raise Refused(NOBODY)
    return bundle_id


def of_proposal(candidates: list[Candidate], proposal_id: int) -> Candidate:
    """The candidate through whom a bundle serves a proposal. Raises Refused when it does not."""
    for candidate in candidates:
        if candidate.proposal_id == proposal_id:
            return candidate
    raise Refused("この案件は、すでに組から外れています。")
