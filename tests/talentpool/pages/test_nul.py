"""A NUL in an address, a query or a form is refused, on every page (no page answers with 500)."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.access.routes import Route, all_routes
from tests.municipalities.vacancies.objects import make_coordinator, make_editor, make_vacancy

pytestmark = pytest.mark.django_db
NUL = "\0"


@pytest.fixture(autouse=True)
def open_doors(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    cache.clear()


def clients() -> list[Client]:
    found = [Client()]
    for user in (make_editor(), make_coordinator()):
        client = Client()
        client.force_login(user)
        found.append(client)
    return found


def parameters(route: Route) -> dict[str, Any]:
    """A NUL where text may stand, else something of the kind."""
    some = {"IntConverter": 1, "UUIDConverter": "0" * 8 + "-0000-4000-8000-" + "0" * 12}
    some |= {"SlugConverter": "x", "StringConverter": f"x{NUL}", "PathConverter": f"x{NUL}"}
    return {
        name: some.get(type(kind).__name__, "x")
        for name, kind in getattr(route.pattern.pattern, "converters", {}).items()
    }


def test_a_nul_in_an_address_is_not_found() -> None:
    made, tried = clients(), 0
    for route in all_routes():
        given = parameters(route)
        if not any(NUL in str(value) for value in given.values()):
            continue
        try:
            url = reverse(route.name, kwargs=given)
        except NoReverseMatch:
            continue
        tried += 1
        for client in made:
            assert client.get(url).status_code == 404, url
            assert client.post(url).status_code == 404, url
    assert tried > 30


def test_a_nul_in_a_query_or_a_form_is_refused() -> None:
    make_vacancy("published")
    names = ("q", "municipality", "field", "by", "days", "unit", "after", "o", "_facets", "status")
    for client in clients():
        for route in all_routes():
            try:
                url = reverse(route.name)
            except NoReverseMatch:  # it has parameters: see above
                continue
            answer = client.get(url, dict.fromkeys(names, f"x{NUL}"))
            assert answer.status_code in {400, 404}, url
            assert client.post(url, {"email": f"a{NUL}@example.jp"}).status_code < 500, url


def test_the_answer_says_what_is_wrong() -> None:
    answer = Client().post("/subscribe/", {"email": f"a{NUL}@example.jp"})
    assert answer.status_code == 400
    assert "扱えない文字があります" in answer.content.decode()
