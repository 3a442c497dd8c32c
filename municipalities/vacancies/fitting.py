"""Whether the program can work with a version of the form: what must be there, filled, and how
large it may be.

The columns of a vacancy are read from its values (`Vacancy.write_values`): a version that lets in
more than they hold would fail when a town saves.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection, models

from municipalities.vacancies.definition import Definition, FieldSpec
from municipalities.vacancies.models import FormField, Vacancy
from talentpool.conventions.numbers import number_in

# What the program itself reads by identifier, with the kind it must have in every version.
CORE_KINDS = {
    "form_version": "str",
    "submission_month": "month",
    "change_type": "code",
    "vacancy_no": "str",
    "lg_code": "lg_code",
    "municipality_name": "str",
    "joint_type": "code",
    "joint_members": "lg_codes",
    "issues": "text",
    "position_title": "str",
    "talent_type": "codes",
    "work_fields": "codes",
    "engagement_form": "code",
    "start_date": "date",
    "end_date": "date",
    "frequency_unit": "code",
    "freq_min": "decimal",
    "freq_max": "decimal",
    "remote": "code",
    "side_job": "code",
    "pay_unit": "code",
    "pay_min": "int",
    "pay_max": "int",
    "headcount": "int",
    "open_date": "date",
    "close_date": "date",
    "close_type": "code",
    "publish_ok": "code",
    "publish_until": "date",
    "updated_on": "date",
}
# Fields of which the vacancy has a typed column, and the column's name.
COLUMNS = {
    "position_title": "position_title",
    "talent_type": "talent_types",
    "work_fields": "work_fields",
    "engagement_form": "engagement_form",
    "frequency_unit": "frequency_unit",
    "remote": "remote",
    "side_job": "side_job",
    "pay_unit": "pay_unit",
    "pay_min": "pay_min",
    "pay_max": "pay_max",
    "headcount": "headcount",
    "close_type": "close_type",
}
# Codes that rules ask for.
CODES_READ = {
    "joint_type": ("1", "3"),
    "close_type": ("1", "2"),
    "publish_ok": ("1",),
    "change_type": ("1", "2", "3", "4", "5"),
}
# What a submitted vacancy must have (the constraint `submitted_vacancy_has_its_core`).
ALWAYS_FILLED = (
    "position_title",
    "talent_type",
    "work_fields",
    "engagement_form",
    "start_date",
    "end_date",
    "remote",
    "side_job",
    "pay_unit",
    "open_date",
    "close_type",
)
# What the public list, the feed and the data of search engines show of every vacancy.
LISTED = (
    "municipality_name",
    "position_title",
    "issues",
    "duties",
    "work_fields",
    "engagement_form",
    "frequency_unit",
    "freq_min",
    "freq_max",
    "remote",
    "pay_unit",
    "pay_min",
    "pay_max",
    "close_date",
)


def misfits(definition: Definition) -> list[str]:
    """All that keeps a version from being used, each a Japanese sentence."""
    specs = definition.by_identifier
    wrong = [key for key, kind in CORE_KINDS.items() if key not in specs or specs[key].kind != kind]
    if wrong:
        return [f"次の項目がないか、型が違います：{'、'.join(wrong)}"]
    return [
        *_conditions(definition),
        *_sizes(specs),
        *_codes(specs),
        *_requirements(specs),
        *(
            f"{specs[key].header}は、公開の一覧に出るため、「公開」にしてください。"
            for key in LISTED
            if key in specs and not specs[key].public
        ),
    ]


def _conditions(definition: Definition) -> Iterator[str]:
    for spec in definition.fields:
        if spec.condition and spec.condition_parts()[0] not in definition.by_identifier:
            yield f"{spec.header}の条件にある項目がありません：{spec.condition}"


def _sizes(specs: dict[str, FieldSpec]) -> Iterator[str]:
    for key, name in COLUMNS.items():
        spec = specs[key]
        column: Any = Vacancy._meta.get_field(name)
        if spec.is_chosen:
            yield from _long_codes(spec, column)
        elif spec.kind == "int":
            most = _largest(column)
            if _most_typed(spec) > most:
                yield f"{spec.header}の最大を、{most:,}以下で入れてください。"
        elif spec.max_length is None or spec.max_length > column.max_length:
            yield f"{spec.header}の最大文字数を、{column.max_length}以下で入れてください。"


def _long_codes(spec: FieldSpec, column: Any) -> Iterator[str]:
    codes = list(spec.allowed or {})
    if isinstance(column, models.IntegerField):
        most = _largest(column)
        bad = [c for c in codes if not c or (c.strip("0") and not 0 < number_in(c) <= most)]
        rule = "小さい数字"
    else:
        length = getattr(column, "base_field", column).max_length
        bad = [code for code in codes if len(code) > length]
        rule = f"{length}文字まで"
    if bad:
        yield f"{spec.header}のコードは{rule}です：{'、'.join(bad)}"


def _largest(column: Any) -> int:
    _, most = connection.ops.integer_field_range(column.get_internal_type())
    return int(most)


def _most_typed(spec: FieldSpec) -> int:
    """The largest whole number that the field lets in; 12 digits are read at most."""
    by_length = 10 ** min(spec.max_length or 12, 12) - 1
    return by_length if spec.maximum is None else min(by_length, int(spec.maximum))


def _codes(specs: dict[str, FieldSpec]) -> Iterator[str]:
    for key, codes in CODES_READ.items():
        missing = [code for code in codes if code not in (specs[key].allowed or {})]
        if missing:
            yield f"{specs[key].header}に、次のコードが要ります：{'、'.join(missing)}"


def _requirements(specs: dict[str, FieldSpec]) -> Iterator[str]:
    for key in ALWAYS_FILLED:
        if specs[key].requirement != FormField.Requirement.REQUIRED:
            yield f"{specs[key].header}は「必須」にしてください。"
    close = specs["close_date"]
    if close.requirement != FormField.Requirement.REQUIRED and (
        close.requirement != FormField.Requirement.CONDITIONAL
        or close.condition_parts() != ("close_type", frozenset({"1"}))
    ):
        yield f"{close.header}は、条件 close_type=1 で必須にしてください。"
