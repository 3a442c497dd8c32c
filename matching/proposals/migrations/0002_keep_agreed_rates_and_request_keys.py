from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("proposals", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="bundle",
            name="half_day_rate_yen",
            field=models.PositiveIntegerField(default=0, verbose_name="単価(円/半日)"),
        ),
        migrations.AddField(
            model_name="bundle",
            name="monthly_fixed_yen",
            field=models.PositiveIntegerField(default=0, verbose_name="月額の共通経費(円)"),
        ),
        migrations.AddField(
            model_name="run",
            name="request_key",
            field=models.UUIDField(editable=False, null=True, verbose_name="送信の鍵"),
        ),
    ]
