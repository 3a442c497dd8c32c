"""Every address of the portal, who may open it, and which object it is tried with."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests.access.roles import MUNICIPAL, PERSONS, PREFECTURAL, ROLES
from tests.access.world import World

MISSING = 99_999_999


@dataclass(frozen=True)
class Route:
    """A URL pattern with its full name and the names of its parameters."""

    name: str
    pattern: URLPattern

    @property
    def parameters(self) -> tuple[str, ...]:
        regex = self.pattern.pattern.regex
        return tuple(regex.groupindex)


def all_routes() -> list[Route]:
    """All URL patterns of the URLconf, in its order."""
    return list(_walk(get_resolver(), ""))


def _walk(resolver: Any, prefix: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from _walk(entry, inner)
        else:
            yield Route(f"{prefix}{entry.name or entry.lookup_str}", entry)


# --- Who may open what ---------------------------------------------------------------------------
COORDINATORS = ("coordinator", "prefectural_approver")
WHO: dict[str, tuple[str, ...]] = {
    "everyone": ROLES,
    "signed in": tuple(role for role in ROLES if role != "anonymous"),
    "town": MUNICIPAL,
    "person": PERSONS,
    "prefecture": PREFECTURAL,
    "coordinators": COORDINATORS,
    "nobody": (),
}

# The routes that need no sign-in. Adding one here is a decision, not a side effect.
PUBLIC = {
    "healthz",
    "readyz",
    "help",
    "accessibility",
    "privacy",
    "styleguide",  # demo and tests only
    "public:top",
    "public:vacancy_list",
    "public:vacancy_detail",
    "public:vacancy_feed",
    "public:vacancy_calendar",
    "public:subscribe",
    "public:subscribed",
    "public:subscription_confirm",  # these three: the token is the right to open them
    "public:subscription_change",
    "public:unsubscribe",
    "public:open_data",
    "public:open_csv",
    "public:open_json",
    "public:robots",
    "public:site_map",
    "public:site_map_part",
    "public:bounce_webhook",  # POST only: its signature is the right to post
    "availability_confirm",  # its signed token is the right to open it
    "accept_invitation",  # its token is the right to open it
    "register",
    "register_sent",
    "register_account",  # its token is the right to open it
    "account_login",
    "account_logout",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_email",
    "account_email_verification_sent",
    "account_inactive",
    "account_confirm_login_code",
    "mfa_authenticate",
    "mfa_login_webauthn",
}

# Pages of packages for one's own account: what they do is tested with the sign-in.
OWN_ACCOUNT = {
    "account_settings",
    "account_reauthenticate",
    "account_email",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_edit_webauthn",
    "usersessions_list",
}

TOWN = {
    "town:home",
    "town:round",
    "town:deals",
    "town:lobbying",
    "town:lobbying_new",
    "town:lobbying_record",
    "town:deal_import_list",
    "town:deal_import",
    "town:deal_import_problems",
    "town:deal_template",
    "town:contract_new",
    "town:contract_edit",
    "town:procurement_new",
    "town:procurement_edit",
    "town:import_list",
    "town:import_detail",
    "town:import_problems",
    "town:import_progress",
    "town:vacancy_template",
    "town:vacancy_template_csv",
    "town:vacancy_sheet",
    "town:need_list",
    "town:budget",
    "town:need_create",
    "town:need_detail",
    "town:need_edit",
    "town:need_again",
    "town:need_submit",
    "town:need_withdraw",
    "town:need_to_vacancy",
    "town:vacancy_list",
    "town:vacancy_create",
    "town:vacancy_detail",
    "town:vacancy_close",
    "town:vacancy_withdraw",
    "town:vacancy_copy",
    "town:vacancy_move",
    "town:vacancy_preview",
    "town:vacancy_questions",
    "town:vacancy_sent",
    "town:sent_list",
    "town:form_gaps",
    "town:vacancy_section",
    "town:vacancy_autosave",
    "town:vacancy_verb",
    "town:vacancy_joint",
    "town:joint_list",
    "town:joint_detail",
    "town:applications",
    "town:application",
    "town:proposals",
    "town:proposal",
    "town:proposal_rank",
    "town:proposal_disclosure",
    "town:proposal_interview",
    "town:proposal_decide",
    "town:proposal_step_back",
    "town:engagements",
    "town:engagement",
    "town:pool_overview",
    "town:pool_demands",
    "town:pool_demand_new",
    "town:consultations",
    "town:consultation_ask",
    "town:consultation",
    "town:consultation_message",
    "town:consultation_close",
    "town:consultation_secrecy",
    "town:articles",
    "town:article",
    "town:article_review",
    "town:article_approve",
    "town:article_refuse",
    "town:article_withdraw",
}

PERSON = {
    "specialist:home",
    "specialist:profile",
    "specialist:views",
    "specialist:registration",
    "specialist:registration_start",
    "specialist:registration_check",
    "specialist:registration_renew",
    "specialist:registration_withdraw",
    "specialist:registration_autosave",
    "specialist:registration_verb",
    "specialist:registration_topic",
    "specialist:document_delete",
    "specialist:firm",
    "specialist:firm_agree",
    "specialist:firm_disagree",
    "specialist:firm_leave",
    "specialist:apply",
    "specialist:applications",
    "specialist:application_withdraw",
    "specialist:approaches",
    "specialist:approach",
    "specialist:approach_answer",
    "specialist:approach_confirm",
    "specialist:disclosure",
    "specialist:engagements",
    "specialist:engagement",
    "specialist:days",
    "specialist:days_confirm",
    "specialist:pause",
    "specialist:pause_end",
    "specialist:interests",
    "specialist:interest_new",
    "specialist:interest_edit",
    "specialist:interest_remove",
    "specialist:rights",
    "specialist:rights_package",
    "specialist:rights_package_file",
    "specialist:rights_request",
}

# What a firm's manager opens of these, for the firm's own people.
OF_MANAGER = {
    "specialist:home",
    "specialist:firm",
    "specialist:firm_agree",
    "specialist:firm_disagree",
    "specialist:firm_leave",
    "specialist:views",  # these lists are empty for somebody who is no person of the pool
    "specialist:applications",
    "specialist:approaches",
    "specialist:engagements",
    "specialist:rights",  # what is held about the account
    "specialist:rights_package",
    "specialist:rights_package_file",
}

# Models in the admin: "write" lets coordinators add and change, "read" nobody, "own" has its own
# pages instead of the stock form. All prefectural staff read the lists; nobody deletes.
ADMIN_MODELS = {
    "audit_event": "read",
    "outbox_message": "read",
    "vocabulary_term": "write",
    "vocabulary_skill": "write",
    "vocabulary_level": "write",
    "vocabulary_engagementform": "write",
    "vocabulary_grantrule": "write",
    "registry_municipality": "read",
    "registry_group": "read",
    "registry_membership": "read",
    "registry_invitation": "add",
    "registry_vendorcontract": "write",
    "registry_plannedprocurement": "write",
    "specialists_specialist": "write",
    "specialists_firm": "write",
    "specialists_purposetext": "add",
    "files_storedfile": "read",
    "specialists_firmrelation": "write",
    "specialists_barterm": "write",
    "specialists_confidencefit": "read",
    "specialists_conflictcase": "read",
    "specialists_lobbyingrecord": "write",
    "engagements_biddingbar": "read",
    "rights_rightsrequest": "add",
    "rights_viewalert": "read",
    "rights_viewlimit": "change",
    "privacy_retentionterm": "change",
    "vacancies_need": "read",
    "vacancies_vacancy": "read",
    "vacancies_ministryexport": "read",
    "vacancies_formversion": "write",
    "engagements_engagement": "read",
    "pool_poolentry": "read",
    "pool_demand": "read",
    "proposals_run": "add",
    "proposals_proposal": "read",
    "proposals_bundle": "read",
    "desk_consultation": "read",
    "knowledge_article": "read",
}

# Pages of ours inside the admin.
ADMIN_PAGES = {
    "admin:index": "prefecture",
    "admin:app_list": "prefecture",
    "admin:password_change": "prefecture",
    "admin:password_change_done": "prefecture",
    "admin:jsi18n": "prefecture",
    "admin:autocomplete": "nobody",  # without a model and a field; with them see the tests
    "admin:view_on_site": "nobody",  # no object has another page than its own in the admin
    "admin:django.contrib.admin.sites.AdminSite.catch_all_view": "nobody",
    "admin:vacancies_need_review": "prefecture",
    "admin:vacancies_vacancy_review": "prefecture",
    "admin:vacancies_vacancy_gaps": "prefecture",
    "admin:vacancies_ministryexport_months": "prefecture",
    "admin:vacancies_ministryexport_month": "prefecture",
    "admin:vacancies_ministryexport_file": "prefecture",
    "admin:vacancies_ministryexport_kind": "prefecture",
    "admin:vacancies_ministryexport_letter": "prefecture",
    "admin:vacancies_ministryexport_since": "prefecture",
    "admin:engagements_timeline": "prefecture",
    "admin:specialists_specialist_review_queue": "prefecture",
    "admin:specialists_specialist_changed": "prefecture",
    "admin:specialists_specialist_review": "prefecture",
    "admin:specialists_specialist_belonging": "coordinators",
    "admin:specialists_specialist_topics": "nobody",  # of somebody with an account: his or her own
    "admin:specialists_specialist_topic": "nobody",
    "admin:engagements_days_for": "nobody",
    "admin:specialists_firm_managers": "prefecture",
    "admin:specialists_specialist_imports": "prefecture",
    "admin:specialists_specialist_import": "prefecture",
    "admin:specialists_specialist_import_problems": "prefecture",
    "admin:specialists_specialist_import_template": "prefecture",
    "admin:engagements_capacity": "prefecture",
    "admin:engagements_visit_weekdays": "coordinators",
    "admin:engagements_terminate": "coordinators",
    "admin:registry_membership_end": "coordinators",
    "admin:registry_deal_import_list": "coordinators",
    "admin:registry_deal_import": "coordinators",
    "admin:registry_deal_import_problems": "coordinators",
    "admin:registry_deal_template": "coordinators",
    "admin:pool_save": "coordinators",
    "admin:pool_remove": "coordinators",
    "admin:pool_export": "coordinators",
    "admin:specialists_conflictcase_person": "prefecture",
    "admin:proposals_run_progress": "prefecture",
    "admin:proposals_run_offer": "coordinators",
    "admin:proposals_run_vacancy": "coordinators",
    "admin:proposals_run_mend": "coordinators",
    "admin:proposals_run_pin": "coordinators",
    "admin:proposals_pin_release": "coordinators",
    "admin:proposals_run_pack": "prefecture",
    "admin:proposals_run_why": "prefecture",
    "admin:proposals_study_list": "prefecture",
    "admin:proposals_study": "prefecture",
    "admin:proposals_study_ask": "coordinators",
    "admin:proposals_study_again": "coordinators",
    "admin:proposals_board": "prefecture",
    "admin:proposals_approach": "coordinators",
    "admin:proposals_skip": "coordinators",
    "admin:proposals_end": "coordinators",
    "admin:proposals_give_up": "coordinators",
    "admin:proposals_extend": "coordinators",
    "admin:proposals_bundle_end": "coordinators",
    "admin:proposals_bundle_extend": "coordinators",
    "admin:proposals_bundle_renew": "coordinators",
    "admin:rights_package": "coordinators",
    "admin:rights_breach": "coordinators",
    "admin:rights_package_file": "coordinators",
    "admin:desk_consultation_assign": "coordinators",
    "admin:desk_consultation_reply": "coordinators",
    "admin:knowledge_article_propose": "coordinators",
    "admin:knowledge_article_withdraw": "coordinators",
}


def who_may(name: str) -> str | None:
    """The key of `WHO` for a route; None when the tables do not know it."""
    if name in PUBLIC or name in {"admin:login", "admin:logout"}:
        return "everyone"
    if name in OWN_ACCOUNT or name in {"home", "file_download"}:
        return "signed in"
    if name in TOWN:
        return "town"
    if name in PERSON:
        return "person"
    if name in ADMIN_PAGES:
        return ADMIN_PAGES[name]
    model, _, page = name.removeprefix("admin:").rpartition("_")
    if not name.startswith("admin:") or model not in ADMIN_MODELS:
        return "prefecture" if _is_admin_redirect(name) else None
    if page in {"changelist", "change", "history"}:
        return "prefecture"
    if page == "add":
        return "coordinators" if ADMIN_MODELS[model] in {"write", "add"} else "nobody"
    return "nobody" if page == "delete" else None


def _is_admin_redirect(name: str) -> bool:
    """The admin's old addresses of objects, without a name."""
    return name == "admin:django.views.generic.base.RedirectView"


