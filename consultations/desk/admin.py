"""The coordinators' screens of the desk, inside the admin."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from consultations.desk import services
from consultations.desk.checks import checks_for
from consultations.desk.errors import Refused
from consultations.desk.forms import AssignForm, ReplyForm
from consultations.desk.models import Action, Consultation
from consultations.desk.sections import sections
from municipalities.registry.access import SignedInRequest
from municipalities.registry.querysets import is_coordinator
from talentpool.conventions.numbers import number_in
from talentpool.pages.admin import PortalAdmin


@admin.register(Consultation)
class ConsultationAdmin(PortalAdmin):
    """The list; a consultation opens on a page of its own, where it is answered."""

    list_display = [
        "number_label",
        "municipality",
        "title",
        "topic",
        "status_label",
        "turn",
        "answer_due",
        "assignee",
    ]
    list_display_links = ["number_label", "title"]
    list_select_related = ["municipality", "topic", "assignee"]
    # The last two offer what has consultations: not all 1,741 municipalities.
    list_filter = [
        "turn",
        "status",
        ("topic", admin.RelatedOnlyFieldListFilter),
        ("municipality", admin.RelatedOnlyFieldListFilter),
    ]
    search_fields = ["title", "question", "municipality__name"]
    ordering = ["-pk"]

    @admin.display(description="番号", ordering="pk")
    def number_label(self, consultation: Consultation) -> str:
        return consultation.number_label

    @admin.display(description="状態", ordering="status")
    def status_label(self, consultation: Consultation) -> str:
        return consultation.status_label

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # questions come from the towns

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/assign/", wrap(self.assign_view), name="desk_consultation_assign"),
            path("<int:pk>/reply/", wrap(self.reply_view), name="desk_consultation_reply"),
        ]
        return [*own, *super().get_urls()]

    @method_decorator(require_safe)
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The consultation's page; its verbs have addresses of their own."""
        return self._show(request, self._find(request, number_in(object_id)))

    @method_decorator(require_POST)
    def assign_view(self, request: SignedInRequest, pk: int) -> HttpResponse:
        found = self._find_to_write(request, pk)
        form = AssignForm(request.POST)
        if form.is_valid():
            assignee = form.cleaned_data["assignee"]
            try:
                services.assign(found.pk, assignee=assignee, by=request.user)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"担当を{assignee.name}にしました。")
                return redirect("admin:desk_consultation_change", found.pk)
        return self._show(request, found, assign_form=form)

    @method_decorator(require_POST)
    def reply_view(self, request: SignedInRequest, pk: int) -> HttpResponse:
        found = self._find_to_write(request, pk)
        form = ReplyForm(request.POST, may_ask_back=found.allows(Action.ASK_BACK))
        asks_back = request.POST.get("kind") == Action.ASK_BACK
        if form.is_valid():
            verb = services.ask_back if asks_back else services.answer
            try:
                verb(found.pk, by=request.user, **form.cleaned_data)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                sent = "確認の質問" if asks_back else "回答"
                messages.success(request, f"{sent}を{found.municipality.name}に送りました。")
                return redirect("admin:desk_consultation_change", found.pk)
        return self._show(request, found, reply_form=form)

    def _find(self, request: HttpRequest, pk: int) -> Consultation:
        rows = self.get_queryset(request).select_related(
            "municipality", "topic", "assignee", "asked_by"
        )
        return get_object_or_404(rows, pk=pk)

    def _find_to_write(self, request: HttpRequest, pk: int) -> Consultation:
        if not self.has_change_permission(request):
            raise Http404
        return self._find(request, pk)

    def _show(
        self,
        request: HttpRequest,
        found: Consultation,
        *,
        reply_form: ReplyForm | None = None,
        assign_form: AssignForm | None = None,
    ) -> HttpResponse:
        may_write = self.has_change_permission(request)
        has_left = found.assignee is not None and not is_coordinator(found.assignee)
        suggested = request.user.pk if has_left else found.assignee_id or request.user.pk
        context = {
            **self.admin_site.each_context(request),
            "title": str(found),
            "opts": self.opts,
            "consultation": found,
            "assignee_has_left": has_left,
            "thread": found.messages.select_related("author"),
            "checks": checks_for(found.topic_id),
            "reply_form": (reply_form or ReplyForm(may_ask_back=found.allows(Action.ASK_BACK)))
            if may_write and (reply_form or found.allows(Action.ANSWER))
            else None,
            "may_ask_back": found.allows(Action.ASK_BACK),
            "assign_form": (assign_form or AssignForm(initial={"assignee": suggested}))
            if may_write and found.allows(Action.ASSIGN)
            else None,
            "waited": found.waited_business_days(timezone.localdate()),
            "late": found.turn == Consultation.Turn.PREFECTURE
            and found.answer_due < timezone.localdate(),
            "sections": sections("coordinator", found, request.user),
        }
        return TemplateResponse(request, "desk/admin/consultation.html", context)
