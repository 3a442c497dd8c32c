"""A 変更なし is kept while its town writes on at a change that it recalled; bodies of before 0009
that a vacancy does not name go, and what 0009 took for returned though its town recalled it."""

from django.db import migrations, models
from django.db.models import Q

FORWARD = """
DELETE FROM vacancies_jointtown AS town
USING vacancies_vacancy AS vacancy
WHERE vacancy.id = town.vacancy_id AND vacancy.status IN ('draft', 'submitted', 'published')
  AND NOT EXISTS (
    SELECT 1 FROM unnest(ARRAY[vacancy.values, vacancy.changed_values]) AS said
    WHERE said ->> 'joint_type' IN ('1', '3')
      AND town.municipality_id = ANY (string_to_array(said ->> 'joint_members', ';'))
  );

UPDATE vacancies_vacancy AS vacancy SET returned_at = NULL
WHERE returned_at IS NOT NULL AND 'recall_vacancy' = (
    SELECT event.action FROM audit_event AS event
    WHERE event.object_type = 'vacancies.Vacancy' AND event.object_id = vacancy.id::text
      AND event.action IN ('return_vacancy', 'recall_vacancy')
    ORDER BY event.id DESC LIMIT 1
);
"""

# Before, only what was changed had a 変更なし beside it.
BACKWARD = """
UPDATE vacancies_roundanswer SET confirmed_at = NULL, confirmed_by_id = NULL WHERE kind = '';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_tables"),
        ("vacancies", "0010_need_ends_in_three_fiscal_years"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="roundanswer", name="earlier_round_answer_has_its_person"
        ),
        migrations.AddConstraint(
            model_name="roundanswer",
            constraint=models.CheckConstraint(
                name="earlier_round_answer_has_its_person",
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | Q(
                    confirmed_at__isnull=False,
                    confirmed_by__isnull=False,
                    kind__in=["", "changed"],
                ),
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
