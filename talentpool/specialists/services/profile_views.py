"""Recording who looked at whom."""

from collections.abc import Iterable

from municipalities.registry.querysets import membership_of
from talentpool.specialists.models import FirmManager, ProfileView
from talentpool.users.models import User

BODY_LENGTH = 40


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
    ProfileView.objects.bulk_create(
        [
            ProfileView(
                specialist_id=pk,
                viewer=viewer,
                viewer_body=body,
                viewer_role=role,
                scope=scope,
                purpose=purpose,
            )
            for pk in specialist_ids
        ]
    )
