"""What was put in force or frozen never changes, and a joint vacancy goes up agreed to: the database
refuses all else, whoever asks. And the index of the search."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION vacancies_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
END $$;

-- A version may be taken back while its day, that of Japan, lies ahead: nothing was written in it.
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

CREATE TRIGGER form_version_in_force_is_kept
BEFORE UPDATE OR DELETE ON vacancies_formversion
FOR EACH ROW WHEN (OLD.in_force_from IS NOT NULL)
EXECUTE FUNCTION vacancies_keep_form_version();

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
     OLD.previous_hash, OLD.chain_hash, OLD.form_version_id, OLD.base_id, OLD.frozen_at,
     OLD.held_back)
    IS DISTINCT FROM
    (NEW.month, NEW.version, NEW.reason, NEW.rows, NEW.counts, NEW.content, NEW.sha256,
     NEW.previous_hash, NEW.chain_hash, NEW.form_version_id, NEW.base_id, NEW.frozen_at,
     NEW.held_back)
)
EXECUTE FUNCTION vacancies_refuse_change('a frozen export cannot be changed');

CREATE TRIGGER export_is_never_deleted
BEFORE DELETE ON vacancies_ministryexport
FOR EACH ROW EXECUTE FUNCTION vacancies_refuse_change('an export is never deleted');

-- Several towns post one vacancy: it goes up only when each has agreed, whoever asks.
CREATE FUNCTION vacancies_joint_is_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    going_up jsonb := CASE WHEN NEW.change = 'submitted' THEN NEW.changed_values ELSE NEW.values END;
    agreed_to integer := CASE WHEN NEW.change = 'submitted' THEN NEW.version ELSE OLD.version END;
BEGIN
    IF going_up ->> 'joint_type' IN ('1', '3') AND EXISTS (
        SELECT 1 FROM unnest(string_to_array(going_up ->> 'joint_members', ';')) AS code
        WHERE code <> NEW.municipality_id AND NOT EXISTS (
            SELECT 1 FROM vacancies_jointtown AS town
            WHERE town.vacancy_id = NEW.id AND town.municipality_id = code
              AND town.status = 'agreed' AND town.agreed_version = agreed_to
        )
    ) THEN
        RAISE EXCEPTION 'a joint vacancy goes up when each town has agreed to it'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER joint_vacancy_goes_up_agreed
BEFORE UPDATE ON vacancies_vacancy
FOR EACH ROW WHEN (
    (NEW.status IN ('submitted', 'published') AND NEW.status <> OLD.status)
    OR (NEW.change = 'submitted' AND OLD.change <> 'submitted')
    OR (NEW.status = 'published' AND OLD.change = 'submitted' AND NEW.change = ''
        AND NEW.values IS DISTINCT FROM OLD.values)
)
EXECUTE FUNCTION vacancies_joint_is_agreed();

-- Pairs and single characters: pg_trgm finds nothing for words of one or two characters (D-05).
CREATE INDEX vacancy_grams ON vacancies_vacancy USING gin (search_grams(search_text));
"""

BACKWARD = """
DROP INDEX vacancy_grams;
DROP TRIGGER joint_vacancy_goes_up_agreed ON vacancies_vacancy;
DROP FUNCTION vacancies_joint_is_agreed();
DROP TRIGGER export_is_never_deleted ON vacancies_ministryexport;
DROP TRIGGER frozen_export_is_kept ON vacancies_ministryexport;
DROP TRIGGER form_field_in_force_is_kept ON vacancies_formfield;
DROP TRIGGER form_version_in_force_is_kept ON vacancies_formversion;
DROP FUNCTION vacancies_refuse_field_change();
DROP FUNCTION vacancies_keep_form_version();
DROP FUNCTION vacancies_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("pages", "0001_search_japanese_text"),
        ("vacancies", "0001_tables"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
