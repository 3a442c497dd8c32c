"""URL lists by area; talentpool.urls mounts them."""

from django.urls import URLPattern, path

from talentpool.specialists import availability_views, views

public: list[URLPattern] = [
    path(
        "availability/<str:token>/",
        availability_views.confirm_by_link,
        name="availability_confirm",
    ),
]
specialist: list[URLPattern] = [
    path("", views.home, name="home"),
    path("profile/", views.profile, name="profile"),
    path("profile/views/", views.views_of_me, name="views"),
    path("days/confirm/", availability_views.confirm, name="days_confirm"),
]
