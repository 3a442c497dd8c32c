"""Make a person of the pool."""

import re

from django.db import connection, transaction

from talentpool.audit import services as audit
from talentpool.specialists.models import Firm, Specialist
from talentpool.users.models import User

NUMBER_LOCK = 0x9001  # two people registered at once must not get one number
_NUMBER = re.compile(r"H-([0-9]{1,7})")


def next_numbers(count: int = 1) -> list[str]:
    """The next free pool numbers (H-205, …). Inside the transaction that uses them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBER_LOCK])
    used = Specialist.objects.filter(pool_number__startswith="H-").values_list(
        "pool_number", flat=True
    )
    last = max((int(found[1]) for text in used if (found := _NUMBER.fullmatch(text))), default=0)
    return [f"H-{number:03}" for number in range(last + 1, last + 1 + count)]


@transaction.atomic
def start_registration(user: User, *, firm: Firm | None = None) -> Specialist:
    """The person's own registration, begun and seen by nobody else until it is sent in. By the
    person; the same again gives the same one."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    found: Specialist | None = Specialist.objects.filter(user=user).first()
    if found is not None:
        return found
    person: Specialist = Specialist.objects.create(
        pool_number=next_numbers()[0],
        user=user,
        kind=Specialist.Kind.FIRM if firm else Specialist.Kind.SIDE_JOB,
        firm=firm,
        status=Specialist.Status.DRAFT,
        name=user.name,
        kana="",
    )
    audit.record("start_registration", person, by=user)
    return person
