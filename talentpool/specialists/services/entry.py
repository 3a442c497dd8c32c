"""The ways to an account of the pool: verified mail first, nothing before (A-11).

Nothing here tells a stranger whether an address has an account (A-08).
"""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.notices import tell_address
from municipalities.registry.querysets import is_coordinator
from talentpool.audit import services as audit
from talentpool.privacy import tombstones
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import EntryTicket, Firm, FirmManager, Specialist
from talentpool.specialists.services import vetting
from talentpool.specialists.services.firms import make_manager
from talentpool.specialists.services.people import start_registration
from talentpool.users.models import User
from talentpool.users.services import ErasedPerson, create_account

VALID_FOR = timedelta(hours=72)
Way = EntryTicket.Way
FIRST_LINES: dict[str, str] = {
    Way.SELF: "72時間以内に、次のリンクから登録を始めてください。"
    "心当たりがないときは、何もしないでください。",
    Way.FIRM: "72時間以内に、次のリンクから事業者の登録を始めてください。"
    "心当たりがないときは、何もしないでください。",
    Way.MEMBER: "勤め先の事業者から、人材プールへの登録の案内です。"
    "72時間以内に、次のリンクから始めてください。",
    Way.CLAIM: "県が、あなたの登録の下書きを作りました。"
    "72時間以内に、次のリンクから内容を確かめてください。",
    Way.MANAGER: "県が、あなたを事業者の担当者として案内しています。担当者は、社員を招待し、"
    "市町への紹介に会社として同意します。72時間以内に、次のリンクから始めてください。",
}


def ticket_mail_key(ticket_id: int) -> str:
    """The key under which the outbox keeps the mail of a ticket."""
    return f"entry:{ticket_id}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def ask_for_entry(email: str, *, as_firm: bool) -> None:
    """Mail a link to the address; tells the caller nothing about it. By anybody.

    An address that has an account is told to sign in.
    """
    address = email.strip().lower()
    known = User.objects.filter(email=address).first()
    if known is not None:
        tell_address(
            address,
            subject="登録について",
            first_line="このメールアドレスには、すでに利用者の登録があります。サインインしてください。",
            path=reverse("account_login"),
            key=f"entry-known:{known.pk}:{timezone.now():%Y%m%d%H}",
        )
        return
    _send(Way.FIRM if as_firm else Way.SELF, address, by=None)


@transaction.atomic
def invite_member(firm: Firm, email: str, *, by: User) -> str:
    """Invite one of the firm's people; returns the path of the link. By the firm's manager.

    Raises PoolRefused when the address has an account.
    """
    _must_manage(firm, by)
    return _invite(Way.MEMBER, email, firm=firm, by=by)


@transaction.atomic
def send_claim(specialist: Specialist, email: str, *, by: User) -> str:
    """Let the person take over what the prefecture entered; returns the path of the link. By a
    coordinator. Raises PoolRefused when the person has an account or is in the pool no more, or
    when the address has an account or is an erased person's."""
    row = Specialist.objects.select_for_update(of=("self",)).get(pk=specialist.pk)
    if row.user_id is not None:
        raise PoolRefused("この登録は、もう本人に引き継がれています。")
    if not is_coordinator(by):
        raise PoolRefused("案内を送れるのは、県コーディネーターと県決裁者です。")
    if not is_claimable(row):
        raise PoolRefused(
            f"この登録は「{row.get_status_display()}」のため、引き継げません。"
            "本人が申し出たときは、もう一度申請できるようにしてから送ってください。"
        )
    _not_erased(email)
    return _invite(Way.CLAIM, email, specialist=row, by=by)


@transaction.atomic
def invite_manager(firm: Firm, email: str, *, by: User) -> str:
    """Let somebody speak for a firm: a mail with a link, whose path is returned, or at once where
    the address has an account of a firm that stands alone (then ""). By a coordinator.

    Managers before stay until they are ended. Raises PoolRefused, also where the address is an
    erased person's.
    """
    if not is_coordinator(by):
        raise PoolRefused("案内を送れるのは、県コーディネーターと県決裁者です。")
    address = email.strip().lower()
    user = User.objects.select_for_update(of=("self",)).filter(email=address).first()
    if user is None:
        _not_erased(address)
        return _send(Way.MANAGER, address, by=by, firm=firm)
    make_manager(firm, user, by=by)
    tell_address(
        address,
        subject="事業者の担当者になりました",
        first_line="県が、あなたを事業者の担当者にしました。次のページで、社員を招待できます。",
        path=reverse("specialist:firm"),
        key=f"manager:{firm.pk}:{user.pk}:{timezone.now():%Y%m%d%H%M%S}",
    )
    return ""


def is_claimable(person: Specialist) -> bool:
    """Whether somebody can take the registration over: nobody has, and it has not ended."""
    return person.user_id is None and person.status not in Specialist.GONE


