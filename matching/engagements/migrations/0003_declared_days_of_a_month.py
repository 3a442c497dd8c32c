"""A month's row says what counts as declared."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("engagements", "0002_shares_sum_to_total")]

    operations = [
        migrations.AddField(
            model_name="capacitymonth",
            name="declared",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="申告(半日)"),
        ),
    ]
