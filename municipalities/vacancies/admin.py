"""The prefecture's lists of needs, vacancies, the month's batches and the form."""

from typing import Any

from django.contrib import admin, messages
from django.forms import Textarea
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from municipalities.registry.models import Municipality
from municipalities.vacancies import services
from municipalities.vacancies.errors import VacanciesError
from municipalities.vacancies.forms.exports import DeleteDraftsForm
from municipalities.vacancies.models import FormField, FormVersion, MinistryExport, Need, Vacancy
from municipalities.vacancies.views import months, review
from municipalities.vacancies.views.states import shown
from talentpool.conventions.amounts import half_days_label
from talentpool.conventions.era import format_month, format_month_span
from talentpool.pages.admin import OpenedInline, PortalAdmin, ReadOnlyAdmin, number_or_404


class MunicipalityFilter(admin.RelatedFieldListFilter):
    """Only the prefecture's own towns, not all 1,741."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        towns = Municipality.objects.visible_to(request.user)
        return [(town.pk, town.name) for town in towns]


class ReviewedAdmin(ReadOnlyAdmin):
    """A list whose rows lead to a page of decision instead of a form."""

    review_name = ""

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return redirect(self.review_name, number_or_404(object_id))


@admin.register(Need)
class NeedAdmin(ReviewedAdmin):
    list_display = [
        "title",
        "municipality",
        "problem",
        "amount",
        "months_",
        "status",
        "submitted_at",
    ]
    list_filter = ["status", "problem", "priority", ("municipality", MunicipalityFilter)]
    list_select_related = ["municipality"]
    search_fields = ["title"]
    ordering = ["-pk"]
    review_name = "admin:vacancies_need_review"

    @admin.display(description="量")
    def amount(self, need: Need) -> str:
        return half_days_label(need.half_days)

    @admin.display(description="期間")
    def months_(self, need: Need) -> str:
        return format_month_span(need.first_month, need.last_month)

    def get_urls(self) -> list[Any]:
        return [
            path(
                "<int:pk>/review/",
                self.admin_site.admin_view(review.review_need),
                name="vacancies_need_review",
            ),
            *super().get_urls(),
        ]


@admin.register(Vacancy)
class VacancyAdmin(ReviewedAdmin):
    list_display = [
        "vacancy_no",
        "municipality",
        "position_title",
        "state",
        "open_date",
        "close_date",
        "publish_ok",
    ]
    list_filter = ["status", "change", "publish_ok", ("municipality", MunicipalityFilter)]
    list_select_related = ["municipality"]
    search_fields = ["vacancy_no", "position_title"]
    ordering = ["-pk"]
    review_name = "admin:vacancies_vacancy_review"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("values")

    @admin.display(description="状態", ordering="status")
    def state(self, vacancy: Vacancy) -> str:
        """Also that it is past its last day, which is no state of its own."""
        return shown(vacancy).label

    def get_urls(self) -> list[Any]:
        return [
            path(
                "<int:pk>/review/",
                self.admin_site.admin_view(review.review_vacancy),
                name="vacancies_vacancy_review",
            ),
            path("gaps/", self.admin_site.admin_view(review.gaps), name="vacancies_vacancy_gaps"),
            *super().get_urls(),
        ]


@admin.register(MinistryExport)
class MinistryExportAdmin(ReviewedAdmin):
    """The months have their own pages; the list of versions is there for filtering."""

    list_display = ["month", "version", "status", "rows_", "document_number", "page"]
    list_filter = ["status"]
    ordering = ["-month", "-version"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("rows", "content")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return super().changelist_view(request, {"list_name": "月次提出のすべての版"})

    @admin.display(description="件数")
    def rows_(self, export: MinistryExport) -> int:
        return export.row_count

    @admin.display(description="ページ")
    def page(self, export: MinistryExport) -> SafeString:
        url = reverse("admin:vacancies_ministryexport_month", args=[f"{export.month:%Y-%m}"])
        return format_html('<a href="{}">{}の月次提出を開く</a>', url, format_month(export.month))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        export = self.get_object(request, object_id)
        if export is None:
            return redirect("admin:vacancies_ministryexport_months")
        return redirect("admin:vacancies_ministryexport_month", f"{export.month:%Y-%m}")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("months/", view(months.months), name="vacancies_ministryexport_months"),
            path("months/<str:month>/", view(months.month), name="vacancies_ministryexport_month"),
            path("<int:pk>/file/", view(months.download), name="vacancies_ministryexport_file"),
            path(
                "<int:pk>/file/<slug:kind>/",
                view(months.download),
                name="vacancies_ministryexport_kind",
            ),
            path("<int:pk>/letter/", view(months.letter), name="vacancies_ministryexport_letter"),
            path("<int:pk>/since/", view(months.since), name="vacancies_ministryexport_since"),
            *super().get_urls(),
        ]


HOW_A_DRAFT_BEGINS = (
    "下書きは何度でも保存できます。適用開始日を入れて保存すると、その日から使う版に決まり、"
    "変えられなくなります。"
)
HOW_TO_CHANGE_A_VERSION = (
    "適用開始日が決まった版は変えられません。新しい版は、版の一覧でこの版を選び、"
    "操作の「写して新しい版の下書きを作る」から始めます。"
)


def _is_open(version: Any) -> bool:
    """Whether the page lets the version be edited: a new one, or one that is saved as a draft."""
    return version is None or getattr(version, "opened_as_draft", version.is_draft)


class FormFieldInline(OpenedInline):
    model = FormField
    extra = 0
    fields = [
        "order",
        "identifier",
        "header",
        "kind",
        "requirement",
        "condition",
        "allowed",
        "minimum",
        "maximum",
        "max_length",
        "section",
        "public",
        "note",
    ]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "allowed":
            kwargs["widget"] = Textarea(attrs={"rows": 2, "cols": 40})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def _may(self, request: HttpRequest, obj: FormVersion | None) -> bool:
        may_write: bool = self.admin_site.may_write(request)  # type: ignore[attr-defined]
        return may_write and _is_open(obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.admin_site.has_permission(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj)


@admin.register(FormVersion)
class FormVersionAdmin(PortalAdmin):
    """A version in force is shown, not edited; a new one begins as a copy."""

    list_display = ["code", "name", "in_force_from", "state"]
    fields = ["code", "name", "in_force_from", "note"]
    inlines = [FormFieldInline]
    actions = ["copy_version", "take_back_version", "delete_draft"]

    add_words = "白紙から版を作る"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _is_open(obj)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """A form that is refused has set its day on the row already: what is saved decides."""
        version = super().get_object(request, object_id, from_field)
        if version is not None:
            version.opened_as_draft = version.is_draft
        return version

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        [(name, options)] = super().get_fieldsets(request, obj)
        words = HOW_A_DRAFT_BEGINS if _is_open(obj) else HOW_TO_CHANGE_A_VERSION
        return [(name, {**options, "description": words})]

    def get_queryset(self, request: HttpRequest) -> Any:
        versions: Any = super().get_queryset(request)
        return versions.with_current(timezone.localdate())

    @admin.display(description="状態")
    def state(self, version: Any) -> str:
        if version.is_draft:
            return "下書き"
        if version.in_force_from > timezone.localdate():
            return "適用前"
        return "適用中" if version.pk == version.current else "以前の版"

    def save_model(self, request: HttpRequest, obj: FormVersion, form: Any, change: bool) -> None:
        """Save it as a draft first: once it is in force, its fields could not be saved."""
        wanted, obj.in_force_from = obj.in_force_from, None
        super().save_model(request, obj, form, change)
        obj.in_force_from = wanted

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        version: FormVersion = form.instance
        if version.in_force_from is None:
            return
        try:
            services.put_in_force(version, version.in_force_from, by=request.user)  # type: ignore[arg-type]
        except VacanciesError as error:
            messages.error(request, f"保存しましたが、まだ適用していません。{error}")

    @admin.action(description="写して新しい版の下書きを作る", permissions=["change"])
    def copy_version(self, request: HttpRequest, queryset: Any) -> None:
        for version in queryset:
            copy = services.copy_form(version, by=request.user)  # type: ignore[arg-type]
            messages.success(request, f"{version.code} を写して {copy.code} を作りました。")

    @admin.action(description="適用開始日より前の版を下書きに戻す", permissions=["change"])
    def take_back_version(self, request: HttpRequest, queryset: Any) -> None:
        for version in queryset:
            try:
                services.take_back_form(version, by=request.user)  # type: ignore[arg-type]
                messages.success(request, f"{version.code} を下書きに戻しました。")
            except VacanciesError as error:
                messages.error(request, str(error))

    @admin.action(description="下書きの版を消す(元に戻せません)", permissions=["change"])
    def delete_draft(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Asks first: the fields of a draft are the work of days."""
        if "confirmed" not in request.POST:
            chosen = [str(version.pk) for version in queryset]
            context = {
                "title": "様式の下書きを消す",
                "question": "様式の下書きを消しますか",
                "objects": [str(version) for version in queryset],
                "consequence": "下書きの版を、項目ごと消します。適用した版は消えません。",
                "action_label": "下書きを消す",
                "cancel_url": reverse("admin:vacancies_formversion_changelist"),
                "form": DeleteDraftsForm(action="delete_draft", chosen=chosen),
            }
            return review.prefecture_page(request, "vacancies/admin/delete_forms.html", context)
        for version in queryset:
            try:
                services.delete_form(version, by=request.user)  # type: ignore[arg-type]
                messages.success(request, f"{version.code} を消しました。")
            except VacanciesError as error:
                messages.error(request, str(error))
        return None
