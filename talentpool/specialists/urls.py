"""URL lists by area; talentpool.urls mounts them."""

from django.urls import URLPattern, path

from talentpool.specialists import availability_views, interest_views, views

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
    path("interests/", interest_views.interest_list, name="interests"),
    path("interests/new/", interest_views.interest_new, name="interest_new"),
    path("interests/<int:pk>/", interest_views.interest_edit, name="interest_edit"),
    path("interests/<int:pk>/remove/", interest_views.interest_remove, name="interest_remove"),
    path("days/confirm/", availability_views.confirm, name="days_confirm"),
]
