"""Firms that must not bid: who helped a town to buy brings a bar on the own firms.

Source: sources.md 3.4 (the firms to which an adviser belongs or belonged within two years, and
related firms, cannot bid for the procurements they helped: remembered, not read). That the bar goes
on for a term after the engagement, and how long, is this project's proposal (`BarTerm`, as data).
"""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from matching.engagements.models import BiddingBar, Engagement, Share
from municipalities.registry.deals import BarredFirm
from municipalities.registry.models import Municipality
from talentpool.conventions.months import add_months
from talentpool.conventions.periods import years_after
from talentpool.specialists.conflicts.facts import bar_years, ties_of
from talentpool.specialists.conflicts.rules import OWN_FIRM, Work, strength_of


def set_bars(engagement: Engagement) -> list[BiddingBar]:
    """Keep the bars that an engagement brings; call it inside the signing. One for each town for
    which the person touches buying and each firm that is, or was within two years, the own one or
    is related to it."""
    bars = []
    shares = Share.objects.filter(engagement=engagement, need__involves_procurement=True)
    ties = ties_of([engagement.specialist_id])[engagement.specialist_id]
    years = bar_years(engagement.signed_on)
    for share in shares.order_by("pk"):
        last = add_months(share.last_month, 1) - timedelta(days=1)
        work = Work(share.first_month, last, procurement=True)
        firms = {
            tie.corporate_number: tie
            for tie in ties
            if tie.kind in OWN_FIRM and strength_of(tie, work) in {"own now", "own past"}
        }
        bars += [
            BiddingBar(
                engagement=engagement,
                municipality_id=share.municipality_id,
                corporate_number=number,
                name=tie.name,
                since=min(engagement.signed_on, share.first_month),
                until=years_after(last, years),
            )
            for number, tie in sorted(firms.items())
        ]
    return BiddingBar.objects.bulk_create(bars, ignore_conflicts=True)


def barred_firms(town: Municipality) -> Sequence[BarredFirm]:
    """The firms barred from a town's bidding now or later, by the day on which it ends."""
    bars = (
        BiddingBar.objects.filter(municipality=town, until__gte=timezone.localdate())
        .select_related("engagement")
        .order_by("until", "name", "pk")
    )
    return [
        BarredFirm(
            corporate_number=bar.corporate_number,
            name=bar.name,
            since=bar.since,
            until=bar.until,
            reason=f"契約 {bar.engagement.number} で調達に関わるため",
        )
        for bar in bars
    ]
