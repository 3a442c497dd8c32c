"""The public pages for crawlers: site map (sitemaps.org) and robots.txt (RFC 9309)."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from municipalities.vacancies.models.vacancy import LAST_CHANGED
from municipalities.vacancies.open_fields import open_vacancies
from municipalities.vacancies.views.opendata import address_of

MOST_ADDRESSES = 50_000  # in one site map, by the protocol; more are parted, with an index


@login_not_required
def site_map(request: HttpRequest) -> HttpResponse:
    """All public pages, or the index of the parts in which they stand."""
    parts = _parts()
    if parts == 1:
        return _part(request, 1)
    addresses = [
        settings.SITE_URL + reverse("public:site_map_part", args=[number + 1])
        for number in range(parts)
    ]
    return _xml(request, "vacancies/sitemap_index.xml", {"parts": addresses})


@login_not_required
def site_map_part(request: HttpRequest, number: int) -> HttpResponse:
    if not 1 <= number <= _parts():
        raise Http404
    return _part(request, number)


def _parts() -> int:
    """Into how many parts the public pages go."""
    return -(-(open_vacancies().count() + len(_pages())) // MOST_ADDRESSES)


def _pages() -> list[str]:
    return [settings.SITE_URL + reverse(f"public:{name}") for name in ("top", "vacancy_list")]


def _part(request: HttpRequest, number: int) -> HttpResponse:
    """A part of the map, from 1: the pages first, then the vacancies, the oldest first, so that
    what is in a part seldom moves."""
    pages = _pages()
    start = (number - 1) * MOST_ADDRESSES - len(pages)
    found = open_vacancies().order_by("pk").values_list("vacancy_no", LAST_CHANGED)
    vacancies = [
        (address_of(vacancy_no), changed)
        for vacancy_no, changed in found[max(start, 0) : start + MOST_ADDRESSES]
    ]
    context = {"pages": pages if number == 1 else [], "vacancies": vacancies}
    return _xml(request, "vacancies/sitemap.xml", context)


def _xml(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    return render(request, template, context, content_type="application/xml")


@login_not_required
def robots(request: HttpRequest) -> HttpResponse:
    """Everything public may be read by crawlers; where they find it all (RFC 9309)."""
    site = settings.SITE_URL + reverse("public:site_map")
    closed = "".join(f"Disallow: /{area}/\n" for area in ("admin", "town", "specialist"))
    text = f"User-agent: *\n{closed}\nSitemap: {site}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
