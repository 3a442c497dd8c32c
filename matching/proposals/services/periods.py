"""Months pass while a need is coordinated: its terms begin in this month, and a need that is over
ends."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from matching.pool.services import record_demand_of_need
from matching.proposals.dates import begins_too_early, refuse_over
from matching.proposals.errors import Refused
from matching.proposals.models import Bundle, Candidate, Proposal
from matching.proposals.services.agreement import renew_terms
from matching.proposals.services.locks import lock_bundle, lock_needs
from matching.proposals.services.sweeping import each_alone
from matching.proposals.services.withdrawing import end_without
from municipalities.vacancies import services as needs
from municipalities.vacancies.models import Need
from talentpool.audit import services as audit
from talentpool.conventions.months import first_of_month
from talentpool.users.models import User

LAPSED_DEMAND = "契約に至らないまま期間が終わりました。合う人がいなかったとは限りません。"
MONTH_PASSED = "開始月が過ぎたため、今月からの日数と金額に計算し直しました。"


def sweep_periods(today: date) -> int:
    """End needs whose last month lies before today's, and work out anew the terms that begin in a
    month that is over, where they are not agreed yet. By the sweep, each in a transaction of its
    own; returns how many."""
    month = first_of_month(today)
    over = Need.objects.filter(status=Need.Status.ACCEPTED, last_month__lt=month)
    begun = Bundle.objects.filter(
        status__in=[Bundle.Status.APPROACHED, Bundle.Status.ACCEPTED],
        candidates__status__in=Candidate.IN_BUNDLE,
        candidates__hold__first_month__lt=month,
    )
    ended = each_alone(lapse_need, list(over.order_by("pk").values_list("pk", flat=True)))
    # Only now: nobody is sent terms of what has just ended.
    return ended + each_alone(_renew, sorted(set(begun.values_list("pk", flat=True))))


def _renew(bundle_id: int) -> bool:
    return renew_past_terms(bundle_id, by=None)


@transaction.atomic
def lapse_need(need_id: int) -> bool:
    """End a need that is over, together with those that are over in the same bundle: the proposals
    close, the bundle goes on without them with terms worked out once, what they asked for counts as
    demand that was not met, the towns are told. By the sweep; False when there was nothing to do.

    What all agreed on before is left to be written down until the day for signing has passed: it
    may have been signed on paper in the last month.
    """
    in_it = Candidate.objects.filter(status__in=Candidate.IN_BUNDLE)
    bundle = Bundle.objects.filter(
        pk__in=in_it.filter(proposal__need=need_id).values("bundle_id")
    ).first()
    together = in_it.filter(bundle=bundle).values_list("proposal__need_id", flat=True)
    over = [
        need
        for need in lock_needs({need_id, *(together if bundle else ())})
        if need.status == Need.Status.ACCEPTED and need.is_over(_this_month())
    ]
    if need_id not in {need.pk for need in over}:
        return False
    if bundle is not None and _may_be_signed(bundle.pk):
        return False
    try:
        with transaction.atomic():
            end_without(over, reason=Proposal.CloseReason.PERIOD, by=None)
    except Refused:  # it moved on to the next candidate meanwhile: the next sweep comes in a minute
        return False
    for need in over:
        needs.mark_lapsed(need, by=None)
        record_demand_of_need(need, by=None, note=LAPSED_DEMAND)
    return True


def _may_be_signed(bundle_id: int) -> bool:
    bundle = Bundle.objects.get(pk=bundle_id)  # read again, under the locks of its needs
    return (
        bundle.status == Bundle.Status.AGREED
        and bundle.sign_due is not None
        and bundle.sign_due >= timezone.localdate()
    )


@transaction.atomic
def renew_past_terms(bundle_id: int, *, by: User | None) -> bool:
    """Work out anew, from this month on, terms that begin in a month that is over; everybody
    confirms the new version. By the sweep while somebody has not agreed yet, by a coordinator once
    all have (the contract may have been signed on paper in time); False when nothing was to be
    done.

    Raises Refused when a need of the bundle is over: the approach has to be ended.
    """
    bundle, candidates = lock_bundle(bundle_id)
    if bundle.status not in Bundle.OPEN or not begins_too_early(candidates, timezone.localdate()):
        return False
    if by is None and (
        bundle.status == Bundle.Status.AGREED
        or any(row.proposal.need.is_over(_this_month()) for row in candidates)
    ):
        return False
    refuse_over([row.proposal.need for row in candidates], timezone.localdate())
    renew_terms(bundle, candidates, MONTH_PASSED, by=by)
    if bundle.status not in Bundle.OPEN:  # the days did not suffice: it ended, with its own event
        return True
    audit.record("renew_past_terms", bundle, by=by, detail={"terms_version": bundle.terms_version})
    return True


def _this_month() -> date:
    return first_of_month(timezone.localdate())
