"""The desk's states: every action in every state, by everybody (ASVS 2.3.1)."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from consultations.desk import services
from consultations.desk.errors import Refused
from consultations.desk.models import PREFECTURE_ACTIONS, TOWN_ACTIONS, Action, Consultation
from talentpool.audit.models import Event
from talentpool.users.models import User
from tests.consultations.objects import (
    make_auditor,
    make_consultation,
    make_coordinator,
    make_editor,
    unsaved,
)

pytestmark = pytest.mark.django_db

S = Consultation.Status
# What the desk is meant to do, written down a second time: state, action, next state, whose turn.
EXPECTED = {
    ("asked", "assign"): ("in_progress", "prefecture"),
    ("asked", "ask_back"): ("in_progress", "town"),
    ("asked", "answer"): ("answered", "town"),
    ("asked", "add"): ("asked", "prefecture"),
    ("asked", "close"): ("closed", ""),
    ("in_progress", "assign"): ("in_progress", "prefecture"),
    ("in_progress", "ask_back"): ("in_progress", "town"),
    ("in_progress", "answer"): ("answered", "town"),
    ("in_progress", "add"): ("in_progress", "prefecture"),
    ("in_progress", "close"): ("closed", ""),
    ("answered", "assign"): ("answered", "town"),
    ("answered", "answer"): ("answered", "town"),
    ("answered", "add"): ("in_progress", "prefecture"),
    ("answered", "close"): ("closed", ""),
}


def act(action: Action, pk: int, by: User) -> Any:
    text: dict[str, Any] = {"body": "本文", "request_key": uuid.uuid4()}
    verbs: dict[Action, Callable[[], Any]] = {
        Action.ASSIGN: lambda: services.assign(pk, assignee=by, by=by),
        Action.ASK_BACK: lambda: services.ask_back(pk, **text, by=by),
        Action.ANSWER: lambda: services.answer(pk, **text, by=by),
        Action.ADD: lambda: services.add_message(pk, **text, by=by),
        Action.CLOSE: lambda: services.close(pk, by=by),
    }
    return verbs[action]()


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("state", list(S))
def test_every_action_in_every_state(state: S, action: Action) -> None:
    town = make_editor()
    made = make_consultation(state, by=town)
    actor = town if action in TOWN_ACTIONS else make_coordinator("県見 次郎")
    before = Consultation.objects.values().get(pk=made.pk)
    events = Event.objects.count()
    expected = EXPECTED.get((str(state), str(action)))
    if expected is None:
        with pytest.raises(Refused):
            act(action, made.pk, actor)
        assert Consultation.objects.values().get(pk=made.pk) == before
        assert Event.objects.count() == events
        return
    act(action, made.pk, actor)
    now = Consultation.objects.get(pk=made.pk)
    assert (now.status, now.turn) == expected
    assert Event.objects.count() == events + 1
    assert Event.objects.first().actor_id == actor.pk  # type: ignore[union-attr]


def test_the_table_of_the_model_is_the_table_that_was_meant() -> None:
    table = {
        (str(state), str(action)): str(after)
        for action, moves in Consultation.TRANSITIONS.items()
        for state, after in moves.items()
    }
    assert table == {pair: after for pair, (after, _) in EXPECTED.items()}
    assert {*TOWN_ACTIONS, *PREFECTURE_ACTIONS} == set(Action)


@pytest.mark.parametrize("action", list(Action))
def test_nobody_else_may_act(action: Action) -> None:
    town = make_editor()
    made = make_consultation("answered", by=town)
    outsiders = [make_editor("343021"), make_auditor()]
    outsiders.append(make_coordinator() if action in TOWN_ACTIONS else town)
    before = Consultation.objects.values().get(pk=made.pk)
    for outsider in outsiders:
        with pytest.raises(Refused):
            act(action, made.pk, outsider)
    assert Consultation.objects.values().get(pk=made.pk) == before


def test_only_staff_of_a_town_ask() -> None:
    for outsider in [make_coordinator(), make_auditor()]:
        with pytest.raises(Refused):
            services.ask(unsaved(), by=outsider)
    assert not Consultation.objects.exists()
