"""B-08: what is hidden cannot be found out by asking either, and everything hidden has a canary.

The matrix looks for canaries in every answer; here it is made sure that there is one in every
column that the classification calls the person's own, and that a list that is asked for a canary,
or sorted by a hidden column, answers as when asked for nonsense.
"""

import re
from typing import Any

import pytest
from django.contrib.admin import site
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from municipalities.registry.admin_site import PoolAdminSite
from talentpool.conventions.data_class import DataClass
from talentpool.privacy.inventory import inventory, rows_about, tables_about_persons
from tests.access import test_matrix as matrix
from tests.access.roles import MANAGER, MARK, MUNICIPAL, OWNERS, PERSONS
from tests.access.routes import OF_MANAGER, PUBLIC, Route
from tests.access.world import World
from tests.planting import OF_THE_PERSON, canary_fields, is_planted

pytestmark = pytest.mark.django_db

NONSENSE = "鵼零無"  # as long as a canary
# By which names a list is asked: those that lists have, and what a careless one might take.
SEARCHED = ("q", "search", "name", "skill", "category", "status", "area")
SORTED = ("o", "ordering", "order", "sort", "order_by")
# Copies that triggers write: the words are the person's, in a form that the search folds.
FOLDED = {("pool.PoolEntry", "facets"), ("pool.PoolEntry", "free")}


def test_every_column_about_a_person_has_a_canary(world: World) -> None:
    """The list is the classification's: a new hidden column without a canary fails here, as does a
    new table without a row (`tests.planting.fill_tables`)."""
    without = []
    for model, table in tables_about_persons():
        for field in canary_fields(model, table, OF_THE_PERSON):
            column = (model._meta.label, field.name)
            rows = [
                row
                for person in [*world.people.values(), world.beginner]
                for row in rows_about(model, table, person.pk)
            ]
            if column not in FOLDED and not any(is_planted(row, field) for row in rows):
                without.append(column)
    assert without == []


def test_the_hidden_canaries_are_shown_to_their_person(world: World) -> None:
    """What no page ever shows would prove nothing."""
    for role, owner in OWNERS.items():
        pages = ["specialist:profile", "specialist:rights_package"]
        found = [
            matrix.canaries_in(matrix.words_of(matrix.Probe(world, role).ask("get", reverse(name))))
            for name in pages
        ]
        assert owner + "密" in found[1], role
        assert {owner + "人", owner + "番"} <= found[0] | found[1], role


# Asking for these is recorded, and what is recorded is in them.
GROWING = {"specialist:rights_package", "specialist:rights_package_file"}


# --- Asking lists ---------------------------------------------------------------------------
def lists_of(role: str) -> list[Route]:
    """The pages without an object that the role may open."""
    if role in MUNICIPAL:
        kept = [route for route in matrix.AREAS if route.name.startswith("town:")]
    elif role == MANAGER:
        kept = [route for route in matrix.AREAS if route.name in OF_MANAGER]
    elif role in PERSONS:
        kept = [route for route in matrix.AREAS if route.name.startswith("specialist:")]
    else:
        lists = {name for name in PUBLIC if name.startswith("public:")}
        kept = [route for route in matrix.SHARED if route.name in lists]
    return [route for route in kept if not route.parameters and route.name not in GROWING]


def hidden_lookups() -> list[str]:
    """The columns about a person as lookups of a row of the person and of one that points at it."""
    names = [
        field.name
        for model, table in tables_about_persons()
        if model._meta.label == "specialists.Specialist"
        for field in canary_fields(model, table, OF_THE_PERSON)
    ]
    ways = ("", "specialist__", "candidates__specialist__", "engagement__specialist__")
    return [way + name for way in ways for name in [*names, "pool_number"]]


# What a form writes anew each time it is opened.
KEY_OF_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9a-f]{32}")


def answer(world: World, role: str, route: Route, asked: dict[str, str], echo: str) -> Any:
    """The answer without what was asked for, which the page says again."""
    probe = matrix.Probe(world, role, said=echo)
    response: HttpResponse = probe.ask("get", reverse(route.name), asked)
    words = matrix.words_of(response).replace(echo, "")
    return response.status_code, KEY_OF_FORM.sub("", matrix.CSRF_INPUT.sub("", words))


LOOKUPS = hidden_lookups()
ASKING = ("anonymous", "no_role", *PERSONS, MANAGER, *MUNICIPAL)


@pytest.mark.parametrize("role", ASKING)
def test_asking_a_list_for_what_is_hidden_says_nothing(world: World, role: str) -> None:
    """Another person's canary in the search, in each filter and by each column; the hidden columns
    as the order, both ways."""
    owner = "四" if role in {"specialist", "editor_b", "approver_b"} else "参"
    different = []
    for route in lists_of(role):
        base = answer(world, role, route, _asked(NONSENSE, "零"), NONSENSE)
        for room, order in (("密", "name"), ("人", "-specialist__name"), ("番", "pool_number")):
            words = MARK + owner + room
            if answer(world, role, route, _asked(words, order), words) != base:
                different.append((route.name, room, order))
    assert different == [], different


def _asked(words: str, order: str) -> dict[str, str]:
    searched = {**dict.fromkeys(SEARCHED, words), **dict.fromkeys(LOOKUPS, words)}
    searched |= {f"{name}__contains": words for name in LOOKUPS}
    return {**searched, **dict.fromkeys(SORTED, order)}


# --- What not even the prefecture may ask ---------------------------------------------------
def secret_lookups(model: Any, depth: int = 2) -> list[str]:
    """Lookups from a row to columns that are keys (秘密), over at most `depth` relations."""
    table = inventory().get(model._meta.label)
    found = [
        name
        for name, data_class in (table.named() if table else ())
        if data_class == DataClass.SECRET
    ]
    for one in model._meta.get_fields() if depth else ():
        if one.is_relation and one.related_model and isinstance(one.related_model, type):
            found += [f"{one.name}__{way}" for way in secret_lookups(one.related_model, depth - 1)]
    return found


def test_no_list_of_the_admin_is_filtered_by_a_key(world: World) -> None:
    """Passwords, tokens of links and second factors: such a lookup in the address of a list is
    refused, so that nobody guesses on character by character."""
    request = RequestFactory().get("/")
    request.user = world.users["coordinator"]
    assert isinstance(site, PoolAdminSite)
    admins = site._registry.items()
    ways = [(admin, way) for model, admin in admins for way in secret_lookups(model)]
    allowed = [
        (f"{admin}", way)
        for admin, way in ways
        if admin.lookup_allowed(f"{way}__startswith", "x", request)
    ]
    assert allowed == []
    assert len(ways) >= 50
    token = world.invitation and world.invitation.token_sha256
    url = reverse("admin:registry_invitation_changelist")
    for words in (str(token)[:3], NONSENSE):
        asked = {"token_sha256__startswith": words}
        assert matrix.Probe(world, "coordinator").ask("get", url, asked).status_code == 400
