"""Every number that somebody may type has an upper bound, and what a column holds is not exceeded:
otherwise a slip ends in an error of the database, or in a run that fails for everybody."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.core.validators import MaxValueValidator
from django.db import connection, models

from talentpool.specialists.forms.work import WishField

ROOT = Path(__file__).resolve().parents[3]
PARTS = ("talentpool", "municipalities", "matching", "consultations")
BARE = {"IntegerField", "DecimalField", "FloatField", "HalfDaysField"}
WITH_BOUND_OF_ITS_OWN = {"YenField", "WishField", "YearsField", "MonthlyLimitField"}
# A form's field that ends in a column of another name.
COLUMNS = {
    "ConditionsForm.day": "specialists.PayWish.yen",
    "ConditionsForm.hour": "specialists.PayWish.yen",
    "ConditionsForm.month": "specialists.PayWish.yen",
    "ConditionsForm.piece": "specialists.PayWish.yen",
    "ConditionsForm.max_towns": "specialists.Specialist.max_towns",
    "ConditionsForm.radius_km": "specialists.Specialist.radius_km",
    "ConditionsForm.least_half_days": "specialists.Specialist.least_half_days",
    "ConditionsForm.most_on_site": "specialists.WorkProfile.most_on_site",
    "ConditionsForm.most_remote": "specialists.WorkProfile.most_remote",
    "DemandForm.half_days": "pool.Demand.half_days",
    "StartRunForm.wall_seconds": "proposals.Run.wall_seconds",
}
IN_NO_COLUMN = {"BudgetForm.yen"}  # goes into the JSON of a study


def sources() -> Iterator[Path]:
    for part in PARTS:
        for path in sorted((ROOT / part).rglob("*.py")):
            if "migrations" not in path.parts and "models" not in (path.stem, path.parent.name):
                yield path


def unbounded(path: Path) -> Iterator[str]:
    """Fields made without a bound, where they stand; hidden ones only carry a key or a version."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        given = {word.arg for word in node.keywords}
        hidden = any("HiddenInput" in ast.unparse(word.value) for word in node.keywords)
        if name in BARE and node.keywords and "max_value" not in given and not hidden:
            yield f"{path.relative_to(ROOT)}:{node.lineno}"


def test_every_number_field_has_an_upper_bound() -> None:
    assert [place for path in sources() for place in unbounded(path)] == []


def form_classes() -> list[type[forms.BaseForm]]:
    for path in sources():
        if "form" in path.name or "views" in path.name or path.parent.name in ("forms", "views"):
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    found: list[type[forms.BaseForm]] = []
    waiting: list[type[forms.BaseForm]] = [forms.BaseForm]
    while waiting:
        waiting += (below := waiting.pop().__subclasses__())
        found += [form for form in below if form.__module__.startswith(PARTS)]
    return found


def column_of(form: type[forms.BaseForm], name: str) -> Any:
    named = COLUMNS.get(f"{form.__name__}.{name}")
    if named:
        app, of_model, column = named.split(".")
        return apps.get_model(app, of_model)._meta.get_field(column)
    model = getattr(getattr(form, "_meta", None), "model", None)
    columns = {field.name: field for field in model._meta.get_fields()} if model else {}
    return columns.get(name)


def test_every_bound_fits_the_column() -> None:
    seen, wrong = set(), []
    for form in form_classes():
        for name, field in getattr(form, "base_fields", {}).items():
            place = f"{form.__name__}.{name}"
            plain = not isinstance(field, forms.IntegerField) or field.widget.is_hidden
            if plain or place in IN_NO_COLUMN:
                continue
            seen.add(place)
            column = column_of(form, name)
            kind = column.get_internal_type() if isinstance(column, models.Field) else "Integer"
            _, most = connection.ops.integer_field_range(kind.removesuffix("Field") + "Field")
            limits = [v.limit_value for v in field.validators if isinstance(v, MaxValueValidator)]
            if not limits or min(limits) > most:
                wrong.append(f"{place}: {limits} > {most}")
    assert wrong == []
    assert set(COLUMNS) <= seen
    assert "NeedForm.budget_yen" in seen


@pytest.mark.parametrize("typed", ["10,000,001", "99999999999", "1" * 5_000])
def test_a_wish_beyond_what_runs_take_is_refused_with_the_bound(typed: str) -> None:
    with pytest.raises(forms.ValidationError) as refusal:
        WishField().clean(typed)
    words = "金額は円単位" if len(typed) > 15 else "10,000,000円以下"
    assert words in str(refusal.value)
    assert WishField().clean("１０，０００，０００円") == 10_000_000
