"""The list of the audit record: the actions to filter by, the search by number."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from talentpool.audit import services as audit
from talentpool.audit.models import Event
from talentpool.users.models import User
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(settings: Any) -> Client:
    """A coordinator's."""
    settings.SECOND_FACTOR_REQUIRED = False
    client = Client()
    client.force_login(factories.make_coordinator())
    return client


@pytest.fixture
def events() -> list[Event]:
    target = User(pk=471100)
    with transaction.atomic():
        return [
            audit.record(action, target, by=None)
            for action in ("approach", "accept_need", "approach", "zzz", "accept_need")
        ]


def test_each_recorded_action_is_named_once(events: list[Event]) -> None:
    found = audit.recorded_actions()
    assert found == sorted(set(Event.objects.values_list("action", flat=True)))
    assert {"approach", "accept_need", "zzz"} <= set(found)


def test_without_events_there_is_no_action() -> None:
    assert audit.recorded_actions() == []


def test_the_list_asks_for_no_distinct_actions(events: list[Event], browser: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        html = browser.get("/admin/audit/event/").content.decode()
    assert not any("DISTINCT" in query["sql"] for query in queries.captured_queries)
    assert "?action=accept_need" in html


def test_a_number_finds_what_was_done_to_it(events: list[Event], browser: Client) -> None:
    def found(number: str) -> set[int]:
        listed = browser.get(f"/admin/audit/event/?q={number}").context["cl"].result_list
        return {event.pk for event in listed}

    assert found("471100") == {event.pk for event in events}
    assert found("47110") == set()
