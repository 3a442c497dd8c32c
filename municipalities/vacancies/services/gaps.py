"""A new version of the form: which published vacancies lack what it asks for, and who is asked.

Nothing is dropped for it: what is published stays, in its own form, until its town has filled in
what is new and the prefecture has published that change.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.urls import reverse

from municipalities.registry.notices import tell_coordinators, tell_town
from municipalities.vacancies.definition import Problems, convert
from municipalities.vacancies.models import FormVersion, Vacancy
from municipalities.vacancies.querysets import VacancyQuerySet
from municipalities.vacancies.services.writing import FILLED_AT_EXPORT
from talentpool.conventions.era import format_wareki

ASKED_WITHIN = timedelta(days=14)  # after that the home pages and the monthly round go on asking


@dataclass(frozen=True, slots=True)
class Gap:
    """A published vacancy and what keeps it from the form in force: (header, what to do) of each
    field, and (header, words of the older form) of what does not fit."""

    vacancy: Vacancy
    lacks: list[tuple[str, str]]
    leftover: list[tuple[str, str]]


def gaps_in(version: FormVersion, vacancies: Iterable[Vacancy]) -> Iterator[Gap]:
    """The gaps of published vacancies that were written in another version."""
    definition = version.definition
    for vacancy in vacancies:
        fits, leftover = convert(vacancy.values, definition)
        problems: Problems = definition.problems_of(fits, without=FILLED_AT_EXPORT)
        if not problems and not leftover:
            continue
        old = vacancy.form_version.definition.by_identifier
        yield Gap(
            vacancy,
            [
                (spec.header, _sentence(spec.header, " ".join(problems[spec.identifier])))
                for spec in definition.fields
                if spec.identifier in problems
            ],
            [
                (old[key].header, old[key].label_of(value)) if key in old else (key, value)
                for key, value in leftover.items()
            ],
        )


def _sentence(header: str, words: str) -> str:
    return words if words.startswith(header) else f"{header}：{words}"


def gaps_of(vacancies: VacancyQuerySet, today: date) -> list[Gap]:
    """The gaps in the form in force on a day, of those of these vacancies that are not over on it;
    by town and number."""
    in_force = FormVersion.objects.filter(in_force_from__lte=today).order_by("-in_force_from")
    older = vacancies.not_over_on(today).exclude(form_version__in=in_force.values("pk")[:1])
    # The rest is read only where there is something to compare: home pages ask each time.
    if not older.exists():
        return []
    version: FormVersion | None = FormVersion.objects.in_force_on(today)
    rows = (
        older.select_related("municipality")
        .prefetch_related("form_version__fields")
        .order_by("municipality__kana", "vacancy_no")
    )
    return [] if version is None else list(gaps_in(version, rows))


@transaction.atomic
def ask_to_fill(today: date) -> int:
    """Mail the towns whose published vacancies lack what a form newly in force asks for, and the
    prefecture; returns to how many towns. Run by the calendar, any number of times: a version
    asks a town once."""
    version: FormVersion | None = FormVersion.objects.in_force_on(today)
    if version is None or today - (version.in_force_from or today) > ASKED_WITHIN:
        return 0
    codes = sorted({gap.vacancy.municipality_id for gap in gaps_of(Vacancy.objects.all(), today)})
    day = format_wareki(version.in_force_from or today)
    for code in codes:
        tell_town(
            code,
            subject="標準募集様式が新しくなりました",
            first_line=f"{day}から標準募集様式の新しい版を使っています。公表している募集情報に、"
            "新しく入れていただく項目があります。公表は、そのまま続いています。",
            path=reverse("town:form_gaps"),
            key=f"form:{version.pk}:{code}",
        )
    if codes:
        tell_coordinators(
            subject="新しい様式の項目の入力を市町に頼みました",
            first_line=f"{day}から使っている様式で、{len(codes)}市町の公表中の募集情報に、"
            "入っていない項目があります。",
            path=reverse("admin:vacancies_vacancy_gaps"),
            key=f"form:{version.pk}:prefecture",
        )
    return len(codes)
