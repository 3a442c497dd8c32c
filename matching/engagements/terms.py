"""Days and cost of a shared engagement: pure computation, no database.

Time is half-days a month, money is yen. A town pays its own half-days at the person's rate; the
person's fixed monthly cost is split among the towns served in that month by their half-days, to
the yen. Where the towns together stay below the least amount a person works for, the missing
half-days are spread over them: they get more days, and must agree anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from talentpool.conventions.amounts import split_yen
from talentpool.conventions.months import month_range, months_between


@dataclass(frozen=True, slots=True)
class PersonTerms:
    """What a person asks: yen a half-day, yen a month whatever the number of towns, and the
    least half-days a month."""

    half_day_rate_yen: int
    monthly_fixed_yen: int
    least_half_days: int


@dataclass(frozen=True, slots=True)
class TownTerms:
    """What one town asks for. `key` names the row that it belongs to."""

    key: int
    half_days: int
    first_month: date
    last_month: date


@dataclass(frozen=True, slots=True)
class ShareTerms:
    """What one town gets and pays over its whole window; `fixed_yen` is part of `cost_yen`."""

    key: int
    half_days: int
    first_month: date
    last_month: date
    cost_yen: int
    fixed_yen: int
    raised_by: int = 0

    @property
    def months(self) -> int:
        return months_between(self.first_month, self.last_month)


@dataclass(frozen=True, slots=True)
class Terms:
    """The whole engagement: the shares sum to `total_yen` exactly."""

    shares: tuple[ShareTerms, ...]
    total_yen: int


def work_out(person: PersonTerms, towns: Sequence[TownTerms]) -> Terms:
    """Days and cost of each town; deterministic, ties go to the town named first.

    Raises ValueError without towns.
    """
    if not towns:
        raise ValueError("an engagement needs at least one town")
    days = _raise_to_least(person.least_half_days, towns)
    fixed = dict.fromkeys((town.key for town in towns), 0)
    first = min(town.first_month for town in towns)
    last = max(town.last_month for town in towns)
    total = 0
    for month in month_range(first, last):
        served = [town for town in towns if town.first_month <= month <= town.last_month]
        if not served:
            continue
        total += person.monthly_fixed_yen
        total += person.half_day_rate_yen * sum(days[town.key] for town in served)
        parts = split_yen(person.monthly_fixed_yen, [days[town.key] for town in served])
        for town, part in zip(served, parts, strict=True):
            fixed[town.key] += part
    shares = tuple(
        ShareTerms(
            key=town.key,
            half_days=days[town.key],
            first_month=town.first_month,
            last_month=town.last_month,
            cost_yen=fixed[town.key]
            + person.half_day_rate_yen
            * days[town.key]
            * months_between(town.first_month, town.last_month),
            fixed_yen=fixed[town.key],
            raised_by=days[town.key] - town.half_days,
        )
        for town in towns
    )
    return Terms(shares=shares, total_yen=total)


def _raise_to_least(least: int, towns: Sequence[TownTerms]) -> dict[int, int]:
    """Half-days a month by town, raised where a served month would stay below `least`."""
    days = {town.key: town.half_days for town in towns}
    first = min(town.first_month for town in towns)
    last = max(town.last_month for town in towns)
    for month in month_range(first, last):
        served = [town for town in towns if town.first_month <= month <= town.last_month]
        missing = least - sum(days[town.key] for town in served)
        if not served or missing <= 0:
            continue
        parts = split_yen(missing, [days[town.key] for town in served])
        for town, part in zip(served, parts, strict=True):
            days[town.key] += part
    return days
