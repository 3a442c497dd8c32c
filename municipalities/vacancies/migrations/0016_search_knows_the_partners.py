"""Joint vacancies are found by the names of all their bodies: `renew_columns` writes their texts anew
after the migrations, as their lines are empty."""

from django.db import migrations

FORWARD = "UPDATE vacancies_vacancy SET open_line = '' WHERE joint_codes <> '{}'"


class Migration(migrations.Migration):
    dependencies = [("vacancies", "0015_answers_have_versions")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
