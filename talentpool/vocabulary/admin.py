"""Code lists in the admin: what is not confirmed yet can be settled here."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from talentpool.audit.edits import AuditedAdmin
from talentpool.vocabulary.models import EngagementForm, GrantRule, Level, Skill, Term

LISTS = {
    "certificate": "資格",
    "consultation_check": "相談の確認事項",
    "dss_role": "デジタルスキル標準のロール",
    "population_band": "人口規模帯",
    "specialist_kind": "人材の区分",
    "system": "システム",
    "talent_type": "人材類型",
}


class ListFilter(admin.SimpleListFilter):
    """The words of one list."""

    title = "一覧"
    parameter_name = "vocabulary"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        known = Term.objects.order_by("vocabulary").values_list("vocabulary", flat=True).distinct()
        return [(code, LISTS.get(code, code)) for code in known]

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[Term]
    ) -> models.QuerySet[Term]:
        return queryset.filter(vocabulary=self.value()) if self.value() else queryset


@admin.register(Term)
class TermAdmin(AuditedAdmin):
    list_display = ["label", "list_", "code", "active", "confirmed", "note"]
    list_filter = [ListFilter, "confirmed", "active"]
    search_fields = ["code", "label"]

    @admin.display(description="一覧", ordering="vocabulary")
    def list_(self, term: Term) -> str:
        return LISTS.get(term.vocabulary, term.vocabulary)


@admin.register(Skill)
class SkillAdmin(AuditedAdmin):
    list_display = ["code", "name", "description", "confirmed", "note"]
    search_fields = ["code", "name"]


@admin.register(Level)
class LevelAdmin(AuditedAdmin):
    list_display = ["number", "name", "itss_from", "itss_to", "confirmed", "note"]


@admin.register(EngagementForm)
class EngagementFormAdmin(AuditedAdmin):
    list_display = ["code", "name", "basis", "grant", "is_employment", "confirmed", "active"]
    list_filter = ["confirmed", "active"]
    search_fields = ["code", "name"]


@admin.register(GrantRule)
class GrantRuleAdmin(AuditedAdmin):
    list_display = ["fiscal_year", "payer", "cost_kind", "rate", "confirmed", "source"]
    list_filter = ["confirmed", "fiscal_year"]
