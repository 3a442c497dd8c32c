"""Approach a person for one or more needs, take the answer, move the next in line up."""

from collections.abc import Collection, Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from matching.engagements import services as engagements
from matching.engagements.services import BookingRefused, Span
from matching.engagements.terms import Terms, TownTerms, work_out
from matching.proposals.dates import refuse_first_date, refuse_over, usual_date
from matching.proposals.errors import Refused
from matching.proposals.models import Bundle, Candidate, Proposal
from matching.proposals.services.checks import check_person, check_towns
from matching.proposals.services.locks import lock_bundle, lock_proposals
from matching.proposals.services.offers import close_proposal
from matching.proposals.services.telling import (
    decided_ones,
    tell_person_of_end,
    tell_towns_of_end,
    why_closed,
)
from matching.proposals.strains import person_terms
from municipalities.registry.notices import tell_coordinators, tell_town
from talentpool.audit import services as audit
from talentpool.conventions.months import first_of_month
from talentpool.specialists.confidence import ACCEPTED, DECLINED, REPLIED, UNANSWERED
from talentpool.specialists.models import Specialist
from talentpool.specialists.notices import tell_specialist
from talentpool.specialists.services import note_signal
from talentpool.users.models import User

ANSWER_BUSINESS_DAYS = 5
DECIDE_BUSINESS_DAYS = 15
TOO_LATE = "この打診は、すでに回答済みか、期限が過ぎています。"


def next_candidate(proposal: Proposal) -> Candidate | None:
    """The best-ranked candidate who has not been asked yet."""
    return (
        proposal.candidates.filter(status=Candidate.Status.OFFERED, rank__isnull=False)
        .select_related("specialist")
        .order_by("rank")
        .first()
    )


def terms_for(specialist: Specialist, candidates: Sequence[Candidate]) -> Terms:
    """Days and cost when `specialist` serves the needs of `candidates` together, from this month
    on where a need began before."""
    month = first_of_month(timezone.localdate())
    return work_out(
        person_terms(specialist),
        [
            TownTerms(
                key=candidate.pk,
                half_days=candidate.half_days,
                first_month=candidate.proposal.need.begins(month),
                last_month=candidate.proposal.need.last_month,
            )
            for candidate in sorted(candidates, key=lambda candidate: candidate.pk)
        ],
    )


@transaction.atomic
def approach(
    *, proposal_ids: Sequence[int], answer_due: date, by: User, person: int | None = None
) -> Bundle:
    """Approach the person whom all these towns want next; holds the days until `answer_due`.

    By a coordinator, who has read that it is `person`. The same request again returns the bundle
    that it made. Raises Refused when a proposal is not ranked, when a need is over, when the towns
    want different people next or another one by now, when
    the person is not registered any more, serves enough towns already, or has not enough free days
    left, and for an `answer_due` that has passed or lies after the last day of a need.
    """
    proposals = lock_proposals(proposal_ids)
    if not proposals:
        raise Refused("打診する案件を1つ以上選んでください。")
    made = _bundle_made_of(proposals)
    if made is not None:
        return made
    candidates = []
    for proposal in proposals:
        candidate = next_candidate(proposal)
        if not proposal.allows("approach") or candidate is None:
            raise Refused(f"「{proposal.need.title}」は、いま打診できる段階ではありません。")
        candidates.append(candidate)
    if len({candidate.specialist_id for candidate in candidates}) != 1:
        raise Refused("選んだ案件の第1希望が同じ人ではありません。人ごとに分けて打診してください。")
    if person is not None and candidates[0].specialist_id != person:
        raise Refused("この案件の次の候補が変わりました。いまの候補と条件を確かめてください。")
    needs = [proposal.need for proposal in proposals]
    refuse_over(needs, timezone.localdate())
    refuse_first_date(answer_due, needs, "回答の期限")
    return _approach(proposals, candidates, answer_due, by)


