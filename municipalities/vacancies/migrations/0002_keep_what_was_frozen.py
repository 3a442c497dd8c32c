"""What was put in force or frozen never changes: the database refuses it, whoever asks."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION vacancies_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER form_version_in_force_is_kept
BEFORE UPDATE OR DELETE ON vacancies_formversion
FOR EACH ROW WHEN (OLD.in_force_from IS NOT NULL)
EXECUTE FUNCTION vacancies_refuse_change('a form version in force cannot be changed');

CREATE FUNCTION vacancies_refuse_field_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.version_id ELSE NEW.version_id END;
BEGIN
    IF EXISTS (
        SELECT 1 FROM vacancies_formversion
        WHERE in_force_from IS NOT NULL
          AND id IN (touched, CASE WHEN TG_OP = 'UPDATE' THEN OLD.version_id ELSE touched END)
    ) THEN
        RAISE EXCEPTION 'a field of a form version in force cannot be changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER form_field_in_force_is_kept
BEFORE INSERT OR UPDATE OR DELETE ON vacancies_formfield
FOR EACH ROW EXECUTE FUNCTION vacancies_refuse_field_change();

CREATE TRIGGER frozen_export_is_kept
BEFORE UPDATE ON vacancies_ministryexport
FOR EACH ROW WHEN (
    (OLD.month, OLD.version, OLD.reason, OLD.rows, OLD.counts, OLD.content, OLD.sha256,
     OLD.previous_hash, OLD.chain_hash, OLD.form_version_id, OLD.base_id, OLD.frozen_at)
    IS DISTINCT FROM
    (NEW.month, NEW.version, NEW.reason, NEW.rows, NEW.counts, NEW.content, NEW.sha256,
     NEW.previous_hash, NEW.chain_hash, NEW.form_version_id, NEW.base_id, NEW.frozen_at)
)
EXECUTE FUNCTION vacancies_refuse_change('a frozen export cannot be changed');

CREATE TRIGGER export_is_never_deleted
BEFORE DELETE ON vacancies_ministryexport
FOR EACH ROW EXECUTE FUNCTION vacancies_refuse_change('an export is never deleted');
"""

BACKWARD = """
DROP TRIGGER export_is_never_deleted ON vacancies_ministryexport;
DROP TRIGGER frozen_export_is_kept ON vacancies_ministryexport;
DROP TRIGGER form_field_in_force_is_kept ON vacancies_formfield;
DROP TRIGGER form_version_in_force_is_kept ON vacancies_formversion;
DROP FUNCTION vacancies_refuse_field_change();
DROP FUNCTION vacancies_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("vacancies", "0001_hold_needs_vacancies_and_exports")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
