"""Recording who looked at whom."""

from collections.abc import Iterable

from django.db import connection
from django.utils import timezone

from municipalities.registry.querysets import membership_of
from talentpool.specialists.models import FirmManager
from talentpool.users.models import User

BODY_LENGTH = 40
# Lists show fifty people at a time: to make an object of each view cost more than to write them.
RECORD = """
INSERT INTO specialists_profileview
    (specialist_id, at, viewer_id, viewer_body, viewer_role, scope, purpose)
SELECT person, %s, %s, %s, %s, %s, %s FROM unnest(%s::bigint[]) AS person
"""


def log_views(specialist_ids: Iterable[int], *, viewer: User, scope: str, purpose: str) -> None:
    """Record that `viewer` sees these people, before the page is sent (B-07).

    `scope` says how much is shown: pool_number, name or contact. The person reads the record.
    """
    membership = membership_of(viewer)
    body = "県"
    role = viewer.get_kind_display()
    if membership is not None:
        body = membership.municipality.name if membership.municipality else "県"
        role = membership.get_role_display()
    elif viewer.kind == User.Kind.FIRM:
        speaks = FirmManager.objects.filter(user=viewer, until=None).select_related("firm").first()
        body, role = (speaks.firm.name[:BODY_LENGTH], "担当者") if speaks else (body, role)
    seen = list(specialist_ids)
    if seen:
        with connection.cursor() as cursor:
            cursor.execute(RECORD, [timezone.now(), viewer.pk, body, role, scope, purpose, seen])
