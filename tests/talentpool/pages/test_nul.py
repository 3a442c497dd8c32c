"""A NUL in an address, a query or a form is refused, on every page (no page answers with 500).

In an address or a query before anybody is asked who it is; in a form when it is read.
"""

from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from talentpool.users.models import User
from tests.access.routes import Route, all_routes
from tests.municipalities.vacancies.objects import make_coordinator, make_editor

pytestmark = pytest.mark.django_db
NUL = "\0"


@pytest.fixture(autouse=True)
def open_doors(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    cache.clear()


def parameters(route: Route) -> dict[str, Any]:
    """A NUL where text may stand, else something of the kind."""
    some = {"IntConverter": 1, "UUIDConverter": "0" * 8 + "-0000-4000-8000-" + "0" * 12}
    some |= {"SlugConverter": "x", "StringConverter": f"x{NUL}", "PathConverter": f"x{NUL}"}
    return {
        name: some.get(type(kind).__name__, "x")
        for name, kind in getattr(route.pattern.pattern, "converters", {}).items()
    }


def test_a_nul_in_an_address_is_not_found() -> None:
    tried = 0
    for route in all_routes():
        given = parameters(route)
        if not any(NUL in str(value) for value in given.values()):
            continue
        try:
            url = reverse(route.name, kwargs=given)
        except NoReverseMatch:
            continue
        tried += 1
        assert Client().get(url).status_code == 404, url
        assert Client().post(url).status_code == 404, url
    assert tried > 30


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_nul_in_a_query_or_a_form_is_refused() -> None:
    made = [Client(), signed_in(make_editor()), signed_in(make_coordinator())]
    names = ("q", "municipality", "field", "by", "days", "unit", "after", "o", "_facets", "status")
    for route in all_routes():
        try:
            url = reverse(route.name)
        except NoReverseMatch:  # it has parameters: see above
            continue
        answer = Client().get(url, dict.fromkeys(names, f"x{NUL}"))
        assert answer.status_code == 400, url
        for client in made:
            assert client.post(url, {"email": f"a{NUL}@example.jp"}).status_code < 500, url


def test_the_answer_says_what_is_wrong() -> None:
    answer = Client().post("/subscribe/", {"email": f"a{NUL}@example.jp"})
    assert answer.status_code == 400
    assert "扱えない文字があります" in answer.content.decode()


def test_a_cookie_with_a_nul_is_as_none() -> None:
    """Whoever sends it is not known; who is known by another cookie stays so."""
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages", "any"):
        client = signed_in(make_editor())
        client.cookies[name] = f"{'x' * 32}{NUL}"
        assert "\\000" in client.cookies[name].OutputString()  # as it goes over the wire
        status = 302 if name == settings.SESSION_COOKIE_NAME else 200
        assert client.get("/town/").status_code == status, name
        assert client.get("/").status_code == 200, name
        assert client.post("/subscribe/", {"email": "a"}).status_code == 422, name
