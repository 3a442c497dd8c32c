"""The verbs of a vacancy: write it, submit, publish or return, close, withdraw."""

from collections.abc import Iterable

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.models import Municipality
from municipalities.registry.notices import tell_coordinators, tell_town
from municipalities.vacancies.definition import Definition, Problems, Values
from municipalities.vacancies.errors import (
    EditConflictError,
    IncompleteError,
    NotAllowedNowError,
    NumbersExhaustedError,
)
from municipalities.vacancies.models import FormVersion, Need, Vacancy, VacancyCounter
from municipalities.vacancies.prefill import values_of_municipality, values_of_need
from talentpool.audit import services as audit
from talentpool.audit.models import Event
from talentpool.conventions.era import fiscal_year
from talentpool.users.models import User

# Filled when the month's batch is frozen, so that nobody is asked for them.
FILLED_AT_EXPORT = frozenset({"submission_month", "change_type"})
LAST_NUMBER = 999


def _locked(vacancy: Vacancy, verb: str) -> Vacancy:
    """The row, locked and read again; raises NotAllowedNowError in a wrong state."""
    row: Vacancy = (
        Vacancy.objects.select_for_update(of=("self",))
        .select_related("form_version", "municipality")
        .get(pk=vacancy.pk)
    )
    if not row.allows(verb):
        raise NotAllowedNowError(
            f"募集情報 {row.vacancy_no} は今「{row.get_status_display()}」のため、"
            "この操作はできません。ほかの人が先に進めたか、画面が古くなっています。"
        )
    row.status = Vacancy.TRANSITIONS[verb][1]
    return row


def _tell_town(vacancy: Vacancy, event: Event, subject: str, first_line: str) -> None:
    tell_town(
        vacancy.municipality_id,
        subject=subject,
        first_line=first_line,
        path=reverse("town:vacancy_detail", args=[vacancy.vacancy_no]),
        key=f"vacancy:{event.pk}",
    )


def _next_number(municipality: Municipality) -> str:
    """Take the next number of the running fiscal year; the counter's row is the lock."""
    year = fiscal_year(timezone.localdate())
    VacancyCounter.objects.bulk_create(
        [VacancyCounter(municipality=municipality, fiscal_year=year)], ignore_conflicts=True
    )
    counter = VacancyCounter.objects.select_for_update().get(
        municipality=municipality, fiscal_year=year
    )
    if counter.last >= LAST_NUMBER:
        raise NumbersExhaustedError(
            "今年度の募集管理番号(999件)を使い切りました。県へ連絡してください。"
        )
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.number


@transaction.atomic
def create_vacancy(
    municipality: Municipality, values: Values, *, by: User, need: Need | None = None
) -> Vacancy:
    """Make a draft in the version of the form in force today, with the next free number.

    `values` are canonical. Raises NotAllowedNowError when no version is in force and
    NumbersExhaustedError when the year's numbers are used up.
    """
    today = timezone.localdate()
    version = FormVersion.objects.in_force_on(today)
    if version is None:
        raise NotAllowedNowError("今日使える標準募集様式の版がありません。県へ連絡してください。")
    vacancy = Vacancy(
        vacancy_no=_next_number(municipality),
        municipality=municipality,
        need=need,
        form_version=version,
        created_by=by,
    )
    system = {
        "form_version": version.code,
        "vacancy_no": vacancy.vacancy_no,
        **values_of_municipality(municipality),
        "updated_on": today.isoformat(),
    }
    vacancy.write_values(system | dict(values))
    vacancy.save()
    audit.record("create_vacancy", vacancy, by=by, detail={"need": need.pk if need else None})
    return vacancy


@transaction.atomic
def post_vacancy_from_need(need: Need, *, by: User) -> Vacancy:
    """Make the draft of a public vacancy from a need, filled in as far as the need goes.

    By staff of the need's municipality or a coordinator. Raises NotAllowedNowError unless the
    need was accepted or found nobody, or when it has a vacancy already.
    """
    row: Need = (
        Need.objects.select_for_update(of=("self",)).select_related("municipality").get(pk=need.pk)
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
    vacancy: Vacancy, typed: Values, *, identifiers: Iterable[str], version: int, by: User
) -> tuple[Vacancy, Problems]:
    """Save what was typed into some fields of a draft; what cannot be read is reported and kept
    out. By staff of its municipality.

    Returns the row and the problems of these fields, missing ones included. Raises
    NotAllowedNowError outside draft and EditConflictError when `version` is not the row's.
    """
    row = _locked(vacancy, "submit")
    row.status = Vacancy.Status.DRAFT
    if row.version != version:
        raise EditConflictError(
            "ほかの人が先に保存しました。今の内容を読み直してから、もう一度入れてください。"
        )
    definition: Definition = row.form_version.definition
    asked = [key for key in identifiers if definition.by_identifier[key].section != "system"]
    values = dict(row.values)
    problems: Problems = {}
    for key in asked:
        try:
            values[key] = definition.by_identifier[key].canonical(typed.get(key, ""))
        except ValueError as error:
            problems[key] = [str(error)]
    values = {key: value for key, value in values.items() if value}
    found = definition.problems_of(values, without=FILLED_AT_EXPORT)
    problems = {key: found[key] for key in asked if key in found} | problems
    if values != row.values:
        values["updated_on"] = timezone.localdate().isoformat()
        row.write_values(values)
        row.changed_at = timezone.now()
        row.version += 1
        row.save()
        audit.record("save_vacancy", row, by=by)
    return row, problems


