"""Make accounts. Addresses are proved by the invitation that leads here."""

from allauth.account.models import EmailAddress
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
