"""What the tests of the matching area share."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from talentpool.users.models import User


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Any) -> None:
    """The second factor has tests of its own; here people are simply signed in."""
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A browser in which somebody is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
