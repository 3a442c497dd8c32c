"""The towns' budgets of a fiscal year beside what is signed, asked about, offered and planned (R9).

The engine knows one budget of a town, over all months of a run, of half-days at their rates. A
town's budget is fed to it where the town states one for every fiscal year in which its needs of
the run have months; of several years the sum, so that what goes beyond a single year, or beyond
it with the people's fixed costs, is told beside the plan.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from matching.engagements.spending import ByYear, by_year, signed_yen
from matching.engine import Problem
from matching.proposals.models import Candidate
from matching.proposals.promised import promises
from municipalities.vacancies.models import Need, TownBudget
from talentpool.conventions.era import fiscal_year, fiscal_year_label
from talentpool.conventions.months import first_of_month, month_range
from talentpool.specialists.models import Specialist

MOST_YEARS = 5  # no need reaches further ahead


def stated(codes: Iterable[str]) -> ByYear:
    """What the towns state, by town and fiscal year."""
    rows = TownBudget.objects.filter(municipality__in=list(codes))
    return {(row.municipality_id, row.fiscal_year): row.yen for row in rows}


def engaged_yen(codes: Collection[str], but_for: Sequence[Need] = ()) -> ByYear:
    """What is signed, what people are asked about or have agreed to, and, but for the needs given,
    what open offers promise at the rate and the monthly amount of who is next in line."""
    found = signed_yen(codes)
    for key, yen in _promised_yen(codes, but_for):
        found[key] = found.get(key, 0) + yen
    rows = Candidate.objects.filter(
        status__in=Candidate.IN_BUNDLE, proposal__need__municipality__in=codes
    ).select_related("proposal__need", "hold")
    for row in rows:
        need = row.proposal.need
        first = min(row.first_month, need.last_month)
        for year, yen in by_year(row.cost_yen or 0, first, need.last_month).items():
            key = (need.municipality_id, year)
            found[key] = found.get(key, 0) + yen
    return found


def _promised_yen(
    codes: Collection[str], but_for: Sequence[Need]
) -> Iterator[tuple[tuple[str, int], int]]:
    """A person's monthly amount counts whole for each town, once a month: towns that share the
    person bear parts of it, but who of them will is not settled yet."""
    now = first_of_month(timezone.localdate())
    far = date(now.year + MOST_YEARS, 12, 31)
    made = [one for one in promises(now, far, but_for) if one.town in codes]
    people = Specialist.objects.in_bulk({one.person for one in made})
    borne: set[tuple[int, str, date]] = set()
    for one in made:
        person = people[one.person]
        for month in month_range(one.first, one.last):
            yen = one.half_days * person.half_day_rate_yen
            if (one.person, one.town, month) not in borne:
                borne.add((one.person, one.town, month))
                yen += person.monthly_fixed_yen
            yield (one.town, fiscal_year(month)), yen


def years_of(need: Need) -> set[int]:
    """The fiscal years in which a need has months left."""
    begins = need.begins(first_of_month(timezone.localdate()))
    return set(range(fiscal_year(begins), fiscal_year(need.last_month) + 1))


def left_for_needs(needs: Sequence[Need]) -> dict[str, int]:
    """By town, what its budgets leave for these needs in all their fiscal years, in yen; towns
    that state none for one of the years are left out."""
    years: dict[str, set[int]] = {}
    for need in needs:
        years.setdefault(need.municipality_id, set()).update(years_of(need))
    budgets = stated(years)
    limited = [code for code in years if all((code, year) in budgets for year in years[code])]
    if not limited:
        return {}
    engaged = engaged_yen(limited, but_for=needs)
    return {
        code: sum(
            max(0, budgets[code, year] - engaged.get((code, year), 0)) for year in years[code]
        )
        for code in limited
    }


@dataclass(frozen=True, slots=True)
class YearOfTown:
    """One town's fiscal year: what it states, what is engaged and what the plan adds, in yen."""

    town: str
    year: int
    stated: int
    engaged: int
    planned: int

    @property
    def label(self) -> str:
        return fiscal_year_label(self.year)

    @property
    def left(self) -> int:
        """Below zero where the plan goes beyond the budget."""
        return self.stated - self.engaged - self.planned

    @property
    def over(self) -> int:
        return max(0, -self.left)


def beside_plan(needs: Sequence[Need], cost: Mapping[int, int]) -> list[YearOfTown]:
    """The stated budgets of the needs' towns in the needs' fiscal years, by the towns' kana.
    `cost` is what the plan's terms come to for a need, in yen with the fixed costs; it counts for
    needs that nobody is asked about yet."""
    towns = {need.municipality_id: need.municipality for need in needs}
    budgets = stated(towns)
    if not budgets:
        return []
    engaged = engaged_yen(list(towns), but_for=needs)
    asked = set(
        Candidate.objects.filter(
            status__in=Candidate.IN_BUNDLE, proposal__need__in=needs
        ).values_list("proposal__need_id", flat=True)
    )
    month = first_of_month(timezone.localdate())
    planned: ByYear = {}
    years: set[tuple[str, int]] = set()
    for need in needs:
        if need.is_over(month):
            continue
        years |= {(need.municipality_id, year) for year in years_of(need)}
        if need.pk not in cost or need.pk in asked or need.status != Need.Status.ACCEPTED:
            continue
        spread = by_year(cost[need.pk], need.begins(month), need.last_month)
        for year, part in spread.items():
            key = (need.municipality_id, year)
            planned[key] = planned.get(key, 0) + part
    shown = sorted(years & budgets.keys(), key=lambda key: (towns[key[0]].kana, key))
    return [
        YearOfTown(
            towns[code].name,
            year,
            budgets[code, year],
            engaged.get((code, year), 0),
            planned.get((code, year), 0),
        )
        for code, year in shown
    ]


def without_limit(problem: Problem, rows: Iterable[YearOfTown]) -> list[str]:
    """The towns of the rows, by name, whose budget a run over `problem` did not keep: a year of
    their needs had none stated when it was frozen."""
    limited = {town.name for town in problem.towns if town.budget_yen is not None}
    return list(dict.fromkeys(row.town for row in rows if row.town not in limited))
