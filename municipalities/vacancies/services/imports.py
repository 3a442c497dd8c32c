"""Bring vacancies in from a file: keep it, check it, apply it; a worker does the reading."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import PurePath

from django.db import transaction
from django.utils import timezone

from municipalities.registry.models import Municipality
from municipalities.vacancies.errors import NotAllowedNowError, VacanciesError
from municipalities.vacancies.imports import Entry, Problem, entries_of
from municipalities.vacancies.models import FormVersion, Vacancy, VacancyImport
from municipalities.vacancies.prefill import values_of_municipality
from municipalities.vacancies.services.vacancies import LAST_NUMBER, create_vacancy, write_draft
from talentpool.audit import services as audit
from talentpool.conventions.cells import UnreadableFileError
from talentpool.files.sheets import read_sheets
from talentpool.outbox.services import request_task
from talentpool.users.models import User

PROBLEMS_KEPT = 200
KEPT_DAYS = 7  # an import that nobody finished is given up, and its file with it
TASK = "vacancies.run_import"
Status = VacancyImport.Status


@transaction.atomic
def start_import(
    municipality: Municipality, *, file_name: str, content: bytes, by: User
) -> VacancyImport:
    """Keep the file and have a worker check it. By staff of the municipality."""
    job = VacancyImport.objects.create(
        municipality=municipality,
        file_name=PurePath(file_name.replace("\\", "/")).name[:120] or "ファイル",
        content=content,
        created_by=by,
    )
    audit.record("start_import", job, by=by)
    request_task(TASK, job.pk, key=f"import:{job.pk}:check")
    return job


@transaction.atomic
def apply_import(job: VacancyImport, *, mode: str, by: User) -> VacancyImport:
    """Have a worker write the checked vacancies. By staff of the municipality.

    With mode `all` nothing is written while anything is wrong. Raises NotAllowedNowError unless
    checked, and VacanciesError when the mode leaves nothing to write.
    """
    row = _locked(job, "apply")
    row.mode = VacancyImport.Mode(mode)
    if row.mode == VacancyImport.Mode.ALL and row.invalid:
        raise VacanciesError("問題のある募集があるため、取り込めません。")
    if not row.valid:
        raise VacanciesError("取り込める募集がありません。")
    row.done = 0
    row.save()
    audit.record("apply_import", row, by=by, detail={"mode": row.mode})
    request_task(TASK, row.pk, key=f"import:{row.pk}:apply")
    return row


@transaction.atomic
def discard_import(job: VacancyImport, *, by: User | None) -> VacancyImport:
    """Give the import up and drop the file. By staff of the municipality."""
    row = _locked(job, "discard")
    _finish(row, row.status)
    audit.record("discard_import", row, by=by)
    return row


def _locked(job: VacancyImport, verb: str) -> VacancyImport:
    row: VacancyImport = VacancyImport.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if not row.allows(verb):
        raise NotAllowedNowError(f"この取込みは今「{row.get_status_display()}」です。")
    row.status = VacancyImport.TRANSITIONS[verb][1]
    return row


def _finish(row: VacancyImport, status: str) -> None:
    row.status = status
    if status in {Status.APPLIED, Status.DISCARDED}:
        row.content = None
    row.finished_at = timezone.now()
    row.save()


def run_import(pk: int) -> None:
    """What the worker does: check, or write. Running it again changes nothing more."""
    job = VacancyImport.objects.select_related("municipality", "created_by").filter(pk=pk).first()
    if job is None or not job.is_running:
        return
    try:
        entries = check_file(bytes(job.content or b""), job.municipality, progress=_progress(job))
    except UnreadableFileError as error:
        job.message = str(error)
        _finish(job, Status.REFUSED)
        return
    if job.status == Status.CHECKING:
        _report(job, entries)
        job.save()
        return
    with transaction.atomic():
        row = VacancyImport.objects.select_for_update(of=("self",)).get(pk=pk)
        if row.status != Status.APPLYING:
            return
        try:
            row.written = write_entries(entries, row.municipality, mode=row.mode, by=row.created_by)
        except VacanciesError as error:
            row.message = str(error)
            row.status = Status.CHECKED
            row.save()
            return
        row.done = row.total
        _finish(row, Status.APPLIED)
        audit.record("finish_import", row, by=row.created_by, detail={"written": row.written})


def _progress(job: VacancyImport) -> Callable[[int, int], None]:
    def note(done: int, total: int) -> None:
        VacancyImport.objects.filter(pk=job.pk).update(done=done, total=total)
        job.done, job.total = done, total

    return note


def _report(job: VacancyImport, entries: list[Entry]) -> None:
    problems = [problem for entry in entries for problem in entry.problems]
    job.status = Status.CHECKED
    job.invalid = sum(bool(entry.problems) for entry in entries)
    job.valid = len(entries) - job.invalid
    job.problem_count = len(problems)
    job.problems = [asdict(problem) for problem in problems[:PROBLEMS_KEPT]]


def check_file(
    content: bytes,
    municipality: Municipality,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Entry]:
    """All vacancies of a file with their problems. Writes nothing.

    Raises UnreadableFileError.
    """
    version = FormVersion.objects.in_force_on(timezone.localdate())
    if version is None:
        raise UnreadableFileError("今日使える標準募集様式の版がありません。")
    known = values_of_municipality(municipality)
    entries = entries_of(read_sheets(content), version.definition, known, progress=progress)
    _check_numbers(entries, municipality)
    return entries


def _check_numbers(entries: list[Entry], municipality: Municipality) -> None:
    """A number in the file must be of a draft of this town, and stand there once."""
    drafts = set(
        Vacancy.objects.filter(
            municipality=municipality,
            status=Vacancy.Status.DRAFT,
            vacancy_no__in=[entry.vacancy_no for entry in entries if entry.vacancy_no],
        ).values_list("vacancy_no", flat=True)
    )
    seen: set[str] = set()
    for entry in entries:
        number = entry.vacancy_no
        if not number:
            continue
        if number not in drafts:
            words = "この番号の下書きがありません。新しい募集は、番号を空けてください。"
        elif number in seen:
            words = "同じ番号が、ほかの行にもあります。"
        else:
            seen.add(number)
            continue
        place = f"{entry.row}行目" if entry.row else ""
        entry.problems.append(Problem(entry.sheet, place, "募集管理番号", number, words))


@transaction.atomic
def write_entries(entries: list[Entry], municipality: Municipality, *, mode: str, by: User) -> int:
    """Write entries without problems as drafts; returns how many. All or nothing in any case.

    Raises VacanciesError when mode is `all` and something is wrong, or the year's numbers do not
    suffice.
    """
    good = [entry for entry in entries if not entry.problems]
    if mode == VacancyImport.Mode.ALL and len(good) != len(entries):
        raise VacanciesError("問題のある募集があるため、何も取り込みませんでした。")
    if sum(not entry.vacancy_no for entry in good) > LAST_NUMBER:
        raise VacanciesError(
            f"1年度に作れる募集は{LAST_NUMBER}件までです。ファイルを分けてください。"
        )
    drafts = {
        vacancy.vacancy_no: vacancy
        for vacancy in Vacancy.objects.select_for_update(of=("self",)).filter(
            municipality=municipality,
            status=Vacancy.Status.DRAFT,
            vacancy_no__in=[entry.vacancy_no for entry in good if entry.vacancy_no],
        )
    }
    for entry in good:
        if not entry.vacancy_no:
            create_vacancy(municipality, entry.values, by=by)
            continue
        draft = drafts.get(entry.vacancy_no)
        if draft is None:
            raise VacanciesError(f"{entry.vacancy_no} は、もう下書きではありません。")
        write_draft(draft, entry.values, by=by)
    return len(good)


def discard_old_imports() -> int:
    """Give up imports that nobody finished in a week; returns how many."""
    before = timezone.now() - timedelta(days=KEPT_DAYS)
    old = VacancyImport.objects.filter(
        status__in=[Status.CHECKED, Status.REFUSED], created_at__lt=before
    )
    jobs = list(old)
    for job in jobs:
        discard_import(job, by=None)
    return len(jobs)
