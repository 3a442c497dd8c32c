import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("engagements", "0005_limit_is_declared_or_booked"),
        ("registry", "0002_import_counts_attempts"),
        ("vacancies", "0016_search_knows_the_partners"),
    ]

    operations = [
        migrations.AlterField(
            model_name="share",
            name="municipality",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="shares",
                to="registry.municipality",
                verbose_name="市町",
            ),
        ),
        migrations.AddIndex(
            model_name="share",
            index=models.Index(fields=["municipality", "engagement"], name="shares_of_town"),
        ),
    ]
