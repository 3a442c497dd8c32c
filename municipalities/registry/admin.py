"""The towns in the admin."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from municipalities.registry import deal_import_views, invitations, membership_views
from municipalities.registry.access import SignedInRequest
from municipalities.registry.deals import save_contract, save_procurement
from municipalities.registry.forms import InviteForm
from municipalities.registry.models import (
    Group,
    GroupMember,
    Invitation,
    Membership,
    Municipality,
    PlannedProcurement,
    Population,
    ProcurementParty,
    SchemeUse,
    VendorContract,
)
from talentpool.pages.admin import OpenedInline, PortalAdmin, ReadOnlyAdmin


class ReadOnlyInline(admin.TabularInline):
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

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        shown = super().get_list_display(request)
        return [*shown, "end"] if self._may_write(request) else shown

    @admin.display(description="異動・退職", empty_value="")
    def end(self, membership: Membership) -> Any:
        if membership.until is not None:
            return ""
        return format_html(
            '<a class="cell-link" href="{}">終える<span class="visually-hidden">：{}</span></a>',
            reverse("admin:registry_membership_end", args=[membership.pk]),
            membership.user.name,
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = path("<int:pk>/end/", view(membership_views.end), name="registry_membership_end")
        return [own, *super().get_urls()]


@admin.register(Invitation)
class InvitationAdmin(PortalAdmin):
    """Coordinators invite staff here; what was sent is read, taken back or sent anew."""

    list_display = ["email", "role", "municipality", "state", "invited_at", "expires_at"]
    list_filter = ["status", "role"]
    list_select_related = ["municipality"]
    search_fields = ["email", "municipality__name"]
    fields = ["email", "role", "municipality", "section", "state", "invited_at", "expires_at"]
    actions = ["send_anew", "take_back"]

    @admin.display(description="状態")
    def state(self, invitation: Invitation) -> str:
        return invitation.status_words

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else InviteForm.Meta.fields

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change, **kwargs)
        return type("InviteFormOfUser", (InviteForm,), {"user": request.user})

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """A sent invitation is not edited; the list's actions need the right without an object."""
        return obj is None and self._may_write(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        made = self._invite(request, obj)
        obj.pk, obj.email = made.pk, made.email

    def _invite(self, request: HttpRequest, wanted: Invitation) -> Invitation:
        by: Any = request.user
        made, _ = invitations.invite(
            email=wanted.email,
            role=wanted.role,
            municipality=wanted.municipality,
            section=wanted.section,
            by=by,
        )
        if not invitations.is_official(made.email):
            messages.warning(
                request,
                f"{made.email} は、国や自治体のドメイン(lg.jp、go.jp)ではありません。"
                "宛先に誤りがあるときは、招待を取り消してください。",
            )
        return made

    @admin.action(description="招待を送り直す", permissions=["change"])
    def send_anew(self, request: HttpRequest, chosen: QuerySet[Invitation]) -> None:
        self._each(request, chosen, lambda row: self._invite(request, row), "送り直しました。")

    @admin.action(description="招待を取り消す", permissions=["change"])
    def take_back(self, request: HttpRequest, chosen: QuerySet[Invitation]) -> None:
        by: Any = request.user
        self._each(
            request, chosen, lambda row: invitations.revoke(row.pk, by=by), "取り消しました。"
        )

    @staticmethod
    def _each(
        request: HttpRequest,
        chosen: QuerySet[Invitation],
        verb: Callable[[Invitation], Any],
        done: str,
    ) -> None:
        for row in chosen.order_by("pk"):
            try:
                verb(row)
            except invitations.InvitationRefused as refusal:
                messages.error(request, f"{row.email}：{refusal}")
            else:
                messages.success(request, f"{row.email}：{done}")


class OwnPrefectureAdmin(PortalAdmin):
    """Rows of a town of the prefecture."""

    autocomplete_fields = ["municipality"]

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "municipality":
            kwargs["queryset"] = Municipality.objects.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class PartyInline(OpenedInline):
    model = ProcurementParty
    extra = 3

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.admin_site.has_permission(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may_write: bool = self.admin_site.may_write(request)  # type: ignore[attr-defined]
        return may_write

    has_change_permission = has_add_permission
    has_delete_permission = has_add_permission


@admin.register(PlannedProcurement)
class PlannedProcurementAdmin(OwnPrefectureAdmin):
    list_display = ["municipality", "subject", "skill", "prepared_from", "decided_on", "status"]
    list_filter = ["status"]
    list_select_related = ["municipality", "skill"]
    search_fields = ["subject", "municipality__name", "parties__name", "parties__corporate_number"]
    readonly_fields = ["updated_by", "updated_at"]
    inlines = [PartyInline]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("import/", view(deal_import_views.staff_list), name="registry_deal_import_list"),
            path(
                "import/<int:pk>/",
                view(deal_import_views.staff_detail),
                name="registry_deal_import",
            ),
            path(
                "import/<int:pk>/problems.csv",
                view(deal_import_views.staff_problems),
                name="registry_deal_import_problems",
            ),
            path(
                "template/<slug:kind>.xlsx",
                view(deal_import_views.staff_template),
                name="registry_deal_template",
            ),
        ]
        return own + super().get_urls()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        save_procurement(form.instance, None, by=cast(SignedInRequest, request).user)


@admin.register(VendorContract)
class VendorContractAdmin(OwnPrefectureAdmin):
    list_display = ["municipality", "vendor_name", "subject", "starts", "ends"]
    list_select_related = ["municipality"]
    search_fields = ["vendor_name", "corporate_number", "subject", "municipality__name"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        save_contract(obj, by=cast(SignedInRequest, request).user)