def _bundle_made_of(proposals: Sequence[Proposal]) -> Bundle | None:
    """The waiting bundle of exactly these proposals, when they were approached together."""
    asked = Candidate.objects.filter(proposal__in=proposals, status=Candidate.Status.APPROACHED)
    bundle = Bundle.objects.filter(pk__in=asked.values("bundle_id")).first()
    if bundle is None:
        return None
    same = set(bundle.candidates.values_list("proposal_id", flat=True)) == {
        proposal.pk for proposal in proposals
    }
    return bundle if same else None


def _approach(
    proposals: Sequence[Proposal],
    candidates: Sequence[Candidate],
    answer_due: date,
    by: User | None,
) -> Bundle:
    """Make the bundle with its terms and holds. No need is over; the proposals and the person are
    locked; the caller undoes everything when it is Refused."""
    specialist = Specialist.objects.get(pk=candidates[0].specialist_id)
    check_person(specialist, proposals)
    check_towns(specialist, proposals)
    bundle = Bundle.objects.create(specialist=specialist, answer_due=answer_due, total_yen=0)
    for candidate in candidates:
        candidate.bundle = bundle
        candidate.move("approach")
    try:
        set_terms(bundle, candidates, hold_until=answer_due)
    except BookingRefused as refusal:
        raise Refused(str(refusal)) from refusal
    for proposal in proposals:
        proposal.move("approach")
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
    """Work the terms out for `candidates` and hold their days anew until `hold_until`, in place of
    what is held for them.

    Raises BookingRefused; bundle and candidates are then as they were.
    """
    terms = terms_for(bundle.specialist, candidates)
    by_key = {share.key: share for share in terms.shares}
    shares = [by_key[candidate.pk] for candidate in candidates]
    holds = engagements.hold_anew(
        bundle.specialist_id,
        [
            Span(
                share.half_days,
                share.first_month,
                share.last_month,
                candidate.proposal.need.municipality_id,
            )
            for candidate, share in zip(candidates, shares, strict=True)
        ],
        instead_of=[row.hold_id for row in candidates if row.hold_id is not None],
        until=hold_until,
    )
    # Only now: where the days are refused the candidates are as they were, for who ends them.
    for candidate, share, kept in zip(candidates, shares, holds, strict=True):
        candidate.agreed_half_days = share.half_days
        candidate.cost_yen = share.cost_yen
        candidate.fixed_yen = share.fixed_yen
        candidate.hold = kept
        candidate.save()
    bundle.half_day_rate_yen = bundle.specialist.half_day_rate_yen
    bundle.monthly_fixed_yen = bundle.specialist.monthly_fixed_yen
    bundle.total_yen = terms.total_yen
    bundle.save(update_fields=["half_day_rate_yen", "monthly_fixed_yen", "total_yen"])


@transaction.atomic
def accept(
    bundle_id: int, *, agreed_codes: Collection[str], terms_version: int, by: User
) -> Bundle:
    """The person takes the bundle on and lets the towns `agreed_codes` see the name.

    By the person. `terms_version` is the version that the page showed; the same answer again
    changes nothing. Raises Refused when the date has passed, the answer was given already, with
    other towns too, or the terms have changed.
    """
    bundle, candidates = lock_bundle(bundle_id)
    if bundle.status in Bundle.ANSWERED and bundle.confirmed_version == terms_version:
        _refuse_other_towns(candidates, agreed_codes)
        return bundle
    if bundle.status == Bundle.Status.APPROACHED and bundle.answer_due < timezone.localdate():
        raise Refused(TOO_LATE)  # on the way to the next in line: the sweep has not come by yet
    bundle.move("accept", TOO_LATE)
    if terms_version != bundle.terms_version:
        raise Refused("条件が変わりました。新しい条件を確かめて、お答えください。")
    bundle.answered_at = timezone.now()
    bundle.confirmed_version = bundle.terms_version
    bundle.decide_due = usual_date(
        DECIDE_BUSINESS_DAYS, [candidate.proposal.need for candidate in candidates]
    )
    bundle.save()
    for candidate in candidates:
        candidate.move("accept")
        if candidate.proposal.need.municipality_id in agreed_codes:
            candidate.person_agreed_at = timezone.now()
        candidate.save()
        extend_hold(candidate, bundle.decide_due)
        proposal = candidate.proposal
        proposal.move("accept")
        proposal.save(update_fields=["status"])
        tell_town(
            proposal.need.municipality_id,
            subject="候補の方が引き受けました",
            first_line=f"{bundle.decide_due:%-m月%-d日}までに、面接と決定を進めてください。",
            path=f"/town/proposals/{proposal.pk}/",
            key=f"bundle:{bundle.pk}:accepted:{proposal.pk}",
        )
    note_signal(bundle.specialist_id, ACCEPTED, asked_at=bundle.created_at)
    audit.record("accept_approach", bundle, by=by, detail={"disclosed_to": sorted(agreed_codes)})
    return bundle


