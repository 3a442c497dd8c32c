"""Of the ways to take over one registration only the newest stays open."""

from django.db import migrations

END = """
UPDATE specialists_entryticket t
SET status = 'ended', ended_at = now()
WHERE t.way = 'claim' AND t.status = 'sent' AND EXISTS (
    SELECT FROM specialists_entryticket newer
    WHERE newer.specialist_id = t.specialist_id AND newer.way = 'claim' AND newer.id > t.id
);
"""


class Migration(migrations.Migration):
    dependencies = [("specialists", "0011_never_sent_in_is_draft_or_given_up")]

    operations = [migrations.RunSQL(END, migrations.RunSQL.noop)]
