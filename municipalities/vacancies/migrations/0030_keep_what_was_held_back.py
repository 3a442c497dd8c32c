"""A batch keeps the numbers of what was held back of it; frozen like its rows."""

import django.contrib.postgres.fields
from django.db import migrations, models

DROP = "DROP TRIGGER frozen_export_is_kept ON vacancies_ministryexport"
KEPT = [
    "month",
    "version",
    "reason",
    "rows",
    "counts",
    "content",
    "sha256",
    "previous_hash",
    "chain_hash",
    "form_version_id",
    "base_id",
    "frozen_at",
]


def keep(columns: list[str]) -> str:
    """The trigger that refuses to change these columns."""
    old, new = (", ".join(f"{side}.{name}" for name in columns) for side in ("OLD", "NEW"))
    return f"""
        CREATE TRIGGER frozen_export_is_kept
        BEFORE UPDATE ON vacancies_ministryexport
        FOR EACH ROW WHEN (({old}) IS DISTINCT FROM ({new}))
        EXECUTE FUNCTION vacancies_refuse_change('a frozen export cannot be changed')
    """


class Migration(migrations.Migration):
    dependencies = [("vacancies", "0029_go_on_though_the_need_has_ended")]

    operations = [
        migrations.RunSQL(DROP, keep(KEPT)),
        migrations.AddField(
            model_name="ministryexport",
            name="held_back",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=14),
                blank=True,
                default=list,
                size=None,
                verbose_name="見送った募集情報",
            ),
        ),
        migrations.RunSQL(keep([*KEPT, "held_back"]), DROP),
    ]
