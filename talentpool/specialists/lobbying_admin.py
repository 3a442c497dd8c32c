"""働きかけ記録 in the admin: all bodies' records; the prefecture's own are written here."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from municipalities.registry.access import SignedInRequest
from municipalities.registry.models import Municipality
from municipalities.registry.querysets import is_coordinator
from talentpool.conventions.numbers import number_in
from talentpool.pages.admin import PortalAdmin
from talentpool.pages.opened import OpenedModelForm
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.lobbying_views import FIELDS, check_days, check_report_day
from talentpool.specialists.models import LobbyingRecord
from talentpool.specialists.services import (
    link_lobbying,
    log_views,
    record_lobbying,
    report_lobbying,
)

TAKEN_OVER = [*FIELDS, "municipality", "reported_on"]  # by a record that sets another right


class LobbyingAdminForm(OpenedModelForm):
    """The days are checked as where a town writes them, also beside what can be read only."""

    def clean_reported_on(self) -> Any:
        day = self.cleaned_data["reported_on"]
        happened = self.cleaned_data.get("happened_on") or self.instance.happened_on
        if day is None and self.instance.reported_on is not None:
            raise forms.ValidationError("届け出た日は消せません。正しい日を入れてください。")
        return check_report_day(day, happened) if day and happened else day

    def clean_corrects(self) -> Any:
        first = self.cleaned_data["corrects"]
        if first is not None and first.correction is not None:
            raise forms.ValidationError("この記録は、もう訂正されています。")
        return first

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        check_days(self, data)
        first = data.get("corrects")
        if first is not None and first.municipality != data.get("municipality"):
            self.add_error("municipality", "訂正する記録と同じ団体にしてください。")
        return data


@admin.register(LobbyingRecord)
class LobbyingRecordAdmin(PortalAdmin):
    form = LobbyingAdminForm
    list_display = ["happened_on", "body", "subject", "verdict_words", "reported_on"]
    list_display_links = ["happened_on", "subject"]
    list_select_related = ["municipality"]
    search_fields = ["subject", "company", "municipality__name"]
    autocomplete_fields = ["municipality", "specialist", "corrects"]
    fields = [
        "verdict_words",
        "happened_on",
        "municipality",
        "requester",
        "specialist",
        "company",
        "in_company",
        "retired_on",
        "post",
        "duty",
        "subject",
        "content",
        "answer",
        "reported_on",
        "corrects",
        "setting_right",
        "recorded_by",
        "recorded_at",
    ]
    readonly_fields = ["verdict_words", "setting_right", "recorded_by", "recorded_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What was written down stays as it is; the day of the report may be added, and once which
        person of the pool it is about."""
        if obj is None:
            return self.readonly_fields
        open_ones = {"reported_on"} | ({"specialist"} if obj.specialist_id is None else set())
        return [name for name in self.fields if name not in open_ones]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What a record that sets another one right begins with."""
        given = super().get_changeform_initial_data(request)
        wanted = number_in(request.GET.get("corrects", ""))
        first = LobbyingRecord.objects.visible_to(request.user).filter(pk=wanted).first()
        if first is None:
            return {}
        values = {name: getattr(first, name) for name in TAKEN_OVER}
        return {**given, **values, "corrects": first.pk}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "municipality":
            kwargs["queryset"] = Municipality.objects.visible_to(request.user)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "specialist" and field is not None:
            field.help_text = "働きかけた人がプールの人材のとき。一度結ぶと変えられません。"
        return field

    @admin.display(description="受けた団体")
    def body(self, record: LobbyingRecord) -> str:
        return record.municipality.name if record.municipality else "県"

    @admin.display(description="地方公務員法38条の2")
    def verdict_words(self, record: LobbyingRecord) -> str:
        if record.pk is None:
            return "保存すると、規制に当たるかを示します。"
        return ("該当：" if record.verdict.barred else "非該当：") + record.verdict.words

    @admin.display(description="誤りの訂正")
    def setting_right(self, record: LobbyingRecord) -> str:
        if record.pk is None:
            return "書いた内容は、あとから変えられません。誤りは、訂正の記録を加えて直します。"
        if record.correction is not None:
            page = reverse("admin:specialists_lobbyingrecord_change", args=[record.correction.pk])
            return format_html('訂正済みです。<a href="{}">新しい記録を見る</a>', page)
        page = reverse("admin:specialists_lobbyingrecord_add")
        return format_html(
            "書いた内容は変えられません。誤りがあるときは、"
            '<a href="{}?corrects={}">訂正の記録を作る</a>',
            page,
            record.pk,
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, extra_context)
        record = self.get_object(request, object_id)
        if record is not None and record.specialist_id and response.status_code == 200:
            log_views(
                [record.specialist_id],
                viewer=cast(SignedInRequest, request).user,
                scope="name",
                purpose="働きかけ記録を確かめるため",
            )
        return response

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        by = cast(SignedInRequest, request).user
        if not is_coordinator(by):
            return
        try:
            if not change:
                record_lobbying(obj, by=by)
                return
            if "specialist" in form.changed_data and obj.specialist is not None:
                link_lobbying(obj, obj.specialist, by=by)
            if "reported_on" in form.changed_data and obj.reported_on:
                report_lobbying(obj, reported_on=obj.reported_on, by=by)
        except PoolRefused as refusal:  # somebody was quicker by a moment
            messages.error(request, str(refusal))
