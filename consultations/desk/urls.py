"""URL lists by area; talentpool.urls mounts them."""

from django.urls import URLPattern, path

from consultations.desk import views

public: list[URLPattern] = []
town: list[URLPattern] = [
    path("consultations/", views.consultations, name="consultations"),
    path("consultations/new/", views.ask, name="consultation_ask"),
    path("consultations/<int:pk>/", views.consultation, name="consultation"),
    path("consultations/<int:pk>/message/", views.add_message, name="consultation_message"),
    path("consultations/<int:pk>/secrecy/", views.change_secrecy, name="consultation_secrecy"),
    path("consultations/<int:pk>/close/", views.close, name="consultation_close"),
]
specialist: list[URLPattern] = []
