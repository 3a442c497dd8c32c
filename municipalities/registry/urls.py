from django.urls import path

from municipalities.registry import deal_import_views, deal_views, views

public = [
    path("invitation/<str:token>/", views.accept_invitation, name="accept_invitation"),
]
town = [
    path("", views.town_home, name="home"),
    path("deals/", deal_views.deal_list, name="deals"),
    path("deals/contracts/new/", deal_views.contract_new, name="contract_new"),
    path("deals/contracts/<int:pk>/", deal_views.contract_edit, name="contract_edit"),
    path("deals/import/", deal_import_views.town_list, name="deal_import_list"),
    path("deals/import/<int:pk>/", deal_import_views.town_detail, name="deal_import"),
    path(
        "deals/import/<int:pk>/problems.csv",
        deal_import_views.town_problems,
        name="deal_import_problems",
    ),
    path(
        "deals/template/<slug:kind>.xlsx",
        deal_import_views.town_template,
        name="deal_template",
    ),
    path("deals/procurements/new/", deal_views.procurement_new, name="procurement_new"),
    path("deals/procurements/<int:pk>/", deal_views.procurement_edit, name="procurement_edit"),
]
