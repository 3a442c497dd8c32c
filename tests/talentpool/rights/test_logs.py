"""B-16: logs, the admin's own log and the audit record hold numbers, never who somebody is."""

import json
import logging

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from matching.proposals.models import Bundle
from talentpool.audit.models import Event
from talentpool.rights import services
from talentpool.rights.services.purge import purge
from talentpool.specialists.models import Specialist
from talentpool.users.models import User
from talentpool.users.services import ErasedPerson, create_account
from tests.talentpool.rights import objects
from tests.talentpool.rights.test_package_and_erasure import erase

pytestmark = pytest.mark.django_db


def test_no_canary_is_logged(
    person: Specialist,
    coordinator: User,
    settings: object,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]
    objects.plant(person)
    person.refresh_from_db()
    client = Client(raise_request_exception=False)
    client.force_login(coordinator)
    change = reverse("admin:specialists_specialist_change", args=[person.pk])
    with caplog.at_level(logging.DEBUG):
        for url in (
            change,
            reverse("admin:specialists_specialist_changelist") + f"?q={person.name}",
            reverse("admin:rights_package", args=[person.pk]),
            f"/admin/{person.name}/",
        ):
            client.get(url)
        client.post(change, {"name": person.name})
        objects.end_engagement(Bundle.objects.get(specialist=person))
        services.package_json(person, to_review=True)
        erase(person, coordinator)
        purge()
    # The address that somebody typed is the server's to log; no code of ours puts a value in one.
    lines = [one.getMessage() for one in caplog.records if one.name != "django.request"]
    assert [line for line in lines if objects.MARK in line] == []
    events = json.dumps(list(Event.objects.values_list("detail", flat=True)), ensure_ascii=False)
    assert objects.MARK not in events
    changes = [entry.change_message for entry in LogEntry.objects.all()]
    assert [message for message in changes if objects.MARK in message] == []


def test_staff_cannot_bring_an_erased_person_back(
    person: Specialist, coordinator: User, settings: object
) -> None:
    """B-05: neither with a new account nor by registering on the person's behalf."""
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]
    assert person.user is not None
    email, name, kana = person.user.email, person.name, person.kana
    objects.end_engagement(Bundle.objects.get(specialist=person))
    erase(person, coordinator)
    with pytest.raises(ErasedPerson, match="ご本人の請求により"):
        create_account(email=email, name=name, kind="specialist", by=coordinator)
    client = Client()
    client.force_login(coordinator)
    add = reverse("admin:specialists_specialist_add")
    answer = client.post(add, {"name": name, "kana": kana})
    assert "ご本人の請求により登録を削除しています" in answer.content.decode()
    assert create_account(email=email, name=name, kind="specialist", by=None).email == email
