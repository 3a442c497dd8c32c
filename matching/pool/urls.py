"""URL lists by area; talentpool.urls mounts them. The coordinator's pages are in the admin."""

from django.urls import URLPattern, path

from matching.pool import town as views

town: list[URLPattern] = [
    path("pool/", views.show_overview, name="pool_overview"),
    path("pool/demands/", views.demands, name="pool_demands"),
    path("pool/demands/new/", views.new_demand, name="pool_demand_new"),
]
