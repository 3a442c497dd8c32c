from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("specialists", "0010_fill_day_of_sending_in")]

    operations = [
        migrations.AddConstraint(
            model_name="specialist",
            constraint=models.CheckConstraint(
                condition=Q(submitted_at__isnull=False) | Q(status__in=["draft", "withdrawn"]),
                name="what_was_never_sent_in_is_draft_or_given_up",
            ),
        ),
    ]
