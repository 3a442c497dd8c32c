"""The limit of a month follows from what is declared and booked; months that are short by index."""

from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Greatest

TAKEN = F("signed") + F("held")


class Migration(migrations.Migration):
    dependencies = [("engagements", "0004_fill_declared_days")]

    operations = [
        migrations.RemoveIndex(model_name="capacitymonth", name="months_that_are_full"),
        migrations.AddIndex(
            model_name="capacitymonth",
            index=models.Index(
                name="months_that_are_short",
                fields=["month"],
                condition=Q(declared__lt=TAKEN),
            ),
        ),
        migrations.AddConstraint(
            model_name="capacitymonth",
            constraint=models.CheckConstraint(
                name="limit_is_declared_or_booked",
                condition=Q(limit=Greatest(F("declared"), TAKEN)),
            ),
        ),
    ]
