"""Which fields the open data has: those of every version of the form in which something open is
written, so that a vacancy of an older version loses nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from municipalities.vacancies.definition import Definition, FieldSpec
from municipalities.vacancies.models import FormVersion, Vacancy


@dataclass(frozen=True, slots=True)
class OpenField:
    """A column: how the newest version that has it defines it, its header in the file, all codes
    of all versions, and the versions that have it (newest first)."""

    spec: FieldSpec
    header: str
    allowed: Mapping[str, str]
    forms: tuple[str, ...]

    @property
    def identifier(self) -> str:
        return self.spec.identifier


def open_vacancies() -> Any:
    """What the public list shows today."""
    return Vacancy.objects.public().open_on(timezone.localdate())


def open_definitions() -> list[Definition]:
    """The version in force and those in which an open vacancy stands, the newest first; none while
    no version is in force."""
    today = timezone.localdate()
    current = FormVersion.objects.in_force_on(today)
    if current is None:
        return []
    written = open_vacancies().filter(form_version=OuterRef("pk"))
    older = FormVersion.objects.filter(Exists(written)).exclude(pk=current.pk)
    found = older.order_by("-in_force_from").prefetch_related("fields")
    return [row.definition for row in (current, *found)]


def open_fields() -> list[OpenField]:
    """The columns: the fields of the version in force in their order, then what only earlier
    versions have. A field that one of the versions hides is in none."""
    definitions = open_definitions()
    hidden = {identifier for one in definitions for identifier in one.hidden}
    specs: dict[str, list[tuple[str, FieldSpec]]] = {}
    for definition in definitions:
        for spec in definition.fields:
            if spec.identifier not in hidden:
                specs.setdefault(spec.identifier, []).append((definition.code, spec))
    taken: set[str] = set()
    found = []
    for known in specs.values():
        spec = known[0][1]
        header = spec.header if spec.header not in taken else f"{spec.header}({spec.identifier})"
        taken.add(header)
        allowed: dict[str, str] = {}
        for _, one in known:
            allowed = {**(one.allowed or {}), **allowed}
        found.append(OpenField(spec, header, allowed, tuple(code for code, _ in known)))
    return found


def open_columns() -> list[tuple[str, str]]:
    """Identifier and header of the columns that are open."""
    return [(field.identifier, field.header) for field in open_fields()]
