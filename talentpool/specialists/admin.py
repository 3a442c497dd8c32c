"""The pool in the admin. Each page that shows people is logged before it is sent (B-07)."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from municipalities.registry.access import SignedInRequest
from municipalities.registry.forms import AnywhereField
from talentpool.audit import services as audit
from talentpool.pages.admin import GivenFilter, OpenedInline, PortalAdmin
from talentpool.pages.opened import OpenedModelForm
from talentpool.privacy import tombstones
from talentpool.specialists import (
    behalf_views,
    belonging_views,
    confidence,
    firm_admin,  # noqa: F401 - its page is registered by loading it
    fit_admin,  # noqa: F401 - its page is registered by loading it
    import_views,
    lobbying_admin,  # noqa: F401 - its page is registered by loading it
    vetting_views,
)
from talentpool.specialists.blindness import warning
from talentpool.specialists.forms.texts import PurposeTextForm
from talentpool.specialists.models import BarTerm, PurposeText, Specialist, SpecialistSkill
from talentpool.specialists.services import confidence_by_person, consent, log_views
from talentpool.specialists.services.people import next_numbers


def log_listed(
    request: HttpRequest, response: HttpResponse, *, purpose: str, person_of: Callable[[Any], int]
) -> None:
    """Record that the pool numbers of a page of a list are seen. Lists of other apps that show
    them call it too."""
    changelist = getattr(response, "context_data", {}).get("cl")
    if changelist is not None:
        log_views(
            sorted({person_of(row) for row in changelist.result_list}),
            viewer=cast(SignedInRequest, request).user,
            scope="pool_number",
            purpose=purpose,
        )


def note_confidence(response: HttpResponse) -> None:
    """Put the confidence on the people of a page of a list, before it is rendered."""
    changelist = getattr(response, "context_data", {}).get("cl")
    if changelist is not None:
        found = confidence_by_person([row.pk for row in changelist.result_list])
        for row in changelist.result_list:
            row.confidence_permille = found[row.pk]


class SkillInline(OpenedInline):
    model = SpecialistSkill
    extra = 1

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.admin_site.has_permission(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may_write: bool = self.admin_site.may_write(request)  # type: ignore[attr-defined]
        return may_write

    has_change_permission = has_add_permission
    has_delete_permission = has_add_permission


class SpecialistForm(OpenedModelForm):
    """Nobody who was erased is registered again by staff (B-05)."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.instance.pk is None and tombstones.is_buried(
            name=data.get("name", ""), kana=data.get("kana", "")
        ):
            raise forms.ValidationError(tombstones.WHY_NOT)
        return data