def _refuse_other_towns(candidates: Sequence[Candidate], codes: Collection[str]) -> None:
    """An old page must not seem to change who reads the name. Raises Refused."""
    for candidate in candidates:
        agreed = candidate.person_agreed_at is not None
        if agreed != (candidate.proposal.need.municipality_id in codes):
            raise Refused(
                "すでに引き受けるとお答えいただいています。"
                "お名前を見せる市町を変えるときは、市町ごとのボタンで変えてください。"
            )


def extend_hold(candidate: Candidate, until: date) -> None:
    """Keep the candidate's days until a later day."""
    if candidate.hold is not None:
        candidate.hold.until = until
        candidate.hold.save(update_fields=["until"])


@transaction.atomic
def decline(bundle_id: int, *, reason: str, by: User) -> Bundle:
    """The person says no; the next in line is approached at once. By the person.

    Possible until the engagement is signed; the same answer again changes nothing. Raises Refused
    after that, or without a reason.
    """
    if reason not in Bundle.DeclineReason.values:
        raise Refused("断る理由を選んでください。")
    bundle, candidates = lock_bundle(bundle_id)
    if bundle.status == Bundle.Status.DECLINED and bundle.decline_reason == reason:
        return bundle
    if not bundle.allows("decline"):
        raise Refused("この打診は、すでに終わっています。")
    bundle.decline_reason = reason
    end_bundle(bundle, candidates, "decline", left="decline")
    for_time = reason == Bundle.DeclineReason.SCHEDULE
    said = DECLINED if for_time else REPLIED
    note_signal(bundle.specialist_id, said, asked_at=bundle.created_at)
    audit.record("decline_approach", bundle, by=by, detail={"reason": reason})
    return bundle


@transaction.atomic
def expire(bundle_id: int) -> bool:
    """The date for the person's answer, or for confirming changed terms, has passed: the next in
    line is approached. By the sweep; False when there was nothing to do."""
    bundle, candidates = lock_bundle(bundle_id)
    today = timezone.localdate()
    unanswered = bundle.status == Bundle.Status.APPROACHED and bundle.answer_due < today
    unconfirmed = (
        bundle.status == Bundle.Status.ACCEPTED
        and bundle.confirmed_version < bundle.terms_version
        and bundle.decide_due is not None
        and bundle.decide_due < today
    )
    if not (unanswered or unconfirmed):
        return False
    end_bundle(bundle, candidates, "expire", left="expire")
    if unanswered:
        note_signal(bundle.specialist_id, UNANSWERED, asked_at=bundle.created_at)
    audit.record("expire_approach", bundle, by=None)
    return True


def end_bundle(
    bundle: Bundle, candidates: Sequence[Candidate], verb: str, *, left: str, cause: str = ""
) -> None:
    """Close a bundle by its verb without an engagement: days are given back, the candidates leave
    by their verb `left`, each need moves on to its next candidate; towns and person are told, in
    the words of `cause` (default: of `left`). The caller holds the locks and writes the event."""
    bundle.move(verb)
    bundle.closed_at = timezone.now()
    bundle.save()
    decided = decided_ones(candidates)
    leave_bundle(candidates, left)
    move_up([row.proposal for row in candidates], cause=cause or left, decided=decided)
    tell_towns_of_end(candidates, cause or left, decided=decided)
    tell_person_of_end(bundle, cause or left)


