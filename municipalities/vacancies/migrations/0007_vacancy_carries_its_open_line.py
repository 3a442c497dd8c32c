"""Each vacancy carries its line of the open data; `renew_columns` fills it after the migrations."""

from django.db import migrations, models

FORWARD = """
-- A line is never older than its values: whoever changes these alone empties it, and the file is
-- made of the values until the line is written again.
CREATE FUNCTION vacancies_drop_open_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.open_line := '';
    RETURN NEW;
END $$;

CREATE TRIGGER open_line_goes_with_its_values
BEFORE UPDATE ON vacancies_vacancy
FOR EACH ROW WHEN (
    NEW.open_line = OLD.open_line
    AND (NEW.values, NEW.form_version_id) IS DISTINCT FROM (OLD.values, OLD.form_version_id)
)
EXECUTE FUNCTION vacancies_drop_open_line();
"""

BACKWARD = """
DROP TRIGGER open_line_goes_with_its_values ON vacancies_vacancy;
DROP FUNCTION vacancies_drop_open_line();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("vacancies", "0006_submitted_change_has_time"),
    ]

    operations = [
        migrations.AddField(
            model_name="vacancy",
            name="open_line",
            field=models.TextField(
                blank=True, db_default="", default="", editable=False, verbose_name="公開の行"
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
