from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vacancies", "0005_time_of_submitted_changes")]

    operations = [
        migrations.AddConstraint(
            model_name="vacancy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("change", "submitted"), _negated=True),
                    ("change_submitted_at__isnull", False),
                    _connector="OR",
                ),
                name="submitted_change_has_time",
            ),
        ),
    ]
