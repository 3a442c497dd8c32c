"""What the registration asks of a person since: talent types, roles, certificates, languages. Who
has not applied yet is marked: nobody but the person sees that registration."""

from django.db import migrations

FACTS = """
CREATE OR REPLACE FUNCTION pool_facts(people bigint[]) RETURNS TABLE (
    specialist_id bigint, pool_number varchar, confirmed_at timestamptz, facets text[],
    search_text text
) LANGUAGE sql STABLE AS $$
    SELECT
        s.id,
        s.pool_number,
        coalesce(s.confirmed_at, '1970-01-01 00:00:00+00'),
        array_remove(
            ARRAY[
                'kind:' || s.kind,
                'status:' || s.status,
                'remote:' || s.remote,
                'base:' || s.base_id,
                CASE WHEN s.status = 'draft' AND s.submitted_at IS NULL THEN 'unsent' END
            ]
            || ARRAY(
                SELECT 'skill:' || k.skill_id || ':' || step
                FROM specialists_specialistskill k,
                     generate_series(1, coalesce(k.assessed_level, k.own_level)) AS step
                WHERE k.specialist_id = s.id
            )
            || ARRAY(
                SELECT 'form:' || f.engagementform_id
                FROM specialists_specialist_forms f WHERE f.specialist_id = s.id
            )
            || ARRAY(SELECT 'talent:' || code FROM unnest(w.talent_types) AS code)
            || ARRAY(SELECT 'role:' || code FROM unnest(w.dss_roles) AS code)
            || ARRAY(
                SELECT 'certificate:' || c.code
                FROM specialists_certificate c WHERE c.specialist_id = s.id AND c.code <> ''
            ),
            NULL
        ),
        search_key(concat_ws(
            E'\\n', s.pool_number, s.name, s.kana, firm.name, s.employer, s.strengths, w.languages,
            (SELECT string_agg(k.evidence, E'\\n' ORDER BY k.id)
             FROM specialists_specialistskill k WHERE k.specialist_id = s.id),
            (SELECT string_agg(c.other_name, E'\\n' ORDER BY c.id)
             FROM specialists_certificate c WHERE c.specialist_id = s.id)
        ))
    FROM specialists_specialist s
    LEFT JOIN specialists_firm firm ON firm.id = s.firm_id
    LEFT JOIN specialists_workprofile w ON w.specialist_id = s.id
    WHERE s.id = ANY (people)
$$;
"""
TRIGGERS = "".join(
    f"CREATE TRIGGER pool_{table}_{event.lower()} AFTER {event} ON specialists_{table}"
    f" REFERENCING {'OLD' if event == 'DELETE' else 'NEW'} TABLE AS changed"
    " FOR EACH STATEMENT EXECUTE FUNCTION pool_facts_changed('specialist_id');\n"
    for table in ("workprofile", "certificate")
    for event in ("INSERT", "UPDATE", "DELETE")
)
FILL = "SELECT pool_refresh(array_agg(id)) FROM specialists_specialist HAVING count(*) > 0;"


class Migration(migrations.Migration):
    dependencies = [
        ("pool", "0003_scan_entries_alone"),
        ("specialists", "0006_register_and_vet"),
    ]

    # There is no way back to the function without these tables: the entries would lack the mark.
    operations = [migrations.RunSQL(FACTS + TRIGGERS + FILL)]
