"""The registry's data files held against the rules of the code and the facts of the report."""

import csv
from datetime import date
from pathlib import Path

import pytest

import municipalities.registry
from talentpool.conventions import folding, lg_code

DATA = Path(municipalities.registry.__file__).parent / "data"
HIROSHIMA = DATA / "hiroshima"
FILES_OF_TOWNS = [
    "populations.csv",
    "joint_use_groups.csv",
    "spheres.csv",
    "national_schemes.csv",
    "offices.csv",
    "tiles.csv",
]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


BODIES = rows_of(DATA / "municipalities.csv")
PREFECTURES = [row for row in BODIES if not row["municipality"]]
TOWNS = {row["code"]: row for row in BODIES if row["municipality"]}
THE_23 = {code for code, row in TOWNS.items() if row["prefecture"] == "広島県"}


def test_all_prefectures_and_municipalities_are_there() -> None:
    assert len(PREFECTURES) == 47
    assert len(TOWNS) == 1741
    assert len({row["code"] for row in BODIES}) == 47 + 1741
    assert [lg_code.prefecture_code(f"{n:02}") for n in range(1, 48)] == [
        row["code"] for row in PREFECTURES
    ]


def test_every_code_has_its_check_digit_and_its_prefecture() -> None:
    assert [row["code"] for row in BODIES if not lg_code.is_valid(row["code"])] == []
    names = {lg_code.prefecture_of(row["code"]): row["prefecture"] for row in PREFECTURES}
    assert [
        row for row in BODIES if names[lg_code.prefecture_of(row["code"])] != row["prefecture"]
    ] == []
    assert not any(lg_code.is_prefecture(code) for code in TOWNS)


def test_readings_are_katakana_and_names_unique_in_a_prefecture() -> None:
    assert [row for row in BODIES if not folding.is_katakana(row["kana"])] == []
    assert len({(row["prefecture"], row["municipality"]) for row in BODIES}) == len(BODIES)


def test_hiroshima_has_14_cities_and_9_towns() -> None:
    kinds = sorted(TOWNS[code]["municipality"][-1] for code in THE_23)
    assert kinds == ["市"] * 14 + ["町"] * 9


def test_the_two_fuchu_and_the_two_kitahiroshima_are_two() -> None:
    by_name = {(row["prefecture"], row["municipality"]): code for code, row in TOWNS.items()}
    assert by_name["広島県", "府中市"] == "342084"
    assert by_name["広島県", "府中町"] == "343021"
    assert by_name["広島県", "北広島町"] == "343692"
    assert by_name["北海道", "北広島市"] == "012343"
    values = {row["code"]: int(row["value"]) for row in rows_of(HIROSHIMA / "populations.csv")}
    assert (values["342084"], values["343021"]) == (38_998, 52_163)


@pytest.mark.parametrize("file", FILES_OF_TOWNS)
def test_codes_exist_and_carry_their_own_name(file: str) -> None:
    rows = rows_of(HIROSHIMA / file)
    assert rows
    for row in rows:
        if row["code"]:
            assert row["municipality"] == TOWNS[row["code"]]["municipality"]
        else:
            assert row["municipality"] == ""
            assert row["note"] != ""


@pytest.mark.parametrize("file", ["populations.csv", "offices.csv", "tiles.csv"])
def test_each_of_the_23_has_one_row(file: str) -> None:
    codes = [row["code"] for row in rows_of(HIROSHIMA / file)]
    assert sorted(codes) == sorted(THE_23)


@pytest.mark.parametrize("file", [name for name in FILES_OF_TOWNS if name != "tiles.csv"])
def test_every_fact_names_its_source_and_whether_it_is_confirmed(file: str) -> None:
    for row in rows_of(HIROSHIMA / file):
        assert row["source"]
        assert row["confirmed"] in {"true", "false"}
        assert not (row["source"] == "未確認" and row["confirmed"] == "true")


def test_populations_sum_to_the_total_of_the_source() -> None:
    rows = rows_of(HIROSHIMA / "populations.csv")
    assert sum(int(row["value"]) for row in rows) == 2_826_858
    assert {date.fromisoformat(row["as_of"]) for row in rows} == {date(2020, 1, 1)}


def test_joint_use_groups_are_those_of_the_report() -> None:
    members: dict[str, set[str]] = {}
    for row in rows_of(HIROSHIMA / "joint_use_groups.csv"):
        members.setdefault(row["group"], set()).add(row["code"])
    assert members == {
        "G1": {"342131", "342114", "342157", "343072", "343684", "343692"},
        "G2": {"342041", "344621"},
        "G3": {"342092", "342149"},
        "G4": {"345458", ""},
    }


def test_the_outside_member_of_the_fourth_group_stays_unknown() -> None:
    unknown = [row for row in rows_of(HIROSHIMA / "joint_use_groups.csv") if not row["code"]]
    assert [(row["group"], row["note"]) for row in unknown] == [
        ("G4", "他県の自治体(団体名は報告に記載なし)")
    ]


def test_the_sphere_has_six_cities_and_two_towns_and_is_unconfirmed() -> None:
    rows = rows_of(HIROSHIMA / "spheres.csv")
    names = {TOWNS[row["code"]]["municipality"] for row in rows}
    assert sorted(name[-1] for name in names) == ["市"] * 6 + ["町"] * 2
    assert {row["code"] for row in rows} - THE_23 == {"332054", "332071"}
    assert {row["confirmed"] for row in rows} == {"false"}


def test_scheme_users_are_those_of_the_report() -> None:
    used: dict[str, set[str]] = {}
    for row in rows_of(HIROSHIMA / "national_schemes.csv"):
        used.setdefault(f"{row['scheme']} {row['fiscal_year']}".strip(), set()).add(row["code"])
    assert used == {
        "地方創生人材支援制度(デジタル) 2021": {"342076", "342131", "343684"},
        "外部人材の独自登用": {"342025", "342041", "342076", "342084", "342122", "343099"},
    }


def test_offices_lie_in_the_prefecture_and_are_approximate() -> None:
    rows = rows_of(HIROSHIMA / "offices.csv")
    for row in rows:
        assert 34.0 < float(row["latitude"]) < 35.1
        assert 132.0 < float(row["longitude"]) < 133.5
        assert row["confirmed"] == "false"
    assert len({(row["latitude"], row["longitude"]) for row in rows}) == 23


def test_every_office_of_the_country_has_a_place_that_agrees_with_the_prefectures_own() -> None:
    rows = {row["code"]: row for row in rows_of(DATA / "offices.csv")}
    assert {code: row["municipality"] for code, row in rows.items()} == {
        code: row["municipality"] for code, row in TOWNS.items()
    }
    for row in rows.values():
        assert 24 < float(row["latitude"]) < 46
        assert 122 < float(row["longitude"]) < 146
    for own in rows_of(HIROSHIMA / "offices.csv"):  # to 0.1 degree, some ten kilometres
        for name in ("latitude", "longitude"):
            assert abs(float(own[name]) - float(rows[own["code"]][name])) < 0.1


def test_tiles_do_not_lie_on_each_other() -> None:
    places = {(int(row["column"]), int(row["row"])) for row in rows_of(HIROSHIMA / "tiles.csv")}
    assert len(places) == 23
    assert max(column for column, _ in places) == 7
    assert max(row for _, row in places) == 4
