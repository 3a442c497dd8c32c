"""Nobody is left pending past a date: what the sweep does when one has passed."""

from datetime import date

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone

from matching.proposals.models import Bundle, Proposal
from matching.proposals.services.agreement import drop_overdue
from matching.proposals.services.approaches import expire
from matching.proposals.services.ending import drop_without_consent
from matching.proposals.services.leaving import sweep_gone
from matching.proposals.services.offers import rank_by_default
from matching.proposals.services.periods import sweep_periods
from matching.proposals.services.sweeping import each_alone
from municipalities.registry.notices import tell_coordinators


def sweep_dates() -> int:
    """Act on every date that lies before today (Japanese time); returns how many. Each is a
    transaction of its own that looks again under its lock: doing it twice changes nothing."""
    today = timezone.localdate()
    offered = Proposal.objects.filter(status=Proposal.Status.OFFERED, rank_due__lt=today)
    unanswered = Bundle.objects.filter(status=Bundle.Status.APPROACHED, answer_due__lt=today)
    accepted = Bundle.objects.filter(status=Bundle.Status.ACCEPTED, decide_due__lt=today)
    # The person's silence ends the whole approach, so it comes before the towns' silence.
    unconfirmed = accepted.filter(confirmed_version__lt=F("terms_version"))
    agreed = Bundle.objects.filter(status=Bundle.Status.AGREED, decide_due__lt=today)
    remind_prefecture(today)
    # The months come after the days: nobody is sent new terms of what a day has just ended, and
    # no town that missed its day gets another one with them.
    return (
        sweep_gone()
        + each_alone(rank_by_default, _keys(offered))
        + each_alone(expire, _keys(unanswered) + _keys(unconfirmed))
        + each_alone(drop_overdue, _keys(accepted))
        + each_alone(drop_without_consent, _keys(agreed))
        + sweep_periods(today)
    )


def remind_prefecture(today: date) -> None:
    """Tell the coordinators, each week once, of what waits for themselves past its day, until they
    act: a ranking that nobody followed up, an agreement that nobody signed."""

    def of_ranking(proposal: Proposal) -> None:
        if proposal.approach_due and proposal.approach_due < today:
            week = _weeks_after(proposal.approach_due, today)
            tell_coordinators(
                subject="打診の期限が過ぎています",
                first_line="順位が決まった候補への打診が、予定の日を過ぎています。",
                path=reverse("admin:proposals_board"),
                key=f"approach-overdue:{proposal.pk}:{proposal.ranked_at:%Y%m%d}:{week}",
            )

    def of_agreement(bundle: Bundle) -> None:
        if bundle.sign_due and bundle.sign_due < today:
            tell_coordinators(
                subject="締結の期限が過ぎています",
                first_line="全員が合意した契約の締結が、予定の日を過ぎています。",
                path=reverse("admin:proposals_bundle_change", args=[bundle.pk]),
                key=f"sign-overdue:{bundle.pk}:{bundle.terms_version}"
                f":{_weeks_after(bundle.sign_due, today)}",
            )

    each_alone(of_ranking, Proposal.objects.filter(status=Proposal.Status.RANKED).order_by("pk"))
    each_alone(of_agreement, Bundle.objects.filter(status=Bundle.Status.AGREED).order_by("pk"))


def _weeks_after(due: date, today: date) -> int:
    """Whole weeks since the first day past `due`: the number of the reminder, from 0."""
    return ((today - due).days - 1) // 7


def _keys(rows: QuerySet[Proposal] | QuerySet[Bundle]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))
