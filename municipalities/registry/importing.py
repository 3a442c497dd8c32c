"""Bring rows in from a file: keep it, check it, apply it; a worker does the reading.

One mechanism for all rooms: a room has a table (`FileImport`), says how a file is checked and how
checked entries are written, and gets the steps from here.
"""

import gzip
import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import chain
from pathlib import PurePath
from typing import Any, Generic, Protocol, TypeVar
from zlib import crc32

from django.db import connection, connections, transaction
from django.utils import timezone

from municipalities.registry.models import FileImport
from talentpool.audit import services as audit
from talentpool.conventions.cells import UnreadableFileError, write_csv
from talentpool.outbox.alone import alone
from talentpool.outbox.services import request_task
from talentpool.users.models import User

logger = logging.getLogger(__name__)

PROBLEMS_SHOWN = 200  # on the page; the file for download has all
VALUE_LENGTH = 200  # characters of a cell that a problem quotes
PROBLEM_HEADERS = ("シート", "セル", "項目", "値", "直し方")
ASIDE = "aside"  # name of the database session that notes progress while another one writes
FAILED = (
    "プログラムの不具合のため、取り込めませんでした。何も書いていません。"
    "もう一度試して同じになるときは、県の担当へ連絡してください。"
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


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: where it stands, what stands there, what to write instead."""

    sheet: str
    cell: str
    header: str
    value: str
    message: str


class Checked(Protocol):
    """An entry of a file with its problems."""

    problems: list[Problem]


Job = TypeVar("Job", bound=FileImport)
One = TypeVar("One", bound=Checked)


@dataclass(frozen=True, slots=True)
class Importer(Generic[Job, One]):
    """How a room brings rows in. `check` reads a file and writes nothing, raising
    UnreadableFileError; `write` writes the entries without problems and returns how many, raising
    one of `refusals`; its events are appended at its end (`audit.together`). `noun` is what the
    rows are, `task` the Celery task that calls `run`, `prefix` begins the keys of its outbox
    rows. Without `keeps_values` a finished import does not say any more what stood in the cells to
    mend, and a file that was refused goes at once: of people nothing may outlive the file."""

    model: type[Job]
    prefix: str
    task: str
    noun: str
    check: Callable[[bytes, Job, Progress], list[One]]
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
        row.done, row.message = 0, ""  # what an earlier try said is over
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
        job: Job | None = self._rows.select_related(*self.related).filter(pk=pk).first()
        if job is None or not job.is_running:
            return
        if job.status == Status.CHECKING:
            self._check(job)
        else:
            self._apply(job)

    def _check(self, job: Job) -> None:
        try:
            entries = self.check(bytes(job.content or b""), job, self._progress(job))
            _report(job, entries)
            self._end_check(job)
        except UnreadableFileError as error:
            self._refuse(job, str(error))
        except Exception as error:
            _log(error, job)
            self._refuse(job, FAILED)

    def _refuse(self, job: Job, message: str) -> None:
        job.message = message
        self._end_check(job, Status.REFUSED)

    @transaction.atomic
    def _end_check(self, job: Job, refused: str = "") -> None:
        """Keep what a check found, unless the import was given up meanwhile."""
        if not self._is_still(job, Status.CHECKING):
            return
        if refused:
            self._finish(job, refused)
        else:
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
            entries = self.check(bytes(job.content or b""), job, reading)
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
        except UnreadableFileError as error:
            self._back_to_checked(job.pk, str(error))
        except self.refusals as error:
            self._back_to_checked(job.pk, str(error))
        except Exception as error:
            _log(error, job)
            self._back_to_checked(job.pk, FAILED)

    def _back_to_checked(self, pk: int, message: str) -> None:
        """Nothing was written: the import waits for its owner with what is the matter."""
        rows = self._rows.filter(pk=pk, status=Status.APPLYING)
        rows.update(status=Status.CHECKED, message=message[:300])

    def _finish(self, row: Job, status: str) -> None:
        row.status = status
        ended = {Status.APPLIED, Status.DISCARDED}
        if status in (ended if self.keeps_values else ended | {Status.REFUSED}):
            row.content = None
            if not self.keeps_values:
                row.problems = [{**problem, "value": ""} for problem in row.problems]
                row.problem_file = None
        row.finished_at = timezone.now()
        row.save()

    def _key(self, job: Job) -> str:
        return f"{self.prefix}:{job.pk}"

    def _locked(self, job: Job, verb: str) -> Job:
        row: Job = self._rows.select_for_update(of=("self",)).get(pk=job.pk)
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


def _report(job: FileImport, entries: Sequence[Checked]) -> None:
    problems = [problem for entry in entries for problem in entry.problems]
    job.status = Status.CHECKED
    job.invalid = sum(bool(entry.problems) for entry in entries)
    job.valid = len(entries) - job.invalid
    job.problem_count = len(problems)
    job.problems = [asdict(problem) for problem in problems[:PROBLEMS_SHOWN]]
    job.problem_file = gzip.compress(_problem_csv(problems)) if problems else None


def _problem_csv(problems: Sequence[Problem]) -> bytes:
    rows = ((p.sheet, p.cell, p.header, p.value[:VALUE_LENGTH], p.message) for p in problems)
    return write_csv(chain([PROBLEM_HEADERS], rows), for_people=True)


def problem_file(job: FileImport) -> bytes:
    """All problems of an import as a CSV file; headers only when there are none."""
    if job.problem_file is None:
        return _problem_csv([Problem(**problem) for problem in job.problems])
    return gzip.decompress(job.problem_file)


def _log(error: Exception, job: FileImport) -> None:
    """Where it went wrong, without the words of the error: they may quote the file."""
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s %s: %s\n%s", type(job).__name__, job.pk, type(error).__name__, where)
