"""A town states what it can spend on its needs together, by fiscal year."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from municipalities.registry.models import Municipality
from municipalities.vacancies.errors import EditConflictError
from municipalities.vacancies.models import Need, TownBudget
from talentpool.audit import services as audit
from talentpool.conventions.era import fiscal_year
from talentpool.conventions.months import first_of_month
from talentpool.users.models import User

Budgets = dict[int, int]  # yen by fiscal year


def budgets_of(code: str) -> Budgets:
    """What the town states now; years without a limit are left out."""
    rows = TownBudget.objects.filter(municipality=code)
    return dict(rows.values_list("fiscal_year", "yen"))


def years_left_empty(code: str) -> list[int]:
    """The fiscal years without a budget into which the town's accepted needs reach, where it states
    one for another: a run over these needs keeps to none of them."""
    stated = budgets_of(code)
    if not stated:
        return []
    today = timezone.localdate()
    years: set[int] = set()
    needs = Need.objects.filter(municipality=code, status=Need.Status.ACCEPTED)
    for need in needs.not_over_on(today):
        begins = need.begins(first_of_month(today))
        years |= set(range(fiscal_year(begins), fiscal_year(need.last_month) + 1))
    return sorted(years - stated.keys())


@transaction.atomic
def state_budgets(
    code: str, *, yen: Mapping[int, int | None], read: Mapping[int, int | None], by: User
) -> None:
    """Set the budgets of these fiscal years (None: no limit of the town's own). By the town.

    `read` is what the page showed for them: raises EditConflictError where a colleague has changed
    it meanwhile. What is the same already is not written again.
    """
    Municipality.objects.select_for_update(of=("self",), no_key=True).get(pk=code)
    before = budgets_of(code)
    if all(before.get(year) == amount for year, amount in yen.items()):
        return
    if any(before.get(year) != amount for year, amount in read.items()):
        raise EditConflictError
    for year, amount in sorted(yen.items()):
        if before.get(year) == amount:
            continue
        rows = TownBudget.objects.filter(municipality_id=code, fiscal_year=year)
        if amount is None:
            row = rows.get()
            audit.record("clear_budget", row, by=by, detail={"year": year, "before": row.yen})
            row.delete()
            continue
        row, _ = TownBudget.objects.update_or_create(
            municipality_id=code, fiscal_year=year, defaults={"yen": amount, "stated_by": by}
        )
        audit.record(
            "state_budget",
            row,
            by=by,
            detail={"year": year, "yen": amount, "before": before.get(year)},
        )
