"""Coordination past its term: what led to no engagement, and applications, after a year,
engagements after the years of the document rules."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from matching.engagements.models import BiddingBar, Engagement, Hold
from matching.proposals.application import Application
from matching.proposals.models import Bundle, Candidate, Proposal


def closed_candidates(before: datetime) -> QuerySet[Any]:
    """Candidates of proposals that ended before that moment and who were not taken on."""
    ended = Q(proposal__status=Proposal.Status.CLOSED, proposal__closed_at__lt=before) | Q(
        proposal__status=Proposal.Status.SIGNED,
        proposal__candidates__bundle__engagement__created_at__lt=before,
    )
    taken = [Candidate.Status.SIGNED, *Candidate.IN_BUNDLE]
    found = Candidate.objects.filter(ended).exclude(status__in=taken)
    return Candidate.objects.filter(pk__in=found.values("pk"))


def remove_candidates(rows: QuerySet[Any]) -> int:
    """Remove them, the approaches that nobody is left in, and their released days."""
    keys = list(rows.values_list("pk", flat=True))
    bundles = list(rows.exclude(bundle=None).values_list("bundle_id", flat=True))
    holds = list(rows.exclude(hold=None).values_list("hold_id", flat=True))
    Candidate.objects.filter(pk__in=keys).delete()
    Hold.objects.filter(pk__in=holds).delete()
    Bundle.objects.filter(pk__in=bundles, candidates__isnull=True).delete()
    return len(keys)


def ended_applications(before: datetime) -> QuerySet[Any]:
    """Applications that were refused or taken back before that moment, and those to vacancies
    that ended before it, by their town or by their last day."""
    day = timezone.localdate(before)
    return Application.objects.filter(
        Q(status=Application.Status.REFUSED, answered_at__lt=before)
        | Q(status=Application.Status.WITHDRAWN, withdrawn_at__lt=before)
        | Q(vacancy__closed_at__lt=before)
        | Q(vacancy__status="published", vacancy__close_date__lt=day)
        | Q(vacancy__status="published", vacancy__publish_until__lt=day)
    )


def ended_engagements(before: datetime) -> QuerySet[Any]:
    """Engagements whose last month was over before that moment, and whose bars on bidding are
    over too: a town asks which firms may not bid until the last of them ends."""
    day = timezone.localdate(before)
    barring = BiddingBar.objects.filter(until__gte=timezone.localdate())
    over = Engagement.objects.filter(last_month__lt=day.replace(day=1))
    return over.exclude(pk__in=barring.values("engagement"))


def remove_engagements(rows: QuerySet[Any]) -> int:
    """Remove them with their shares and the approaches they came from."""
    keys = list(rows.values_list("pk", flat=True))
    remove_candidates(Candidate.objects.filter(bundle__engagement__in=keys))
    Bundle.objects.filter(engagement__in=keys).delete()
    Engagement.objects.filter(pk__in=keys).delete()
    return len(keys)
