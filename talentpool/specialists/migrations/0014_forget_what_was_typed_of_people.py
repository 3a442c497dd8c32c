"""What was typed of people in imports that have ended is emptied."""

from typing import Any

from django.db import migrations


def forget(apps: Any, schema_editor: Any) -> None:
    ended = apps.get_model("specialists", "PeopleImport").objects.filter(
        status__in=["applied", "discarded"]
    )
    ended.update(problems=[], problem_file=None)  # messages of that time may repeat a value


class Migration(migrations.Migration):
    dependencies = [("specialists", "0013_keep_all_problems_of_imports")]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
