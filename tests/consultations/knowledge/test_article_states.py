"""The states of an article: every action in every state, by everybody (ASVS 2.3.1)."""

from collections.abc import Callable
from typing import Any

import pytest

from consultations.desk.errors import Refused
from consultations.knowledge import services
from consultations.knowledge.models import Action, Article
from talentpool.audit.models import Event
from talentpool.users.models import User
from tests.consultations.objects import (
    make_article,
    make_auditor,
    make_consultation,
    make_coordinator,
    make_editor,
)

pytestmark = pytest.mark.django_db

# State, action and who (town or prefecture) lead to the next state; written down a second time.
EXPECTED = {
    ("proposed", "approve", "town"): "published",
    ("proposed", "refuse", "town"): "refused",
    ("proposed", "withdraw", "town"): "withdrawn",
    ("proposed", "withdraw", "prefecture"): "withdrawn",
    ("published", "withdraw", "town"): "withdrawn",
    ("published", "withdraw", "prefecture"): "withdrawn",
}


def act(action: Action, pk: int, by: User) -> Any:
    why = {"reason": "other", "note": "補足"}
    verbs: dict[Action, Callable[[], Any]] = {
        Action.APPROVE: lambda: services.approve_article(pk, by=by),
        Action.REFUSE: lambda: services.refuse_article(pk, **why, by=by),
        Action.WITHDRAW: lambda: services.withdraw_article(pk, **why, by=by),
    }
    return verbs[action]()


@pytest.mark.parametrize("who", ["town", "colleague", "prefecture", "other town", "auditor"])
@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("state", list(Article.Status))
def test_every_action_in_every_state_by_everybody(
    state: Article.Status, action: Action, who: str
) -> None:
    town = make_editor()
    people = {
        "town": town,
        "colleague": make_editor(),
        "prefecture": make_coordinator("県見 次郎"),
        "other town": make_editor("343021"),
        "auditor": make_auditor(),
    }
    article = make_article(state, consultation=make_consultation("answered", by=town))
    before = Article.objects.values().get(pk=article.pk)
    events = Event.objects.count()
    side = "town" if who == "colleague" else who
    expected = EXPECTED.get((str(state), str(action), side))
    if expected is None:
        with pytest.raises(Refused):
            act(action, article.pk, people[who])
        assert Article.objects.values().get(pk=article.pk) == before
        assert Event.objects.count() == events
        return
    act(action, article.pk, people[who])
    article.refresh_from_db()
    assert article.status == expected
    assert Event.objects.count() == events + 1


def test_the_table_of_the_model_is_the_table_that_was_meant() -> None:
    table = {
        (str(state), str(action), str(after))
        for action, moves in Article.TRANSITIONS.items()
        for state, after in moves.items()
    }
    assert table == {(state, action, after) for (state, action, _), after in EXPECTED.items()}
