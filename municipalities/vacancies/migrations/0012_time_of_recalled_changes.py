"""When a town recalled a change that it writes on at: what it confirms later stands all the same."""

from django.db import migrations, models
from django.db.models import Q

FORWARD = """
UPDATE vacancies_vacancy AS vacancy SET change_recalled_at = coalesce(
    (SELECT max(event.at) FROM audit_event AS event
     WHERE event.object_type = 'vacancies.Vacancy' AND event.object_id = vacancy.id::text
       AND event.action = 'recall_vacancy'),
    change_submitted_at)
WHERE change = 'draft' AND change_submitted_at IS NOT NULL AND returned_at IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_tables"),
        ("vacancies", "0011_what_earlier_rows_left_over"),
    ]

    operations = [
        migrations.AddField(
            model_name="vacancy",
            name="change_recalled_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="変更の引戻し日時"),
        ),
        migrations.AddConstraint(
            model_name="vacancy",
            constraint=models.CheckConstraint(
                name="only_a_change_being_written_was_recalled",
                condition=Q(change_recalled_at__isnull=True) | Q(change="draft"),
            ),
        ),
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
    ]
