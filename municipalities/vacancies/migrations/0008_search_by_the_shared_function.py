from django.db import migrations

FORWARD = """
DROP INDEX vacancy_grams;
DROP FUNCTION vacancies_grams(text);
CREATE INDEX vacancy_grams ON vacancies_vacancy USING gin (search_grams(search_text));
"""
BACKWARD = """
DROP INDEX vacancy_grams;
CREATE FUNCTION vacancies_grams(content text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10000 AS $$
    SELECT coalesce(array_agg(DISTINCT gram), '{}')
    FROM (
        SELECT letter || lead(letter, 1, '') OVER (ORDER BY place) AS pair, letter
        FROM unnest(string_to_array(content, NULL)) WITH ORDINALITY AS t (letter, place)
    ) AS letters, LATERAL (VALUES (pair), (letter)) AS both_kinds (gram)
$$;
CREATE INDEX vacancy_grams ON vacancies_vacancy USING gin (vacancies_grams(search_text));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("pages", "0001_search_japanese_text"),
        ("vacancies", "0007_mail_news_of_vacancies"),
    ]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
