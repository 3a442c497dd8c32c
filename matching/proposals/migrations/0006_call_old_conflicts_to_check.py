"""Candidates from before results were kept: what was written there was to be checked."""

from typing import Any

from django.db import migrations


def call_to_check(apps: Any, schema_editor: Any) -> None:
    candidates = apps.get_model("proposals", "Candidate").objects
    candidates.exclude(conflict="").filter(conflict_result="none").update(conflict_result="check")


class Migration(migrations.Migration):
    dependencies = [("proposals", "0005_say_results_of_conflicts")]

    operations = [migrations.RunPython(call_to_check, migrations.RunPython.noop)]
