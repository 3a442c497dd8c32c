"""Mail of the coordination: what to do, by when, a link; never a name or a profile (B-13, C-19)."""

from django.conf import settings
from django.db.models import QuerySet

from municipalities.registry.models import Membership
from talentpool.outbox.services import send_mail_later
from talentpool.specialists.models import Specialist

BODY = """{first_line}

{link}

サインインすると内容が表示されます。
お問い合わせ: {office}
"""


def _send(to: str, *, subject: str, first_line: str, path: str, key: str) -> None:
    send_mail_later(
        to=to,
        subject=f"【{settings.SITE_NAME}】{subject}",
        body=BODY.format(
            first_line=first_line,
            link=f"{settings.SITE_URL}{path}",
            office=settings.PREFECTURE_OFFICE,
        ),
        key=key,
    )


def _tell_members(
    members: QuerySet[Membership], *, subject: str, first_line: str, path: str, key: str
) -> None:
    current = members.filter(until__isnull=True, user__is_active=True).select_related("user")
    for member in current:
        _send(
            member.user.email,
            subject=subject,
            first_line=first_line,
            path=path,
            key=f"{key}:{member.user_id}",
        )


def tell_town(code: str, *, subject: str, first_line: str, path: str, key: str) -> None:
    """One mail to each of a town's current staff."""
    _tell_members(
        Membership.objects.filter(municipality_id=code),
        subject=subject,
        first_line=first_line,
        path=path,
        key=key,
    )


def tell_coordinators(*, subject: str, first_line: str, path: str, key: str) -> None:
    """One mail to each current coordinator."""
    _tell_members(
        Membership.objects.filter(role=Membership.Role.COORDINATOR),
        subject=subject,
        first_line=first_line,
        path=path,
        key=key,
    )


def tell_specialist(
    specialist: Specialist, *, subject: str, first_line: str, path: str, key: str
) -> None:
    """One mail to the person, where there is an account."""
    if specialist.user and specialist.user.is_active:
        _send(specialist.user.email, subject=subject, first_line=first_line, path=path, key=key)
