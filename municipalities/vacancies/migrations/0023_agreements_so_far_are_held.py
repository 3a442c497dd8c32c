from typing import Any

from django.db import migrations
from django.db.models import F


def fill(apps: Any, schema_editor: Any) -> None:
    agreed = apps.get_model("vacancies", "JointTown").objects.filter(
        status="agreed", vacancy__published_at__isnull=False
    )
    agreed.update(
        held_at=F("answered_at"), held_by=F("answered_by"), held_document=F("document_number")
    )


class Migration(migrations.Migration):
    """Who agrees to a published vacancy today has agreed to what is published."""

    dependencies = [("vacancies", "0022_hold_the_agreement_to_what_is_published")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
