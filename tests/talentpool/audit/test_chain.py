"""The audit record: append-only, chained, whole under many writers (A-46)."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError

from talentpool.audit import services
from talentpool.audit.models import Event
from talentpool.audit.tasks import note_head
from talentpool.users.models import User

WRITERS = 64


def make_actor() -> User:
    return User.objects.create_user("actor@example.jp", name="見本 担当", kind="prefecture")


def write_events(number: int) -> list[Event]:
    actor = make_actor()
    with transaction.atomic():
        return [
            services.record("sign", actor, by=actor, detail={"share": index, "note": "ok"})
            for index in range(number)
        ]


def open_to_tampering() -> None:
    """What only the owner of the database could do."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER audit_events_are_append_only ON audit_event")


@pytest.mark.django_db
def test_events_are_chained_and_whole() -> None:
    events = write_events(5)
    assert events[0].previous_hash == services.FIRST_HASH
    assert [event.previous_hash for event in events[1:]] == [event.hash for event in events[:-1]]
    assert services.verify_chain() == (5, None)
    assert services.verify_chain(services.head()) == (5, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    ["UPDATE audit_event SET action = 'x' WHERE id = %s", "DELETE FROM audit_event WHERE id = %s"],
)
def test_the_database_refuses_to_change_or_remove(sql: str) -> None:
    event = write_events(1)[0]
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        connection.cursor().execute(sql, [event.pk])
    assert services.verify_chain() == (1, None)


def _change(events: list[Event], column: str, value: Any) -> None:
    Event.objects.filter(pk=events[2].pk).update(**{column: value})


def _swap(events: list[Event]) -> None:
    """Two rows change places, each with its own hashes."""
    one, other = events[1], events[2]
    Event.objects.filter(pk=one.pk).update(id=9_999_999)
    Event.objects.filter(pk=other.pk).update(id=one.pk)
    Event.objects.filter(pk=9_999_999).update(id=other.pk)


TAMPERINGS: dict[str, Callable[[list[Event]], Any]] = {
    "one byte of the action": lambda events: _change(events, "action", "sigm"),
    "the actor": lambda events: _change(events, "actor_id", 4711),
    "the role": lambda events: _change(events, "actor_role", "x"),
    "the object": lambda events: _change(events, "object_id", "4711"),
    "the kind of object": lambda events: _change(events, "object_type", "x.Y"),
    "one figure of the detail": lambda events: _change(events, "detail", {"share": 3}),
    "the moment": lambda events: _change(events, "at", events[0].at),
    "the hash": lambda events: _change(events, "hash", "0" * 64),
    "the predecessor": lambda events: _change(events, "previous_hash", "0" * 64),
    "a row removed": lambda events: Event.objects.filter(pk=events[2].pk).delete(),
    "the first row removed": lambda events: Event.objects.filter(pk=events[0].pk).delete(),
    "two rows swapped": _swap,
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", TAMPERINGS)
def test_tampering_is_found(kind: str) -> None:
    events = write_events(5)
    open_to_tampering()
    TAMPERINGS[kind](events)
    assert services.verify_chain()[1] is not None


@pytest.mark.django_db
@pytest.mark.parametrize("left", [0, 1, 4])
def test_a_cut_off_end_is_found_by_the_head_noted_outside(left: int) -> None:
    """The chain that is left is whole in itself: only the head tells."""
    events = write_events(5)
    head = services.head()
    open_to_tampering()
    Event.objects.filter(pk__in=[event.pk for event in events[left:]]).delete()
    assert services.verify_chain() == (left, None)
    assert services.verify_chain(head) == (left, events[-1].pk)
    with pytest.raises(CommandError, match="broken at event"):
        call_command("verify_audit", "--head", head)


@pytest.mark.django_db
def test_the_command_prints_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    write_events(3)
    call_command("verify_audit", "--head", services.head())
    assert capsys.readouterr().out == f"3 events, unbroken. head {services.head()}\n"


@pytest.mark.django_db
def test_the_end_is_noted_in_the_log_each_day(caplog: pytest.LogCaptureFixture) -> None:
    write_events(1)
    caplog.set_level("INFO")
    note_head()
    assert f"audit head {services.head()}" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_many_writers_leave_one_unbroken_chain() -> None:
    """64 concurrent writers, half of which take their work back."""
    actor = make_actor()
    start = threading.Barrier(WRITERS)
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            start.wait()
            with transaction.atomic():
                services.record("sign", actor, by=actor, detail={"number": number})
                transaction.set_rollback(number % 2 == 1)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[number]) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert services.verify_chain() == (WRITERS // 2, None)
    assert len(set(Event.objects.values_list("previous_hash", flat=True))) == WRITERS // 2


@pytest.mark.django_db(transaction=True)
def test_an_event_shares_the_fate_of_its_verb() -> None:
    actor = make_actor()
    with pytest.raises(RuntimeError, match="transaction"):
        services.record("sign", actor, by=actor)
    assert not Event.objects.exists()
