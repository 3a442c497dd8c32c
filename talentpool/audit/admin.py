"""The audit record in the admin: to read, never to write."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from talentpool.audit.models import Event
from talentpool.audit.services import recorded_actions
from talentpool.audit.words import ROLES, action_words, object_words
from talentpool.pages.admin import KeyedPaginator, ReadOnlyAdmin


class ActionFilter(admin.SimpleListFilter):
    """One kind of thing that was done."""

    title = "操作"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        pairs = [(code, action_words(code)) for code in recorded_actions()]
        return sorted(pairs, key=lambda pair: pair[1])

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[Event]
    ) -> models.QuerySet[Event]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor_id", "role", "done", "target", "object_id"]
    list_display_links = ["done"]
    list_filter = [ActionFilter]
    search_fields = ["object_id__exact"]
    paginator = KeyedPaginator

    @admin.display(description="立場", ordering="actor_role")
    def role(self, event: Event) -> str:
        return ROLES.get(event.actor_role, event.actor_role)

    @admin.display(description="操作", ordering="action")
    def done(self, event: Event) -> str:
        return action_words(event.action)

    @admin.display(description="対象", ordering="object_type")
    def target(self, event: Event) -> str:
        return object_words(event.object_type)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return True
