"""The portal's addresses with a stock Django admin beside them, for the comparison."""

from functools import cache
from pathlib import Path
from typing import Any

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.template import engines
from django.urls import path

from talentpool.specialists.models import ProfileView, Specialist
from talentpool.urls import urlpatterns as portal

stock = AdminSite(name="stock")


class Stock(admin.ModelAdmin):
    """A list as Django writes it, in the portal's frame."""

    @property
    def change_list_template(self) -> Any:  # type: ignore[override]  # Django's, not the portal's
        return _template()


@cache
def _template() -> Any:
    path = Path(admin.__file__).parent / "templates/admin/change_list.html"
    return engines["django"].from_string(path.read_text())


class StockSpecialists(Stock):
    """What Django gives with nothing but a list of columns, filters and fields to search."""

    list_display = ["pool_number", "kind", "status", "base", "max_towns", "confirmed_at"]
    list_filter = ["status", "kind", "skills__skill"]
    list_select_related = ["base"]
    list_per_page = 50
    search_fields = ["pool_number", "kana", "name", "strengths"]
    ordering = ["pool_number"]


class StockViews(Stock):
    list_display = ["specialist", "at", "viewer", "viewer_body", "scope", "purpose"]
    list_select_related = ["specialist", "viewer"]
    list_per_page = 50


stock.register(Specialist, StockSpecialists)
stock.register(ProfileView, StockViews)
urlpatterns: list[Any] = [*portal, path("stock/", stock.urls)]
