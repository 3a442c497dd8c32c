"""The code lists' data: codes unique, values in range, what the report says and nothing more."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

import talentpool.vocabulary

DATA = Path(talentpool.vocabulary.__file__).parent / "data"
CODES = {
    "skills.csv": "NW SEC OPT STD PRC BPR DAT AIR MYN HRD GOV TEL OTH",
    "levels.csv": "L1 L2 L3 L4",
    "talent_types.csv": "PR PM SD EN",
    "dss_roles.csv": "BA1 BA2 BA3 DE1 DE2 DE3 DS1 DS2 DS3 SE1 SE2 SE3 SE4 CS1 CS2",
    "engagement_forms.csv": "10 11 12 13 14 20 21 22 30 31 32 40 41 42 43 50 51",
    "population_bands.csv": "A B C D E F G",
    "consultation_checks.csv": "PRC-01 PRC-02 PRC-03 PRC-04 PRC-05 PRC-06 PRC-07",
    "specialist_kinds.csv": "firm retired side_job academic national_list",
}
REPORT = "県・市町情報人材研究会 中間取りまとめ"
UNREAD = ("未確認", "この製品の案")
ALL_FILES = sorted(path.name for path in DATA.glob("*.csv"))


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("name", "codes"), CODES.items())
def test_codes_and_their_order(name: str, codes: str) -> None:
    assert [row["code"] for row in rows_of(name)] == codes.split()


def test_no_list_goes_untested() -> None:
    assert set(ALL_FILES) == {*CODES, "certificates.csv", "systems.csv", "grant_rules.csv"}


@pytest.mark.parametrize("name", ALL_FILES)
def test_every_row_has_a_source_and_says_whether_it_is_confirmed(name: str) -> None:
    for row in rows_of(name):
        assert row["confirmed"] in {"true", "false"}
        source = row["source"] if name == "grant_rules.csv" else row["note"]
        assert source.startswith((REPORT, "資料S-", *UNREAD, "名称", "役割名"))
        assert not (row["confirmed"] == "true" and source.startswith(UNREAD))


@pytest.mark.parametrize("name", [name for name in ALL_FILES if name != "grant_rules.csv"])
def test_codes_and_names_are_unique_and_free_of_separators(name: str) -> None:
    rows = rows_of(name)
    assert len({row["code"] for row in rows}) == len(rows)
    assert len({(row.get("category"), row["name"]) for row in rows}) == len(rows)
    assert all(row["name"] and not set(row["name"]) & set(";=") for row in rows)


def test_the_fields_of_the_report_are_confirmed() -> None:
    confirmed = [row["code"] for row in rows_of("skills.csv") if row["confirmed"] == "true"]
    assert confirmed == ["NW", "SEC", "OPT"]


def test_levels_cover_the_itss_scale_without_gap() -> None:
    spans = [
        (int(row["number"]), int(row["itss_from"]), int(row["itss_to"]))
        for row in rows_of("levels.csv")
    ]
    assert spans == [(1, 1, 2), (2, 3, 3), (3, 4, 5), (4, 5, 7)]


def test_certificates_are_prefixed_and_have_a_level_of_the_examinations() -> None:
    rows = rows_of("certificates.csv")
    examinations = [row for row in rows if row["code"].startswith("JITEC:")]
    assert len(examinations) == 14
    assert len(rows) - len(examinations) == 11
    assert {row["level"] for row in examinations} == {"", "1", "2", "3", "4"}
    assert all(row["level"] == "" for row in rows if row not in examinations)


def test_twenty_systems_are_to_be_standardised() -> None:
    codes = [row["code"] for row in rows_of("systems.csv") if row["kind"] == "standard"]
    assert codes == [f"{number:02}" for number in range(1, 21)]
    assert {row["kind"] for row in rows_of("systems.csv")} == {
        "standard",
        "other",
        "infrastructure",
    }


def test_grant_by_the_report_is_for_three_forms_only() -> None:
    forms = rows_of("engagement_forms.csv")
    eligible = {row["code"] for row in forms if row["grant_eligible"] == "yes"}
    assert eligible == {"10", "20", "21"}
    assert {row["grant_eligible"] for row in forms} == {"yes", "unknown"}


def test_whether_a_form_is_employment_is_nowhere_confirmed() -> None:
    forms = rows_of("engagement_forms.csv")
    assert {row["employment_confirmed"] for row in forms} == {"false"}
    assert {row["code"] for row in forms if row["is_employment"] == "yes"} == {
        "10",
        "11",
        "12",
        "13",
        "14",
    }
    assert {row["code"] for row in forms if row["is_employment"] == "no"} == {"20", "21"}


def test_every_population_falls_into_one_band() -> None:
    edges = [(row["at_least"], row["below"]) for row in rows_of("population_bands.csv")]
    assert edges[0] == ("500000", "")
    assert edges[-1][0] == "0"
    assert [below for _, below in edges[1:]] == [at_least for at_least, _ in edges[:-1]]


def test_grant_rules() -> None:
    rules = rows_of("grant_rules.csv")
    keys = {(row["fiscal_year"], row["payer_kind"], row["cost_kind"]) for row in rules}
    assert len(keys) == len(rules)
    forms = {row["code"] for row in rows_of("engagement_forms.csv")}
    for row in rules:
        assert row["payer_kind"] in {"市町村", "都道府県"}
        assert set(row["form_kinds"].split(";")) <= forms | {""}
        assert (row["cap_yen"], row["fiscal_power_adjust"]) == ("", "")
    confirmed = [
        (row["fiscal_year"], Decimal(row["rate"])) for row in rules if row["confirmed"] == "true"
    ]
    assert confirmed == [("2021", Decimal("0.50")), ("2022", Decimal("0.50"))]
    assert all(
        Decimal(row["rate"]) == Decimal("0.70") for row in rules if row["fiscal_year"] > "2022"
    )


def test_no_rule_is_made_up_for_a_year_nobody_knows() -> None:
    assert {row["fiscal_year"] for row in rows_of("grant_rules.csv")} == {
        "2021",
        "2022",
        "2023",
        "2024",
        "2025",
    }
