"""Edits of the code lists in the admin stand in the audit record."""

import pytest
from django.test import Client

from municipalities.registry.models import Membership
from talentpool.audit.models import Event
from talentpool.users.models import User
from talentpool.vocabulary.models import Skill
from tests import factories
from tests.opened import opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(client: Client, settings: object) -> User:
    """Somebody of the prefecture, signed in."""
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]
    user = factories.make_member(Membership.Role.COORDINATOR)
    client.force_login(user)
    return user


def edit(client: Client, path: str, **values: str) -> None:
    sent = {"code": "ZZZ", "name": "試し", "description": "", "order": "99", "note": "", **values}
    answer = client.post(f"/admin/vocabulary/skill/{path}", sent)
    assert answer.status_code == 302, answer.context["errors"]


def test_who_adds_a_row_stands_in_the_record(client: Client, coordinator: User) -> None:
    edit(client, "add/")
    event = Event.objects.latest("pk")
    assert (event.action, event.actor_id, event.object_id) == ("add_row", coordinator.pk, "ZZZ")
    assert event.detail == {"fields": ["code", "name", "order"]}
    assert Skill.objects.filter(pk="ZZZ").exists()


def test_who_changes_a_row_stands_in_the_record_with_the_fields(
    client: Client, coordinator: User
) -> None:
    Skill.objects.create(code="ZZZ", name="試し", order=99)
    page = opened(client, "/admin/vocabulary/skill/ZZZ/change/")
    edit(client, "ZZZ/change/", name="本番", **page)
    event = Event.objects.latest("pk")
    assert (event.action, event.actor_id, event.object_id) == ("edit_row", coordinator.pk, "ZZZ")
    assert event.detail == {"fields": ["name"]}
    assert "本番" not in str(event.detail)
    assert Skill.objects.get(pk="ZZZ").name == "本番"


def test_a_row_is_not_deleted(client: Client, coordinator: User) -> None:
    """What points at it keeps its words; there is nothing to record."""
    Skill.objects.create(code="ZZZ", name="試し", order=99)
    answer = client.post("/admin/vocabulary/skill/ZZZ/delete/", {"post": "yes"})
    assert answer.status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": "ZZZ", "post": "yes"}
    client.post("/admin/vocabulary/skill/", chosen)
    assert Skill.objects.filter(pk="ZZZ").exists()
    assert Event.objects.filter(object_id="ZZZ").count() == 0
