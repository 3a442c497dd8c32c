"""A town states what it can spend on its needs together, by fiscal year."""

from collections.abc import Mapping

from django.db import transaction

from municipalities.registry.models import Municipality
from municipalities.vacancies.errors import EditConflictError
from municipalities.vacancies.models import TownBudget
from talentpool.audit import services as audit
from talentpool.users.models import User

Budgets = dict[int, int]  # yen by fiscal year


def budgets_of(code: str) -> Budgets:
    """What the town states now; years without a limit are left out."""
    rows = TownBudget.objects.filter(municipality=code)
    return dict(rows.values_list("fiscal_year", "yen"))


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
