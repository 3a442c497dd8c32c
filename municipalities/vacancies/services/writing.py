"""Write a vacancy: make drafts with their numbers, save what was typed, find what is missing."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from municipalities.registry.models import Municipality
from municipalities.vacancies.deadlines import past_days
from municipalities.vacancies.definition import Definition, Problems, Values, convert
from municipalities.vacancies.errors import (
    EditConflictError,
    IncompleteError,
    NotAllowedNowError,
    NumbersExhaustedError,
)
from municipalities.vacancies.models import FormVersion, Need, Vacancy, VacancyCounter
from municipalities.vacancies.models.vacancy import joint_codes_of
from municipalities.vacancies.prefill import values_of_municipality, values_of_need
from municipalities.vacancies.services.agreements import agreed, forget_left_out, joint_answers
from municipalities.vacancies.services.rows import read_again, refused
from talentpool.audit import services as audit
from talentpool.conventions.era import fiscal_year
from talentpool.pages.opened import fingerprint
from talentpool.users.models import User

# Filled when the month's batch is frozen, so that nobody is asked for them.
FILLED_AT_EXPORT = frozenset({"submission_month", "change_type"})
LAST_NUMBER = 29_999  # what 14 characters hold, see VacancyCounter.numbered (sources.md 1.2)
BATCH = 500  # rows written with one statement


def form_in_force() -> FormVersion:
    """The version of the form in force today. Raises NotAllowedNowError when there is none."""
    version: FormVersion | None = FormVersion.objects.in_force_on(timezone.localdate())
    if version is None:
        raise NotAllowedNowError("今日使える標準募集様式の版がありません。県へ連絡してください。")
    return version


def numbers_left(municipality: Municipality) -> int:
    """How many vacancies the municipality can still make in the running fiscal year."""
    used = VacancyCounter.objects.filter(
        municipality=municipality, fiscal_year=fiscal_year(timezone.localdate())
    ).values_list("last", flat=True)
    return LAST_NUMBER - (used.first() or 0)


def _next_numbers(municipality: Municipality, count: int) -> list[str]:
    """Take the next numbers of the running fiscal year; the counter's row is the lock."""
    year = fiscal_year(timezone.localdate())
    VacancyCounter.objects.bulk_create(
        [VacancyCounter(municipality=municipality, fiscal_year=year)], ignore_conflicts=True
    )
    counter = VacancyCounter.objects.select_for_update().get(
        municipality=municipality, fiscal_year=year
    )
    first = counter.last + 1
    left = LAST_NUMBER - counter.last
    if count > left:
        raise NumbersExhaustedError(
            f"今年度の募集管理番号({LAST_NUMBER:,}件)が足りません(あと{left:,}件)。"
            "県へ連絡してください。"
        )
    counter.last += count
    counter.save(update_fields=["last"])
    return [counter.numbered(number) for number in range(first, first + count)]


@transaction.atomic
def create_vacancy(
    municipality: Municipality, values: Values, *, by: User, need: Need | None = None
) -> Vacancy:
    """Make a draft in the version of the form in force today, with the next free number.

    `values` are canonical. Raises NotAllowedNowError when no version is in force and
    NumbersExhaustedError when the year's numbers are used up.
    """
    version = form_in_force()
    fits: Values = values
    if need is not None:  # its codes come in the need's own order, which is no difference later
        fits, leftover = convert(values, version.definition)
        fits = leftover | fits
    vacancy = Vacancy(
        vacancy_no=_next_numbers(municipality, 1)[0],
        municipality=municipality,
        need=need,
        form_version=version,
        created_by=by,
    )
    _fill(vacancy, fits, values_of_municipality(municipality))
    vacancy.save()
    audit.record("create_vacancy", vacancy, by=by, detail={"need": need.pk if need else None})
    return vacancy


