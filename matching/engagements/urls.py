"""URL lists by area; talentpool.urls mounts them."""

from django.urls import URLPattern, path

from matching.engagements import day_views, views

town: list[URLPattern] = [
    path("engagements/", views.town_list, name="engagements"),
    path("engagements/<int:pk>/", views.town_detail, name="engagement"),
]
specialist: list[URLPattern] = [
    path("engagements/", views.person_list, name="engagements"),
    path("engagements/<int:pk>/", views.person_detail, name="engagement"),
    path("days/", day_views.days, name="days"),
    path("days/pause/", day_views.pause, name="pause"),
    path("days/pause/<int:pk>/end/", day_views.pause_end, name="pause_end"),
]
