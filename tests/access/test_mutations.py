"""Are the access tests worth anything? Each filter and each gate is taken away in turn, and the
matrix must notice (A-15)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps

from municipalities.registry import access, querysets
from talentpool.users.middleware import SecondFactorMiddleware
from tests.access import test_matrix as matrix
from tests.access import test_sign_in as sign_in
from tests.access.world import World

pytestmark = pytest.mark.django_db
Check = Callable[[World], Any]


def _area(name: str) -> Check:
    route = next(route for route in matrix.AREAS if route.name == name)
    return lambda world: matrix.test_towns_and_persons(world, route)


def _admin(name: str) -> Check:
    route = next(route for route in matrix.IN_ADMIN if route.name == name)
    return lambda world: matrix.test_admin(world, route)


# Which part of the matrix notices that a model's `visible_to` gives everything. The rooms of the
# prefecture have the admin's gate in front of them, candidates and articles a second filter (the
# bundle, the town), as have the views of oneself: there the default of `visible_to` is asked.
NOTICED_BY: dict[str, Check] = {
    "vacancies.Need": _area("town:need_detail"),
    "vacancies.Vacancy": _area("town:vacancy_detail"),
    "vacancies.VacancyImport": _area("town:import_detail"),
    "proposals.Proposal": _area("town:proposal"),
    "proposals.Application": _area("town:application"),
    "proposals.Bundle": _area("specialist:approach"),
    "engagements.Engagement": _area("town:engagement"),
    "desk.Consultation": _area("town:consultation"),
    "specialists.Specialist": _area("specialist:home"),
    "rights.RightsRequest": _area("specialist:rights_request"),
    "registry.Municipality": matrix.test_staff_see_the_towns_of_their_prefecture_only,
}


def scoped_models() -> list[str]:
    """Every model whose rows are not for everybody."""
    return [
        model._meta.label
        for model in apps.get_models()
        if hasattr(model._default_manager.all(), "visible_to")
    ]


@pytest.mark.parametrize("label", scoped_models())
def test_a_filter_taken_away_is_noticed(
    world: World, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    queryset = type(apps.get_model(label)._default_manager.all())
    monkeypatch.setattr(queryset, "visible_to", lambda self, user: self.all())
    check = NOTICED_BY.get(label, matrix.test_no_model_is_visible_to_a_stranger)
    assert is_noticed(check, world)


def _let_in(user: Any) -> bool:
    return True


GATES: dict[str, tuple[Any, Check]] = {
    "towns' pages": (access.is_municipal, _area("town:home")),
    "persons' pages": (access.is_specialist, _area("specialist:home")),
    "coordinators' verbs": (querysets.is_coordinator, _admin("admin:proposals_run_offer")),
    "the admin": (querysets.is_prefectural, _admin("admin:index")),
}


@pytest.mark.parametrize("name", GATES)
def test_a_gate_taken_away_is_noticed(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decorators hold the function itself, so its code is exchanged."""
    gate, check = GATES[name]
    monkeypatch.setattr(gate, "__code__", _let_in.__code__)
    assert is_noticed(check, world)


def test_a_missing_second_factor_gate_is_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(SecondFactorMiddleware, "process_view", lambda *given: None)
    assert is_noticed(
        lambda _: sign_in.test_staff_open_nothing_without_a_second_factor(
            "coordinator", False, settings
        ),
        world,
    )


def is_noticed(check: Check, world: World) -> bool:
    """Whether the check fails by an assertion of its own: a page that only breaks would hide
    whether anything leaks."""
    try:
        check(world)
    except AssertionError:
        return True
    return False
