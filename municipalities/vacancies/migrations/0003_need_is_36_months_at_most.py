"""A need had to be 36 months at most. Databases that were made so lose it in 0010, which says which
needs are longer than what holds now; the others never get it."""

import datetime

from django.db import migrations, models
from django.db.models import F, Q

LIMIT = models.CheckConstraint(
    name="need_is_36_months_at_most",
    condition=Q(last_month__lt=F("first_month") + datetime.timedelta(days=1095)),
)


class Migration(migrations.Migration):
    dependencies = [("vacancies", "0002_keep_what_was_frozen")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AddConstraint(model_name="need", constraint=LIMIT)]
        ),
    ]
