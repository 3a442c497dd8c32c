from django.urls import path

from municipalities.registry import deal_views, views

public = [
    path("invitation/<str:token>/", views.accept_invitation, name="accept_invitation"),
]
town = [
    path("", views.town_home, name="home"),
    path("deals/", deal_views.deal_list, name="deals"),
    path("deals/contracts/new/", deal_views.contract_new, name="contract_new"),
    path("deals/contracts/<int:pk>/", deal_views.contract_edit, name="contract_edit"),
    path("deals/procurements/new/", deal_views.procurement_new, name="procurement_new"),
    path("deals/procurements/<int:pk>/", deal_views.procurement_edit, name="procurement_edit"),
]
