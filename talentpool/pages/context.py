"""The one context processor: what the base template needs on every page."""

from django.http import HttpRequest
from django.utils.functional import cached_property

from talentpool.pages import kept_form
from talentpool.pages.nav import Area, Identity, NavLink, area_of, identity_for, nav_links


def portal(request: HttpRequest) -> dict[str, "Header"]:
    """`portal.identity`, `portal.area` and `portal.nav` for the page header."""
    return {"portal": Header(request)}


class Header:
    """The header's parts, worked out on first use: mails and fragments never ask for them."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def identity(self) -> Identity | None:
        return identity_for(self._request)

    @cached_property
    def kept_texts(self) -> list[str]:
        return kept_form.kept(self._request)

    @cached_property
    def session_ended(self) -> bool:
        return kept_form.has_ended(self._request)

    @cached_property
    def texts_wait(self) -> bool:
        return kept_form.is_waiting(self._request)

    @cached_property
    def idle_seconds(self) -> int:
        """Seconds without a request after which the session ends; 0 for nobody's session."""
        return int(getattr(self._request, "idle_seconds", 0))

    @cached_property
    def area(self) -> Area:
        return area_of(self._request)

    @cached_property
    def nav(self) -> list[NavLink]:
        return nav_links(self.area, self._request.path)
