"""Make accounts. Addresses are proved by the invitation that leads here."""

from allauth.account.models import EmailAddress
from django.db import transaction

from talentpool.audit import services as audit
from talentpool.users.models import User


@transaction.atomic
def create_account(
    *, email: str, name: str, kind: str, password: str | None = None, by: User | None
) -> User:
    """Make an account whose mail address counts as verified (needed to turn a factor on).

    Raises IntegrityError when the address is taken.
    """
    user = User.objects.create_user(email=email, password=password, name=name, kind=kind)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    audit.record("create_account", user, by=by, detail={"kind": kind})
    return user