# --- Which object ----------------------------------------------------------------------------
def town_object(name: str, world: World, side: str) -> dict[str, Any] | None:
    """Parameters of a town's route for the object of town `side` (a or b)."""
    room = name.removeprefix("town:")
    if room.startswith("need_"):
        return {"pk": world.needs[side].pk}
    if room in {"deal_import", "deal_import_problems"}:
        return {"pk": world.deal_imports[side].pk}
    if room == "lobbying_record":
        return {"pk": world.lobbying[side].pk}
    if room == "deal_template":
        return {"kind": "contracts"}
    if room == "contract_edit":
        return {"pk": world.contracts[side].pk}
    if room == "procurement_edit":
        return {"pk": world.procurements[side].pk}
    if room.startswith("import_"):
        return {"pk": world.imports[side].pk}
    if room == "joint_detail":
        return {"vacancy_no": world.joint[side].vacancy_no}
    if room == "vacancy_template":
        return {"kind": "sheet"}  # the empty form: nobody's object
    if room.startswith("vacancy_"):
        extra = {"vacancy_section": {"section": "work"}, "vacancy_autosave": {"section": "work"}}
        extra["vacancy_verb"] = {"verb": "submit"}
        return {"vacancy_no": world.vacancies[side].vacancy_no, **extra.get(room, {})}
    if room == "application":
        return {"pk": world.applications["other_specialist" if side == "a" else "firm_member"].pk}
    if room.startswith("proposal"):
        return {"proposal_id": world.proposals[side].pk}
    if room.startswith("consultation"):
        return {"pk": world.consultations[side].pk}
    if room.startswith("article"):
        return {"pk": world.articles[side].pk}
    if room == "engagement":
        bundle = world.bundles["other_specialist" if side == "a" else "firm_member"]
        return {"pk": bundle.engagement_id}
    return None


