"""The pool in the admin. Each page that shows people is logged before it is sent (B-07)."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from talentpool.audit import services as audit
from talentpool.pages.admin import PortalAdmin
from talentpool.specialists.models import Firm, Specialist, SpecialistSkill
from talentpool.specialists.services import log_views


class SkillInline(admin.TabularInline):  # type: ignore[type-arg]
    model = SpecialistSkill
    extra = 1

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.admin_site.has_permission(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may_write: bool = self.admin_site.may_write(request)  # type: ignore[attr-defined]
        return may_write

    has_change_permission = has_add_permission
    has_delete_permission = has_add_permission


@admin.register(Specialist)
class SpecialistAdmin(PortalAdmin):
    # A list shows pool numbers and no names: opening a person is what shows the name.
    list_display = ["pool_number", "kind", "status", "base", "max_towns", "confirmed_at"]
    list_filter = ["status", "kind", "skills__skill"]
    list_select_related = ["base"]
    search_fields = ["pool_number", "kana", "name"]
    autocomplete_fields = ["firm"]
    readonly_fields = ["confirmed_at", "user"]
    filter_horizontal = ["forms"]
    inlines = [SkillInline]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        changelist = getattr(response, "context_data", {}).get("cl")
        if changelist is not None:
            log_views(
                [person.pk for person in changelist.result_list],
                viewer=request.user,
                scope="pool_number",
                purpose="人材の一覧",
            )
        return response

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        person = self.get_object(request, object_id)
        if person is not None:
            log_views([person.pk], viewer=request.user, scope="name", purpose="人材の登録内容")
        return super().change_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            audit.record(
                "edit_specialist",
                obj,
                by=request.user,
                detail={"fields": sorted(form.changed_data)},
            )


@admin.register(Firm)
class FirmAdmin(PortalAdmin):
    list_display = ["name", "corporate_number"]
    search_fields = ["name", "corporate_number"]
