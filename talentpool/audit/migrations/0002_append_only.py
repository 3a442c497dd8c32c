"""Rows of the audit record are never changed or removed, whatever the code says (A-46)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION refuse_change_of_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_events_are_append_only';
END;
$$;
CREATE TRIGGER audit_events_are_append_only
    BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit_event();
"""
BACKWARD = """
DROP TRIGGER audit_events_are_append_only ON audit_event;
DROP FUNCTION refuse_change_of_audit_event();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_tables")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
