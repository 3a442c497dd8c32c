from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vacancies", "0012_a_change_has_its_form")]

    operations = [
        migrations.CreateModel(
            name="SoftBounce",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("count", models.PositiveSmallIntegerField(default=0, verbose_name="回数")),
                ("last_on", models.DateField(verbose_name="最後の日")),
            ],
            options={
                "verbose_name": "一時的な不達",
                "verbose_name_plural": "一時的な不達",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("count__gte", 1)), name="soft_bounce_is_counted"
                    )
                ],
            },
        ),
    ]
