"""People who sign in, for the tests of the shared pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from municipalities.registry.models import Membership, Municipality, Prefecture
from talentpool.users.models import User
from talentpool.users.services import create_account

PASSWORD = "a-long-pass-phrase-7"


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Any) -> None:
    """The second factor is enforced elsewhere; here people are simply signed in."""
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def town(db: None) -> Municipality:
    prefecture = Prefecture.objects.create(code="340006", name="広島県", kana="ヒロシマケン")
    return Municipality.objects.create(
        code="342157", prefecture=prefecture, name="江田島市", kana="エタジマシ"
    )


@pytest.fixture
def coordinator(db: None) -> User:
    user = create_account(
        email="coordinator@pool.example.jp",
        name="県 花子",
        kind=User.Kind.PREFECTURE,
        password=PASSWORD,
        by=None,
    )
    Membership.objects.create(
        user=user,
        role=Membership.Role.COORDINATOR,
        section="デジタル基盤整備課",
        since="2026-04-01",
    )
    return user


@pytest.fixture
def specialist(db: None) -> User:
    return create_account(
        email="specialist@pool.example.jp",
        name="専門 太郎",
        kind=User.Kind.SPECIALIST,
        password=PASSWORD,
        by=None,
    )


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A browser in which somebody is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