def problems_of(vacancy: Vacancy) -> Problems:
    """All that keeps the vacancy from being submitted, by identifier."""
    definition: Definition = vacancy.form_version.definition
    return definition.problems_of(vacancy.values, without=FILLED_AT_EXPORT)


def _check_complete(row: Vacancy) -> None:
    problems = problems_of(row)
    if problems:
        raise IncompleteError(f"募集情報に、直すところが{len(problems)}か所あります。", problems)


@transaction.atomic
def submit_vacancy(vacancy: Vacancy, *, by: User) -> Vacancy:
    """Hand the draft to the prefecture. By staff of its municipality.

    Raises NotAllowedNowError outside draft, IncompleteError with the problems by identifier.
    """
    row = _locked(vacancy, "submit")
    _check_complete(row)
    row.submitted_at = timezone.now()
    row.remark = ""
    row.save()
    event = audit.record("submit_vacancy", row, by=by)
    tell_coordinators(
        subject="確認する募集情報が届きました",
        first_line="市町から募集情報が提出されました。内容を確かめ、公表するか差し戻してください。",
        path=reverse("admin:vacancies_vacancy_review", args=[row.pk]),
        key=f"vacancy:{event.pk}",
    )
    return row


@transaction.atomic
def publish_vacancy(vacancy: Vacancy, *, by: User) -> Vacancy:
    """Publish it: on the public site when 公表可否 allows, and in the next month's batch.

    By a coordinator. Raises NotAllowedNowError unless submitted, IncompleteError when the rules
    no longer hold (a new check since it was submitted).
    """
    row = _locked(vacancy, "publish")
    _check_complete(row)
    row.published_at = timezone.now()
    row.remark = ""
    row.save()
    event = audit.record("publish_vacancy", row, by=by)
    _tell_town(
        row, event, "募集情報を公表しました", "提出された募集情報を県が確認し、公表しました。"
    )
    return row


@transaction.atomic
def return_vacancy(vacancy: Vacancy, *, remark: str, by: User) -> Vacancy:
    """Send it back as a draft, with what to mend. By a coordinator.

    Raises NotAllowedNowError unless submitted, IncompleteError without a remark.
    """
    if not remark.strip():
        raise IncompleteError("差し戻すときは、直してほしい点を書いてください。")
    row = _locked(vacancy, "return")
    row.remark = remark.strip()
    row.save()
    event = audit.record("return_vacancy", row, by=by)
    _tell_town(
        row,
        event,
        "募集情報が差し戻されました",
        "県から募集情報が差し戻されました。直してほしい点を確かめて、もう一度提出してください。",
    )
    return row


@transaction.atomic
def close_vacancy(vacancy: Vacancy, *, outcome: str, by: User) -> Vacancy:
    """End the recruiting with its outcome. By staff of its municipality or a coordinator.

    The end goes to the ministry once, with the next batch. Raises NotAllowedNowError unless
    published, ValueError on an unknown outcome.
    """
    if outcome not in Vacancy.Outcome.values:
        raise ValueError(f"unknown outcome: {outcome!r}")
    row = _locked(vacancy, "close")
    row.outcome = outcome
    row.closed_at = timezone.now()
    row.save()
    audit.record("close_vacancy", row, by=by, detail={"outcome": outcome})
    return row


@transaction.atomic
def withdraw_vacancy(vacancy: Vacancy, *, by: User) -> Vacancy:
    """Take it back. By staff of its municipality. Raises NotAllowedNowError when it has ended."""
    row = _locked(vacancy, "withdraw")
    row.closed_at = timezone.now()
    row.save()
    audit.record("withdraw_vacancy", row, by=by)
    return row
