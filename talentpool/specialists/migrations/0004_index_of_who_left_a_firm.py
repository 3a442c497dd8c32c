"""Who has left a firm is found without reading everybody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("specialists", "0003_firms_seen_and_names_folded")]

    operations = [
        migrations.AddIndex(
            model_name="specialist",
            index=models.Index(
                name="specialist_left_firm",
                fields=["left_firm_on"],
                condition=models.Q(left_firm_on__isnull=False),
            ),
        ),
    ]
