"""Edits of the code lists in the admin stand in the audit record."""

import pytest
from django.test import Client

from municipalities.registry.models import Membership
from talentpool.audit.models import Event
from talentpool.vocabulary.models import Skill
from tests import factories

pytestmark = pytest.mark.django_db


def test_who_saves_a_row_stands_in_the_record(client: Client, settings: object) -> None:
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]
    coordinator = factories.make_member(Membership.Role.COORDINATOR)
    client.force_login(coordinator)
    sent = {"code": "ZZZ", "name": "試し", "description": "", "order": "99", "note": ""}
    answer = client.post("/admin/vocabulary/skill/add/", sent)
    assert answer.status_code == 302, answer.context["errors"]
    event = Event.objects.latest("pk")
    assert (event.action, event.actor_id, event.object_id) == ("add_row", coordinator.pk, "ZZZ")
    assert event.detail == {"fields": ["code", "name", "order"]}
    assert Skill.objects.filter(pk="ZZZ").exists()
