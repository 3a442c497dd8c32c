import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0002_import_counts_attempts"),
        ("vacancies", "0016_search_knows_the_partners"),
        ("vocabulary", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="need",
            name="municipality",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="needs",
                to="registry.municipality",
                verbose_name="市町",
            ),
        ),
        migrations.AlterField(
            model_name="vacancy",
            name="municipality",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="vacancies",
                to="registry.municipality",
                verbose_name="市町",
            ),
        ),
        migrations.AddIndex(
            model_name="need",
            index=models.Index(fields=["municipality", "id"], name="needs_of_town"),
        ),
        migrations.AddIndex(
            model_name="vacancy",
            index=models.Index(fields=["municipality", "id"], name="vacancies_of_town"),
        ),
    ]
