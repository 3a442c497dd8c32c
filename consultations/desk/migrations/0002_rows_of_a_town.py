import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0001_tables"),
        ("registry", "0002_import_counts_attempts"),
        ("vocabulary", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="consultation",
            name="municipality",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consultations",
                to="registry.municipality",
                verbose_name="市町",
            ),
        ),
        migrations.AddIndex(
            model_name="consultation",
            index=models.Index(fields=["municipality", "id"], name="consultations_of_town"),
        ),
    ]
