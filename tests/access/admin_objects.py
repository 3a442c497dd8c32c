"""Which object an address of the admin is tried with."""

from typing import Any

from django.apps import apps
from django.urls import NoReverseMatch, reverse

from tests.access.routes import Route
from tests.access.world import World


def admin_url_or_none(route: Route, parameters: dict[str, Any]) -> str | None:
    """None where the address itself refuses such a parameter."""
    try:
        return admin_url(route, parameters)
    except NoReverseMatch:
        return None


def admin_url(route: Route, parameters: dict[str, Any]) -> str:
    if route.name.endswith("catch_all_view"):
        return "/admin/no-such-page/"
    if route.name.endswith("RedirectView"):
        return "/admin/registry/municipality/342157/"
    return reverse(route.name, kwargs=parameters)


def admin_parameters(world: World, route: Route) -> dict[str, Any]:
    """The address's parameters for an object that exists; none for addresses without."""
    assert world.published is not None
    assert world.export is not None
    assert world.run is not None
    assert world.study is not None
    assert world.pin is not None
    assert world.saved_search is not None
    name = route.name.removeprefix("admin:")
    own_pages: dict[str, dict[str, Any]] = {
        "app_list": {"app_label": "proposals"},
        "view_on_site": {"content_type_id": 1, "object_id": 1},
        "vacancies_need_review": {"pk": world.needs["a"].pk},
        "specialists_specialist_import": {"pk": world.people_import.pk},
        "specialists_specialist_import_problems": {"pk": world.people_import.pk},
        "specialists_specialist_review": {"pk": world.people["specialist"].pk},
        "specialists_specialist_belonging": {"pk": world.people["specialist"].pk},
        "specialists_specialist_topics": {"pk": world.people["specialist"].pk},
        "specialists_specialist_topic": {"pk": world.people["specialist"].pk, "topic": "roles"},
        "engagements_days_for": {"pk": world.people["specialist"].pk},
        "specialists_firm_managers": {"pk": world.people["firm_member"].firm_id},
        "vacancies_vacancy_review": {"pk": world.published.pk},
        "vacancies_ministryexport_month": {"month": f"{world.export.month:%Y-%m}"},
        "vacancies_ministryexport_file": {"pk": world.export.pk},
        "vacancies_ministryexport_kind": {"pk": world.export.pk, "kind": "xlsx"},
        "vacancies_ministryexport_letter": {"pk": world.export.pk},
        "vacancies_ministryexport_since": {"pk": world.export.pk},
        "pool_remove": {"pk": world.saved_search.pk},
        "registry_membership_end": {"pk": world.users["editor_b"].memberships.get(until=None).pk},
        "registry_deal_import": {"pk": world.deal_imports["staff"].pk},
        "registry_deal_import_problems": {"pk": world.deal_imports["staff"].pk},
        "registry_deal_template": {"kind": "contracts"},
        "specialists_conflictcase_person": {"pk": world.people["specialist"].pk},
        "proposals_run_progress": {"run_id": world.run.pk},
        "proposals_run_offer": {"run_id": world.run.pk},
        "proposals_run_vacancy": {"run_id": world.run.pk, "need_id": world.needs["a"].pk},
        "proposals_run_mend": {"run_id": world.run.pk},
        "proposals_run_pin": {"run_id": world.run.pk, "need_id": world.needs["a"].pk},
        "proposals_pin_release": {"pin_id": world.pin.pk},
        "proposals_run_pack": {"run_id": world.run.pk},
        "proposals_run_why": {"run_id": world.run.pk},
        "engagements_visit_weekdays": {
            "pk": world.bundles["other_specialist"].engagement.shares.values_list("pk", flat=True)[
                0
            ]
        },
        "engagements_terminate": {"pk": world.bundles["other_specialist"].engagement_id},
        "proposals_skip": {"proposal_id": world.proposals["a"].pk},
        "proposals_give_up": {"need_id": world.proposals["a"].need_id},
        "proposals_end": {"proposal_id": world.proposals["a"].pk},
        "proposals_extend": {"proposal_id": world.proposals["a"].pk},
        "proposals_bundle_extend": {"bundle_id": world.bundles["specialist"].pk},
        "proposals_bundle_end": {"bundle_id": world.bundles["specialist"].pk},
        "proposals_bundle_renew": {"bundle_id": world.bundles["specialist"].pk},
        "proposals_study_list": {"run_id": world.run.pk},
        "proposals_study": {"run_id": world.run.pk, "study_id": world.study.pk},
        "proposals_study_again": {"run_id": world.run.pk, "study_id": world.study.pk},
        "proposals_study_ask": {"run_id": world.run.pk, "kind": "policies"},
        "rights_package": {"pk": world.people["specialist"].pk},
        "rights_package_file": {"pk": world.people["specialist"].pk},
        "desk_consultation_assign": {"pk": world.consultations["a"].pk},
        "desk_consultation_reply": {"pk": world.consultations["a"].pk},
        "knowledge_article_propose": {"consultation_id": world.consultations["a"].pk},
        "knowledge_article_withdraw": {"pk": world.articles["shared"].pk},
    }
    if name in own_pages:
        return own_pages[name]
    if not route.parameters or "." in name:
        return {}

    model = apps.get_model(*name.split("_")[:2])
    objects: Any = model._default_manager
    if hasattr(objects.all(), "visible_to"):
        objects = objects.visible_to(world.users["coordinator"])
    return {"object_id": objects.order_by("pk").values_list("pk", flat=True)[0]}
