"""Triggers that keep `PoolEntry` in step with what it is made of.

They are part of the transaction of whoever writes, so a search never sees a person as he or she no
longer is, and no code path can forget them. Who has not applied yet is marked `unsent`: nobody but the person sees
that registration. Weekdays: Monday is 0. Before it reads, a trigger locks the entries of the
people it is about, in the order of their keys: of two writers the second reads what the first has
committed.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION pool_lock_entries(people bigint[]) RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT count(*) FROM (
        SELECT 1 FROM pool_poolentry WHERE specialist_id = ANY (people)
        ORDER BY specialist_id FOR NO KEY UPDATE
    ) AS locked
$$;

CREATE FUNCTION pool_facts(people bigint[]) RETURNS TABLE (
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

CREATE FUNCTION pool_free(people bigint[]) RETURNS TABLE (specialist_id bigint, free smallint[])
LANGUAGE sql STABLE AS $$
    SELECT
        m.specialist_id,
        (format('[%s:%s]={', min(m.number), max(m.number))
         || string_agg(m.free::text, ',' ORDER BY m.number) || '}')::smallint[]
    FROM (
        SELECT span.specialist_id, number, CASE
            WHEN EXISTS (
                SELECT FROM specialists_pause p
                WHERE p.specialist_id = span.specialist_id
                AND day BETWEEN p.first_month AND p.last_month
            ) THEN 0
            ELSE greatest(coalesce(a.half_days, 0) - coalesce(c.signed + c.held, 0), 0)
        END AS free
        FROM (
            SELECT declared.specialist_id,
                   min(extract(year FROM month) * 12 + extract(month FROM month))::int AS first,
                   max(extract(year FROM month) * 12 + extract(month FROM month))::int AS last
            FROM specialists_availability declared
            WHERE declared.specialist_id = ANY (people) GROUP BY declared.specialist_id
        ) AS span
        CROSS JOIN LATERAL generate_series(span.first, span.last) AS number
        CROSS JOIN LATERAL make_date((number - 1) / 12, (number - 1) % 12 + 1, 1) AS day
        LEFT JOIN specialists_availability a
            ON a.specialist_id = span.specialist_id AND a.month = day
        LEFT JOIN engagements_capacitymonth c
            ON c.specialist_id = span.specialist_id AND c.month = day
    ) AS m
    GROUP BY m.specialist_id
$$;

CREATE FUNCTION pool_refresh(people bigint[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pool_lock_entries(people);
    INSERT INTO pool_poolentry AS e
        (specialist_id, pool_number, confirmed_at, facets, free, search_text)
    SELECT f.specialist_id, f.pool_number, f.confirmed_at, f.facets, '{}', f.search_text
    FROM pool_facts(people) f
    ON CONFLICT (specialist_id) DO UPDATE SET
        pool_number = excluded.pool_number,
        confirmed_at = excluded.confirmed_at,
        facets = excluded.facets,
        search_text = excluded.search_text
    WHERE (e.pool_number, e.confirmed_at, e.facets, e.search_text) IS DISTINCT FROM
        (excluded.pool_number, excluded.confirmed_at, excluded.facets, excluded.search_text);
END
$$;

CREATE FUNCTION pool_refresh_free(people bigint[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pool_lock_entries(people);
    UPDATE pool_poolentry e SET free = coalesce(f.free, '{}')
    FROM unnest(people) AS changed (id) LEFT JOIN pool_free(people) f ON f.specialist_id = id
    WHERE e.specialist_id = changed.id AND e.free IS DISTINCT FROM coalesce(f.free, '{}');
END
$$;

-- The argument is the column of the changed rows that says whose they are.
CREATE FUNCTION pool_facts_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE people bigint[];
BEGIN
    EXECUTE format('SELECT array_agg(DISTINCT %I) FROM changed', TG_ARGV[0]) INTO people;
    IF people IS NOT NULL THEN PERFORM pool_refresh(people); END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION pool_free_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE people bigint[];
BEGIN
    SELECT array_agg(DISTINCT specialist_id) FROM changed INTO people;
    IF people IS NOT NULL THEN PERFORM pool_refresh_free(people); END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION pool_firm_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE people bigint[];
BEGIN
    SELECT array_agg(s.id) FROM specialists_specialist s JOIN changed ON s.firm_id = changed.id
    INTO people;
    IF people IS NOT NULL THEN PERFORM pool_refresh(people); END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION pool_person_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM pool_poolentry WHERE specialist_id IN (SELECT id FROM changed);
    RETURN NULL;
END
$$;

CREATE INDEX pool_grams ON pool_poolentry USING gin (search_grams(search_text));
"""