def leave_bundle(candidates: Sequence[Candidate], verb: str) -> None:
    """Take candidates out of their bundle: days given back, consent to see the name ended."""
    for candidate in candidates:
        if candidate.hold_id is not None:
            engagements.release(candidate.hold_id)
        candidate.move(verb)
        candidate.person_agreed_at = None
        candidate.save()


def move_up(
    proposals: Sequence[Proposal], *, cause: str = "", decided: Collection[int] = ()
) -> None:
    """Approach the next in line of each proposal, together where it is the same person; close a
    proposal that has nobody left, or whose need has no month left. The town of a closed one reads
    the `cause` (as in `telling`), and that its decision is void where it is among `decided`. The
    proposals are locked by the caller."""
    missed = cause == "overdue"
    nobody = Proposal.CloseReason.OVERDUE if missed else Proposal.CloseReason.NOBODY_LEFT
    month = first_of_month(timezone.localdate())
    waiting = sorted(proposals, key=lambda proposal: proposal.pk)
    while waiting:
        by_person: dict[int, list[tuple[Proposal, Candidate]]] = {}
        for proposal in waiting:
            proposal.document_number = ""
            proposal.decided_on = None
            proposal.interview_on = None
            proposal.confirmed_version = 0
            if proposal.need.is_over(month):
                close_proposal(proposal, reason=Proposal.CloseReason.PERIOD, by=None)
                continue
            candidate = next_candidate(proposal)
            if candidate is None:
                why = why_closed(cause, was_decided=proposal.pk in decided)
                close_proposal(proposal, reason=nobody, by=None, why=why)
                continue
            proposal.move("move_up")
            proposal.save()
            by_person.setdefault(candidate.specialist_id, []).append((proposal, candidate))
        waiting = []
        for _, pairs in sorted(by_person.items()):
            waiting += _approach_or_skip(pairs)


def _approach_or_skip(pairs: Sequence[tuple[Proposal, Candidate]]) -> list[Proposal]:
    """Approach one person for all pairs, or for each alone where all together are too much; who
    cannot take even one is skipped, and the proposals that wait for somebody else are returned."""
    by_date: dict[date, list[tuple[Proposal, Candidate]]] = {}
    for pair in pairs:
        by_date.setdefault(usual_date(ANSWER_BUSINESS_DAYS, [pair[0].need]), []).append(pair)
    person = pairs[0][1].specialist
    if len(by_date) > 1 and not (person.monthly_fixed_yen or person.least_half_days > 1):
        # a need that ends soon leaves the others their days: they have no terms in common
        return [left for due in sorted(by_date) for left in _approach_or_skip(by_date[due])]
    due = min(by_date)
    try:
        with transaction.atomic():
            bundle = _approach([pair[0] for pair in pairs], [pair[1] for pair in pairs], due, None)
    except Refused:
        fresh = [_read_again(pair) for pair in pairs]
        if len(fresh) > 1:
            return [left for pair in fresh for left in _approach_or_skip([pair])]
        ((proposal, candidate),) = fresh
        candidate.move("skip")
        candidate.save(update_fields=["status"])
        audit.record("skip_candidate", candidate, by=None, detail={"proposal": proposal.pk})
        return [proposal]
    tell_coordinators(
        subject="次の候補へ打診しました",
        first_line="前の候補で決まらなかったため、次の候補へ打診しました。",
        path="/admin/proposals/proposal/board/",
        key=f"bundle:{bundle.pk}:moved-up",
    )
    return []


def _read_again(pair: tuple[Proposal, Candidate]) -> tuple[Proposal, Candidate]:
    """The rows as they stand after an approach was undone; the objects had moved on."""
    return (
        Proposal.objects.select_related("need").get(pk=pair[0].pk),
        Candidate.objects.select_related("specialist").get(pk=pair[1].pk),
    )
