"""Nobody is left pending past a date: what the sweep does when one has passed."""

import logging

from django.db.models import F
from django.utils import timezone

from matching.proposals.models import Bundle, Proposal
from matching.proposals.services.agreement import step_back
from matching.proposals.services.approaches import expire
from matching.proposals.services.errors import Refused
from matching.proposals.services.offers import rank_by_default

logger = logging.getLogger(__name__)


def sweep_dates() -> int:
    """Act on every date that lies before today (Japanese time); returns how many. Each is a
    transaction of its own, and doing it twice changes nothing."""
    today = timezone.localdate()
    acted = 0
    overdue = Proposal.objects.filter(status=Proposal.Status.OFFERED, rank_due__lt=today)
    for proposal_id in overdue.order_by("pk").values_list("pk", flat=True):
        rank_by_default(proposal_id)
        acted += 1
    unanswered = Bundle.objects.filter(status=Bundle.Status.APPROACHED, answer_due__lt=today)
    for bundle_id in unanswered.order_by("pk").values_list("pk", flat=True):
        expire(bundle_id)
        acted += 1
    undecided = Proposal.objects.filter(
        status=Proposal.Status.ACCEPTED,
        candidates__status="accepted",
        candidates__bundle__status=Bundle.Status.ACCEPTED,
        candidates__bundle__decide_due__lt=today,
    )
    for proposal_id in undecided.order_by("pk").values_list("pk", flat=True):
        try:
            step_back(proposal_id, reason=Proposal.CloseReason.OVERDUE, by=None)
            acted += 1
        except Refused:  # decided or left in the meantime
            logger.info("proposal %s moved on before its date was swept", proposal_id)
    unconfirmed = Bundle.objects.filter(
        status=Bundle.Status.ACCEPTED,
        decide_due__lt=today,
        confirmed_version__lt=F("terms_version"),
    )
    for bundle_id in unconfirmed.order_by("pk").values_list("pk", flat=True):
        expire(bundle_id)
        acted += 1
    return acted
