"""Engagements in the admin: to read, and to end early; they are signed in matching.proposals."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from matching.engagements import (
    capacity_views,
    conflict_admin,  # noqa: F401 - its pages are registered by loading it
    days_for,
    views,
)
from matching.engagements.models import Engagement
from municipalities.registry.access import SignedInRequest
from talentpool.pages.admin import ReadOnlyAdmin, number_or_404
from talentpool.specialists.admin import log_listed


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
            ),
            path(
                "capacity/",
                self.admin_site.admin_view(cast(Any, capacity_views.coordinator_capacity)),
                name="engagements_capacity",
            ),
            path(
                "days/<int:pk>/",
                self.admin_site.admin_view(cast(Any, days_for.days_for)),
                name="engagements_days_for",
            ),
            path(
                "shares/<int:pk>/weekdays/",
                self.admin_site.admin_view(views.visit_weekdays),
                name="engagements_visit_weekdays",
            ),
            path(
                "<int:pk>/terminate/",
                self.admin_site.admin_view(views.coordinator_terminate),
                name="engagements_terminate",
            ),
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        log_listed(
            request,
            response,
            purpose="契約を一覧で見るため",
            person_of=lambda row: row.specialist_id,
        )
        return response

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        return views.coordinator_detail(cast(SignedInRequest, request), number_or_404(object_id))
