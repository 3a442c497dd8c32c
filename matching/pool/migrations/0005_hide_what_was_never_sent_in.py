"""What was never sent in stays hidden in the search, also when its owner gives it up."""

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
                CASE WHEN UNSENT THEN 'unsent' END
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
                SELECT 'weekday:' || bit FROM generate_series(0, 6) AS bit
                WHERE (s.weekdays >> bit) & 1 = 1
            )
            || ARRAY(
                SELECT 'certificate:' || c.code
                FROM specialists_certificate c WHERE c.specialist_id = s.id AND c.code <> ''
            ),
            NULL
        ),
        search_key(concat_ws(
            E'\\n', s.pool_number, s.name, s.kana, nullif(s.known_as, ''), firm.name, s.employer,
            s.strengths, w.languages,
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
NOW = FACTS.replace("UNSENT", "s.submitted_at IS NULL")
BEFORE = FACTS.replace("UNSENT", "s.status = 'draft' AND s.submitted_at IS NULL")
REFRESH = """
SELECT pool_refresh(array_agg(id))
FROM specialists_specialist
WHERE submitted_at IS NULL
HAVING count(*) > 0;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("pool", "0004_kept_overview"),
        ("specialists", "0011_never_sent_in_is_draft_or_given_up"),
    ]

    operations = [migrations.RunSQL(NOW + REFRESH, BEFORE + REFRESH)]
