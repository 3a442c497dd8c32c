"""What waits to be mended gets the last known time of its vacancy; and only bodies that a joint
vacancy names are its partners.

A question that the prefecture has hidden stays hidden by its town too, as it was: both lift it.
"""

from django.db import migrations

FORWARD = """
UPDATE vacancies_vacancy SET returned_at = changed_at
WHERE (remark <> '' OR field_remarks <> '{}')
  AND ((status = 'draft' AND submitted_at IS NOT NULL) OR change = 'draft');

-- While it goes on: by what it says, or by the change on its way. Looked at when the transaction
-- ends, because who is named no more is forgotten after the text is written.
CREATE FUNCTION vacancies_partners_are_named() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    looked_at bigint := CASE WHEN TG_TABLE_NAME = 'vacancies_vacancy'
        THEN (to_jsonb(NEW) ->> 'id')::bigint
        ELSE (to_jsonb(NEW) ->> 'vacancy_id')::bigint END;
BEGIN
    IF EXISTS (
        SELECT 1 FROM vacancies_jointtown AS town
        JOIN vacancies_vacancy AS vacancy ON vacancy.id = town.vacancy_id
        WHERE vacancy.id = looked_at AND vacancy.status IN ('draft', 'submitted', 'published')
          AND NOT EXISTS (
            SELECT 1 FROM unnest(ARRAY[vacancy.values, vacancy.changed_values]) AS said
            WHERE said ->> 'joint_type' IN ('1', '3')
              AND town.municipality_id = ANY (string_to_array(said ->> 'joint_members', ';'))
          )
    ) THEN
        RAISE EXCEPTION 'only bodies that a joint vacancy names are its partners'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER only_joint_vacancy_has_partners
AFTER INSERT OR UPDATE ON vacancies_jointtown
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION vacancies_partners_are_named();

CREATE CONSTRAINT TRIGGER joint_vacancy_names_its_partners
AFTER UPDATE ON vacancies_vacancy
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (
    (NEW.values, NEW.changed_values) IS DISTINCT FROM (OLD.values, OLD.changed_values)
)
EXECUTE FUNCTION vacancies_partners_are_named();
"""

BACKWARD = """
DROP TRIGGER joint_vacancy_names_its_partners ON vacancies_vacancy;
DROP TRIGGER only_joint_vacancy_has_partners ON vacancies_jointtown;
DROP FUNCTION vacancies_partners_are_named();
"""


class Migration(migrations.Migration):
    dependencies = [("vacancies", "0008_holds_of_two_and_times_of_returns")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
