"""Engagements in the admin: to read; they are signed in matching.proposals."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from matching.engagements import views
from matching.engagements.models import Engagement
from talentpool.pages.admin import ReadOnlyAdmin


@admin.register(Engagement)
class EngagementAdmin(ReadOnlyAdmin):
    list_display = ["number", "specialist", "status", "first_month", "last_month", "total_yen"]
    list_filter = ["status"]
    list_select_related = ["specialist"]
    search_fields = ["number", "specialist__pool_number"]

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                "timeline/",
                self.admin_site.admin_view(views.coordinator_timeline),
                name="engagements_timeline",
            )
        ]
        return own + super().get_urls()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        return views.coordinator_detail(request, object_id)
