"""The signature: what all have agreed to becomes a shared engagement."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from matching.engagements import services as engagements
from matching.engagements.models import Engagement
from matching.engagements.services import BookingRefused, SignedShare
from matching.engagements.terms import PersonTerms, ShareTerms, Terms
from matching.proposals.dates import begins_too_early, refuse_before_decisions, refuse_over
from matching.proposals.errors import Refused
from matching.proposals.models import Bundle, Candidate
from matching.proposals.services.checks import check_person
from matching.proposals.services.locks import lock_bundle, lock_needs
from municipalities.registry.notices import tell_town
from municipalities.vacancies import services as needs
from talentpool.audit import services as audit
from talentpool.specialists.models import Specialist
from talentpool.specialists.notices import tell_specialist
from talentpool.users.models import User

PAST_TERMS = (
    "条件の開始月が、締結日より前の月です。「今月からの条件に改める」を押し、全員の確認がそろってから"
    "締結してください。"
)


@transaction.atomic
def sign(bundle_id: int, *, signed_on: date, form_code: str | None, by: User) -> Engagement:
    """Sign the shared engagement of a bundle on which everybody agreed. By a coordinator.

    Signing again returns the engagement that was signed. Raises Refused when somebody has not
    confirmed the current terms, when the person is not registered any more, took a consent back,
    has no permission for side work until the end, or a conflict of interest forbids it by now
    (`check_person`), when the days were taken meanwhile, for a day before the last town's
    decision, or when months of the terms were over before that day.
    """
    lock_needs(
        Candidate.objects.filter(bundle_id=bundle_id).values_list("proposal__need_id", flat=True)
    )
    bundle, candidates = lock_bundle(bundle_id)
    if bundle.engagement is not None:
        return bundle.engagement
    bundle.move("sign", "全員の合意がそろってから締結してください。")
    specialist = Specialist.objects.get(pk=bundle.specialist_id)  # as it stands, under the lock
    check_person(specialist, [candidate.proposal for candidate in candidates])
    if not all(candidate.is_open for candidate in candidates):
        raise Refused("本人がお名前の開示を取り消しています。本人に確かめてください。")
    refuse_before_decisions(candidates, signed_on)
    refuse_over([candidate.proposal.need for candidate in candidates], signed_on)
    if begins_too_early(candidates, signed_on):
        raise Refused(PAST_TERMS)
    engagement = _book(bundle, candidates, signed_on, form_code, by)
    bundle.engagement = engagement
    bundle.closed_at = timezone.now()
    bundle.save()
    for candidate in candidates:
        candidate.move("sign")
        candidate.save(update_fields=["status"])
        proposal = candidate.proposal
        proposal.move("sign")
        proposal.closed_at = bundle.closed_at
        proposal.save(update_fields=["status", "closed_at"])
        needs.mark_filled(proposal.need, by=by)
    _tell(bundle, candidates, engagement)
    audit.record("sign", bundle, by=by, detail={"engagement": engagement.pk})
    return engagement


def _book(
    bundle: Bundle,
    candidates: Sequence[Candidate],
    signed_on: date,
    form_code: str | None,
    by: User,
) -> Engagement:
    """The held days become booked ones. Raises Refused when they were taken meanwhile."""
    try:
        return engagements.sign(
            bundle.specialist,
            person=PersonTerms(
                half_day_rate_yen=bundle.half_day_rate_yen,
                monthly_fixed_yen=bundle.monthly_fixed_yen,
                least_half_days=bundle.specialist.least_half_days,
            ),
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


def _tell(bundle: Bundle, candidates: Sequence[Candidate], engagement: Engagement) -> None:
    for candidate in candidates:
        tell_town(
            candidate.proposal.need.municipality_id,
            subject="契約が締結されました",
            first_line="シェア契約が締結されました。内容を確認してください。",
            path=f"/town/engagements/{engagement.pk}/",
            key=f"engagement:{engagement.pk}:signed:{candidate.proposal_id}",
        )
    tell_specialist(
        bundle.specialist,
        subject="契約が締結されました",
        first_line="シェア契約が締結されました。内容を確認してください。",
        path=f"/specialist/engagements/{engagement.pk}/",
        key=f"engagement:{engagement.pk}:signed",
    )


def _agreed_terms(bundle: Bundle, candidates: Sequence[Candidate]) -> Terms:
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
                first_month=candidate.first_month,
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
