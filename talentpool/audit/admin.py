"""The audit record in the admin: to read, never to write."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from talentpool.audit.models import Event
from talentpool.pages.admin import ReadOnlyAdmin


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor_id", "actor_role", "action", "object_type", "object_id"]
    list_filter = ["action"]
    search_fields = ["object_id"]

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return True
