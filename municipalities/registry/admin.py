"""The towns in the admin."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from municipalities.registry.models import (
    Group,
    GroupMember,
    Membership,
    Municipality,
    Population,
    SchemeUse,
    VendorContract,
)
from talentpool.pages.admin import PortalAdmin, ReadOnlyAdmin


class ReadOnlyInline(admin.TabularInline):  # type: ignore[type-arg]
    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.admin_site.has_permission(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PopulationInline(ReadOnlyInline):
    model = Population


class SchemeInline(ReadOnlyInline):
    model = SchemeUse


class MemberInline(ReadOnlyInline):
    model = GroupMember


@admin.register(Municipality)
class MunicipalityAdmin(ReadOnlyAdmin):
    list_display = ["code", "name", "kana"]
    list_display_links = ["code", "name"]
    search_fields = ["code", "name", "kana"]
    ordering = ["kana"]
    inlines = [PopulationInline, SchemeInline]


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "confirmed", "source"]
    list_filter = ["kind"]
    inlines = [MemberInline]


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ["user", "role", "municipality", "section", "since", "until"]
    list_filter = ["role"]
    list_select_related = ["user", "municipality"]
    search_fields = ["user__name", "municipality__name"]


@admin.register(VendorContract)
class VendorContractAdmin(PortalAdmin):
    list_display = ["municipality", "vendor_name", "subject", "starts", "ends"]
    list_select_related = ["municipality"]
    search_fields = ["vendor_name", "corporate_number", "subject", "municipality__name"]
    autocomplete_fields = ["municipality"]

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "municipality":
            kwargs["queryset"] = Municipality.objects.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
