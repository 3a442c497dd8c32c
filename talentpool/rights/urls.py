"""URL lists by area; talentpool.urls mounts them. The coordinator's pages are in the admin."""

from django.urls import URLPattern, path

from talentpool.rights import views

specialist: list[URLPattern] = [
    path("rights/", views.rights, name="rights"),
    path("rights/package/", views.package, name="rights_package"),
    path("rights/package.json", views.package_file, name="rights_package_file"),
    path("rights/<int:pk>/", views.rights_request, name="rights_request"),
]
