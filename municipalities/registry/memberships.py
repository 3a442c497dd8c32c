"""Staff move on: a membership ends, the account with it, and the address is free again.

Ended, never deleted: who acted must stay known. An address that is invited anew, for the same
person or for the successor at a section's mailbox, gets an account of its own, with a second factor
of its own; the old account keeps its name and what was done with it.
"""

from django.db import transaction
from django.utils import timezone

from municipalities.registry.invitations import roles_for
from municipalities.registry.models import Membership
from talentpool.audit import services as audit
from talentpool.users.models import User
from talentpool.users.services import close_account


class EndRefused(Exception):
    """The message is for the person who asked."""


def why_not(membership: Membership, *, by: User) -> str | None:
    """Why `by` cannot end this membership, in words; None when it is possible."""
    if membership.until is not None:
        return "この所属は、すでに終わっています。"
    if membership.user_id == by.pk:
        return "ご自分の所属は終えられません。ほかの担当者に頼んでください。"
    if membership.role not in roles_for(by):
        return "ご自分の役割より強い役割の所属は終えられません。"
    return None


@transaction.atomic
def end_membership(membership_id: int, *, by: User) -> Membership:
    """End a membership today: the account is closed and its sessions end at once. By those who may
    invite to the role, for others than themselves. Raises EndRefused."""
    membership = _locked(membership_id)
    refusal = why_not(membership, by=by)
    if refusal:
        raise EndRefused(refusal)
    return _end(membership, by)


@transaction.atomic
def end_own_membership(membership_id: int, *, by: User) -> Membership:
    """End the membership of `by`, where nobody else is there to do it: the walkthrough's staff.
    Raises EndRefused for somebody else's, or one that has ended."""
    membership = _locked(membership_id)
    if membership.user_id != by.pk or membership.until is not None:
        raise EndRefused("ご自分の、いまの所属だけを終えられます。")
    return _end(membership, by)


def _locked(membership_id: int) -> Membership:
    membership: Membership = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("user", "municipality")
        .get(pk=membership_id)
    )
    return membership


def _end(membership: Membership, by: User) -> Membership:
    membership.until = max(membership.since, timezone.localdate())
    membership.save(update_fields=["until"])
    close_account(membership.user, by=by)
    audit.record("end_membership", membership, by=by, detail={"role": membership.role})
    return membership
