"""Days that an open offer counts on before anybody is asked: no hold keeps them yet, and another
run that gave them away would show a plan as proven that cannot come about (ADR 17)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from matching.proposals.models import Candidate
from municipalities.vacancies.models import Need
from talentpool.conventions.months import first_of_month

Served = dict[int, list[tuple[str, int, int]]]  # by person: town, months from and to


@dataclass(frozen=True, slots=True)
class Promise:
    """The half-days a month that the next in line of an offer would work for its town."""

    person: int
    town: str
    half_days: int
    first: date
    last: date

    def covers(self, month: date) -> bool:
        return self.first <= month <= self.last


def promises(first: date, last: date, but_for: Collection[Need] = ()) -> list[Promise]:
    """Who is next in line for each need that is offered or ranked and whose months meet these: by
    the town's order, before it has one the person of the plan. Needs in `but_for` promise nothing:
    they are planned anew themselves."""
    now = first_of_month(timezone.localdate())
    waiting = (
        Candidate.objects.filter(
            proposal__need__first_month__lte=last,
            proposal__need__last_month__gte=max(first, now),
        )
        .exclude(proposal__need__in=but_for)
        .next_in_line()
    )
    return [
        Promise(
            row.specialist_id,
            row.proposal.need.municipality_id,
            row.half_days,
            row.proposal.need.begins(now),
            row.proposal.need.last_month,
        )
        for row in waiting
    ]


def less_promised(
    free: Mapping[int, list[int]], months: Sequence[date], made: Iterable[Promise]
) -> dict[int, list[int]]:
    """The half-days free by person and month, less what is promised."""
    left = dict(free)
    for one in made:
        if one.person in left:
            left[one.person] = [
                max(0, days - one.half_days) if one.covers(month) else days
                for days, month in zip(left[one.person], months, strict=True)
            ]
    return left


def with_promised(served: Served, made: Iterable[Promise]) -> Served:
    """The towns served by person, with those that somebody is promised to."""
    found = {person: list(rows) for person, rows in served.items()}
    for one in made:
        months = (one.first.year * 12 + one.first.month, one.last.year * 12 + one.last.month)
        found.setdefault(one.person, []).append((one.town, *months))
    return found
