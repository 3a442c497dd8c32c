"""B-07: who looked at whom is logged before the page is sent, neither more nor less.

Every page is opened as staff; the people whose name, reading or pool number stands in the answer
must be exactly those that the page logged. On a town's page of candidates everybody who is offered
is looked at, though blind.
"""

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse

from talentpool.specialists.models import ProfileView
from tests.access import test_matrix as matrix
from tests.access.roles import MARK, PERSONS
from tests.access.routes import ADMIN_MODELS, Route, town_object, who_may
from tests.access.world import World

pytestmark = pytest.mark.django_db

OWNERS = dict(zip(PERSONS, "参四五", strict=True))
IN_ADMIN = [
    route
    for route in matrix.IN_ADMIN
    if who_may(route.name) in {"prefecture", "coordinators"}
    and not route.name.endswith(("_delete", "RedirectView", "jsi18n"))
]
TOWN = [route for route in matrix.AREAS if route.name.startswith("town:")]


def shown(world: World, response: HttpResponse) -> set[int]:
    """The people of whom the answer tells who they are."""
    text = matrix.words_of(response)
    return {
        world.people[role].pk
        for role, owner in OWNERS.items()
        if f"{MARK}{owner}人" in text
        or re.search(rf"{re.escape(world.pool_numbers[role])}(?![0-9])", text)
    }


def opened(world: World, role: str, url: str) -> tuple[HttpResponse, set[int]]:
    """The answer to GET, and the people whose views it logged; each at most once."""
    last = ProfileView.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    response = matrix.Probe(world, role).ask("get", url)
    logged = list(
        ProfileView.objects.filter(pk__gt=last, viewer=world.users[role]).values_list(
            "specialist_id", flat=True
        )
    )
    assert len(logged) == len(set(logged)), url
    return response, set(logged)


@pytest.mark.parametrize("role", ["coordinator", "auditor"])
def test_prefectural_pages_log_whom_they_show(world: World, role: str) -> None:
    wrong: dict[str, Any] = {}
    with_people = 0
    for route in IN_ADMIN:
        try:
            url = matrix.admin_url(route, matrix.admin_parameters(world, route))
        except (NoReverseMatch, IndexError):  # an address without an object in this world
            continue
        response, logged = opened(world, role, url)
        if response.status_code != 200:
            continue
        seen = shown(world, response)
        with_people += bool(seen)
        if seen != logged:
            wrong[route.name] = {"shown": seen, "logged": logged}
    assert wrong == {}
    assert with_people >= 8
    assert {f"admin:{model}_changelist" for model in ADMIN_MODELS} <= {r.name for r in IN_ADMIN}


@pytest.mark.parametrize("role", ["editor_a", "approver_b"])
def test_town_pages_log_whom_they_show(world: World, role: str) -> None:
    wrong: dict[str, Any] = {}
    with_people = 0
    side = role[-1]
    for route in TOWN:
        for kind in ("", "_signed"):
            url = town_url(world, route, side, kind)
            if url is None:
                continue
            response, logged = opened(world, role, url)
            if response.status_code != 200:
                continue
            seen = shown(world, response)
            if route.name == "town:proposal":
                offered = world.proposals[side + kind].candidates
                seen |= set(offered.values_list("specialist_id", flat=True))
            with_people += bool(seen)
            if seen != logged:
                wrong[url] = {"shown": seen, "logged": logged}
    assert wrong == {}
    assert with_people >= 3  # a blind offer, a signed one, its engagement


def town_url(world: World, route: Route, side: str, kind: str) -> str | None:
    if route.name == "town:proposal":
        return reverse(route.name, args=[world.proposals[side + kind].pk])
    if kind:
        return None
    if not route.parameters:
        return reverse(route.name)
    return reverse(route.name, kwargs=town_object(route.name, world, side))


def test_a_person_reads_every_view_of_the_own_profile(world: World) -> None:
    """The log that staff leave is the log that the person reads."""
    opened(world, "coordinator", reverse("admin:rights_package", args=[person_of(world)]))
    views = matrix.Probe(world, "specialist").ask("get", reverse("specialist:views"))
    assert "保有する記録のすべて" in views.content.decode()
    assert views.content.decode().count("<tr>") - 1 == min(
        50, ProfileView.objects.filter(specialist=person_of(world)).count()
    )


def person_of(world: World) -> int:
    return int(world.people["specialist"].pk)
