"""The term of links into the pool (B-06: unverified sign-ups 7 days)."""

from typing import Any

from django.db import migrations

CODE = "entry_ticket"


def add(apps: Any, schema_editor: Any) -> None:
    apps.get_model("privacy", "RetentionTerm").objects.create(
        code=CODE,
        what="期限が過ぎた登録の案内",
        days=7,
        fiscal_years=None,
        basis="県の決定待ち(案)",
        confirmed=False,
    )


def remove(apps: Any, schema_editor: Any) -> None:
    apps.get_model("privacy", "RetentionTerm").objects.filter(code=CODE).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("specialists", "0009_enter_people_from_files"),
        ("privacy", "0003_first_retention_terms"),
    ]

    operations = [migrations.RunPython(add, remove)]
