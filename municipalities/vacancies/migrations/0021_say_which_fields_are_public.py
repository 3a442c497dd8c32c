"""What the public may read is data of the form: a field says so."""

from django.db import migrations, models

# The trigger keeps versions in force as they are; this column is new and gets today's rule.
SEED = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE vacancies_formfield DISABLE TRIGGER form_field_in_force_is_kept;
UPDATE vacancies_formfield SET public = identifier NOT IN
    ('contact_name', 'publish_ok', 'publish_until', 'submission_month', 'change_type');
ALTER TABLE vacancies_formfield ENABLE TRIGGER form_field_in_force_is_kept;
"""


class Migration(migrations.Migration):
    dependencies = [("vacancies", "0020_number_beyond_9999_and_keep_all_problems")]

    operations = [
        migrations.AddField(
            model_name="formfield",
            name="public",
            field=models.BooleanField(
                default=False,
                help_text="公開のページとオープンデータに載せる項目。担当者の氏名は載せない",
                verbose_name="公開",
            ),
        ),
        migrations.RunSQL(SEED, migrations.RunSQL.noop),
    ]
