"""Bring vacancies in from a file: keep it, check it, apply it; a worker does the reading."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from municipalities.registry.importing import (
    Importer,
    ImportRefused,
    NotAllowedNow,
    Progress,
)
from municipalities.registry.models import Municipality
from municipalities.registry.problems import Problem
from municipalities.vacancies.cautions import cautions_of
from municipalities.vacancies.definition import convert
from municipalities.vacancies.errors import NotAllowedNowError, VacanciesError
from municipalities.vacancies.imports import Draft, Entry, entries_of
from municipalities.vacancies.models import FormVersion, Vacancy, VacancyImport
from municipalities.vacancies.prefill import values_of_municipality
from municipalities.vacancies.services.changes import move_to_form
from municipalities.vacancies.services.writing import (
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
) -> Iterator[Entry]:
    """All vacancies of a file with their problems, one by one. Writes nothing.

    Raises UnreadableFileError, with the first one or in between.
    """
    version = FormVersion.objects.in_force_on(timezone.localdate())
    if version is None:
        raise UnreadableFileError("今日使える標準募集様式の版がありません。")
    known = values_of_municipality(municipality)
    entries = entries_of(
        read_sheets(content),
        version.definition,
        known,
        drafts=lambda: _drafts(municipality, version),
        progress=progress,
    )
    yield from _with_checked_numbers(entries, municipality)


def _drafts(municipality: Municipality, version: FormVersion) -> dict[str, Draft]:
    """The town's drafts by number, as they would stand in the form in force."""
    rows = Vacancy.objects.filter(municipality=municipality, status=Vacancy.Status.DRAFT)
    drafts = {}
    for number, form, values, edition in rows.values_list(
        "vacancy_no", "form_version_id", "values", "version"
    ):
        fits = values if form == version.pk else convert(values, version.definition)[0]
        drafts[number] = Draft(fits, edition)
    return drafts


def _with_checked_numbers(entries: Iterable[Entry], municipality: Municipality) -> Iterator[Entry]:
    """A number in the file must be of a draft of this town, and stand there once; new rows must
    not be more than the year's numbers that are left."""
    seen: set[str] = set()
    first = left = numbers_left(municipality)
    for entry in entries:
        number = entry.vacancy_no
        words = ""
        if not number and (entry.problems or left > 0):
            left -= not entry.problems
        elif not number:
            words = (
                f"今年度に新しく作れるのは、あと{first:,}件です"
                f"(募集管理番号は14文字のため、1年度に{LAST_NUMBER:,}件まで)。この行は作れません。"
            )
        elif entry.draft_version is None:
            words = "この番号の下書きがありません。新しい募集は、番号を空けてください。"
        elif number in seen:
            words = "同じ番号が、ほかの行にもあります。"
        else:
            seen.add(number)
        if words:
            place = entry.number_cell
            entry.problems.append(Problem(entry.sheet, place, "募集管理番号", number, words))
        yield entry


@transaction.atomic
def write_entries(
    entries: list[Entry],
    municipality: Municipality,
    *,
    mode: str,
    by: User | None,
    versions: Mapping[str, int] | None = None,
    progress: Progress = lambda done, total: None,
) -> int:
    """Write entries without problems as drafts; returns how many. All or nothing in any case.
    A draft in an older form is moved to the form in force, against which the file was checked.

    `versions` are those of the drafts when a person saw the check, by number; else what the
    entries were read with. Raises VacanciesError when a draft was written since, when mode is `all`
    and something is wrong, or the year's numbers do not suffice.
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
            seen = entry.draft_version if versions is None else versions.get(entry.vacancy_no)
            _write_over(entry, municipality, version, seen, by=by)
        create_vacancies(
            municipality,
            new,
            by=by,
            progress=lambda done, _: progress(len(numbered) + done, len(good)),
        )
    return len(good)


def _write_over(
    entry: Entry,
    municipality: Municipality,
    version: FormVersion,
    seen: int | None,
    *,
    by: User | None,
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
    if draft.version != seen:
        raise VacanciesError(
            f"{entry.vacancy_no} は、ファイルを確かめたあとで直されています。"
            "今の内容を見てから、ファイルを取り込み直してください。"
        )
    if draft.form_version_id != version.pk:
        draft = move_to_form(draft, version, by=by)
    draft.form_version = version  # its fields are read once for all rows
    write_draft(draft, entry.values, by=by)


def discard_old_imports() -> int:
    """Give up imports that nobody finished in a week; returns how many."""
    return VACANCIES.discard_old()


def _check(content: bytes, job: VacancyImport, progress: Progress) -> Iterator[Entry]:
    checking = (
        job.status == VacancyImport.Status.CHECKING
    )  # not when it is read again to be written
    if checking:
        job.cautions, job.draft_versions = 0, {}
    for entry in check_file(content, job.municipality, progress=progress):
        if checking:
            job.cautions += bool(cautions_of(entry.values))
            if entry.draft_version is not None:
                job.draft_versions[entry.vacancy_no] = entry.draft_version
        yield entry


def _write(entries: list[Entry], job: VacancyImport, progress: Progress) -> int:
    return write_entries(
        entries,
        job.municipality,
        mode=job.mode,
        by=job.created_by,
        versions=job.draft_versions,
        progress=progress,
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
