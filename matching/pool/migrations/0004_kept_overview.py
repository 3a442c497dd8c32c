from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pool", "0003_search_by_known_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptOverview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("as_of", models.DateField(unique=True, verbose_name="基準日")),
                (
                    "counts",
                    models.JSONField(verbose_name="時期・業務分野・レベルごとの人数と量(半日)"),
                ),
                ("counted_at", models.DateTimeField(verbose_name="集計日時")),
            ],
            options={
                "verbose_name": "人材の概況の集計",
                "verbose_name_plural": "人材の概況の集計",
                "ordering": ["-as_of"],
            },
        ),
    ]
