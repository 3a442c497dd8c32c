"""The ways to an account of the pool: verified mail first, nothing before (A-11).

Nothing here tells a stranger whether an address has an account (A-08).
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.notices import tell_address
from municipalities.registry.querysets import is_coordinator
from talentpool.audit import services as audit
from talentpool.outbox.services import request_task
from talentpool.privacy import tombstones
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import EntryTicket, Firm, FirmManager, Specialist, TopicDraft
from talentpool.specialists.services import vetting
from talentpool.specialists.services.firms import make_manager
from talentpool.specialists.services.people import start_registration
from talentpool.users.models import User
from talentpool.users.services import ErasedPerson, create_account

VALID_FOR = timedelta(hours=72)
ASKED_WHILE_UNSEEN = 10  # invitations of a firm before the prefecture has looked at it
ADDRESS_LOCK = 0x9002
Way = EntryTicket.Way
Status = EntryTicket.Status
OPENS_NOTHING = "このリンクは使えません。"
MAY_NOT_REVOKE = "案内を取り消せるのは、県コーディネーターと県決裁者です。"
KNOWN_LINE = (
    "人材プールへの登録の申込みか、事業者からの招待がありました。このメールアドレスには、すでに"
    "利用者の登録があります。サインインしてください。心当たりがないときは、何もしないでください。"
)
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
    """Ask for a link to the address; tells the caller nothing about it (A-08): whatever is known of
    it, the same is written, which takes the same time; `answer_entry` decides afterwards. By
    anybody."""
    _ask(Way.FIRM if as_firm else Way.SELF, email, by=None)


@transaction.atomic
def invite_member(firm: Firm, email: str, *, by: User) -> None:
    """Ask one of the firm's people in, in the same way: the manager learns nothing about the
    address. By the firm's manager.

    Raises PoolRefused for who is no manager, and where a firm that the prefecture has not looked
    at yet has asked as many as it may.
    """
    _must_manage(firm, by)
    row = Firm.objects.select_for_update(of=("self",), no_key=True).get(pk=firm.pk)
    asked = EntryTicket.objects.filter(firm=row, way=Way.MEMBER)
    if row.unseen_since is not None and asked.count() >= ASKED_WHILE_UNSEEN:
        raise PoolRefused(
            f"県が事業者を確かめるまでは、招待は{ASKED_WHILE_UNSEEN}通までです。"
            "確かめが終わると、続けて招待できます。"
        )
    _ask(Way.MEMBER, email, by=by, firm=row)


def _ask(way: str, email: str, *, by: User | None, firm: Firm | None = None) -> None:
    ticket = _make(way, email, by=by, firm=firm, status=Status.ASKED)
    audit.record("ask_for_entry_ticket", ticket, by=by, detail={"way": way})
    request_task("specialists.answer_entry", ticket.pk, key=f"{ticket_mail_key(ticket.pk)}:asked")


@transaction.atomic
def answer_entry(pk: int) -> None:
    """Mail the address of a ticket that was asked for: its link, or, where it has an account, to
    sign in, once within the hour. By the queue; the same again does nothing."""
    asked = EntryTicket.objects.filter(pk=pk, status=Status.ASKED).first()
    if asked is None:
        return
    _lock_address(asked.email)
    ticket = EntryTicket.objects.select_for_update(of=("self",)).get(pk=pk)
    if ticket.status != Status.ASKED:
        return
    known = User.objects.filter(email=ticket.email).first()
    if known is None:
        _send(ticket)
        return
    _end(ticket, "end")
    tell_address(
        ticket.email,
        subject="登録について",
        first_line=KNOWN_LINE,
        path=reverse("account_login"),
        key=f"entry-known:{known.pk}:{timezone.now():%Y%m%d%H}",
    )


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
    address = email.strip().lower()
    _lock_address(address)
    if User.objects.filter(email=address).exists():
        raise PoolRefused("このメールアドレスには、すでに利用者がいます。")
    another = _open_claims().filter(email=address).exclude(specialist=row)
    if taken := another.select_related("specialist").first():
        raise PoolRefused(
            f"このメールアドレスには、別の人(登録番号 {taken.specialist})の引き継ぎの案内を"
            "送っています。どちらのアドレスかを確かめ、送り間違いなら、その案内を取り消してください。"
        )
    _end_claims(row)
    return _send(_make(Way.CLAIM, address, by=by, specialist=row, status=Status.ASKED), by=by)


@transaction.atomic
def revoke_claim(specialist: Specialist, *, by: User) -> None:
    """Close the way to a registration, such as after its mail went to a wrong address. By a
    coordinator; the same again changes nothing. Raises PoolRefused."""
    if not is_coordinator(by):
        raise PoolRefused(MAY_NOT_REVOKE)
    row = Specialist.objects.select_for_update(of=("self",)).get(pk=specialist.pk)
    _end_claims(row, by=by)


@transaction.atomic
def revoke_manager(ticket: EntryTicket, *, by: User) -> None:
    """Close a way by which somebody would speak for a firm. By a coordinator; the same again
    changes nothing. Raises PoolRefused."""
    if not is_coordinator(by):
        raise PoolRefused(MAY_NOT_REVOKE)
    row = EntryTicket.objects.select_for_update(of=("self",)).get(pk=ticket.pk, way=Way.MANAGER)
    if row.status == Status.SENT:
        _end(row, "end", by=by)


def _open_claims() -> "QuerySet[EntryTicket]":
    now = timezone.now()
    return EntryTicket.objects.filter(way=Way.CLAIM, status=Status.SENT, expires_at__gt=now)


def waiting_for_claim(addresses: Iterable[str]) -> set[str]:
    """Those of the addresses to which an open way to somebody's registration was sent."""
    found = _open_claims().filter(email__in=[one.strip().lower() for one in addresses])
    return set(found.values_list("email", flat=True))


