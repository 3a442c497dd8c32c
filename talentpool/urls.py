"""All addresses. Each app lists its pages by area; an area is a URL namespace."""

from django.contrib import admin
from django.urls import include, path

from consultations.desk import urls as desk
from consultations.knowledge import urls as knowledge
from matching.engagements import urls as engagements
from matching.pool import urls as pool
from matching.proposals import urls as proposals
from municipalities.registry import urls as registry
from municipalities.registry.views import home
from municipalities.vacancies import urls as vacancies
from talentpool.files import urls as files
from talentpool.rights import urls as rights
from talentpool.specialists import urls as specialists

town = [
    *registry.town,
    *specialists.town,
    *vacancies.town,
    *proposals.town,
    *engagements.town,
    *pool.town,
    *desk.town,
    *knowledge.town,
]
specialist = [
    *specialists.specialist,
    *proposals.specialist,
    *engagements.specialist,
    *rights.specialist,
]

urlpatterns = [
    path("", include("talentpool.pages.urls")),
    path("", include((vacancies.public, "public"))),
    path("home/", home, name="home"),
    *registry.public,
    *specialists.public,
    *files.shared,
    path("town/", include((town, "town"))),
    path("specialist/", include((specialist, "specialist"))),
    path("admin/", admin.site.urls),
    path("account/", include("allauth.urls")),
]

handler403 = "talentpool.pages.views.permission_denied"
handler404 = "talentpool.pages.views.not_found"
handler429 = "talentpool.pages.views.too_many_requests"  # asked for by allauth's rate limits
handler500 = "talentpool.pages.views.server_error"
