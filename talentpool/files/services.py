"""Take a file in, have it scanned, delete it; the bytes on disk follow the rows."""

import hashlib
import logging
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from talentpool.audit import services as audit
from talentpool.files.checks import NOT_WHAT_IT_SAYS, ZIP_WORDS, kind_of, tidy_name
from talentpool.files.child import ChildFailed, run_child
from talentpool.files.errors import FileRefused
from talentpool.files.models import StoredFile
from talentpool.files.scanners import Verdict, scan
from talentpool.outbox.services import request_task
from talentpool.users.models import User

logger = logging.getLogger(__name__)

QUOTA_BYTES = 50 * 1024 * 1024
QUOTA_FILES = 30
CLEAN_SECONDS = 30
ORPHAN_AFTER_SECONDS = 24 * 3600
QUOTA_LOCK = 0xF11E
TASK = "files.scan"
State = StoredFile.State

CLEANER_WORDS = {
    b"locked": ZIP_WORDS["locked"],
    b"pages": "PDFのページが読めないか、500ページを超えています。分けて保存し直してください。",
    b"large": ZIP_WORDS["large"],
    b"active": "プログラムや別のファイルが入ったPDFは受け取れません。"
    "印刷の機能でPDFを作り直してください。",
}


def storage() -> FileSystemStorage:
    """Where the bytes lie: outside the web root, without an address."""
    return FileSystemStorage(location=settings.FILES_ROOT, base_url=None)


def clean_content(name: str, content: bytes, *, anonymous: bool = False) -> tuple[str, bytes]:
    """The kind of an upload and its bytes as they may be kept. Writes nothing.

    Raises FileRefused with words for the person, whatever broke inside.
    """
    kind = kind_of(name, content)
    if kind == "csv":
        return kind, content
    flags = ["anonymous"] if anonymous else []
    try:
        cleaned = run_child(
            "talentpool.files.cleaner", content, kind, *flags, seconds=CLEAN_SECONDS
        )
    except ChildFailed as failure:
        words = ZIP_WORDS["large"] if failure.exhausted else NOT_WHAT_IT_SAYS
        reason = failure.stderr.removeprefix(b"refused:")
        raise FileRefused(CLEANER_WORDS.get(reason, words)) from failure
    return kind, cleaned


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file that was read and is fit to be kept."""

    kind: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def clean(name: str, content: bytes, *, anonymous: bool = False) -> Cleaned:
    """Read a file as `store` keeps it. Raises FileRefused."""
    return Cleaned(*clean_content(name, content, anonymous=anonymous))


@transaction.atomic
def store(
    *,
    name: str,
    content: bytes | Cleaned,
    room: str,
    holder: str,
    by: User,
    anonymous: bool = False,
) -> StoredFile:
    """Take a file in and ask for its scan. By whoever the room lets upload. Cleaning takes long:
    whoever holds locks cleans before (`clean`).

    Until the scan says clean nobody can download it. With `anonymous`, marks of people are taken
    out. Raises FileRefused: kind, structure, quota (50 MB and 30 files a holder), or a full disk.
    """
    if not isinstance(content, Cleaned):
        content = clean(name, content, anonymous=anonymous)
    kind, cleaned = content.kind, content.content
    _check_quota(holder, len(cleaned))
    place = f"{secrets.token_hex(1)}/{secrets.token_hex(20)}"
    try:
        storage().save(place, ContentFile(cleaned))
    except OSError as error:
        logger.error("no file can be stored: %s", type(error).__name__)
        raise FileRefused(
            "今はファイルを保存できません。しばらくしてからもう一度送ってください。"
        ) from error
    file: StoredFile = StoredFile.objects.create(
        room=room,
        holder=holder,
        name=tidy_name(name),
        kind=kind,
        size=len(cleaned),
        sha256=content.sha256,
        anonymous=anonymous,
        storage_name=place,
        uploaded_by=by,
    )
    audit.record("store_file", file, by=by, detail={"kind": kind, "size": file.size})
    request_task(TASK, file.pk, key=f"file:{file.pk}:scan")
    return file


def _check_quota(holder: str, size: int) -> None:
    """One upload of a holder at a time, so that two together do not pass the limit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [QUOTA_LOCK, holder])
    kept = StoredFile.objects.filter(holder=holder, state__in=[State.WAITING, State.CLEAN])
    used = kept.aggregate(total=Sum("size"))["total"] or 0
    if kept.count() >= QUOTA_FILES or used + size > QUOTA_BYTES:
        raise FileRefused(
            f"保存できるのは1人{QUOTA_FILES}個、合計{QUOTA_BYTES // 1024 // 1024}MBまでです。"
            "要らない書類を消してから、もう一度送ってください。"
        )


def read(file: StoredFile) -> bytes:
    """The bytes of a file. Raises OSError when the disk does not have them."""
    with storage().open(file.storage_name) as opened:
        content: bytes = opened.read()
    return content


def scan_file(pk: int) -> None:
    """What the worker does: ask the scanner, keep its verdict. Running it again changes nothing.

    An infected file's bytes are deleted at once; unavailable leaves the file held (A-29).
    """
    file = StoredFile.objects.filter(pk=pk, state=State.WAITING).first()
    if file is None:
        return
    try:
        verdict = scan(read(file))
    except OSError:
        verdict = Verdict.UNAVAILABLE
    with transaction.atomic():
        row = StoredFile.objects.select_for_update(of=("self",)).get(pk=pk)
        if row.state != State.WAITING:
            return
        row.tries += 1
        row.tried_at = timezone.now()
        if verdict is Verdict.CLEAN:
            row.state = StoredFile.TRANSITIONS["pass"][1]
        elif verdict is Verdict.INFECTED:
            _drop_content(row, "condemn")
        row.save()
        if verdict is not Verdict.UNAVAILABLE:
            audit.record("scan_file", row, by=None, detail={"verdict": verdict.value})


@transaction.atomic
def delete_file(file: StoredFile, *, by: User | None) -> None:
    """Delete the bytes; the row stays without its name. By whom the room lets."""
    row = StoredFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if not row.allows("delete"):
        return
    _drop_content(row, "delete")
    row.name = "削除済み"
    row.save()
    audit.record("delete_file", row, by=by)


def _drop_content(row: StoredFile, verb: str) -> None:
    """The bytes go when the transaction has ended well."""
    place, row.storage_name = row.storage_name, ""
    row.state = StoredFile.TRANSITIONS[verb][1]
    if place:
        transaction.on_commit(lambda: storage().delete(place))


def sweep_files() -> int:
    """Ask again for scans that said nothing; remove bytes that no row knows (a crash between disk
    and commit) once they are a day old. Returns how many files wait."""
    waiting = list(StoredFile.objects.waiting().values_list("pk", "tries"))
    for pk, tries in waiting:
        with transaction.atomic():
            request_task(TASK, pk, key=f"file:{pk}:scan:{tries}")
    root = Path(settings.FILES_ROOT)
    known = set(StoredFile.objects.exclude(storage_name="").values_list("storage_name", flat=True))
    before = time.time() - ORPHAN_AFTER_SECONDS
    for path in root.glob("*/*"):
        if str(path.relative_to(root)) not in known and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
    return len(waiting)
