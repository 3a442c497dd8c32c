"""Bring vacancies in from a file: keep it, check it, apply it; a worker does the reading."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from municipalities.registry.importing import (
    Importer,
    ImportRefused,
    NotAllowedNow,
    Problem,
    Progress,
)
from municipalities.registry.models import Municipality
from municipalities.vacancies.errors import NotAllowedNowError, VacanciesError
from municipalities.vacancies.imports import Entry, entries_of
from municipalities.vacancies.models import FormVersion, Vacancy, VacancyImport
from municipalities.vacancies.prefill import values_of_municipality
from municipalities.vacancies.services.changes import move_to_form
from municipalities.vacancies.services.vacancies import (
    LAST_NUMBER,
    create_vacancies,
    form_in_force,
    numbers_left,
    write_draft,
)
from talentpool.audit import services as audit
from talentpool.conventions.cells import UnreadableFileError
from talentpool.files.sheets import read_sheets
from talentpool.users.models import User

TASK = "vacancies.run_import"
NOTED_EACH = 100  # rows between two notes of progress


@contextmanager
def _refusals() -> Iterator[None]:
    """The refusals of the shared steps as those of this room."""
    try:
        yield
    except NotAllowedNow as refusal:
        raise NotAllowedNowError(str(refusal)) from refusal
    except ImportRefused as refusal:
        raise VacanciesError(str(refusal)) from refusal


def start_import(
    municipality: Municipality, *, file_name: str, content: bytes, by: User
) -> VacancyImport:
    """Keep the file and have a worker check it. By staff of the municipality."""
    return VACANCIES.start(file_name=file_name, content=content, by=by, municipality=municipality)


def apply_import(job: VacancyImport, *, mode: str, by: User) -> VacancyImport:
    """Have a worker write the checked vacancies. By staff of the municipality.

    With mode `all` nothing is written while anything is wrong. Raises NotAllowedNowError unless
    checked, and VacanciesError when the mode leaves nothing to write.
    """
    with _refusals():
        return VACANCIES.apply(job, mode=mode, by=by)


def discard_import(job: VacancyImport, *, by: User | None) -> VacancyImport:
    """Give the import up and drop the file. By staff of the municipality."""
    with _refusals():
        return VACANCIES.discard(job, by=by)


def run_import(pk: int) -> None:
    """What the worker does: check, or write. Running it again changes nothing more."""
    VACANCIES.run(pk)


def sweep_lost_imports() -> int:
    """Ask again for imports whose worker was lost; returns how many."""
    return VACANCIES.sweep_lost()


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
    """A number in the file must be of a draft of this town, and stand there once; new rows must
    not be more than the year's numbers that are left."""
    drafts = set(
        Vacancy.objects.filter(
            municipality=municipality,
            status=Vacancy.Status.DRAFT,
            vacancy_no__in=[entry.vacancy_no for entry in entries if entry.vacancy_no],
        ).values_list("vacancy_no", flat=True)
    )
    seen: set[str] = set()
    left = numbers_left(municipality)
    for entry in entries:
        number = entry.vacancy_no
        if not number and (entry.problems or left > 0):
            left -= not entry.problems
            continue
        if not number:
            words = (
                f"今年度に新しく作れるのは、あと{numbers_left(municipality):,}件です"
                f"(募集管理番号は14文字のため、1年度に{LAST_NUMBER:,}件まで)。この行は作れません。"
            )
        elif number not in drafts:
            words = "この番号の下書きがありません。新しい募集は、番号を空けてください。"
        elif number in seen:
            words = "同じ番号が、ほかの行にもあります。"
        else:
            seen.add(number)
            continue
        place = entry.number_cell
        entry.problems.append(Problem(entry.sheet, place, "募集管理番号", number, words))


@transaction.atomic
def write_entries(
    entries: list[Entry],
    municipality: Municipality,
    *,
    mode: str,
    by: User,
    progress: Progress = lambda done, total: None,
) -> int:
    """Write entries without problems as drafts; returns how many. All or nothing in any case.
    A draft in an older form is moved to the form in force, against which the file was checked.

    Raises VacanciesError when mode is `all` and something is wrong, or the year's numbers do not
    suffice.
    """
    good = [entry for entry in entries if not entry.problems]
    if mode == VacancyImport.Mode.ALL and len(good) != len(entries):
        raise VacanciesError("問題のある募集があるため、何も取り込みませんでした。")
    numbered = [entry for entry in good if entry.vacancy_no]
    new = [entry.values for entry in good if not entry.vacancy_no]
    version = form_in_force()
    with audit.together():
        for done, entry in enumerate(numbered):
            if done % NOTED_EACH == 0:
                progress(done, len(good))
            _write_over(entry, municipality, version, by=by)
        create_vacancies(
            municipality,
            new,
            by=by,
            progress=lambda done, _: progress(len(numbered) + done, len(good)),
        )
    return len(good)


def _write_over(
    entry: Entry, municipality: Municipality, version: FormVersion, *, by: User
) -> None:
    draft: Vacancy | None = (
        Vacancy.objects.select_for_update(of=("self",), no_key=True)
        .filter(
            municipality=municipality,
            status=Vacancy.Status.DRAFT,
            vacancy_no=entry.vacancy_no,
        )
        .first()
    )
    if draft is None:
        raise VacanciesError(f"{entry.vacancy_no} は、もう下書きではありません。")
    if draft.form_version_id != version.pk:
        draft = move_to_form(draft, version, by=by)
    draft.form_version = version  # its fields are read once for all rows
    write_draft(draft, entry.values, by=by)


def discard_old_imports() -> int:
    """Give up imports that nobody finished in a week; returns how many."""
    return VACANCIES.discard_old()


def _check(content: bytes, job: VacancyImport, progress: Progress) -> list[Entry]:
    return check_file(content, job.municipality, progress=progress)


def _write(entries: list[Entry], job: VacancyImport, progress: Progress) -> int:
    return write_entries(
        entries, job.municipality, mode=job.mode, by=job.created_by, progress=progress
    )


VACANCIES: Importer[VacancyImport, Entry] = Importer(
    model=VacancyImport,
    prefix="import",
    task=TASK,
    noun="募集",
    check=_check,
    write=_write,
    refusals=(VacanciesError,),
    related=("municipality", "created_by"),
)
