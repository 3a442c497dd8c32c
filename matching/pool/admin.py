"""The search over the pool and the demand in the admin."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from matching.pool import views
from matching.pool.models import Demand, PoolEntry
from municipalities.registry.access import SignedInRequest
from municipalities.vacancies.admin import MunicipalityFilter
from talentpool.conventions.amounts import half_days_label
from talentpool.conventions.era import format_month_span
from talentpool.pages.admin import ReadOnlyAdmin, number_or_404


@admin.register(PoolEntry)
class PoolEntryAdmin(ReadOnlyAdmin):
    """In place of the stock list: the search. A row's page is the person's."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("save/", view(views.save), name="pool_save"),
            path("saved/<int:pk>/remove/", view(views.remove), name="pool_remove"),
            path("export/", view(views.export), name="pool_export"),
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return views.search(cast(SignedInRequest, request))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        return redirect("admin:specialists_specialist_change", number_or_404(object_id))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        return redirect("admin:specialists_specialist_history", number_or_404(object_id))


@admin.register(Demand)
class DemandAdmin(ReadOnlyAdmin):
    list_display = ["number", "municipality", "wanted", "amount", "months_", "status", "created_at"]
    list_filter = ["status", "skill", ("municipality", MunicipalityFilter)]
    list_select_related = ["municipality", "skill"]
    ordering = ["-pk"]

    @admin.display(description="番号", ordering="pk")
    def number(self, demand: Demand) -> str:
        return f"第{demand.pk}号"

    @admin.display(description="求めるスキル", ordering="skill")
    def wanted(self, demand: Demand) -> str:
        return f"{demand.skill.name} L{demand.level}"

    @admin.display(description="量")
    def amount(self, demand: Demand) -> str:
        return half_days_label(demand.half_days)

    @admin.display(description="期間")
    def months_(self, demand: Demand) -> str:
        return format_month_span(demand.first_month, demand.last_month)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        return views.demand_page(cast(SignedInRequest, request), number_or_404(object_id))