@admin.register(Specialist)
class SpecialistAdmin(PortalAdmin):
    form = SpecialistForm
    # A list shows pool numbers and no names: opening a person is what shows the name.
    list_display = ["pool_number", "kind", "status", "base", "max_towns", "confirmed_at", "sure"]
    list_filter = [
        "status",
        "kind",
        ("left_firm_on", GivenFilter),
        ("kind_unsettled_since", GivenFilter),
    ]  # by skill, days and place: 人材を探す
    ordering = ["pool_number"]
    list_select_related = ["base"]
    list_only = ["pool_number", "kind", "status", "max_towns", "confirmed_at", "base__name"]
    # By number only: what is typed here stands in the address. Names: 人材を探す seals them.
    search_fields = ["pool_number"]
    search_help_text = "登録番号で検索します。お名前では「人材を探す」で検索してください。"
    autocomplete_fields = ["firm"]
    # A state changes by its verb, in the review; the number is the next free one.
    readonly_fields = [
        "pool_number",
        "user",
        "status",
        "belonging",
        "left_firm_on",
        "submitted_at",
        "registered_on",
        "registered_until",
        "firm_agreed_at",
        "confirmed_at",
        "conflicts",
    ]
    # A change of these ends what is coordinated and keeps the tie to the firm: 区分・所属を変える.
    changed_by_verb = ("kind", "firm")
    filter_horizontal = ["forms"]
    inlines = [SkillInline]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path(
                "review/",
                view(cast(Any, vetting_views.queue)),
                name="specialists_specialist_review_queue",
            ),
            path(
                "changed/",
                view(cast(Any, vetting_views.changed)),
                name="specialists_specialist_changed",
            ),
            path(
                "import/",
                view(cast(Any, import_views.import_list)),
                name="specialists_specialist_imports",
            ),
            path(
                "import/template/",
                view(cast(Any, import_views.import_template)),
                name="specialists_specialist_import_template",
            ),
            path(
                "import/<int:pk>/",
                view(cast(Any, import_views.import_detail)),
                name="specialists_specialist_import",
            ),
            path(
                "import/<int:pk>/problems/",
                view(cast(Any, import_views.import_problems)),
                name="specialists_specialist_import_problems",
            ),
            path(
                "<int:pk>/review/",
                view(cast(Any, vetting_views.review)),
                name="specialists_specialist_review",
            ),
            path(
                "<int:pk>/belonging/",
                view(cast(Any, belonging_views.belonging_page)),
                name="specialists_specialist_belonging",
            ),
            path(
                "<int:pk>/topics/",
                view(cast(Any, behalf_views.topics)),
                name="specialists_specialist_topics",
            ),
            path(
                "<int:pk>/topics/<slug:topic>/",
                view(cast(Any, behalf_views.topic)),
                name="specialists_specialist_topic",
            ),
        ]
        return own + super().get_urls()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = [*self.readonly_fields, *(self.changed_by_verb if obj is not None else ())]
        if not self.has_change_permission(request, obj):
            fields.remove("belonging")  # it leads to a page of the coordinators
        return fields

    @admin.display(description="区分・所属の変更")
    def belonging(self, person: Specialist) -> str:
        if person.pk is None:
            return "登録の後に、区分と所属を変えられます。"
        url = reverse("admin:specialists_specialist_belonging", args=[person.pk])
        return format_html('<a href="{}">区分・所属を変える</a>', url)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        note_confidence(response)
        log_listed(
            request,
            response,
            purpose="登録している人を一覧で見るため",
            person_of=lambda row: row.pk,
        )
        return response

    def note_offered(self, request: HttpRequest, rows: list[Any]) -> None:
        log_views(
            [row.pk for row in rows],
            viewer=cast(SignedInRequest, request).user,
            scope="pool_number",
            purpose="記録と結ぶ人を選ぶ欄で見るため",
        )

    @admin.display(description="利益相反")
    def conflicts(self, person: Specialist) -> str:
        if person.pk is None:
            return "登録すると、市町ごとの判定を見られます。"
        url = reverse("admin:specialists_conflictcase_person", args=[person.pk])
        return format_html('<a href="{}">市町ごとの判定を見る</a>', url)

    @admin.display(description="稼働情報の確かさ")
    def sure(self, person: Specialist) -> str:
        permille: int = getattr(person, "confidence_permille", 0)
        return f"{confidence.words(permille)}({permille // 10}%)"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, extra_context)
        person = self.get_object(request, object_id)
        if person is not None and response.status_code == 200:  # not when it leads elsewhere
            viewer = cast(SignedInRequest, request).user
            log_views([person.pk], viewer=viewer, scope="name", purpose="登録内容を確かめるため")
        return response

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        response = super().history_view(request, object_id, extra_context)
        person = self.get_object(request, object_id)
        if person is not None and response.status_code == 200:
            viewer = cast(SignedInRequest, request).user
            log_views(
                [person.pk],
                viewer=viewer,
                scope="pool_number",
                purpose="登録内容の変更の履歴を見るため",
            )
        return response

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "base":
            return AnywhereField(label=db_field.verbose_name, required=not db_field.blank)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic():
            if not change:  # entered for somebody: it waits for the review at once
                obj.pool_number = next_numbers()[0]
                obj.submitted_at = timezone.now()
            super().save_model(request, obj, form, change)
            audit.record(
                "edit_specialist" if change else "enter_specialist",
                obj,
                by=cast(SignedInRequest, request).user,
                detail={"fields": sorted(form.changed_data)},
            )
        told = warning(obj, obj.strengths, "得意なこと")
        if told:
            messages.warning(request, told)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Evidence of skills is read before the name may be known, as 得意なこと is."""
        super().save_related(request, form, formsets, change)
        for row in form.instance.skills.select_related("skill").order_by("pk"):
            told = warning(form.instance, row.evidence, f"{row.skill.name}の根拠")
            if told:
                messages.warning(request, told)


@admin.register(BarTerm)
class BarTermAdmin(PortalAdmin):
    """How long a firm stays out of bidding; a new term begins on a day of its own."""

    list_display = ["in_force_from", "years", "basis", "confirmed"]
    fields = ["in_force_from", "years", "basis", "confirmed"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            audit.record(
                "edit_bar_term",
                obj,
                by=cast(SignedInRequest, request).user,
                detail={"years": obj.years},
            )


@admin.register(PurposeText)
class PurposeTextAdmin(PortalAdmin):
    """Words of consents and pledges: read, and followed by a new version; never changed."""

    list_display = ["purpose", "version", "in_force_from", "earlier_until", "confirmed"]
    list_filter = ["purpose"]
    fields = [
        "purpose",
        "body",
        "recipients",
        "retention",
        "in_force_from",
        "earlier_until",
        "confirmed",
    ]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*self.fields, "sure"] if obj is None else list(self.fields)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        return super().get_form(request, obj, change, form=PurposeTextForm, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        by = cast(SignedInRequest, request).user
        words = {str(name): form.cleaned_data[name] for name in self.fields}
        made = consent.publish_text(by=by, **words)
        obj.pk, obj.version = made.pk, made.version
