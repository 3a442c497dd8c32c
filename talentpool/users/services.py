"""Make accounts, close them. Addresses are proved by the invitation that leads here."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from talentpool.audit import services as audit
from talentpool.privacy import tombstones
from talentpool.users.models import User


class ErasedPerson(Exception):
    """The message is for the member of staff who tried."""


@transaction.atomic
def create_account(
    *, email: str, name: str, kind: str, password: str | None = None, by: User | None
) -> User:
    """Make an account whose mail address counts as verified (needed to turn a factor on).

    Raises IntegrityError when the address is taken, and ErasedPerson when staff (`by`) would bring
    back somebody who asked to be erased (B-05); a person may come back alone.
    """
    if by is not None and tombstones.is_buried(email=email):
        raise ErasedPerson(tombstones.WHY_NOT)
    user = User.objects.create_user(email=email, password=password, name=name, kind=kind)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    audit.record("create_account", user, by=by, detail={"kind": kind})
    return user


@transaction.atomic
def close_account(user: User, *, by: User | None) -> None:
    """Nobody signs in with the account any more, and its sessions end at once. It keeps its name:
    who acted must stay known."""
    user.is_active = False
    user.save(update_fields=["is_active"])
    for session in UserSession.objects.filter(user=user):
        session.end()
    audit.record("close_account", user, by=by)


@transaction.atomic
def free_address(user: User, *, by: User | None) -> None:
    """Take the mail address and the second factors off a closed account, so that the address can
    belong to another one."""
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    user.email = f"left-{user.pk}@left.invalid"
    user.set_unusable_password()
    user.is_active = False
    user.save(update_fields=["email", "password", "is_active"])
    audit.record("free_address", user, by=by)
