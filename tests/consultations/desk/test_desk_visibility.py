"""Who sees which consultation (A-12, A-13): canary words of one town, looked for as everybody."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consultations.desk.home import town_queue
from consultations.desk.models import Consultation, Message
from talentpool.users.models import User
from talentpool.users.services import create_account
from tests.consultations.objects import (
    make_auditor,
    make_consultation,
    make_coordinator,
    make_editor,
)

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
CANARY = "金糸雀"


@pytest.fixture
def secret() -> Consultation:
    """A consultation of 江田島市 with a canary in every text."""
    editor = make_editor(name=f"{CANARY} 花")
    return make_consultation(
        "answered", by=editor, title=f"{CANARY}件名", question=f"{CANARY}本文",
        answer=f"{CANARY}回答",
    )  # fmt: skip


def test_each_sees_its_own_and_the_prefecture_all(secret: Consultation) -> None:
    specialist = create_account(email="s@example.jp", name="人材", kind="specialist", by=None)
    ended = make_editor()
    ended.memberships.update(until=timezone.localdate())
    sees = {
        "asker": secret.asked_by,
        "colleague": make_editor(),
        "coordinator": make_coordinator(),
        "auditor": make_auditor(),
    }
    blind: dict[str, User | AnonymousUser] = {
        "other town": make_editor("343021"),
        "specialist": specialist,
        "left": ended,
        "nobody": AnonymousUser(),
    }
    for who, user in sees.items():
        assert list(Consultation.objects.visible_to(user)) == [secret], who
        assert Message.objects.visible_to(user).count() == 1, who
    for who, outsider in blind.items():
        assert not Consultation.objects.visible_to(outsider).exists(), who
        assert not Message.objects.visible_to(outsider).exists(), who


def test_pages_of_another_town_leak_nothing(secret: Consultation, client_of: ClientOf) -> None:
    other = make_editor("343021")
    client = client_of(other)
    nothing = secret.pk + 1000
    for name in ("consultation", "consultation_message", "consultation_close"):
        method = client.post if name == "consultation_message" else client.get
        foreign = method(reverse(f"town:{name}", args=[secret.pk]))
        missing = method(reverse(f"town:{name}", args=[nothing]))
        assert foreign.status_code == missing.status_code == 404, name
        assert foreign.content == missing.content, name
    before = Consultation.objects.values().get(pk=secret.pk)
    for name in ("consultation_message", "consultation_close"):
        data = {"body": "x", "request_key": "8a3f0d8e-9c29-4d52-bd7a-5b8d0c9d6d11"}
        assert client.post(reverse(f"town:{name}", args=[secret.pk]), data).status_code == 404
    assert Consultation.objects.values().get(pk=secret.pk) == before
    for name in ("consultations", "consultation_ask", "home"):
        assert CANARY not in client.get(reverse(f"town:{name}")).content.decode(), name
    assert list(town_queue(other)) == []


def test_the_town_itself_finds_the_canary(secret: Consultation, client_of: ClientOf) -> None:
    """The negative above looks for something that is there to be found."""
    client = client_of(secret.asked_by)
    for url in [reverse("town:consultations"), reverse("town:consultation", args=[secret.pk])]:
        assert CANARY in client.get(url).content.decode()


def test_the_prefecture_does_not_use_the_towns_pages(
    secret: Consultation, client_of: ClientOf
) -> None:
    client = client_of(make_coordinator())
    for url in [reverse("town:consultations"), reverse("town:consultation", args=[secret.pk])]:
        assert client.get(url).status_code == 404


def test_nobody_enters_without_signing_in(secret: Consultation, client: Client) -> None:
    for url in [
        reverse("town:consultations"),
        reverse("town:consultation", args=[secret.pk]),
        reverse("admin:desk_consultation_changelist"),
        reverse("admin:desk_consultation_change", args=[secret.pk]),
    ]:
        answer = client.get(url)
        assert answer.status_code == 302
        assert reverse("account_login") in answer["Location"]
