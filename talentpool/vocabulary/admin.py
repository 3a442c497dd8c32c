"""Code lists in the admin: what is not confirmed yet can be settled here."""

from django.contrib import admin

from talentpool.pages.admin import PortalAdmin
from talentpool.vocabulary.models import EngagementForm, GrantRule, Level, Skill, Term


@admin.register(Term)
class TermAdmin(PortalAdmin):
    list_display = ["label", "vocabulary", "code", "active", "confirmed", "note"]
    list_filter = ["vocabulary", "confirmed", "active"]
    search_fields = ["code", "label"]


@admin.register(Skill)
class SkillAdmin(PortalAdmin):
    list_display = ["code", "name", "description", "confirmed", "note"]
    search_fields = ["code", "name"]


@admin.register(Level)
class LevelAdmin(PortalAdmin):
    list_display = ["number", "name", "itss_from", "itss_to", "confirmed", "note"]


@admin.register(EngagementForm)
class EngagementFormAdmin(PortalAdmin):
    list_display = ["code", "name", "basis", "grant", "is_employment", "confirmed", "active"]
    list_filter = ["confirmed", "active"]
    search_fields = ["code", "name"]


@admin.register(GrantRule)
class GrantRuleAdmin(PortalAdmin):
    list_display = ["fiscal_year", "payer", "cost_kind", "rate", "confirmed", "source"]
    list_filter = ["confirmed", "fiscal_year"]
