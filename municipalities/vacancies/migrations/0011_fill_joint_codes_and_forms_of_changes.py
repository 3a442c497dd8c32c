"""Changes on their way keep the form that they were written in; joint vacancies know their towns."""

from django.db import migrations

FILL = """
UPDATE vacancies_vacancy SET change_form_id = form_version_id WHERE change <> '';
UPDATE vacancies_vacancy
SET joint_codes = array_remove(
    string_to_array(values ->> 'joint_members', ';'), municipality_id::text
)::varchar[]
WHERE values ->> 'joint_type' IN ('1', '3') AND values ->> 'joint_members' <> '';
"""


class Migration(migrations.Migration):
    dependencies = [("vacancies", "0010_post_vacancies_together")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
