"""Coordination in the admin: lists of the stock admin, pages of our own."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from matching.proposals import (
    coordinator,
    ending_pages,
    mend_pages,
    pin_pages,
    study_pages,
    why_page,
)
from matching.proposals.models import Bundle, Proposal, Run
from matching.proposals.querysets import DOCUMENTS
from municipalities.registry.access import SignedInRequest
from talentpool.pages.admin import PortalAdmin, number_or_404
from talentpool.specialists.admin import log_listed


@admin.register(Run)
class RunAdmin(PortalAdmin):
    add_words = "新しい計算を始める"
    list_display = ["number", "title", "status", "created_at", "finished_at"]
    list_display_links = ["number", "title"]
    list_filter = ["status"]
    search_fields = ["title"]
    ordering = ["-number"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        runs: QuerySet[Run] = super().get_queryset(request).defer(*DOCUMENTS)
        return runs

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path(
                "<int:run_id>/progress/",
                view(coordinator.run_progress),
                name="proposals_run_progress",
            ),
            path("<int:run_id>/offer/", view(coordinator.offer), name="proposals_run_offer"),
            path(
                "<int:run_id>/vacancy/<int:need_id>/",
                view(ending_pages.give_up_in_run),
                name="proposals_run_vacancy",
            ),
            path("<int:run_id>/mend/", view(mend_pages.mend_page), name="proposals_run_mend"),
            path("<int:run_id>/pin/<int:need_id>/", view(pin_pages.pin), name="proposals_run_pin"),
            path(
                "pins/<int:pin_id>/release/", view(pin_pages.release), name="proposals_pin_release"
            ),
            path("<int:run_id>/pack/", view(study_pages.download_pack), name="proposals_run_pack"),
            path("<int:run_id>/why/", view(why_page.why_page), name="proposals_run_why"),
            path(
                "<int:run_id>/studies/", view(study_pages.study_list), name="proposals_study_list"
            ),
            path(
                "<int:run_id>/studies/ask/<slug:kind>/",
                view(study_pages.ask),
                name="proposals_study_ask",
            ),
            path(
                "<int:run_id>/studies/<int:study_id>/",
                view(study_pages.study_page),
                name="proposals_study",
            ),
            path(
                "<int:run_id>/studies/<int:study_id>/again/",
                view(study_pages.ask_again),
                name="proposals_study_again",
            ),
        ]
        return own + super().get_urls()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return coordinator.start_run(cast(SignedInRequest, request))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        return coordinator.run_page(cast(SignedInRequest, request), number_or_404(object_id))


@admin.register(Proposal)
class ProposalAdmin(PortalAdmin):
    list_display = ["title", "town", "status", "rank_due", "created_at"]
    list_filter = ["status"]
    list_select_related = ["need__municipality"]
    search_fields = ["need__title", "need__municipality__name"]

    @admin.display(description="案件", ordering="need__title")
    def title(self, proposal: Proposal) -> str:
        return str(proposal.need.title)

    @admin.display(description="市町", ordering="need__municipality__kana")
    def town(self, proposal: Proposal) -> str:
        return str(proposal.need.municipality.name)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("board/", view(coordinator.show_board), name="proposals_board"),
            path("approach/", view(coordinator.approach), name="proposals_approach"),
            path("<int:proposal_id>/skip/", view(ending_pages.skip), name="proposals_skip"),
            path(
                "need/<int:need_id>/vacancy/", view(ending_pages.give_up), name="proposals_give_up"
            ),
            path("<int:proposal_id>/end/", view(ending_pages.end_proposal), name="proposals_end"),
            path(
                "<int:proposal_id>/extend/",
                view(ending_pages.extend_ranking),
                name="proposals_extend",
            ),
        ]
        return own + super().get_urls()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        return coordinator.proposal_page(cast(SignedInRequest, request), number_or_404(object_id))


@admin.register(Bundle)
class BundleAdmin(PortalAdmin):
    list_display = ["specialist", "status", "answer_due", "decide_due", "total_yen"]
    list_filter = ["status"]
    list_select_related = ["specialist"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path(
                "<int:bundle_id>/end/", view(ending_pages.end_approach), name="proposals_bundle_end"
            ),
            path(
                "<int:bundle_id>/extend/",
                view(ending_pages.extend_approach),
                name="proposals_bundle_extend",
            ),
            path(
                "<int:bundle_id>/renew/",
                view(ending_pages.renew_terms),
                name="proposals_bundle_renew",
            ),
        ]
        return own + super().get_urls()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        log_listed(
            request,
            response,
            purpose="打診を一覧で見るため",
            person_of=lambda row: row.specialist_id,
        )
        return response

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        return coordinator.bundle_page(cast(SignedInRequest, request), number_or_404(object_id))
