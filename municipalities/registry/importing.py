"""Bring rows in from a file: keep it, check it, apply it; a worker does the reading.

One mechanism for all rooms: a room has a table (`FileImport`), says how a file is checked and how
checked entries are written, and gets the steps from here.
"""

import logging
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import PurePath
from typing import Any, Generic, TypeVar
from zlib import crc32

from django.db import connection, connections, transaction
from django.db.models import F
from django.utils import timezone

from municipalities.registry.models import FileImport
from municipalities.registry.problems import Checked, report
from talentpool.audit import services as audit
from talentpool.conventions.cells import UnreadableFileError
from talentpool.outbox.alone import alone
from talentpool.outbox.services import request_task
from talentpool.users.models import User

logger = logging.getLogger(__name__)

ASIDE = "aside"  # name of the database session that notes progress while another one writes
FAILED = (
    "プログラムの不具合のため、取り込めませんでした。何も書いていません。"
    "もう一度試して同じになるときは、県の担当へ連絡してください。"
)
MOST_ATTEMPTS = 3
STOPPED = (
    f"{MOST_ATTEMPTS}回試しましたが、そのたびに処理が途中で止まりました。"
    "サーバーの入替えが続いたか、ファイルが大きすぎるか、通常の表ではないようです。"
    "何も取り込んでいません。もう一度取り込んで同じことになるときは、要る行と列だけを"
    "新しいファイルに貼り付けるか、ファイルを分けてください。"
)
KEPT_DAYS = 7  # an import that nobody finished is given up, and its file with it
LOST_AFTER = timedelta(minutes=2)
Status = FileImport.Status
Progress = Callable[[int, int], None]


class ImportRefused(Exception):
    """The step cannot be done; says why in Japanese."""


class NotAllowedNow(ImportRefused):
    """The import is in a state from which the step does not start (somebody was quicker)."""


class _GivenUp(Exception):
    """Somebody has given the import up while a worker wrote it: nothing of it stays written."""


Job = TypeVar("Job", bound=FileImport)
One = TypeVar("One", bound=Checked)


