"""Who stood under the one kind 大学等・国のリスト waits until a coordinator has told which it is."""

from typing import Any

from django.db import migrations
from django.utils import timezone


def mark(apps: Any, schema_editor: Any) -> None:
    people = apps.get_model("specialists", "Specialist").objects.filter(kind="other")
    gone = ("withdrawn", "removed")
    people.exclude(status__in=gone).update(kind_unsettled_since=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("specialists", "0007_kind_to_be_settled"),
    ]

    operations = [
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
