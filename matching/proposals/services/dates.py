"""Nobody is left pending past a date: what the sweep does when one has passed."""

from django.db.models import F, QuerySet
from django.utils import timezone

from matching.proposals.models import Bundle, Proposal
from matching.proposals.services.agreement import drop_overdue
from matching.proposals.services.approaches import expire
from matching.proposals.services.offers import rank_by_default


def sweep_dates() -> int:
    """Act on every date that lies before today (Japanese time); returns how many. Each is a
    transaction of its own that looks again under its lock: doing it twice changes nothing."""
    today = timezone.localdate()
    offered = Proposal.objects.filter(status=Proposal.Status.OFFERED, rank_due__lt=today)
    unanswered = Bundle.objects.filter(status=Bundle.Status.APPROACHED, answer_due__lt=today)
    accepted = Bundle.objects.filter(status=Bundle.Status.ACCEPTED, decide_due__lt=today)
    # The person's silence ends the whole approach, so it comes before the towns' silence.
    unconfirmed = accepted.filter(confirmed_version__lt=F("terms_version"))
    return (
        sum(rank_by_default(pk) for pk in _keys(offered))
        + sum(expire(pk) for pk in _keys(unanswered) + _keys(unconfirmed))
        + sum(drop_overdue(pk) for pk in _keys(accepted))
    )


def _keys(rows: QuerySet[Proposal] | QuerySet[Bundle]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))
