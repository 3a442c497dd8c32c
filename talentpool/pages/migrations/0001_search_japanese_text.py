"""Two SQL functions for searching Japanese text: its folded form, and its pairs of characters.

`search_key` gives what `talentpool.conventions.folding.search_key` gives; the letters that differ
between PostgreSQL's lower() and full case folding are mapped here.
"""

from django.db import migrations

HIRAGANA = [*range(0x3041, 0x3097), 0x309D, 0x309E]
PLAIN_FORMS = dict(
    zip("髙﨑𠮷邉邊濵濱德黑廣國澤櫻瀨齋齊", "高崎吉辺辺浜浜徳黒広国沢桜瀬斎斉", strict=True)
)
FROM = "".join(map(chr, HIRAGANA)) + "".join(PLAIN_FORMS)
TO = "".join(chr(code + 0x60) for code in HIRAGANA) + "".join(PLAIN_FORMS.values())
# Blanks of all kinds, and characters that nobody sees.
DROPPED = (
    r"[\u0009-\u000d\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    r"\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]"
)

FORWARD = f"""
CREATE FUNCTION search_key(content text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT normalize(
        translate(
            regexp_replace(
                normalize(replace(
                        lower(replace(normalize(content, NFKC), '\u0130', 'i\u0307')), 'ß', 'ss'
                    ), NFKC),
                '{DROPPED}', '', 'g'
            ),
            '{FROM}ς\u0345', '{TO}σι'
        ),
        NFKC
    )
$$;
CREATE FUNCTION search_grams(content text) RETURNS text[]
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
"""  # noqa: S608 -- lists of letters, all of them above
BACKWARD = """
DROP FUNCTION search_grams(text);
DROP FUNCTION search_key(text);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
