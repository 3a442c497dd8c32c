"""URL lists by area; talentpool.urls mounts them. The coordinator's pages are in the admin."""

from django.urls import URLPattern, path

from matching.proposals import apply, person
from matching.proposals import town as town_views

town: list[URLPattern] = [
    path("applications/", apply.town_applications, name="applications"),
    path("applications/<int:pk>/", apply.town_application, name="application"),
    path("proposals/", town_views.proposal_list, name="proposals"),
    path("proposals/<int:proposal_id>/", town_views.proposal_page, name="proposal"),
    path("proposals/<int:proposal_id>/rank/", town_views.rank, name="proposal_rank"),
    path(
        "proposals/<int:proposal_id>/disclosure/",
        town_views.ask_disclosure,
        name="proposal_disclosure",
    ),
    path("proposals/<int:proposal_id>/interview/", town_views.interview, name="proposal_interview"),
    path("proposals/<int:proposal_id>/decide/", town_views.decide, name="proposal_decide"),
    path("proposals/<int:proposal_id>/step-back/", town_views.step_back, name="proposal_step_back"),
]
specialist: list[URLPattern] = [
    path("applications/", apply.own_applications, name="applications"),
    path("applications/<int:pk>/withdraw/", apply.withdraw, name="application_withdraw"),
    path("vacancies/<str:vacancy_no>/apply/", apply.apply_page, name="apply"),
    path("approaches/", person.approach_list, name="approaches"),
    path("approaches/<int:bundle_id>/", person.approach_page, name="approach"),
    path("approaches/<int:bundle_id>/answer/", person.answer, name="approach_answer"),
    path("approaches/<int:bundle_id>/confirm/", person.confirm_terms, name="approach_confirm"),
    path("disclosures/<int:candidate_id>/", person.disclosure, name="disclosure"),
]
