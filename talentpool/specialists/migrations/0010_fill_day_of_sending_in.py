"""Who is or was in the pool has been sent in, also where nobody had kept when."""

from django.db import migrations

FILL = """
UPDATE specialists_specialist s
SET submitted_at = coalesce(
    (SELECT min(c.at) FROM specialists_statuschange c
     WHERE c.specialist_id = s.id AND c.verb = 'submit'),
    s.registered_on::timestamptz,
    now()
)
WHERE s.submitted_at IS NULL
  AND (s.status NOT IN ('draft', 'withdrawn') OR s.registered_on IS NOT NULL);
"""


class Migration(migrations.Migration):
    dependencies = [("specialists", "0009_sign_in_days")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
