"""Unconfirmed wishes to register are kept seven days (B-06)."""

from typing import Any

from django.db import migrations


def add(apps: Any, schema_editor: Any) -> None:
    apps.get_model("privacy", "RetentionTerm").objects.create(
        code="ended_ticket",
        what="登録の申込み・招待のリンク(期限が過ぎたもの)",
        days=7,
        basis="申込みの画面に示した期間",
        confirmed=True,
    )


def remove(apps: Any, schema_editor: Any) -> None:
    apps.get_model("privacy", "RetentionTerm").objects.filter(code="ended_ticket").delete()


class Migration(migrations.Migration):
    dependencies = [("privacy", "0003_first_retention_terms")]

    operations = [migrations.RunPython(add, remove)]
