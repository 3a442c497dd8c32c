"""A town decides that a vacancy goes on though the need that it was made of has ended."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vacancies", "0028_note_the_digests")]

    operations = [
        migrations.AddField(
            model_name="vacancy",
            name="kept_on_at",
            field=models.DateTimeField(
                blank=True, null=True, verbose_name="案件の終了後も続けると決めた日時"
            ),
        ),
    ]