# table, events, function with its argument
WATCHED = [
    ("specialists_specialist", ("INSERT", "UPDATE"), "pool_facts_changed('id')"),
    ("specialists_specialist", ("DELETE",), "pool_person_gone()"),
    ("specialists_firm", ("UPDATE",), "pool_firm_changed()"),
    (
        "specialists_specialistskill",
        ("INSERT", "UPDATE", "DELETE"),
        "pool_facts_changed('specialist_id')",
    ),
    (
        "specialists_specialist_forms",
        ("INSERT", "UPDATE", "DELETE"),
        "pool_facts_changed('specialist_id')",
    ),
    (
        "specialists_workprofile",
        ("INSERT", "UPDATE", "DELETE"),
        "pool_facts_changed('specialist_id')",
    ),
    (
        "specialists_certificate",
        ("INSERT", "UPDATE", "DELETE"),
        "pool_facts_changed('specialist_id')",
    ),
    ("specialists_availability", ("INSERT", "UPDATE", "DELETE"), "pool_free_changed()"),
    ("specialists_pause", ("INSERT", "UPDATE", "DELETE"), "pool_free_changed()"),
    ("engagements_capacitymonth", ("INSERT", "UPDATE", "DELETE"), "pool_free_changed()"),
]


def names() -> list[tuple[str, str, str, str]]:
    """Trigger, table, event and function of every trigger."""
    return [
        (f"pool_{table.split('_', 1)[1]}_{event.lower()}", table, event, function)
        for table, events, function in WATCHED
        for event in events
    ]


TRIGGERS = "".join(
    f"CREATE TRIGGER {name} AFTER {event} ON {table}"
    f" REFERENCING {'OLD' if event == 'DELETE' else 'NEW'} TABLE AS changed"
    f" FOR EACH STATEMENT EXECUTE FUNCTION {function};\n"
    for name, table, event, function in names()
)
# A search is over before parallel workers have started.
ALONE = "ALTER TABLE pool_poolentry SET (parallel_workers = 0);"
BACKWARD = (
    "".join(f"DROP TRIGGER {name} ON {table};\n" for name, table, *_ in names())
    + """
ALTER TABLE pool_poolentry RESET (parallel_workers);
DROP INDEX pool_grams;
DROP FUNCTION pool_person_gone();
DROP FUNCTION pool_firm_changed();
DROP FUNCTION pool_free_changed();
DROP FUNCTION pool_facts_changed();
DROP FUNCTION pool_refresh_free(bigint[]);
DROP FUNCTION pool_refresh(bigint[]);
DROP FUNCTION pool_free(bigint[]);
DROP FUNCTION pool_facts(bigint[]);
DROP FUNCTION pool_lock_entries(bigint[]);
"""
)


class Migration(migrations.Migration):
    dependencies = [
        ("engagements", "0002_shares_sum_to_total"),
        ("pages", "0001_search_japanese_text"),
        ("pool", "0001_tables"),
        ("specialists", "0001_tables"),
    ]

    operations = [migrations.RunSQL(FUNCTIONS + TRIGGERS + ALONE, BACKWARD)]
