"""/healthz says that the process lives, /readyz that it can serve (A-43)."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from talentpool.outbox.models import Message
from talentpool.pages import health


@pytest.fixture(autouse=True)
def _own_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_checks", {})
    monkeypatch.setattr(health, "_migrated", [])


def test_alive_without_any_query(client: Client) -> None:
    """No database fixture: a query would fail the test."""
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_migrations_are_applied(client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ready\n")


@pytest.mark.django_db
def test_not_ready_while_a_migration_is_missing(client: Client) -> None:
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="registry").delete()
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"not ready\n")


@pytest.mark.django_db
def test_not_ready_when_a_registered_check_says_so(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    late = [False]
    health.register_readiness("outbox lag", lambda: late[0])
    assert client.get("/readyz").content == b"not ready\n"  # no detail for the anonymous asker
    assert "outbox lag" in caplog.text
    late[0] = True
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "status"), [(4, 200), (6, 503)])
def test_not_ready_while_messages_lie_about(client: Client, minutes: int, status: int) -> None:
    apps.get_app_config("outbox").ready()
    Message.objects.create(
        kind=Message.Kind.TASK,
        key="late",
        payload={},
        not_before=timezone.now() - timedelta(minutes=minutes),
    )
    assert client.get("/readyz").status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize("known_to_be_migrated", [True, False])
def test_not_ready_without_the_database(
    client: Client, monkeypatch: pytest.MonkeyPatch, known_to_be_migrated: bool
) -> None:
    def refuse() -> None:
        raise DatabaseError("no connection")

    monkeypatch.setattr(health, "_migrated", [True] if known_to_be_migrated else [])
    monkeypatch.setattr("django.db.connection.cursor", refuse)
    assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_reading(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
