from typing import Any

from django.db import migrations


def fill(apps: Any, schema_editor: Any) -> None:
    answers = apps.get_model("vacancies", "RoundAnswer").objects
    answers.filter(answered_at__isnull=False, kind="").update(kind="unchanged")


class Migration(migrations.Migration):
    """Until now a town could only answer that nothing had changed."""

    dependencies = [("vacancies", "0017_say_what_a_town_answered")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
