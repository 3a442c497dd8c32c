"""Invite staff, take an invitation back, accept one (A-10).

There is no other way into the portal for staff. Nothing here tells a stranger whether an address
has an account.
"""

import hashlib
import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.models import Invitation, Membership, Municipality
from municipalities.registry.notices import tell_address
from municipalities.registry.querysets import membership_of
from municipalities.registry.services import add_member
from municipalities.registry.wording import account_words
from talentpool.audit import services as audit
from talentpool.privacy import tombstones
from talentpool.users.models import User
from talentpool.users.services import ErasedPerson, free_address

VALID_FOR = timedelta(hours=72)
OFFICIAL_DOMAINS = (
    ".lg.jp",
    ".go.jp",
)  # others are allowed, and the inviter is asked to look twice

CLOSED = "この招待は使えません。"
# Accounts of staff who have left: their address may belong to a new account.
LEFT = Q(
    ~Exists(Membership.objects.filter(user=OuterRef("pk"), until__isnull=True)),
    kind__in=[User.Kind.PREFECTURE, User.Kind.MUNICIPALITY],
    is_superuser=False,
)

Role = Membership.Role
# No one gives more than the own role: only an approver makes an approver.
MAY_INVITE: dict[str, frozenset[str]] = {
    Role.COORDINATOR: frozenset({Role.EDITOR, Role.APPROVER, Role.COORDINATOR, Role.AUDITOR}),
    Role.PREFECTURAL_APPROVER: frozenset(Role.values),
}


class InvitationRefused(Exception):
    """The message is for the person who asked."""


def roles_for(user: User) -> frozenset[str]:
    """The roles that `user` may invite people to."""
    membership = membership_of(user)
    return MAY_INVITE.get(membership.role, frozenset()) if membership else frozenset()


def is_official(email: str) -> bool:
    """Whether the address is of a public body's domain."""
    return email.lower().endswith(OFFICIAL_DOMAINS)


def why_not(
    *, email: str, role: str, municipality: Municipality | None, by: User | None
) -> str | None:
    """Why this invitation cannot be made, in words for the inviter; None when it can."""
    try:
        validate_email(email)
    except ValidationError:
        return "メールアドレスの形が正しくありません。"
    if by is not None and role not in roles_for(by):
        return "ご自分の役割より強い役割には招待できません。"
    if (role in Membership.MUNICIPAL_ROLES) != (municipality is not None):
        return "市町の役割には市町を選び、県の役割では市町を選ばないでください。"
    if User.objects.filter(email=email.strip().lower()).exclude(LEFT).exists():
        return "このメールアドレスには、すでに利用者がいます。"
    if by is not None and tombstones.is_buried(email=email.strip().lower()):
        return tombstones.WHY_NOT
    return None


@transaction.atomic
def invite(
    *,
    email: str,
    role: str,
    municipality: Municipality | None = None,
    section: str = "",
    by: User | None,
) -> tuple[Invitation, str]:
    """Invite one address to one role of one body for 72 hours; returns the row and the path of
    its link, which is kept nowhere. An open invitation of the same address ends.

    By a coordinator or prefectural approver; `by=None` is the first coordinator of a new portal.
    Raises InvitationRefused.
    """
    email = email.strip().lower()
    refusal = why_not(email=email, role=role, municipality=municipality, by=by)
    if refusal:
        raise InvitationRefused(refusal)
    for older in Invitation.objects.select_for_update().filter(
        email=email, status=Invitation.Status.SENT
    ):
        _end(older, "replace", by=by)
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    invitation = Invitation.objects.create(
        email=email,
        role=role,
        municipality=municipality,
        section=section,
        token_sha256=_digest(token),
        invited_by=by,
        invited_at=now,
        expires_at=now + VALID_FOR,
    )
    path = reverse("accept_invitation", args=[token])
    tell_address(
        email,
        subject="利用者登録のご案内",
        first_line="72時間以内に、次のリンクから利用者登録をしてください。",
        path=path,
        key=f"invitation:{invitation.pk}",
    )
    audit.record("invite", invitation, by=by, detail={"role": role})
    return invitation, path


@transaction.atomic
def revoke(invitation_id: int, *, by: User) -> Invitation:
    """Take an invitation back. By those who may invite to its role. Raises InvitationRefused."""
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation_id)
    if invitation.role not in roles_for(by):
        raise InvitationRefused("この招待を取り消す権限がありません。")
    _end(invitation, "revoke", by=by)
    return invitation


def find_open(token: str) -> Invitation | None:
    """The invitation that `token` opens now, or None: unknown, used, taken back, past its hours, or
    made by somebody who may not invite to this role any more."""
    found: Invitation | None = (
        Invitation.objects.filter(token_sha256=_digest(token))
        .select_related("municipality", "invited_by")
        .first()
    )
    if found is None or not found.is_open:
        return None
    if found.invited_by is not None and found.role not in roles_for(found.invited_by):
        return None
    return found


@transaction.atomic
def accept(token: str, *, name: str, password: str) -> User:
    """Make the invited account. Address, role and body come from the invitation alone.

    By whoever holds the link. The account of a member of staff who has left gives the address up.
    Raises InvitationRefused when the link opens nothing.
    """
    list(Invitation.objects.select_for_update().filter(token_sha256=_digest(token)))
    invitation = find_open(token)
    if invitation is None:
        raise InvitationRefused(CLOSED)
    before = User.objects.select_for_update(of=("self",)).filter(email=invitation.email).first()
    if before is not None:
        if not User.objects.filter(LEFT, pk=before.pk).exists():
            raise InvitationRefused(CLOSED)
        free_address(before, by=invitation.invited_by)
    try:
        user: User = add_member(
            email=invitation.email,
            name=name,
            role=Role(invitation.role),
            municipality=invitation.municipality,
            section=invitation.section,
            password=password,
            by=invitation.invited_by,
        ).user
    except ErasedPerson as erased:  # since the invitation was sent
        raise InvitationRefused(CLOSED) from erased
    invitation.account = user
    _end(invitation, "accept", by=user)
    return user


def _end(invitation: Invitation, verb: str, *, by: User | None) -> None:
    before, after = Invitation.TRANSITIONS[verb]
    if invitation.status != before:
        raise InvitationRefused("この招待は、すでに終わっています。")
    invitation.status = after
    invitation.ended_at = timezone.now()
    invitation.save()
    words = {"words": account_words(timezone.localdate()).version} if verb == "accept" else {}
    audit.record(f"{verb}_invitation", invitation, by=by, detail=words)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
