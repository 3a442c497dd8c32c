from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("specialists", "0021_count_short_lists_by_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="specialist",
            name="belonging_changed_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="区分・所属を変えた日時"
            ),
        ),
    ]
