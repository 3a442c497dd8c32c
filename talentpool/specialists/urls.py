"""URL lists by area; talentpool.urls mounts them."""

from django.urls import URLPattern, path

from talentpool.specialists import views

specialist: list[URLPattern] = [
    path("", views.home, name="home"),
    path("profile/", views.profile, name="profile"),
    path("profile/views/", views.views_of_me, name="views"),
]
