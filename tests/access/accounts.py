"""Accounts of every role, and clients that sign in as them."""

from typing import Any

from django.test import Client

from municipalities.registry.models import Membership
from talentpool.outbox.models import Message
from talentpool.users.models import User
from tests import factories
from tests.factories import PASSWORD

LOGIN = "/account/login/"
ROLES = [*Membership.Role.values, "specialist", "firm"]


def account_in(role: str) -> User:
    """A new account of a role of staff, or a person of the pool (specialist, firm)."""
    if role in {"specialist", "firm"}:
        kind = "firm" if role == "firm" else "retired"
        user = factories.make_specialist(kind=kind).user
        assert user is not None
        return user
    town = factories.make_town() if role in Membership.MUNICIPAL_ROLES else None
    return factories.make_member(role, town)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def log_in(client: Client, user: User, *, password: str = PASSWORD, path: str = LOGIN) -> Any:
    return client.post(path, {"login": user.email, "password": password})


def queued_mails() -> list[dict[str, str]]:
    """The mails of the outbox, in the order in which they were queued: to, subject, body."""
    return [row.payload for row in Message.objects.filter(kind="mail").order_by("pk")]


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session
