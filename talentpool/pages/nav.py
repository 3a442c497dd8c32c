"""What the page header shows: the main links of an area and who is signed in.

Both are filled from above: apps call `register_nav` in `AppConfig.ready()`, and the registry of
municipalities hands in the function that knows the roles, because imports point down only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse

Area = Literal["public", "town", "specialist", "firm", "newcomer", "coordinator"]

# The first URL namespace of a page decides its area; the admin is the coordinators' place of work.
AREA_OF_NAMESPACE: dict[str, Area] = {
    "town": "town",
    "specialist": "specialist",
    "admin": "coordinator",
    "public": "public",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in: role (江田島市), organisation (江田島市 総務課), home page (URL name)."""

    label: str
    organisation: str
    home_url: str
    area: Area


@dataclass(frozen=True, slots=True)
class NavItem:
    """One main link; `url_name` is reversed when the page is shown, `order` sorts the row."""

    label: str
    url_name: str
    order: int


@dataclass(frozen=True, slots=True)
class NavLink:
    """A main link ready for the template. `current` is the value of aria-current, or empty."""

    label: str
    url: str
    current: Literal["", "page", "true"]


IdentityProvider = Callable[[Any], Identity | None]
_items: dict[Area, dict[str, NavItem]] = {area: {} for area in get_args(Area)}
# Pages outside a link's address that belong to it: name of the page → name of the link.
_pages: dict[Area, dict[str, str]] = {area: {} for area in get_args(Area)}
_provider: list[IdentityProvider] = []
AreaChooser = Callable[[Any], Area | None]
_choosers: list[AreaChooser] = []


def register_nav(area: Area, label: str, url_name: str, order: int) -> None:
    """Add a main link to an area; the same URL name registered again replaces the first."""
    _items[area][url_name] = NavItem(label, url_name, order)


def register_page(area: Area, url_name: str, *, under: str) -> None:
    """Say that a page, with what lies below its address, belongs to the main link `under`."""
    _pages[area][url_name] = under


def register_area_chooser(chooser: AreaChooser) -> None:
    """Say which users of the specialists' pages have links of their own: the area, or None."""
    _choosers.append(chooser)


def set_identity_provider(provider: IdentityProvider) -> None:
    """Say how a user becomes an `Identity`; the last provider counts."""
    _provider[:] = [provider]


def identity_for(request: HttpRequest) -> Identity | None:
    """The identity of the signed-in user, worked out once per request; None when signed out."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not _provider:
        return None
    if not hasattr(request, "_portal_identity"):
        request._portal_identity = _provider[0](user)  # type: ignore[attr-defined]
    identity: Identity | None = request._portal_identity  # type: ignore[attr-defined]
    return identity


def area_of(request: HttpRequest) -> Area:
    """The area a page belongs to.

    Pages of a namespace belong to its area, but a signed-in user keeps the own area's links on
    public and account pages, so that there is always a way back.
    """
    match = request.resolver_match
    namespace = match.namespaces[0] if match is not None and match.namespaces else ""
    area = AREA_OF_NAMESPACE.get(namespace, "public")
    if area == "public":
        identity = identity_for(request)
        area = identity.area if identity is not None else "public"
    if area == "specialist" and request.user.is_authenticated:
        chosen = (chooser(request.user) for chooser in _choosers)
        return next((own for own in chosen if own is not None), area)
    return area


def nav_links(area: Area, path: str) -> list[NavLink]:
    """The main links of an area in order, with the one that `path` lies under marked.

    The longest address that `path` begins with wins. An address that is the beginning of another
    link's (the home page's) is marked on its own page only.
    """
    found = [
        (item.label, url)
        for item in _sorted_items(area)
        if (url := _url(item.url_name)) is not None
    ]
    urls = [url for _, url in found]
    homes = {url for url in urls for other in urls if url != other and _under(other, url)}
    under = [url for url in urls if url not in homes and _under(path, url)]
    section = max(under, key=len, default=None) or _section_elsewhere(area, path)

    def current(url: str) -> Literal["", "page", "true"]:
        if url == path:
            return "page"
        return "true" if url == section and path not in urls else ""

    return [NavLink(label, url, current(url)) for label, url in found]


def broken_nav() -> list[tuple[Area, str]]:
    """URL names of main links and of their pages that lead nowhere, for `manage.py check`.

    A main link without a page is left out of the row; a page must name a link that is there.
    """
    areas: tuple[Area, ...] = get_args(Area)
    names = [(area, name) for area in areas for name in (*_items[area], *_pages[area])]
    lost = [
        (area, page)
        for area in areas
        for page, link in _pages[area].items()
        if link not in _items[area]
    ]
    return [(area, name) for area, name in names if _url(name) is None] + lost


def _section_elsewhere(area: Area, path: str) -> str | None:
    """The address of the link that a page outside it belongs to, by the longest address that
    `path` begins with; None for all other pages."""
    found = {url: link for page, link in _pages[area].items() if (url := _url(page)) is not None}
    page = max((url for url in found if _under(path, url)), key=len, default=None)
    return None if page is None else _url(found[page])


def _sorted_items(area: Area) -> list[NavItem]:
    return sorted(_items[area].values(), key=lambda item: (item.order, item.label))


def _url(name: str) -> str | None:
    return _address(name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())


@cache
def _address(name: str, urlconf: str, prefix: str) -> str | None:
    """Found once a process: to look all of them up cost every page as much as some of its rows."""
    try:
        return reverse(name, urlconf)
    except NoReverseMatch:
        return None


def _under(path: str, url: str) -> bool:
    return path.startswith(url)
