from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vacancies", "0018_answers_so_far_were_unchanged")]

    operations = [
        migrations.AddConstraint(
            model_name="roundanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("answered_at__isnull", True), ("kind", ""))
                | models.Q(
                    ("answered_at__isnull", False),
                    ("kind__in", ["unchanged", "changed", "closed"]),
                ),
                name="round_answer_says_what_it_is",
            ),
        ),
    ]