@dataclass(frozen=True, slots=True)
class Importer(Generic[Job, One]):
    """How a room brings rows in. `check` reads a file and writes nothing, raising
    UnreadableFileError, also while its entries are taken one by one; `write` writes entries, which
    have no problems, and returns how many, raising one of `refusals`; its events are appended at
    its end (`audit.together`). `noun` is what the rows are, `task` the Celery task that calls
    `run`, `prefix` begins the keys of its outbox rows. Without `keeps_values` a finished import
    does not say any more what stood in the cells to mend, and a file that was refused goes at once:
    of people nothing may outlive the file."""

    model: type[Job]
    prefix: str
    task: str
    noun: str
    check: Callable[[bytes, Job, Progress], Iterable[One]]
    write: Callable[[list[One], Job, Progress], int]
    refusals: tuple[type[Exception], ...] = (ImportRefused,)
    related: Sequence[str] = field(default=("created_by",))
    keeps_values: bool = True

    @property
    def _rows(self) -> Any:
        return self.model._default_manager

    @transaction.atomic
    def start(self, *, file_name: str, content: bytes, by: User, **owner: Any) -> Job:
        """Keep the file and have a worker check it."""
        job: Job = self._rows.create(
            file_name=PurePath(file_name.replace("\\", "/")).name[:120] or "ファイル",
            content=content,
            created_by=by,
            **owner,
        )
        audit.record("start_import", job, by=by)
        request_task(self.task, job.pk, key=f"{self._key(job)}:check")
        return job

    @transaction.atomic
    def apply(self, job: Job, *, mode: str, by: User) -> Job:
        """Have a worker write the checked entries. With mode `all` nothing is written while
        anything is wrong. Raises ImportRefused when that leaves nothing to write, NotAllowedNow
        unless it is checked."""
        row = self._locked(job, "apply")
        row.mode = FileImport.Mode(mode)
        if row.mode == FileImport.Mode.ALL and row.invalid:
            raise ImportRefused(f"問題のある{self.noun}があるため、取り込めません。")
        if not row.valid:
            raise ImportRefused(f"取り込める{self.noun}がありません。")
        row.done, row.message, row.attempts = 0, "", 0  # what an earlier try said is over
        row.save()
        event = audit.record("apply_import", row, by=by, detail={"mode": row.mode})
        # A try that was refused is asked for anew: each has a key of its own.
        request_task(self.task, row.pk, key=f"{self._key(row)}:apply:{event.pk}")
        return row

    @transaction.atomic
    def discard(self, job: Job, *, by: User | None) -> Job:
        """Give the import up and drop the file."""
        row = self._locked(job, "discard")
        self._finish(row, row.status)
        audit.record("discard_import", row, by=by)
        return row

    def lock_open(self) -> list[Job]:
        """Every import that has not ended, without its file, locked until the transaction ends.
        For a verb that will give them up after it has recorded other things: the rows of imports
        come before the audit record's chain."""
        rows = self._rows.filter(status__in=FileImport.TRANSITIONS["give_up"][0])
        return list(rows.select_for_update(of=("self",)).order_by("pk").defer("content"))

    def give_up_open(self, *, why: str) -> int:
        """Give up every import that has not ended, also one that a worker is at: it finds its row
        ended and leaves nothing of the file. `why` is told to who brought one. Inside the caller's
        transaction; returns how many."""
        given_up = self.lock_open()
        for row in given_up:
            row.message = why
            self._finish(row, FileImport.TRANSITIONS["give_up"][1])
        for row in given_up:
            audit.record("discard_import", row, by=None)
        return len(given_up)

    def discard_old(self) -> int:
        """Give up imports that nobody finished in a week; returns how many."""
        before = timezone.now() - timedelta(days=KEPT_DAYS)
        old = self._rows.filter(status__in=[Status.CHECKED, Status.REFUSED], created_at__lt=before)
        jobs = list(old)
        for job in jobs:
            self.discard(job, by=None)
        return len(jobs)

    def run(self, pk: int) -> None:
        """What the worker does: check, or write. Running it again, or beside itself, changes
        nothing more."""
        with self.alone(pk) as free:
            if free:
                self._run(pk)

    def alone(self, pk: int) -> AbstractContextManager[bool]:
        """Whether nobody else is at this import; held until the end."""
        return alone(crc32(f"imports of {self.prefix}".encode()) % 2**31, pk % 2**31)

    def sweep_lost(self) -> int:
        """Ask again for imports that nobody is at, because their worker was lost; returns how
        many."""
        now = timezone.now()
        running = self._rows.filter(status__in=[Status.CHECKING, Status.APPLYING])
        asked = 0
        for job in running.filter(created_at__lt=now - LOST_AFTER).only("pk"):
            with self.alone(job.pk) as lost:
                if lost:
                    again = int(now.timestamp() // LOST_AFTER.total_seconds())
                    request_task(self.task, job.pk, key=f"{self._key(job)}:again:{again}")
                    asked += 1
        return asked

    def _run(self, pk: int) -> None:
        rows = self._rows.select_related(*self.related).defer("content").filter(pk=pk)
        job: Job | None = rows.first()
        if job is None or not job.is_running:
            return
        if job.attempts >= MOST_ATTEMPTS:
            self._stop(job)
            return
        # Written before the work: of a worker that the system kills nothing else stays.
        self._rows.filter(pk=pk).update(attempts=F("attempts") + 1)
        if job.status == Status.CHECKING:
            self._check(job)
        else:
            self._apply(job)

    def _check(self, job: Job) -> None:
        try:
            report(job, self.check(self._content(job), job, self._progress(job)))
            self._end_check(job)
        except UnreadableFileError as error:
            self._refuse(job, str(error))
        except Exception as error:
            _log(error, job)
            self._refuse(job, FAILED)

    def _stop(self, job: Job) -> None:
        """End what has taken its worker with it again and again, in words."""
        logger.error("%s %s stopped its worker %s times", type(job).__name__, job.pk, MOST_ATTEMPTS)
        if job.status == Status.CHECKING:
            self._refuse(job, STOPPED)
        else:
            self._back_to_checked(job.pk, STOPPED)

    def _content(self, job: Job) -> bytes:
        """The file. It is not read with the row, which then neither holds nor writes it again."""
        return bytes(self._rows.values_list("content", flat=True).get(pk=job.pk) or b"")

    def _refuse(self, job: Job, message: str) -> None:
        job.message = message[:300]
        self._end_check(job, Status.REFUSED)

    @transaction.atomic
    def _end_check(self, job: Job, refused: str = "") -> None:
        """Keep what a check found, unless the import was given up meanwhile."""
        if not self._is_still(job, Status.CHECKING):
            return
        if refused:
            self._finish(job, refused)
        else:
            job.status, job.attempts = Status.CHECKED, 0
            job.save()

    def _is_still(self, job: Job, status: str) -> bool:
        """Whether an import that a worker is at is still in the state in which it took it up; its
        row is locked until the transaction ends."""
        rows = self._rows.select_for_update(of=("self",)).filter(pk=job.pk, status=status)
        return bool(rows.values_list("pk", flat=True))

    def _apply(self, job: Job) -> None:
        """Read the file again and write. The row is not locked before the end: only `alone` works
        on an import that is being applied, and the page follows its progress meanwhile."""
        try:
            reading = self._half(job, 0, self._rows)
            entries = self._good(job, self.check(self._content(job), job, reading))
            with self._rows_aside() as aside, transaction.atomic(), audit.together():
                job.written = self.write(entries, job, self._half(job, 1, aside))
                job.done = job.total
                if not self._is_still(job, Status.APPLYING):
                    raise _GivenUp
                self._finish(job, Status.APPLIED)
                detail = {"written": job.written}
                audit.record("finish_import", job, by=job.created_by, detail=detail)
        except _GivenUp:
            logger.warning("%s %s was given up while it was written", type(job).__name__, job.pk)
        except (UnreadableFileError, ImportRefused) as error:
            self._back_to_checked(job.pk, str(error))
        except self.refusals as error:
            self._back_to_checked(job.pk, str(error))
        except Exception as error:
            _log(error, job)
            self._back_to_checked(job.pk, FAILED)

    def _good(self, job: Job, entries: Iterable[One]) -> list[One]:
        """The entries to write: those without problems. Raises ImportRefused when mode is `all` and
        one has some, as when the rows that are there have changed since the check."""
        good = []
        for entry in entries:
            if not entry.problems:
                good.append(entry)
            elif job.mode == FileImport.Mode.ALL:
                raise ImportRefused(f"問題のある{self.noun}があるため、何も取り込みませんでした。")
        return good

    def _back_to_checked(self, pk: int, message: str) -> None:
        """Nothing was written: the import waits for its owner with what is the matter."""
        rows = self._rows.filter(pk=pk, status=Status.APPLYING)
        rows.update(status=Status.CHECKED, message=message[:300], attempts=0)

    def _finish(self, row: Job, status: str) -> None:
        row.status = status
        ended = {Status.APPLIED, Status.DISCARDED}
        if status in (ended if self.keeps_values else ended | {Status.REFUSED}):
            row.content = None
            if not self.keeps_values:
                row.problems = [{**problem, "value": ""} for problem in row.problems]
                row.problem_file = None
        row.finished_at, row.attempts = timezone.now(), 0
        row.save()

    def _key(self, job: Job) -> str:
        return f"{self.prefix}:{job.pk}"

    def _locked(self, job: Job, verb: str) -> Job:
        row: Job = self._rows.select_for_update(of=("self",)).defer("content").get(pk=job.pk)
        if not row.allows(verb):
            raise NotAllowedNow(f"この取込みは今「{row.get_status_display()}」です。")
        row.status = FileImport.TRANSITIONS[verb][1]
        return row

    def _progress(self, job: Job) -> Progress:
        def note(done: int, total: int) -> None:
            self._rows.filter(pk=job.pk).update(done=done, total=total)
            job.done, job.total = done, total

        return note

    @staticmethod
    def _half(job: Job, which: int, rows: Any) -> Progress:
        """Progress of applying: reading the file again is the first half, writing the second."""

        def note(done: int, total: int) -> None:
            rows.filter(pk=job.pk).update(done=(which * total + done) // 2, total=total)
            job.total = total

        return note

    @contextmanager
    def _rows_aside(self) -> Iterator[Any]:
        """The imports over a database session of its own: what the writing one notes is seen by
        nobody before its end."""
        connections[ASIDE] = connection.copy(ASIDE)
        try:
            yield self._rows.using(ASIDE)
        finally:
            connections[ASIDE].close()
            del connections[ASIDE]


def _log(error: Exception, job: FileImport) -> None:
    """Where it went wrong, without the words of the error: they may quote the file."""
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s %s: %s\n%s", type(job).__name__, job.pk, type(error).__name__, where)
