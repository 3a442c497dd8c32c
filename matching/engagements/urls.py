"""URL lists by area; talentpool.urls mounts them."""

from django.urls import URLPattern, path

from matching.engagements import views

town: list[URLPattern] = [
    path("engagements/", views.town_list, name="engagements"),
    path("engagements/<int:pk>/", views.town_detail, name="engagement"),
]
specialist: list[URLPattern] = [
    path("engagements/", views.person_list, name="engagements"),
    path("engagements/<int:pk>/", views.person_detail, name="engagement"),
    path("days/", views.days, name="days"),
]
