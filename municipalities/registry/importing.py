"""Bring rows in from a file: keep it, check it, apply it; a worker does the reading.

One mechanism for all rooms: a room has a table (`FileImport`), says how a file is checked and how
checked entries are written, and gets the steps from here.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import PurePath
from typing import Any, Generic, Protocol, TypeVar
from zlib import crc32

from django.db import transaction
from django.utils import timezone

from municipalities.registry.models import FileImport
from talentpool.audit import services as audit
from talentpool.conventions.cells import UnreadableFileError
from talentpool.outbox.alone import alone
from talentpool.outbox.services import request_task
from talentpool.users.models import User

PROBLEMS_KEPT = 200
KEPT_DAYS = 7  # an import that nobody finished is given up, and its file with it
LOST_AFTER = timedelta(minutes=2)
Status = FileImport.Status
Progress = Callable[[int, int], None]


class ImportRefused(Exception):
    """The step cannot be done; says why in Japanese."""


class NotAllowedNow(ImportRefused):
    """The import is in a state from which the step does not start (somebody was quicker)."""


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
    one of `refusals`. `noun` is what the rows are, `task` the Celery task that calls `run`,
    `prefix` begins the keys of its outbox rows."""

    model: type[Job]
    prefix: str
    task: str
    noun: str
    check: Callable[[bytes, Job, Progress], list[One]]
    write: Callable[[list[One], Job], int]
    refusals: tuple[type[Exception], ...] = (ImportRefused,)
    related: Sequence[str] = field(default=("created_by",))

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
        row.done = 0
        row.save()
        audit.record("apply_import", row, by=by, detail={"mode": row.mode})
        request_task(self.task, row.pk, key=f"{self._key(row)}:apply")
        return row

    @transaction.atomic
    def discard(self, job: Job, *, by: User | None) -> Job:
        """Give the import up and drop the file."""
        row = self._locked(job, "discard")
        _finish(row, row.status)
        audit.record("discard_import", row, by=by)
        return row

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
        try:
            entries = self.check(bytes(job.content or b""), job, self._progress(job))
        except UnreadableFileError as error:
            job.message = str(error)
            _finish(job, Status.REFUSED)
            return
        if job.status == Status.CHECKING:
            _report(job, entries)
            job.save()
            return
        with transaction.atomic():
            row: Job = self._rows.select_for_update(of=("self",)).get(pk=pk)
            if row.status != Status.APPLYING:
                return
            try:
                row.written = self.write(entries, row)
            except self.refusals as error:
                row.message = str(error)
                row.status = Status.CHECKED
                row.save()
                return
            row.done = row.total
            _finish(row, Status.APPLIED)
            audit.record("finish_import", row, by=row.created_by, detail={"written": row.written})

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


def _finish(row: FileImport, status: str) -> None:
    row.status = status
    if status in {Status.APPLIED, Status.DISCARDED}:
        row.content = None
    row.finished_at = timezone.now()
    row.save()


def _report(job: FileImport, entries: Sequence[Checked]) -> None:
    problems = [problem for entry in entries for problem in entry.problems]
    job.status = Status.CHECKED
    job.invalid = sum(bool(entry.problems) for entry in entries)
    job.valid = len(entries) - job.invalid
    job.problem_count = len(problems)
    job.problems = [asdict(problem) for problem in problems[:PROBLEMS_KEPT]]
