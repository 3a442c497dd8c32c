"""Mail to the staff of a town or of the prefecture: what to do, by when, a link; never a name, a
title or any other content (B-13, C-19)."""

from django.conf import settings
from django.db.models import QuerySet

from municipalities.registry.models import Membership
from talentpool.outbox.services import Mail, send_mails_later

BODY = """{first_line}

{link}

サインインすると内容が表示されます。
お問い合わせ: {office}
"""


def tell_members(
    members: QuerySet[Membership], *, subject: str, first_line: str, path: str, key: str
) -> None:
    """Queue one mail to each current, active member; call it inside the verb's transaction.

    `path` is the page's address on this site. `key` names the occasion: the same occasion is
    mailed to a person once.
    """
    current = members.filter(until__isnull=True, user__is_active=True).select_related("user")
    for member in current:
        tell_address(
            member.user.email,
            subject=subject,
            first_line=first_line,
            path=path,
            key=f"{key}:{member.user_id}",
        )


def tell_address(to: str, *, subject: str, first_line: str, path: str, key: str) -> None:
    """Queue one mail in the portal's form: what to do, a link, the contact."""
    send_mails_later([letter(to, subject=subject, first_line=first_line, path=path, key=key)])


def letter(to: str, *, subject: str, first_line: str, path: str, key: str) -> Mail:
    """A mail in the portal's form, for those that go out in bulk."""
    return Mail(
        to=to,
        subject=f"【{settings.SITE_NAME}】{subject}",
        body=BODY.format(
            first_line=first_line,
            link=f"{settings.SITE_URL}{path}",
            office=f"{settings.PREFECTURE_OFFICE} {settings.CONTACT}".strip(),
        ),
        key=key,
    )


def tell_town(code: str, *, subject: str, first_line: str, path: str, key: str) -> None:
    """One mail to each of a town's current staff."""
    tell_members(
        Membership.objects.filter(municipality_id=code),
        subject=subject,
        first_line=first_line,
        path=path,
        key=key,
    )


def tell_coordinators(
    *, subject: str, first_line: str, path: str, key: str, only: int | None = None
) -> None:
    """One mail to each current coordinator, or to the one account `only`."""
    members = Membership.objects.filter(
        role__in=[Membership.Role.COORDINATOR, Membership.Role.PREFECTURAL_APPROVER]
    )
    if only is None:
        members = members.filter(role=Membership.Role.COORDINATOR)
    else:
        members = members.filter(user_id=only)
    tell_members(members, subject=subject, first_line=first_line, path=path, key=key)
