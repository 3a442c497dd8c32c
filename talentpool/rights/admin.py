"""Requests in the admin: the stock list, pages of our own."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from municipalities.registry.access import SignedInRequest
from talentpool.pages.admin import PortalAdmin, number_or_404
from talentpool.rights import coordinator
from talentpool.rights.models import RightsRequest
from talentpool.specialists.admin import log_listed


@admin.register(RightsRequest)
class RightsRequestAdmin(PortalAdmin):
    list_display = ["pk", "kind", "specialist", "status", "received_on", "deadline_day", "decision"]
    list_filter = ["status", "kind"]
    list_select_related = ["specialist"]

    @admin.display(description="期限", ordering="due_on")
    def deadline_day(self, asked: RightsRequest) -> Any:
        return asked.deadline

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("package/<int:pk>/", view(coordinator.package), name="rights_package"),
            path(
                "package/<int:pk>/record.json",
                view(coordinator.package_file),
                name="rights_package_file",
            ),
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        log_listed(
            request, response, purpose="本人の請求の一覧", person_of=lambda row: row.specialist_id
        )
        return response

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return coordinator.take_in(cast(SignedInRequest, request))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        return coordinator.request_page(cast(SignedInRequest, request), number_or_404(object_id))
