"""Nobody wishes for more pay than a matching run takes: one person beyond it would make the run fail
for all."""

from typing import Any

from django.core.management import CommandError
from django.db import migrations, models
from django.db.models import Q

WISH_FITS = Q(yen__lte=10_000_000)
PERSON_FITS = Q(half_day_rate_yen__lte=10_000_000, monthly_fixed_yen__lte=100_000_000)


def name_what_does_not_fit(apps: Any, schema_editor: Any) -> None:
    """Stop with the pool numbers of those who wish for more: nothing is lowered or dropped unseen."""
    wishes = apps.get_model("specialists", "PayWish").objects.exclude(WISH_FITS)
    people = apps.get_model("specialists", "Specialist").objects.exclude(PERSON_FITS)
    numbers = {
        *wishes.values_list("specialist__pool_number", flat=True),
        *people.values_list("pool_number", flat=True),
    }
    if numbers:
        raise CommandError(
            "These people wish for more pay than a run takes (10,000,000 yen for one unit of work,"
            f" 100,000,000 yen fixed a month): {', '.join(sorted(numbers))}. Ask them what is meant,"
            " mend it, and migrate again."
        )


class Migration(migrations.Migration):
    dependencies = [("specialists", "0001_tables")]

    operations = [
        migrations.RunPython(name_what_does_not_fit, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="paywish",
            constraint=models.CheckConstraint(
                name="pay_wish_is_10_million_at_most", condition=WISH_FITS
            ),
        ),
        migrations.AddConstraint(
            model_name="specialist",
            constraint=models.CheckConstraint(
                name="pay_of_person_fits_in_runs", condition=PERSON_FITS
            ),
        ),
    ]
