"""A file is written over the drafts that were seen when it was checked, and over no others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vacancies", "0025_say_why_vacancies_were_held_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="vacancyimport",
            name="draft_versions",
            field=models.JSONField(
                default=dict, help_text="確かめたときの版。番号ごと", verbose_name="下書きの版"
            ),
        ),
    ]
