"""The reason of a batch names what was held back. The trigger that keeps frozen batches stands in
the way of a longer column, and is put back as it was."""

from django.db import migrations, models

DROP = "DROP TRIGGER frozen_export_is_kept ON vacancies_ministryexport"
KEEP = """
CREATE TRIGGER frozen_export_is_kept
BEFORE UPDATE ON vacancies_ministryexport
FOR EACH ROW WHEN (
    (OLD.month, OLD.version, OLD.reason, OLD.rows, OLD.counts, OLD.content, OLD.sha256,
     OLD.previous_hash, OLD.chain_hash, OLD.form_version_id, OLD.base_id, OLD.frozen_at)
    IS DISTINCT FROM
    (NEW.month, NEW.version, NEW.reason, NEW.rows, NEW.counts, NEW.content, NEW.sha256,
     NEW.previous_hash, NEW.chain_hash, NEW.form_version_id, NEW.base_id, NEW.frozen_at)
)
EXECUTE FUNCTION vacancies_refuse_change('a frozen export cannot be changed')
"""


class Migration(migrations.Migration):
    dependencies = [("vacancies", "0024_end_needs_whose_months_are_over")]

    operations = [
        migrations.RunSQL(DROP, KEEP),
        migrations.AlterField(
            model_name="ministryexport",
            name="reason",
            field=models.CharField(
                blank=True, max_length=1000, verbose_name="作り直し・見送りの理由"
            ),
        ),
        migrations.RunSQL(KEEP, DROP),
    ]
