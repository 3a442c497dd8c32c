"""Where the terms of an engagement go beyond what a need asked for: its budget, its days.

The terms are those of `engagements.terms`: with the fixed cost, and with the days raised to the
least that the person works for.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from matching.engagements.terms import PersonTerms, TownTerms, work_out
from municipalities.vacancies.models import Need
from talentpool.conventions.months import first_of_month
from talentpool.specialists.models import Specialist


@dataclass(frozen=True, slots=True)
class Strain:
    """`over_yen` is what the cost is above the budget over the whole window, `raised_by` the
    half-days a month on top of those asked for; both 0 where nothing is beyond."""

    over_yen: int
    raised_by: int
    cost_yen: int = 0  # over the whole window, with the fixed costs

    def __bool__(self) -> bool:
        return bool(self.over_yen or self.raised_by)

    @property
    def words(self) -> str:
        """The strain in a sentence; empty without one."""
        told = []
        if self.raised_by:
            told.append(f"本人の最低の量に合わせて、月{self.raised_by / 2:g}日多くなります")
        if self.over_yen:
            told.append(f"共通経費を含めると、予算を{self.over_yen:,}円こえます")
        return "。".join(told)


def strain_of(need: Need, cost_yen: int, raised_by: int) -> Strain:
    """What terms of `cost_yen` with `raised_by` more half-days mean for a need."""
    over = 0 if need.budget_yen is None else max(0, cost_yen - need.budget_yen)
    return Strain(over, raised_by, cost_yen)


def person_terms(person: Specialist) -> PersonTerms:
    """What the person asks for now."""
    return PersonTerms(
        half_day_rate_yen=person.half_day_rate_yen,
        monthly_fixed_yen=person.monthly_fixed_yen,
        least_half_days=person.least_half_days,
    )


def strains(person: Specialist, half_days: Mapping[Need, int]) -> dict[int, Strain]:
    """By need, the strain when the person serves all these needs together with so many half-days
    a month each, from this month on where a need began before."""
    if not half_days:
        return {}
    month = first_of_month(timezone.localdate())
    terms = work_out(
        person_terms(person),
        [
            TownTerms(need.pk, days, need.begins(month), need.last_month)
            for need, days in sorted(half_days.items(), key=lambda item: item[0].pk)
        ],
    )
    needs = {need.pk: need for need in half_days}
    return {
        share.key: strain_of(needs[share.key], share.cost_yen, share.raised_by)
        for share in terms.shares
    }
