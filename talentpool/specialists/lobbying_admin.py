"""働きかけ記録 in the admin: all bodies' records; the prefecture's own are written here."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest

from municipalities.registry.access import SignedInRequest
from municipalities.registry.models import Municipality
from talentpool.pages.admin import PortalAdmin
from talentpool.specialists.models import LobbyingRecord
from talentpool.specialists.services import record_lobbying, report_lobbying


@admin.register(LobbyingRecord)
class LobbyingRecordAdmin(PortalAdmin):
    list_display = ["happened_on", "body", "subject", "verdict_words", "reported_on"]
    list_display_links = ["happened_on", "subject"]
    list_select_related = ["municipality"]
    search_fields = ["subject", "company", "municipality__name"]
    autocomplete_fields = ["municipality", "specialist"]
    readonly_fields = ["verdict_words", "recorded_by", "recorded_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What was written down stays as it is; the day of the report may be added."""
        if obj is None:
            return self.readonly_fields
        return [
            field.name
            for field in LobbyingRecord._meta.concrete_fields
            if field.name not in {"id", "reported_on"}
        ] + ["verdict_words"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "municipality":
            kwargs["queryset"] = Municipality.objects.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="受けた団体")
    def body(self, record: LobbyingRecord) -> str:
        return record.municipality.name if record.municipality else "県"

    @admin.display(description="地方公務員法38条の2")
    def verdict_words(self, record: LobbyingRecord) -> str:
        if record.pk is None:
            return "保存すると、規制に当たるかを示します。"
        return ("該当：" if record.verdict.barred else "非該当：") + record.verdict.words

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        by = cast(SignedInRequest, request).user
        if not change:
            record_lobbying(obj, by=by)
        elif "reported_on" in form.changed_data and obj.reported_on:
            report_lobbying(obj, reported_on=obj.reported_on, by=by)
