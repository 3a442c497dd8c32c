"""The same pairs and characters, about five times as fast: without a window and without sorting."""

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION search_grams(content text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 AS $$
DECLARE
    letters text[] := string_to_array(content, NULL);
BEGIN
    RETURN ARRAY(
        SELECT letter || follower FROM unnest(letters, letters[2:]) AS t (letter, follower)
        WHERE follower IS NOT NULL
    ) || letters;
END
$$;
"""
BACKWARD = """
CREATE OR REPLACE FUNCTION search_grams(content text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10000 AS $$
    SELECT coalesce(array_agg(DISTINCT gram), '{}')
    FROM (
        SELECT letter || lead(letter, 1, '') OVER (ORDER BY place) AS pair, letter
        FROM unnest(string_to_array(content, NULL)) WITH ORDINALITY AS t (letter, place)
    ) AS letters, LATERAL (VALUES (pair), (letter)) AS both_kinds (gram)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("pages", "0001_search_japanese_text")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
