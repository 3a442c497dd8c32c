"""Save what a person enters, topic by topic; documents; what a firm does for its people."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.notices import tell_coordinators
from municipalities.registry.querysets import is_coordinator
from talentpool.audit import services as audit
from talentpool.files import services as files
from talentpool.files.models import StoredFile
from talentpool.pages.opened import fingerprint
from talentpool.specialists import terms
from talentpool.specialists.errors import EditedMeanwhile, PoolRefused
from talentpool.specialists.models import Document, Firm, FirmManager, Specialist, TopicDraft
from talentpool.specialists.notices import tell_specialist
from talentpool.specialists.services import changes
from talentpool.specialists.services.leaving import prepare_endings
from talentpool.users.models import User

FILE_ROOM = "specialists"
KEPT = (StoredFile.State.WAITING, StoredFile.State.CLEAN)
FIRM_IS_THERE = "この法人番号は、すでに登録されています。県にお問い合わせください。"
WRITABLE = frozenset({Specialist.Status.DRAFT, *Specialist.IN_POOL})
# What the person must give, and can only add to, while the prefecture looks at the registration:
# without these nobody is registered, and new words may come into force meanwhile.
OPEN_IN_REVIEW = frozenset({"consent", "pledges", "documents"})
# What the prefecture entered for somebody waits for its own review from the start.
WRITABLE_FOR_OTHERS = WRITABLE | {Specialist.Status.APPLIED, Specialist.Status.UNDER_REVIEW}


class Writer(Protocol):
    """A validated form of one topic."""

    def start(self, person: Specialist) -> Mapping[str, Any]: ...

    def vetted(self, person: Specialist) -> Mapping[str, str]: ...

    def write(self) -> None: ...


def is_writable(person: Specialist) -> bool:
    """Whether the person may change the registration: not while the prefecture looks at it."""
    return person.status in WRITABLE


def open_topics(person: Specialist, topics: Iterable[str]) -> list[str]:
    """Those of `topics` into which the person may go now. Consent can always be taken back."""
    if is_writable(person):
        return list(topics)
    in_review = person.status in WRITABLE_FOR_OTHERS
    allowed = OPEN_IN_REVIEW if in_review else {"consent"}
    return [topic for topic in topics if topic in allowed]


def why_not_writable(person: Specialist) -> str:
    """Why the person cannot change the registration now, in words; empty when it can be changed."""
    if is_writable(person):
        return ""
    return {
        Specialist.Status.WITHDRAWN: "登録が終わっているため、直せません。"
        "もう一度申請すると、直せます。",
        Specialist.Status.REMOVED: "登録されていないため、直せません。"
        "もう一度申請したいときは、県にお知らせください。",
    }.get(Specialist.Status(person.status), "県が内容を確かめているあいだは、直せません。")


def is_writable_for(person: Specialist, user: Any) -> bool:
    """Whether the prefecture may write for the person: until he or she takes over."""
    return is_coordinator(user) and person.user_id is None and person.status in WRITABLE_FOR_OTHERS


@transaction.atomic
def save_topic(person: Specialist, topic: str, form: Writer, *, opened: str, by: User) -> None:
    """Save a topic and forget what was typed before. By the person, or by a coordinator for a
    person without an account. `opened` is the fingerprint of what the page was opened on.

    Raises PoolRefused while the prefecture looks at the registration, EditedMeanwhile where
    somebody has saved the topic since the page was opened.
    """
    row: Specialist = Specialist.objects.select_for_update(of=("self",)).get(pk=person.pk)
    own = row.user_id == by.pk
    if not (is_writable(row) if own else is_writable_for(row, by)):
        raise PoolRefused(why_not_writable(row) or "県が審査しているあいだは、直せません。")
    if fingerprint(form.start(row)) != opened:
        raise EditedMeanwhile("開いているあいだに、ほかの画面で保存されました。")
    before = form.vetted(row)
    form.write()
    saved = Specialist.objects.select_related("user").get(pk=person.pk)
    changes.keep_vetted_changes(saved, topic, before, form.vetted(saved))
    TopicDraft.objects.filter(specialist=person, user=by, topic=topic).delete()
    audit.record("edit_registration", person, by=by, detail={"topic": topic})


def holder_of(person: Specialist) -> str:
    return f"specialist:{person.pk}"


def clean_document(*, kind: str, name: str, content: bytes) -> files.Cleaned:
    """Read a document as it is kept, before anything is locked. Raises FileRefused."""
    return files.clean(name, content, anonymous=kind == Document.Kind.ANONYMOUS_CV)


def add_document(
    person: Specialist, *, kind: str, name: str, content: bytes | files.Cleaned, by: User
) -> Document:
    """Take in a document of the person. By the person or a coordinator; the same content again,
    such as by a second click, is kept once.

    Raises FileRefused (talentpool.files) with words for the person, and PoolRefused in a state in
    which no documents are taken.
    """
    if not isinstance(content, files.Cleaned):
        content = clean_document(kind=kind, name=name, content=content)
    with transaction.atomic():
        return _add_document(person, kind=kind, name=name, content=content, by=by)


def _add_document(
    person: Specialist, *, kind: str, name: str, content: files.Cleaned, by: User
) -> Document:
    row: Specialist = Specialist.objects.select_for_update(of=("self",)).get(pk=person.pk)
    is_open = bool(open_topics(row, ["documents"]))
    if not (is_open if row.user_id == by.pk else is_writable_for(row, by)):
        raise PoolRefused(why_not_writable(row) or "いまは、書類を入れられません。")
    same: Document | None = Document.objects.filter(
        specialist=row,
        kind=kind,
        file__sha256=content.sha256,
        file__state__in=KEPT,
        file__uploaded_at__gt=timezone.now() - terms.SECOND_CLICK,
    ).first()
    if same is not None:
        return same
    file = files.store(
        name=name,
        content=content,
        room=FILE_ROOM,
        holder=holder_of(row),
        by=by,
        anonymous=kind == Document.Kind.ANONYMOUS_CV,
    )
    document: Document = Document.objects.create(specialist=row, kind=kind, file=file)
    return document


@transaction.atomic
def delete_document(document: Document, *, by: User) -> None:
    """Delete a document and its bytes. By the person, while the registration may be changed.

    In the pool the last copy of a permit that is needed stays until a new one is there: the
    registration rests on it. Raises PoolRefused.
    """
    person: Specialist = Specialist.objects.select_for_update(of=("self",)).get(
        pk=document.specialist_id
    )
    if not is_writable(person):
        raise PoolRefused("今は、書類を消せません。")
    permits = person.documents.filter(kind=Document.Kind.PERMIT).exclude(pk=document.pk)
    is_last_permit = document.kind == Document.Kind.PERMIT and not permits.exists()
    if person.status in Specialist.IN_POOL and person.needs_permit and is_last_permit:
        raise PoolRefused("許可・承諾書の写しは、新しい写しを送ってから消してください。")
    files.delete_file(document.file, by=by)
    document.delete()


def register_firm(*, name: str, number: str, invoice_number: str, by: User) -> Firm:
    """Register a firm; the account becomes its manager, and the coordinators are told. By an
    account of a firm.

    A firm that is there has its people: whoever comes second asks the prefecture. Raises
    PoolRefused.
    """
    try:
        with transaction.atomic():
            return _register_firm(name=name, number=number, invoice_number=invoice_number, by=by)
    except IntegrityError as error:  # two at once
        raise PoolRefused(FIRM_IS_THERE) from error


def _register_firm(*, name: str, number: str, invoice_number: str, by: User) -> Firm:
    if by.kind != User.Kind.FIRM or Specialist.objects.filter(user=by).exists():
        raise PoolRefused("このアカウントでは、事業者を登録できません。")
    if FirmManager.objects.filter(user=by, until=None).exists():
        raise PoolRefused("このアカウントには、もう事業者があります。")
    if Firm.objects.filter(corporate_number=number).exists():
        raise PoolRefused(FIRM_IS_THERE)
    firm: Firm = Firm.objects.create(
        name=name,
        corporate_number=number,
        invoice_number=invoice_number,
        unseen_since=timezone.now(),
    )
    FirmManager.objects.create(firm=firm, user=by, since=timezone.localdate())
    audit.record("register_firm", firm, by=by)
    tell_coordinators(
        subject="事業者の登録がありました",
        first_line="事業者が、みずから登録しました。法人番号と担当者を確かめてください。",
        path=reverse("admin:specialists_firm_managers", args=[firm.pk]),
        key=f"firm-registered:{firm.pk}",
    )
    return firm


@transaction.atomic
def agree_for_firm(person: Specialist, *, agrees: bool, by: User) -> Specialist:
    """The firm agrees that one of its people is shown, or takes that back: then nobody is shown the
    person from now on, and what is being coordinated with the person ends. By the firm's manager.
    Raises PoolRefused."""
    found = Specialist.objects.managed_by(by).filter(pk=person.pk).exists()
    if not found:
        raise PoolRefused("この事業者の担当者ではありません。")
    endings = [] if agrees else prepare_endings(person.pk)
    row: Specialist = Specialist.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if not Specialist.objects.managed_by(by).filter(pk=row.pk).exists():  # moved on meanwhile
        raise PoolRefused("この方は、もうこの事業者の社員ではありません。")
    if agrees and row.status in Specialist.GONE:
        raise PoolRefused("この方の登録は、もう終わっています。")
    row.firm_agreed_at = timezone.now() if agrees else None
    row.save(update_fields=["firm_agreed_at"])
    for end in endings:
        end(by)
    audit.record("agree_for_firm" if agrees else "disagree_for_firm", row, by=by)
    if not agrees and person.firm_agreed_at is not None:
        _tell_of_disagreement(row)
    return row


def _tell_of_disagreement(person: Specialist) -> None:
    """The person and the prefecture learn it from a mail, not from silence."""
    key = f"firm-disagrees:{person.pk}:{timezone.now():%Y%m%d%H%M%S}"
    tell_specialist(
        person,
        subject="勤め先の事業者が、紹介への同意を取り消しました",
        first_line="勤め先の事業者が、市町への紹介の同意を取り消しました。事業者がもう一度同意する"
        "まで、打診は届きません。結んでいる契約は、そのまま続きます。",
        path=reverse("specialist:registration"),
        key=key,
    )
    tell_coordinators(
        subject="事業者が、社員の紹介への同意を取り消しました",
        first_line="事業者が、社員の紹介への同意を取り消しました。進んでいた打診は終わっています。",
        path=reverse("admin:specialists_specialist_review", args=[person.pk]),
        key=key,
    )
