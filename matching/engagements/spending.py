"""What towns have engaged to pay, by fiscal year."""

from collections.abc import Collection, Iterator
from datetime import date

from django.db.models import Q

from matching.engagements.models import Engagement, Share
from talentpool.conventions.era import fiscal_year
from talentpool.conventions.months import first_of_month, month_range, months_between

ByYear = dict[tuple[str, int], int]  # yen by town and fiscal year


def by_year(yen: int, first: date, until: date, last: date | None = None) -> dict[int, int]:
    """`yen` for the months from `first` to `until`, spread evenly and rounded up, of which those
    to `last` are counted: yen by fiscal year."""
    a_month = -(-yen // months_between(first, until))
    found: dict[int, int] = {}
    for month in month_range(first, min(until, last or until)):
        year = fiscal_year(month)
        found[year] = found.get(year, 0) + a_month
    return found


def signed_yen(codes: Collection[str]) -> ByYear:
    """What the towns pay for what was signed, also what has ended; of what was ended early the
    months that were worked. Yen, rounded up a month."""
    found: ByYear = {}
    for code, share in _shares(codes):
        spread = by_year(share.cost_yen, share.first_month, share.need.last_month, share.last_month)
        for year, yen in spread.items():
            found[code, year] = found.get((code, year), 0) + yen
    return found


def _shares(codes: Collection[str]) -> Iterator[tuple[str, Share]]:
    of = Engagement.Status
    rows = Share.objects.filter(
        Q(active=True, engagement__status=of.SIGNED)
        | Q(engagement__status__in=[of.ENDED, of.TERMINATED]),
        municipality__in=codes,
    ).select_related("engagement", "need")
    for share in rows:
        ended = share.engagement.ended_on
        begun = ended is None or share.first_month <= first_of_month(ended)
        if begun and share.first_month <= share.need.last_month:
            yield share.municipality_id, share