def _end_claims(person: Specialist, *, by: User | None = None) -> None:
    """A registration has one way in at most: a mail to a wrong address opens nothing any more."""
    sent = EntryTicket.objects.filter(specialist=person, way=Way.CLAIM, status=Status.SENT)
    for older in sent.select_for_update(of=("self",)).order_by("pk"):
        _end(older, "end", by=by)


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
    _lock_address(address)
    user = User.objects.select_for_update(of=("self",)).filter(email=address).first()
    if user is None:
        _not_erased(address)
        return _send(_make(Way.MANAGER, address, by=by, firm=firm, status=Status.ASKED), by=by)
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


def _lock_address(address: str) -> None:
    """Two who write about one address at once do so one after the other. Locked after a person."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [ADDRESS_LOCK, address])


def _make(
    way: str,
    email: str,
    *,
    by: User | None,
    status: str,
    firm: Firm | None = None,
    specialist: Specialist | None = None,
) -> EntryTicket:
    """A ticket whose token nobody has yet."""
    now = timezone.now()
    ticket: EntryTicket = EntryTicket.objects.create(
        way=way,
        email=email.strip().lower(),
        firm=firm,
        specialist=specialist,
        token_sha256=_digest(secrets.token_urlsafe(32)),
        status=status,
        sent_by=by,
        sent_at=now,
        expires_at=now + VALID_FOR,
    )
    return ticket


def _send(ticket: EntryTicket, *, by: User | None = None) -> str:
    """Mail the link of a ticket that was asked for, and return its path; an earlier one of the
    same kind to the address opens nothing any more. Inside the lock of the address."""
    earlier = EntryTicket.objects.filter(
        email=ticket.email, way=ticket.way, firm=ticket.firm, status=Status.SENT
    )
    for older in earlier.select_for_update(of=("self",)):
        _end(older, "end", by=by)
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    ticket.token_sha256 = _digest(token)
    ticket.status = EntryTicket.TRANSITIONS["send"][1]
    ticket.sent_at, ticket.expires_at = now, now + VALID_FOR
    ticket.save(update_fields=["token_sha256", "status", "sent_at", "expires_at"])
    path = reverse("register_account", args=[token])
    tell_address(
        ticket.email,
        subject="登録のご案内",
        first_line=FIRST_LINES[ticket.way],
        path=path,
        key=ticket_mail_key(ticket.pk),
    )
    audit.record("send_entry_ticket", ticket, by=by, detail={"way": ticket.way})
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
    found = find_open(token)
    if found is None:
        raise PoolRefused(OPENS_NOTHING)
    if found.specialist_id is not None:  # before the address and the tickets, as a new claim does
        Specialist.objects.select_for_update(of=("self",)).get(pk=found.specialist_id)
    _lock_address(found.email)
    list(EntryTicket.objects.select_for_update(of=("self",)).filter(pk=found.pk))
    ticket = find_open(token)  # as it is now
    if ticket is None:
        raise PoolRefused(OPENS_NOTHING)
    user = _account_of(ticket, name=name, password=password)
    _end(ticket, "use")
    if ticket.way == Way.MANAGER and ticket.firm and ticket.sent_by:
        make_manager(ticket.firm, user, by=ticket.sent_by)
    if ticket.way == Way.MEMBER:
        start_registration(user, firm=ticket.firm)
    if ticket.specialist is not None:
        row = ticket.specialist
        row.user = user
        row.save(update_fields=["user"])
        TopicDraft.objects.filter(specialist=row).delete()  # what staff typed and did not save
        audit.record("claim_profile", row, by=user)
        vetting.hand_over(row, by=user)
    return user


def _account_of(ticket: EntryTicket, *, name: str, password: str) -> User:
    claimed = ticket.specialist
    of_firms = {Way.FIRM, Way.MEMBER, Way.MANAGER}
    in_firm = ticket.way in of_firms or (claimed and claimed.kind == "firm")
    # Whom a firm has asked comes alone: nobody of the prefecture brings the person back.
    by = None if ticket.way == Way.MEMBER else ticket.sent_by
    kind = User.Kind.FIRM if in_firm else User.Kind.SPECIALIST
    try:
        with transaction.atomic():
            return create_account(
                email=ticket.email, name=name, kind=kind, password=password, by=by
            )
    except (ErasedPerson, IntegrityError) as taken:  # since the mail was sent
        raise PoolRefused(OPENS_NOTHING) from taken


def _end(ticket: EntryTicket, verb: str, *, by: User | None = None) -> None:
    before, after = EntryTicket.TRANSITIONS[verb]
    if ticket.status not in before:
        raise PoolRefused(OPENS_NOTHING)
    ticket.status = after
    ticket.ended_at = timezone.now()
    ticket.save(update_fields=["status", "ended_at"])
    audit.record(f"{verb}_entry_ticket", ticket, by=by)