def person_object(name: str, world: World, role: str) -> dict[str, Any] | None:
    """Parameters of a person's route for the object of the person in `role`."""
    if name in {"specialist:interest_edit", "specialist:interest_remove"}:
        return {"pk": world.interests[role].pk}
    if name == "specialist:pause_end":
        return {"pk": world.pauses[role].pk}
    bundle = world.bundles[role]
    if name == "specialist:apply":
        return {"vacancy_no": world.published.vacancy_no} if world.published else None
    if name == "specialist:application_withdraw":
        return {"pk": world.applications[role].pk}
    if name == "specialist:disclosure":
        return {"candidate_id": bundle.candidates.order_by("pk").values_list("pk", flat=True)[0]}
    if name in {"specialist:registration_topic", "specialist:registration_autosave"}:
        return {"topic": "basics"}  # always the own registration
    if name == "specialist:registration_verb":
        return {"verb": "pause"}
    if name == "specialist:document_delete":
        return {"pk": world.documents[role].pk}
    if name in {"specialist:firm_agree", "specialist:firm_disagree", "specialist:firm_leave"}:
        return {"pk": world.people[role].pk}
    if name == "specialist:engagement":
        return {"pk": bundle.engagement_id} if bundle.engagement_id else None
    if name == "specialist:rights_request":
        return {"pk": world.rights[role].pk}
    return {"bundle_id": bundle.pk}


def missing(parameters: dict[str, Any]) -> dict[str, Any]:
    """The same address of an object that does not exist."""
    first = next(iter(parameters))
    unknown = MISSING if isinstance(parameters[first], int) else "999999-99-999"
    return {**parameters, first: unknown}
