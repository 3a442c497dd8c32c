"""What counts as declared for the months that are booked: nothing without a declaration, nothing in
a pause. The limit follows from it."""

from django.db import migrations

FILL = """
UPDATE engagements_capacitymonth AS c
SET declared = d.half_days, "limit" = greatest(d.half_days, c.signed + c.held)
FROM (
    SELECT m.id, coalesce(a.half_days, 0) AS half_days
    FROM engagements_capacitymonth m
    LEFT JOIN specialists_availability a
        ON a.specialist_id = m.specialist_id AND a.month = m.month
        AND NOT EXISTS (
            SELECT FROM specialists_pause p
            WHERE p.specialist_id = m.specialist_id AND m.month BETWEEN p.first_month AND p.last_month
        )
) AS d
WHERE d.id = c.id
    AND (c.declared, c."limit") IS DISTINCT FROM
        (d.half_days, greatest(d.half_days, c.signed + c.held));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("engagements", "0003_declared_days_of_a_month"),
        ("specialists", "0001_tables"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
