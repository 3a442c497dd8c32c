"""The town's page of its budget for people of the pool, by fiscal year."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from municipalities.registry.access import for_municipality
from municipalities.registry.querysets import municipality_code_of
from municipalities.vacancies.errors import EditConflictError
from municipalities.vacancies.models import Need
from municipalities.vacancies.services.budgets import (
    Budgets,
    budgets_of,
    state_budgets,
    years_left_empty,
)
from talentpool.conventions.era import fiscal_year, fiscal_year_label
from talentpool.conventions.numbers import number_in
from talentpool.pages.forms import PortalForm

YEARS = Need.FISCAL_YEARS_AHEAD + 1  # this fiscal year and on, as far as a need may reach
MOST_YEN = 999_999_999
STALE = (
    "開いている間に、ほかの職員が予算を変えました。下の入力は、まだ保存していません。"
    "いまの予算（{now}）を確かめて、もう一度保存してください。"
)


class BudgetForm(PortalForm):
    """One amount for each fiscal year, and what the page showed when it was opened."""

    def __init__(self, *args: Any, years: list[int], stated: Budgets, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.years = years
        for year in years:
            label = fiscal_year_label(year)
            self.fields[f"yen_{year}"] = forms.IntegerField(
                label=f"{label}の予算(円)",
                required=False,
                min_value=0,
                max_value=MOST_YEN,
                initial=stated.get(year),
            )
            self.fields[f"read_{year}"] = forms.CharField(
                widget=forms.HiddenInput,
                required=False,
                max_length=12,
                initial=stated.get(year, ""),
            )
        self.prepare()

    def yen(self) -> dict[int, int | None]:
        return {year: self.cleaned_data[f"yen_{year}"] for year in self.years}

    def read(self) -> dict[int, int | None]:
        """What the page showed; of a page that says something else, a sum that nobody states."""
        told = {year: self.cleaned_data[f"read_{year}"] for year in self.years}
        return {year: number_in(text) if text else None for year, text in told.items()}


@for_municipality
def budget_page(request: HttpRequest) -> HttpResponse:
    """State the budgets of this fiscal year and those that a need may reach."""
    code = municipality_code_of(request.user) or ""
    this = fiscal_year(timezone.localdate())
    years = [this + ahead for ahead in range(YEARS)]
    stated = budgets_of(code)
    form = BudgetForm(request.POST or None, years=years, stated=stated)
    if request.method == "POST" and form.is_valid():
        try:
            state_budgets(code, yen=form.yen(), read=form.read(), by=request.user)  # type: ignore[arg-type]
        except EditConflictError:
            form = _again(form, years, stated)
        else:
            messages.success(request, "年度の予算を保存しました。次の計算から使います。")
            return redirect("town:budget")
    status = 422 if form.errors else 200
    empty = [fiscal_year_label(year) for year in years_left_empty(code)]
    context = {"form": form, "empty_years": empty}
    return render(request, "vacancies/budget.html", context, status=status)


def _again(form: BudgetForm, years: list[int], stated: Budgets) -> BudgetForm:
    """The form with what was typed, on what is stated now."""
    data = {f"yen_{year}": form.data.get(f"yen_{year}", "") for year in years}
    data |= {f"read_{year}": str(stated.get(year, "")) for year in years}
    again = BudgetForm(data, years=years, stated=stated)
    now = "、".join(
        f"{fiscal_year_label(year)} {stated[year]:,}円"
        if year in stated
        else f"{fiscal_year_label(year)} 上限なし"
        for year in years
    )
    again.add_error(None, STALE.format(now=now))
    return again
