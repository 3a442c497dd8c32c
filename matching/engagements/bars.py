"""Firms that must not bid: who helped a town to buy brings a bar on the own firms.

Source: sources.md 3.4 (the firms to which an adviser belongs or belonged within two years, and
related firms, cannot bid for the procurements they helped: remembered, not read). That the bar goes
on for a term after the engagement, and how long, is this project's proposal (`BarTerm`, as data).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from matching.engagements.models import BiddingBar, Engagement, Share
from municipalities.registry.deals import BarredFirm
from municipalities.registry.models import Municipality
from municipalities.registry.notices import tell_town
from talentpool.audit import services as audit
from talentpool.conventions.months import last_day
from talentpool.conventions.periods import years_after
from talentpool.specialists.conflicts.facts import bar_years, ties_of
from talentpool.specialists.conflicts.rules import OWN_FIRM, Tie, Work, strength_of


@dataclass(frozen=True, slots=True)
class _Buying:
    """From when to when the person of an engagement touches a town's buying, to its real end."""

    first: date
    last: date
    work: tuple[Work, ...]


class BarChanges(NamedTuple):
    """How many bars came and went."""

    made: int
    removed: int

    @property
    def detail(self) -> dict[str, int]:
        """For the event of the verb; nothing where nothing changed."""
        found = {"bars": self.made, "bars_removed": self.removed}
        return {name: count for name, count in found.items() if count}


def set_bars(engagement: Engagement) -> BarChanges:
    """Keep the bars that an engagement brings, and say what changed; call it inside the signing,
    when its end moves, and when the person's firms change. One for each town for which the person
    touches buying and each firm that is, or was within two years, the own one or is related to it:
    from the signature or the first month (a firm that was joined later: from that day), for the
    term after the engagement's real end.

    A bar whose town's part never began goes. One whose tie is no longer declared stays.
    """
    buying = _buying_of(engagement)
    years = bar_years(engagement.signed_on)
    removed = _move_ends(engagement, buying, years)
    ties = ties_of([engagement.specialist_id])[engagement.specialist_id]
    kept = set(engagement.bidding_bars.values_list("municipality_id", "corporate_number"))
    made = [
        BiddingBar(
            engagement=engagement,
            municipality_id=code,
            corporate_number=tie.corporate_number,
            name=tie.name,
            since=max(min(engagement.signed_on, buying[code].first), tie.since or date.min),
            until=years_after(buying[code].last, years),
        )
        for (code, number), tie in sorted(_own_firms(buying, ties).items())
        if (code, number) not in kept
    ]
    BiddingBar.objects.bulk_create(made, ignore_conflicts=True)
    return BarChanges(len(made), removed)


def _buying_of(engagement: Engagement) -> dict[str, _Buying]:
    """By town, over all its parts that are or were in force."""
    found: dict[str, list[Work]] = {}
    shares = Share.objects.filter(
        engagement=engagement, active=True, need__involves_procurement=True
    )
    for share in shares.order_by("pk"):
        last = last_day(share.last_month)
        if engagement.ended_on is not None:
            last = min(last, engagement.ended_on)
        work = Work(share.first_month, last, procurement=True)
        found.setdefault(share.municipality_id, []).append(work)
    return {
        code: _Buying(min(w.first for w in parts), max(w.last for w in parts), tuple(parts))
        for code, parts in found.items()
    }


def _own_firms(buying: dict[str, _Buying], ties: Sequence[Tie]) -> dict[tuple[str, str], Tie]:
    """The firms to bar by town and number, each by the tie that reaches back longest."""
    firms: dict[tuple[str, str], Tie] = {}
    for code, part in buying.items():
        for tie in ties:
            strengths = {strength_of(tie, work) for work in part.work}
            if tie.kind not in OWN_FIRM or strengths.isdisjoint({"own now", "own past"}):
                continue
            known = firms.get((code, tie.corporate_number))
            if known is None or (tie.since or date.min) < (known.since or date.min):
                firms[code, tie.corporate_number] = tie
    return firms


def _move_ends(engagement: Engagement, buying: dict[str, _Buying], years: int) -> int:
    """Let the bars that are there end by the engagement's real end; take out those for work that
    never came about, and say how many: the town's part did not begin, or the firm was joined after
    its end."""
    removed = 0
    for bar in engagement.bidding_bars.order_by("pk"):
        part = buying.get(bar.municipality_id)
        if part is None or bar.since > part.last:
            bar.delete()
            removed += 1
        elif bar.until != years_after(part.last, years):
            bar.until = years_after(part.last, years)
            bar.save(update_fields=["until"])
    return removed


def keep_up(people: Collection[int] | None = None) -> int:
    """Bar the firms to which people of running engagements (all, or those of `people`) were tied
    since the signing, and tell the towns; returns how many bars. Run any number of times."""
    running = Engagement.objects.filter(
        Q(status=Engagement.Status.SIGNED) | Q(ended_on__gte=timezone.localdate()),
        shares__active=True,
        shares__need__involves_procurement=True,
    )
    if people is not None:
        running = running.filter(specialist_id__in=people)
    return sum(_keep_up(pk) for pk in sorted(set(running.values_list("pk", flat=True))))


@transaction.atomic
def _keep_up(engagement_id: int) -> int:
    engagement = Engagement.objects.select_for_update(of=("self",), no_key=True).get(
        pk=engagement_id
    )
    before = set(engagement.bidding_bars.values_list("pk", flat=True))
    changes = set_bars(engagement)
    made = list(engagement.bidding_bars.exclude(pk__in=before).order_by("pk"))
    # One mail a town, however many firms: its key is the first of them.
    for code, first in {bar.municipality_id: bar.pk for bar in reversed(made)}.items():
        tell_town(
            code,
            subject="入札に参加できない事業者が増えました",
            first_line="調達に関わる専門人材の所属先などが変わり、入札に参加できない事業者が"
            "増えました。一覧を確かめてください。",
            path="/town/deals/",
            key=f"bar:{first}",
        )
    if changes.detail:
        audit.record(
            "bar_firms",
            engagement,
            by=None,
            detail={"towns": sorted({bar.municipality_id for bar in made}), **changes.detail},
        )
    return len(made)


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
