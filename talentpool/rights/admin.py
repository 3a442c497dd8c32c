"""Requests and alerts in the admin: the stock list, pages of our own."""

from typing import Any, cast

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone

from municipalities.registry.access import SignedInRequest
from talentpool.audit import services as audit
from talentpool.conventions.era import format_wareki
from talentpool.pages.admin import PortalAdmin, ReadOnlyAdmin, number_or_404
from talentpool.privacy import retention
from talentpool.privacy.models import RetentionTerm
from talentpool.rights import coordinator
from talentpool.rights.models import RightsRequest, ViewAlert, ViewLimit
from talentpool.specialists.admin import log_listed


@admin.register(RetentionTerm)
class RetentionTermAdmin(PortalAdmin):
    """How long what is kept, and how much is past its term now: the dry run of the purge."""

    list_display = ["what", "words", "past_now", "basis", "confirmed"]
    fields = ["what", "days", "fiscal_years", "basis", "confirmed"]
    readonly_fields = ["what"]

    @admin.display(description="保存期間")
    def words(self, term: RetentionTerm) -> str:
        return term.words

    @admin.display(description="今夜削除する件数")
    def past_now(self, term: RetentionTerm) -> str:
        return f"{retention.due(term, timezone.now()).count():,}件"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a kind of record comes with the code that removes it

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            audit.record(
                "edit_retention_term",
                obj,
                by=cast(SignedInRequest, request).user,
                detail={"days": obj.days, "fiscal_years": obj.fiscal_years},
            )


@admin.register(RightsRequest)
class RightsRequestAdmin(PortalAdmin):
    list_display = [
        "number",
        "kind",
        "specialist",
        "status",
        "received_on",
        "deadline_day",
        "decision",
    ]
    list_filter = ["status", "kind"]
    list_select_related = ["specialist"]

    @admin.display(description="番号", ordering="pk")
    def number(self, asked: RightsRequest) -> str:
        return f"第{asked.pk}号"

    @admin.display(description="期限", ordering="due_on")
    def deadline_day(self, asked: RightsRequest) -> str:
        late = "（超過）" if asked.is_open and asked.deadline < timezone.localdate() else ""
        return f"{format_wareki(asked.deadline)}{late}"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("breach/", view(coordinator.breach_kit), name="rights_breach"),
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
            request,
            response,
            purpose="本人からの請求を一覧で見るため",
            person_of=lambda row: row.specialist_id,
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


@admin.register(ViewLimit)
class ViewLimitAdmin(PortalAdmin):
    """From how many people a day on a viewer is told of."""

    list_display = ["looking", "least", "times", "always", "days", "basis", "confirmed"]
    fields = ["looking", "least", "times", "always", "days", "basis", "confirmed"]
    readonly_fields = ["looking"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # how closely one looks is said by the code

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            audit.record(
                "edit_view_limit",
                obj,
                by=cast(SignedInRequest, request).user,
                detail={"least": obj.least, "times": obj.times, "always": obj.always},
            )


@admin.register(ViewAlert)
class ViewAlertAdmin(ReadOnlyAdmin):
    """Who looked at unusually many people; its page takes what was found out."""

    list_display = ["number", "day", "viewer", "viewer_body", "looking", "people", "is_settled"]
    list_filter = ["looking"]
    list_select_related = ["viewer"]

    @admin.display(description="番号", ordering="pk")
    def number(self, alert: ViewAlert) -> str:
        return f"第{alert.pk}号"

    @admin.display(description="状態", ordering="settled_at")
    def is_settled(self, alert: ViewAlert) -> str:
        return "確認済み" if alert.settled_at else "未確認"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        return coordinator.alert_page(cast(SignedInRequest, request), number_or_404(object_id))
