"""B-07: who looked at whom is logged before the page is sent, neither more nor less.

Every page is opened as staff; the people whose name, reading or pool number stands in the answer
must be exactly those that the page logged. On a town's page of candidates everybody who is offered
is looked at, though blind.
"""

import re
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse

from talentpool.specialists.models import ProfileView
from tests.access import test_matrix as matrix
from tests.access.roles import MANAGER, OWNERS
from tests.access.routes import ADMIN_MODELS, OF_MANAGER, Route, town_object, who_may
from tests.access.world import World

pytestmark = pytest.mark.django_db

ROOMS = "人番密審勤措"  # what only somebody about whom it is could have
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
    found = matrix.canaries_in(text)
    return {
        world.people[role].pk
        for role, owner in OWNERS.items()
        if any(owner + room in found for room in ROOMS)
        or re.search(rf"{re.escape(world.pool_numbers[role])}(?![0-9])", text)
    }


# Forms about blind candidates, when they are refused and shown again.
OF_A_CANDIDATE = {route.name for route in TOWN if route.name.startswith("town:proposal_")}
PAGE = {200, 400, 409, 422}  # answers that show something


def opened(world: World, role: str, url: str, method: str = "get") -> tuple[HttpResponse, set[int]]:
    """The answer, and the people whose views it logged; each at most once."""
    last = ProfileView.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    response = matrix.Probe(world, role).ask(method, url)
    logged = list(
        ProfileView.objects.filter(pk__gt=last, viewer=world.users[role]).values_list(
            "specialist_id", flat=True
        )
    )
    assert len(logged) == len(set(logged)), url
    return response, set(logged)


def posted(world: World, role: str, url: str) -> tuple[HttpResponse, set[int]]:
    """The answer to a form that was sent empty; what a verb without questions did is taken back."""
    with transaction.atomic():
        found = opened(world, role, url, "post")
        transaction.set_rollback(True)
    return found


STAFF = [("coordinator", opened), ("auditor", opened), ("prefectural_approver", posted)]


@pytest.mark.parametrize(("role", "ask"), STAFF)
def test_prefectural_pages_log_whom_they_show(world: World, role: str, ask: Any) -> None:
    wrong: dict[str, Any] = {}
    with_people = 0
    for route in IN_ADMIN:
        if ask is posted and route.name.endswith(("_history", "_changelist")):
            continue  # nothing is sent there
        try:
            url = matrix.admin_url(route, matrix.admin_parameters(world, route))
        except (NoReverseMatch, IndexError):  # an address without an object in this world
            continue
        response, logged = ask(world, role, url)
        if response.status_code not in PAGE:
            continue
        seen = shown(world, response)
        with_people += bool(seen)
        if seen != logged:
            wrong[route.name] = {"shown": seen, "logged": logged}
    assert wrong == {}
    assert with_people >= (8 if ask is opened else 3)
    assert {f"admin:{model}_changelist" for model in ADMIN_MODELS} <= {r.name for r in IN_ADMIN}


@pytest.mark.parametrize(
    ("role", "ask"),
    [("editor_a", opened), ("approver_b", opened), ("approver_a", posted), ("editor_b", posted)],
)
def test_town_pages_log_whom_they_show(world: World, role: str, ask: Any) -> None:
    wrong: dict[str, Any] = {}
    with_people = 0
    side = role[-1]
    for route in TOWN:
        for kind in ("", "_signed"):
            url = town_url(world, route, side, kind)
            if url is None:
                continue
            response, logged = ask(world, role, url)
            if response.status_code not in PAGE:
                continue
            seen = shown(world, response)
            if route.name == "town:proposal" or (logged and route.name in OF_A_CANDIDATE):
                offered = world.proposals[side + kind].candidates
                seen |= set(offered.values_list("specialist_id", flat=True))
            with_people += bool(seen)
            if seen != logged:
                wrong[url] = {"shown": seen, "logged": logged}
    assert wrong == {}
    if ask is opened:
        assert with_people >= 3  # a blind offer, a signed one, its engagement


@pytest.mark.parametrize("ask", [opened, posted])
def test_a_firms_pages_log_whom_they_show(world: World, ask: Any) -> None:
    """A firm's manager reads the names of the firm's own people, and they read that."""
    wrong: dict[str, Any] = {}
    named = 0
    for route in matrix.AREAS:
        if route.name not in OF_MANAGER:
            continue
        own = {"pk": person_of(world, "firm_member")} if route.parameters else {}
        response, logged = ask(world, MANAGER, reverse(route.name, kwargs=own))
        if response.status_code in PAGE:
            named += bool(shown(world, response))
            if logged != shown(world, response):
                wrong[route.name] = (shown(world, response), logged)
    assert wrong == {}
    assert named >= 1


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


def person_of(world: World, role: str = "specialist") -> int:
    return int(world.people[role].pk)
