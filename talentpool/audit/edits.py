"""Edits in the admin's own forms, in the audit record like every other verb."""

from typing import Any, cast

from django.db import transaction
from django.http import HttpRequest

from talentpool.audit import services as audit
from talentpool.pages.admin import PortalAdmin


class AuditedAdmin(PortalAdmin):
    """For tables that have no verbs of their own: whoever saves a row stands in the record, with
    the names of the fields that changed, never their values."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            audit.record(
                "edit_row" if change else "add_row",
                obj,
                by=cast(audit.Actor, request.user),
                detail={"fields": sorted(form.changed_data)},
            )
