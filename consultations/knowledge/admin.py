"""The coordinators' screens of sharing, inside the admin."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_safe

from consultations.desk.errors import Refused
from consultations.desk.models import Consultation
from consultations.knowledge import services
from consultations.knowledge.forms import ProposeForm, ReasonForm
from consultations.knowledge.models import Action, Article
from municipalities.registry.access import SignedInRequest
from talentpool.conventions.numbers import number_in
from talentpool.pages.admin import ReadOnlyAdmin


@admin.register(Article)
class ArticleAdmin(ReadOnlyAdmin):
    """The list; an article's text is written once, on the page where it is proposed."""

    list_display = ["title", "topic", "status", "consultation", "approval_due", "decided_at"]
    list_select_related = ["topic", "consultation"]
    list_filter = ["status", ("topic", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["title", "question", "answer"]
    ordering = ["-pk"]

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path(
                "propose/<int:consultation_id>/",
                wrap(self.propose_view),
                name="knowledge_article_propose",
            ),
            path("<int:pk>/withdraw/", wrap(self.withdraw_view), name="knowledge_article_withdraw"),
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
        """The article with its state."""
        found = self._find(request, number_in(object_id))
        return self._page(
            request,
            "knowledge/admin/article.html",
            title=found.title,
            article=found,
            may_withdraw=self._may_write(request) and found.allows(Action.WITHDRAW),
        )

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def propose_view(self, request: SignedInRequest, consultation_id: int) -> HttpResponse:
        if not self._may_write(request):
            raise Http404
        visible = Consultation.objects.visible_to(request.user)
        found = get_object_or_404(
            visible.select_related("municipality", "topic", "asked_by"), pk=consultation_id
        )
        why_not = services.why_not_shareable(found)
        if why_not:
            messages.error(request, why_not)
            return redirect("admin:desk_consultation_change", found.pk)
        form = ProposeForm(
            request.POST or None, consultation=found, initial=services.draft_from(found)
        )
        if request.method == "POST" and form.is_valid():
            try:
                article = services.propose_article(found.pk, by=request.user, **form.cleaned_data)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"{found.municipality.name}に公開の確認を頼みました。")
                return redirect("admin:knowledge_article_change", article.pk)
        return self._page(
            request,
            "knowledge/admin/propose.html",
            title=f"ナレッジを提案する {found.number_label}",
            consultation=found,
            form=form,
        )

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def withdraw_view(self, request: SignedInRequest, pk: int) -> HttpResponse:
        if not self._may_write(request):
            raise Http404
        found = self._find(request, pk)
        form = ReasonForm(request.POST or None, reasons=Article.PREFECTURE_REASONS)
        back = reverse("admin:knowledge_article_change", args=[found.pk])
        if request.method == "POST" and form.is_valid():
            try:
                services.withdraw_article(found.pk, by=request.user, **form.cleaned_data)
            except Refused as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, "取り下げました。市町に知らせました。")
            return redirect(back)
        return self._page(
            request,
            "knowledge/admin/withdraw.html",
            title="ナレッジの取下げ",
            question="このナレッジを取り下げますか",
            objects=[found.title],
            consequence="すぐに、どの市町からも見えなくなります。理由は相談した市町に伝わります。",
            action_label="取り下げる",
            cancel_url=back,
            form=form,
        )

    def _find(self, request: HttpRequest, pk: int) -> Article:
        rows = self.get_queryset(request).select_related(
            "topic", "consultation__municipality", "proposed_by", "decided_by", "withdrawn_by"
        )
        return get_object_or_404(rows, pk=pk)

    def _page(
        self, request: HttpRequest, template: str, *, title: str, **context: Any
    ) -> HttpResponse:
        return TemplateResponse(
            request,
            template,
            {**self.admin_site.each_context(request), "title": title, "opts": self.opts, **context},
        )
