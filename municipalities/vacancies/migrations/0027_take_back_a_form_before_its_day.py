"""A version of the form may be taken back while its day lies ahead: nothing was written in it.

The day is that of Japan, whatever the session's zone is.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION vacancies_keep_form_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.in_force_from IS NULL
        AND OLD.in_force_from > (now() AT TIME ZONE 'Asia/Tokyo')::date
        AND (NEW.id, NEW.code, NEW.name, NEW.note) = (OLD.id, OLD.code, OLD.name, OLD.note)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a form version in force cannot be changed'
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
END $$;

DROP TRIGGER form_version_in_force_is_kept ON vacancies_formversion;
CREATE TRIGGER form_version_in_force_is_kept
BEFORE UPDATE OR DELETE ON vacancies_formversion
FOR EACH ROW WHEN (OLD.in_force_from IS NOT NULL)
EXECUTE FUNCTION vacancies_keep_form_version();
"""

BACKWARD = """
DROP TRIGGER form_version_in_force_is_kept ON vacancies_formversion;
DROP FUNCTION vacancies_keep_form_version();
CREATE TRIGGER form_version_in_force_is_kept
BEFORE UPDATE OR DELETE ON vacancies_formversion
FOR EACH ROW WHEN (OLD.in_force_from IS NOT NULL)
EXECUTE FUNCTION vacancies_refuse_change('a form version in force cannot be changed');
"""


class Migration(migrations.Migration):
    dependencies = [("vacancies", "0026_note_the_drafts_of_a_file")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
