"""Mail to the staff of a town or of the prefecture: what to do, by when, a link; never a name, a
title or any other content (B-13, C-19)."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.models import Membership, Municipality
from municipalities.registry.querysets import MembershipQuerySet
from talentpool.outbox.services import Mail, send_mails_later

BODY = """{first_line}

{link}

サインインすると内容が表示されます。
お問い合わせ: {office}
"""


def tell_members(
    members: MembershipQuerySet, *, subject: str, first_line: str, path: str, key: str
) -> None:
    """Queue one mail to each current, active member; call it inside the verb's transaction.

    `path` is the page's address on this site. `key` names the occasion: the same occasion is
    mailed to a person once.
    """
    for member in members.current().select_related("user"):
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
    """One mail to each of a town's current staff. Where a town of the prefecture has none, the
    coordinators are told that something did not reach it, once a day for each town; a body outside
    the prefecture has no accounts here and hears from who writes to it on paper."""
    staff = Membership.objects.filter(municipality_id=code)
    if not staff.current().exists():
        if Municipality.objects.in_prefecture().filter(code=code).exists():
            _tell_of_silence(code)
        return
    tell_members(staff, subject=subject, first_line=first_line, path=path, key=key)


def _tell_of_silence(code: str) -> None:
    town = Municipality.objects.get(code=code)
    tell_coordinators(
        subject="知らせが届かない市町があります",
        first_line=f"{town.name}に利用者がいないため、ポータルからの知らせを送れませんでした。"
        "市町に確かめ、担当者を招待してください。",
        path=reverse("admin:registry_invitation_add"),
        key=f"no-staff:{code}:{timezone.localdate()}",
    )


def tell_coordinators(
    *, subject: str, first_line: str, path: str, key: str, only: int | None = None
) -> None:
    """One mail to each current coordinator, or to the one account `only`; to all again when that
    account has left, so that nothing waits for nobody."""
    members = Membership.objects.filter(role=Membership.Role.COORDINATOR)
    if only is not None:
        one = Membership.objects.current().writing_for_prefecture().filter(user_id=only)
        members = one if one.exists() else members
    tell_members(members, subject=subject, first_line=first_line, path=path, key=key)
