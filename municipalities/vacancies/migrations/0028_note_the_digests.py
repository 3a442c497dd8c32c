"""A digest is noted, so that a day on which nothing ran is in the next one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vacancies", "0027_take_back_a_form_before_its_day"),
    ]

    operations = [
        migrations.CreateModel(
            name="Digest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rhythm",
                    models.CharField(
                        choices=[
                            ("at_once", "公表のつど"),
                            ("daily", "1日1回"),
                            ("weekly", "週1回(月曜)"),
                        ],
                        max_length=8,
                        verbose_name="頻度",
                    ),
                ),
                ("until", models.DateField(verbose_name="この日の前まで")),
                ("sent_at", models.DateTimeField(verbose_name="作成日時")),
            ],
            options={
                "verbose_name": "まとめて送った配信",
                "verbose_name_plural": "まとめて送った配信",
                "constraints": [
                    models.UniqueConstraint(fields=("rhythm", "until"), name="digest_is_sent_once")
                ],
            },
        ),
    ]
