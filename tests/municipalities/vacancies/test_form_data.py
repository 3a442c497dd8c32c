"""The standard form's data: complete, consistent, and in step with the code lists it quotes."""

import csv
import re
from itertools import groupby
from pathlib import Path

import pytest

import municipalities.vacancies
import talentpool.vocabulary

FORM = Path(municipalities.vacancies.__file__).parent / "data" / "form_proposed_1.csv"
VOCABULARY = Path(talentpool.vocabulary.__file__).parent / "data"
TYPES_WITH_ALLOWED = {"code", "codes", "code_text"}
TYPES = TYPES_WITH_ALLOWED | {
    "str",
    "text",
    "int",
    "decimal",
    "date",
    "month",
    "lg_code",
    "lg_codes",
    "url",
    "tel",
    "mail",
}
SECTIONS = [
    "system",
    "municipality",
    "work",
    "terms",
    "place",
    "pay",
    "qualification",
    "selection",
    "contact",
    "system",
]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


FIELDS = rows_of(FORM)
BY_IDENTIFIER = {row["identifier"]: row for row in FIELDS}


def allowed(identifier: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in BY_IDENTIFIER[identifier]["allowed"].split(";")]
    assert all(code and label for code, _, label in pairs)
    assert len({code for code, _, _ in pairs}) == len(pairs)
    return {code: label for code, _, label in pairs}


def test_the_form_has_62_fields_in_order_each_once() -> None:
    assert [int(row["order"]) for row in FIELDS] == list(range(1, 63))
    assert len(BY_IDENTIFIER) == 62
    assert len({row["header"] for row in FIELDS}) == 62
    assert all(re.fullmatch("[a-z][a-z_]*", identifier) for identifier in BY_IDENTIFIER)
    assert (FIELDS[0]["identifier"], FIELDS[-1]["identifier"]) == ("form_version", "updated_on")


def test_types_requirements_and_lengths_are_known() -> None:
    for row in FIELDS:
        assert row["type"] in TYPES
        assert row["requirement"] in {"required", "conditional", "optional"}
        assert int(row["max_length"]) >= 1
        assert (row["allowed"] != "") == (row["type"] in TYPES_WITH_ALLOWED)


def test_as_many_fields_of_each_requirement_as_the_form_says() -> None:
    counts = {
        kind: sum(row["requirement"] == kind for row in FIELDS)
        for kind in ("required", "conditional", "optional")
    }
    assert counts == {"required": 36, "conditional": 11, "optional": 15}


def test_conditions_name_a_code_field_and_values_it_can_have() -> None:
    for row in FIELDS:
        assert (row["condition"] != "") == (row["requirement"] == "conditional")
        if row["condition"]:
            found = re.fullmatch(r"([a-z_]+)=([0-9A-Z]+(?:\|[0-9A-Z]+)*)", row["condition"])
            assert found is not None
            assert BY_IDENTIFIER[found[1]]["type"] == "code"
            assert set(found[2].split("|")) < allowed(found[1]).keys()


def test_sections_hold_together_and_come_in_order() -> None:
    assert [section for section, _ in groupby(row["section"] for row in FIELDS)] == SECTIONS


def test_bounds_stand_on_numbers_only() -> None:
    bounds = {
        row["identifier"]: (row["minimum"], row["maximum"])
        for row in FIELDS
        if row["minimum"] or row["maximum"]
    }
    assert bounds == {"headcount": ("1", "99"), "it_staff": ("0", "9999.9")}
    assert {BY_IDENTIFIER[identifier]["type"] for identifier in bounds} == {"int", "decimal"}


@pytest.mark.parametrize(
    "row", [row for row in FIELDS if row["type"] == "code"], ids=lambda row: row["identifier"]
)
def test_codes_fit_their_field(row: dict[str, str]) -> None:
    longest = max(len(code) for code in allowed(row["identifier"]))
    assert longest == int(row["max_length"])


@pytest.mark.parametrize(
    ("identifier", "file"),
    [
        ("talent_type", "talent_types.csv"),
        ("work_fields", "skills.csv"),
        ("skills", "skills.csv"),
        ("engagement_form", "engagement_forms.csv"),
    ],
)
def test_quoted_code_lists_are_those_of_the_vocabulary(identifier: str, file: str) -> None:
    listed = {row["code"]: row["name"] for row in rows_of(VOCABULARY / file)}
    assert allowed(identifier) == listed


def test_known_codes() -> None:
    assert list(allowed("change_type").values()) == ["新規", "変更", "継続", "募集終了", "取下げ"]
    assert "".join(allowed("pay_unit")) == "HDMYCNX"
    assert allowed("publish_ok").keys() == {"0", "1"}
    assert list(allowed("skill_level")) == list("1234567")


def test_none_of_it_passes_for_the_official_form() -> None:
    assert {row["confirmed"] for row in FIELDS} == {"false"}
