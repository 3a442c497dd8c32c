"""Load the code lists that ship with the product."""

import csv
from collections.abc import Iterator
from pathlib import Path

from django.db import models, transaction

from talentpool.vocabulary.models import EngagementForm, GrantRule, Level, Skill, Term

DATA = Path(__file__).parent / "data"
GRANT_WORDS = {"yes": "対象", "no": "対象外", "unknown": "要確認"}
TERM_LISTS = {
    "talent_type": "talent_types.csv",
    "dss_role": "dss_roles.csv",
    "certificate": "certificates.csv",
    "system": "systems.csv",
    "population_band": "population_bands.csv",
    "consultation_check": "consultation_checks.csv",
}


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of one of the product's own CSV files."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _truth(text: str) -> bool | None:
    return {"true": True, "yes": True, "false": False, "no": False}.get(text)


def _write(model: type[models.Model], rows: list[models.Model]) -> int:
    """Insert what is new. Rows that are there stay as they are: an administrator's word counts."""
    before = model._default_manager.count()
    model._default_manager.bulk_create(rows, ignore_conflicts=True)
    return model._default_manager.count() - before


@transaction.atomic
def load_vocabulary() -> int:
    """Add the shipped code lists to the database; returns how many rows are new."""
    skills: list[models.Model] = [
        Skill(
            code=row["code"],
            name=row["name"],
            description=row["description"],
            order=order,
            confirmed=bool(_truth(row["confirmed"])),
            note=row["note"],
        )
        for order, row in enumerate(read_rows(DATA / "skills.csv"))
    ]
    levels: list[models.Model] = [
        Level(
            number=int(row["number"]),
            name=row["name"],
            description=row["description"],
            itss_from=int(row["itss_from"]),
            itss_to=int(row["itss_to"]),
            confirmed=bool(_truth(row["confirmed"])),
            note=row["note"],
        )
        for row in read_rows(DATA / "levels.csv")
    ]
    forms: list[models.Model] = [
        EngagementForm(
            code=row["code"],
            name=row["name"],
            basis=row["basis"],
            rule=row["key_rule"],
            grant=GRANT_WORDS[row["grant_eligible"]],
            # Nobody has confirmed yet which forms count as employment: unknown until then.
            is_employment=_truth(row["is_employment"])
            if _truth(row["employment_confirmed"])
            else None,
            confirmed=bool(_truth(row["confirmed"])),
            note=row["note"],
        )
        for row in read_rows(DATA / "engagement_forms.csv")
    ]
    rules: list[models.Model] = [
        GrantRule(
            fiscal_year=int(row["fiscal_year"]),
            payer=row["payer_kind"],
            cost_kind=row["cost_kind"],
            forms=row["form_kinds"],
            rate=row["rate"] or None,
            cap_yen=int(row["cap_yen"]) if row["cap_yen"] else None,
            fiscal_power_adjusted=_truth(row["fiscal_power_adjust"]),
            confirmed=bool(_truth(row["confirmed"])),
            source=row["source"],
            note=row["note"],
        )
        for row in read_rows(DATA / "grant_rules.csv")
    ]
    terms: list[models.Model] = [
        Term(
            vocabulary=vocabulary,
            code=row["code"],
            label=row["name"],
            description=row.get("description") or row.get("category") or "",
            order=order,
            confirmed=bool(_truth(row["confirmed"])),
            note=row["note"],
        )
        for vocabulary, file in TERM_LISTS.items()
        for order, row in enumerate(read_rows(DATA / file))
    ]
    return sum(
        _write(model, rows)
        for model, rows in [
            (Skill, skills),
            (Level, levels),
            (EngagementForm, forms),
            (GrantRule, rules),
            (Term, terms),
        ]
    )