@transaction.atomic
def create_vacancies(
    municipality: Municipality,
    many: Sequence[Values],
    *,
    by: User | None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Make many drafts as `create_vacancy` makes one, with a statement for each `BATCH` of them.

    `by` is None for the command line. `progress` hears how many of how many are written. Raises
    what `create_vacancy` raises.
    """
    version = form_in_force()
    known = values_of_municipality(municipality)
    numbers = _next_numbers(municipality, len(many))
    with audit.together():
        for start in range(0, len(many), BATCH):
            drafts = [
                Vacancy(
                    vacancy_no=number,
                    municipality=municipality,
                    form_version=version,
                    created_by=by,
                )
                for number in numbers[start : start + BATCH]
            ]
            batch = many[start : start + BATCH]
            own = municipality.code
            codes = (code for values in batch for code in joint_codes_of(values, own))
            names = Municipality.objects.names_of(codes)
            for draft, values in zip(drafts, batch, strict=True):
                _fill(draft, values, known, names)
            for draft in Vacancy.objects.bulk_create(drafts):
                audit.record("create_vacancy", draft, by=by, detail={"need": None})
            progress(start + len(drafts), len(many))


def _fill(
    vacancy: Vacancy, values: Values, known: Values, names: Mapping[str, str] | None = None
) -> None:
    """Put values into a new draft, with those that the system knows; `names` of other bodies by
    code, where they were read."""
    system = {
        "form_version": vacancy.form_version.code,
        "vacancy_no": vacancy.vacancy_no,
        **known,
        "updated_on": timezone.localdate().isoformat(),
    }
    vacancy.write_values(system | dict(values), names)


@transaction.atomic
def post_vacancy_from_need(need: Need, *, by: User) -> Vacancy:
    """Make the draft of a public vacancy from a need, filled in as far as the need goes.

    By staff of the need's municipality or a coordinator. Raises NotAllowedNowError unless the
    need was accepted or found nobody, or when it has a vacancy already.
    """
    row: Need = (
        Need.objects.select_for_update(of=("self",), no_key=True)
        .select_related("municipality")
        .get(pk=need.pk)
    )
    if row.status not in {Need.Status.ACCEPTED, Need.Status.UNFILLED}:
        raise NotAllowedNowError(
            f"案件は今「{row.get_status_display()}」です。公募にできるのは、県が受け付けた案件です。"
        )
    if Vacancy.objects.filter(need=row).exists():
        raise NotAllowedNowError("この案件の募集情報は、もう作られています。")
    return create_vacancy(row.municipality, values_of_need(row), by=by, need=row)


@transaction.atomic
def save_values(
    vacancy: Vacancy,
    typed: Values,
    *,
    identifiers: Collection[str],
    version: int,
    opened: str = "",
    unread: Collection[str] = (),
    by: User,
) -> tuple[Vacancy, Problems]:
    """Save what was typed into some fields of a draft, or of a change of what is published; what
    cannot be read is reported and kept out, and what the page could not read (`unread`) stays as it
    is. By staff of its municipality.

    Returns the row and the problems of these fields, missing ones included. Raises
    NotAllowedNowError when it is not being written, and EditConflictError when `version` is not
    the row's and these fields are not what they were when the page was opened (`opened`, of
    `opened_on`): what was saved of other fields meanwhile is in nobody's way.
    """
    row = read_again(vacancy)
    if not row.is_writable:
        raise refused(row)
    if row.version != version and opened_on(row, identifiers) != opened:
        raise EditConflictError(
            "開いているあいだに、ここが別に保存されました。「今の内容」を確かめて、"
            "もう一度保存してください。"
        )
    definition: Definition = row.working_form.definition
    asked = [
        key
        for key in identifiers
        if key not in unread and definition.by_identifier[key].section != "system"
    ]
    values = dict(row.working_values)
    problems: Problems = {}
    for key in asked:
        try:
            values[key] = definition.by_identifier[key].canonical(typed.get(key, ""))
        except ValueError as error:
            problems[key] = [str(error)]
    values = {key: value for key, value in values.items() if value}
    found = _problems_in(definition, values, _published(row))
    problems = {key: found[key] for key in asked if key in found} | problems
    if values != row.working_values:
        _write(row, values | {"updated_on": timezone.localdate().isoformat()}, by)
        audit.record("save_vacancy", row, by=by)
    return row, problems


def opened_on(row: Vacancy, identifiers: Iterable[str]) -> str:
    """What some fields of the vacancy are written over: another text once one of them is saved with
    another value, or stands in another form."""
    values = {key: row.working_values.get(key, "") for key in identifiers}
    return fingerprint({"form_version": row.working_form.code} | values)


def _write(row: Vacancy, values: Values, by: User | None) -> None:
    """Put new values where the town is writing, and count the version. A remark on a field is
    done with once the field has changed."""
    before = row.working_values
    if row.change:
        row.changed_values = dict(values)
    else:
        row.write_values(values)
        row.changed_at = timezone.now()
    row.field_remarks = {
        key: remark
        for key, remark in row.field_remarks.items()
        if before.get(key) == values.get(key)
    }
    row.version += 1
    row.save()
    forget_left_out(row, by=by)


def write_draft(row: Vacancy, values: Values, *, by: User | None) -> None:
    """Put the values of a file into a locked draft, over what stands there."""
    fields = row.form_version.definition.by_identifier
    system = {
        key: text
        for key, text in row.values.items()
        if key in fields and fields[key].section == "system"
    }
    _write(row, {**values, **system, "updated_on": timezone.localdate().isoformat()}, by)
    audit.record("save_vacancy", row, by=by)


def problems_of(vacancy: Vacancy) -> Problems:
    """All that keeps the vacancy from being submitted, by identifier."""
    return _problems_in(
        vacancy.working_form.definition, vacancy.working_values, _published(vacancy)
    )


def _published(row: Vacancy) -> Values:
    """What the public reads while a change is written; nothing before the first publication."""
    return row.values if row.change else {}


def _problems_in(definition: Definition, values: Values, published: Values) -> Problems:
    """A last day that is over is a problem, unless it stands so in public: a town may mend words
    of what it no longer takes applications for."""
    problems = definition.problems_of(values, without=FILLED_AT_EXPORT)
    for identifier, message in past_days(values, timezone.localdate()):
        if published.get(identifier) != values[identifier]:
            problems.setdefault(identifier, [message])
    return problems


def check_complete(row: Vacancy) -> None:
    """Raise IncompleteError with all problems, unless there are none."""
    problems = problems_of(row)
    if problems:
        raise IncompleteError(f"募集情報に、直すところが{len(problems)}か所あります。", problems)
    answers = joint_answers(row)
    missing = [town.name for town, answer in answers if not agreed(row, answer)]
    missing += sorted(set(row.partner_codes) - {town.code for town, _ in answers})
    if missing:
        raise IncompleteError(f"共同で募集する市町の同意がそろっていません：{'、'.join(missing)}")
