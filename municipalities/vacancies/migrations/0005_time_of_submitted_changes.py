"""A change that waits already gets the last known time of its vacancy."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("vacancies", "0004_changes_have_times_and_words_are_withheld")]

    operations = [
        migrations.RunSQL(
            "UPDATE vacancies_vacancy SET change_submitted_at = changed_at"
            " WHERE change = 'submitted'",
            migrations.RunSQL.noop,
        )
    ]
