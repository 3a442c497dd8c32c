"""The tables of this app. A database that holds all of `replaces` goes on from here."""

from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("privacy", "0001_mark_erased_people"),
        ("privacy", "0002_terms_of_keeping"),
        ("privacy", "0003_first_retention_terms"),
        ("privacy", "0004_keep_tickets_seven_days"),
    ]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("erased_on", models.DateField(auto_now_add=True, verbose_name="削除日")),
            ],
            options={
                "verbose_name": "削除した人の目印",
                "verbose_name_plural": "削除した人の目印",
            },
        ),
        migrations.CreateModel(
            name="RetentionTerm",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=30, primary_key=True, serialize=False, verbose_name="記号"
                    ),
                ),
                ("what", models.CharField(max_length=80, verbose_name="記録")),
                (
                    "days",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="保存する日数"),
                ),
                (
                    "fiscal_years",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="終わった次の4月1日から数えます",
                        null=True,
                        verbose_name="保存する年数",
                    ),
                ),
                ("basis", models.CharField(max_length=120, verbose_name="根拠")),
                ("confirmed", models.BooleanField(default=False, verbose_name="確認済み")),
            ],
            options={
                "verbose_name": "保存期間",
                "verbose_name_plural": "保存期間",
                "ordering": ["code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("days__isnull", True), ("fiscal_years__gte", 1)),
                            models.Q(("days__gte", 1), ("fiscal_years__isnull", True)),
                            _connector="OR",
                        ),
                        name="retention_is_days_or_fiscal_years",
                    )
                ],
            },
        ),
    ]
