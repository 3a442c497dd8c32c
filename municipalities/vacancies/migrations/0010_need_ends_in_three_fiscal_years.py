"""A need may last 48 months: a whole fiscal year and the three after it."""

import datetime
from typing import Any

from django.core.management import CommandError
from django.db import migrations, models
from django.db.models import F, Q

# From one first day to the one 48 months later are 1,460 days at least, to the one before 1,433 at
# most.
FITS = Q(last_month__lt=F("first_month") + datetime.timedelta(days=1_460))
LIMIT = models.CheckConstraint(name="need_is_48_months_at_most", condition=FITS)
DROP = "ALTER TABLE vacancies_need DROP CONSTRAINT IF EXISTS need_is_36_months_at_most"


def name_what_does_not_fit(apps: Any, schema_editor: Any) -> None:
    """Stop with the needs that are longer: nothing is shortened or dropped unseen."""
    rows = apps.get_model("vacancies", "Need").objects.exclude(FITS).order_by("pk")
    longer = [f"{pk} ({title})" for pk, title in rows.values_list("pk", "title")]
    if longer:
        raise CommandError(
            "These needs last longer than 48 months, longer than a need may be: "
            f"{', '.join(longer)}. Agree on their months with the towns, shorten"
            " vacancies_need.last_month, and migrate again."
        )


class Migration(migrations.Migration):
    dependencies = [("vacancies", "0009_only_joint_vacancies_have_partners")]

    operations = [
        migrations.RunPython(name_what_does_not_fit, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(DROP, migrations.RunSQL.noop)],
            state_operations=[
                migrations.RemoveConstraint(model_name="need", name="need_is_36_months_at_most")
            ],
        ),
        migrations.AddConstraint(model_name="need", constraint=LIMIT),
    ]