def _not_erased(email: str) -> None:
    """Staff bring nobody back who asked to be erased (B-05). Only they are told: a firm's manager
    who invites such a person learns nothing, and the person may follow that link or not."""
    if tombstones.is_buried(email=email.strip().lower()):
        raise PoolRefused(tombstones.WHY_NOT)


def _must_manage(firm: Firm, by: User) -> None:
    if not FirmManager.objects.filter(firm=firm, user=by, until=None).exists():
        raise PoolRefused("この事業者の担当者ではありません。")


def _invite(
    way: str,
    email: str,
    *,
    by: User,
    firm: Firm | None = None,
    specialist: Specialist | None = None,
) -> str:
    address = email.strip().lower()
    if User.objects.filter(email=address).exists():
        raise PoolRefused("このメールアドレスには、すでに利用者がいます。")
    return _send(way, address, by=by, firm=firm, specialist=specialist)


def _send(
    way: str,
    email: str,
    *,
    by: User | None,
    firm: Firm | None = None,
    specialist: Specialist | None = None,
) -> str:
    open_ones = EntryTicket.objects.select_for_update().filter(email=email, way=way, status="sent")
    for older in open_ones:
        _end(older, "end")
    now = timezone.now()
    token = secrets.token_urlsafe(32)
    ticket = EntryTicket.objects.create(
        way=way,
        email=email,
        firm=firm,
        specialist=specialist,
        token_sha256=_digest(token),
        sent_by=by,
        sent_at=now,
        expires_at=now + VALID_FOR,
    )
    path = reverse("register_account", args=[token])
    tell_address(
        email,
        subject="登録のご案内",
        first_line=FIRST_LINES[way],
        path=path,
        key=ticket_mail_key(ticket.pk),
    )
    audit.record("send_entry_ticket", ticket, by=by, detail={"way": way})
    return path


def find_open(token: str) -> EntryTicket | None:
    """The ticket that `token` opens now; None when unknown, used, ended, past its hours, when its
    firm's manager left, or when the registration was taken over or has ended."""
    ticket = (
        EntryTicket.objects.filter(token_sha256=_digest(token))
        .select_related("firm", "specialist", "sent_by")
        .first()
    )
    if ticket is None or not ticket.is_open:
        return None
    if ticket.way == Way.CLAIM and ticket.specialist and not is_claimable(ticket.specialist):
        return None
    manages = FirmManager.objects.filter(firm=ticket.firm, user=ticket.sent_by, until=None)
    if ticket.way == Way.MEMBER and not manages.exists():
        return None
    return ticket


@transaction.atomic
def open_account(token: str, *, name: str, password: str) -> User:
    """Make the account that the ticket leads to, once. By whoever holds the link.

    Raises PoolRefused when it opens nothing.
    """
    list(EntryTicket.objects.select_for_update(of=("self",)).filter(token_sha256=_digest(token)))
    ticket = find_open(token)
    if ticket is None or User.objects.filter(email=ticket.email).exists():
        raise PoolRefused("このリンクは使えません。")
    claimed = ticket.specialist
    of_firms = {Way.FIRM, Way.MEMBER, Way.MANAGER}
    in_firm = ticket.way in of_firms or (claimed and claimed.kind == "firm")
    # Whom a firm has asked comes alone: nobody of the prefecture brings the person back.
    by = None if ticket.way == Way.MEMBER else ticket.sent_by
    kind = User.Kind.FIRM if in_firm else User.Kind.SPECIALIST
    try:
        user = create_account(email=ticket.email, name=name, kind=kind, password=password, by=by)
    except ErasedPerson as erased:  # since the mail was sent
        raise PoolRefused("このリンクは使えません。") from erased
    _end(ticket, "use")
    if ticket.way == Way.MANAGER and ticket.firm and ticket.sent_by:
        make_manager(ticket.firm, user, by=ticket.sent_by)
    if ticket.way == Way.MEMBER:
        start_registration(user, firm=ticket.firm)
    if claimed is not None:
        row = Specialist.objects.select_for_update(of=("self",)).get(pk=claimed.pk)
        if not is_claimable(row):  # somebody was quicker
            raise PoolRefused("このリンクは使えません。")
        row.user = user
        row.save(update_fields=["user"])
        audit.record("claim_profile", row, by=user)
        vetting.hand_over(row, by=user)
    return user


def _end(ticket: EntryTicket, verb: str) -> None:
    before, after = EntryTicket.TRANSITIONS[verb]
    if ticket.status != before:
        raise PoolRefused("このリンクは使えません。")
    ticket.status = after
    ticket.ended_at = timezone.now()
    ticket.save(update_fields=["status", "ended_at"])
    audit.record(f"{verb}_entry_ticket", ticket, by=None)
