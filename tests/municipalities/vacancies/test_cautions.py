"""Where the law bites: which words make one look again, and which texts must not."""

import tomllib
from pathlib import Path

import pytest

import talentpool.embedded.sample
from municipalities.vacancies.cautions import SAID, caution_words, cautions_of, words_in
from tests.municipalities.vacancies.objects import COMPLETE

SAMPLE = Path(talentpool.embedded.sample.__file__).parent / "vacancies.toml"


@pytest.mark.parametrize(
    ("values", "identifiers"),
    [
        ({"engagement_form": "10", "duties": "職員の指揮監督を行う"}, ["duties"]),
        ({"engagement_form": "10", "expected_results": "契約の締結"}, ["expected_results"]),
        ({"engagement_form": "13", "duties": "職員の指揮監督を行う"}, []),
        ({"engagement_form": "10", "duties": "助言を行う"}, []),
        ({"engagement_form": "20", "duties": "職員の指示を受けて"}, ["duties"]),
        ({"engagement_form": "21", "hours": "始業は8時30分"}, ["hours"]),
        ({"side_job": "0", "frequency_unit": "D", "freq_max": "4"}, ["side_job"]),
        ({"side_job": "0", "frequency_unit": "W", "freq_max": "1"}, ["side_job"]),
        ({"side_job": "0", "frequency_unit": "D", "freq_max": "4.5"}, []),
        ({"side_job": "0", "frequency_unit": "H", "freq_max": "40"}, []),
        ({"side_job": "1", "frequency_unit": "D", "freq_max": "4"}, []),
        ({"side_job": "0", "frequency_unit": "D"}, []),
    ],
)
def test_where_the_law_bites(values: dict[str, str], identifiers: list[str]) -> None:
    assert [identifier for identifier, _ in cautions_of(values)] == identifiers


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("事業者と契約を結び、検収まで行う", ["契約を結", "検収"]),
        ("機器を発注する", ["発注する"]),
        ("業者に発注し、職員に助言する", ["発注し"]),
        ("職員を指揮して調査を行う", ["指揮"]),
        ("課の職員に指示を出す。", ["職員に指示"]),
        ("決裁、契約の締結、助言を行う", ["決裁", "契約の締結"]),
        ("工事の監督・確認を行う", ["監督"]),
        ("契約の締結は行わず、専決もしない", []),
        ("窓口業務", ["窓口業務"]),
        ("契約の締結に関する助言", []),
        ("予算の要求、契約の締結、検収の各段階での助言", []),
        ("発注する機器の仕様の確認", []),
        ("決裁規程の見直し", []),
        ("管理職向けの研修の講師", []),
        ("人事評価システムの更改", []),
        ("契約の締結や職員への指示は行いません", []),
        ("仕様書の案の確認と、発注の時期についての助言", []),
    ],
)
def test_an_adviser_helps_and_does_not_decide(text: str, words: list[str]) -> None:
    assert words_in("advisory", text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("担当課の指示に従って作業する", ["担当課の指示", "指示に従"]),
        ("毎日出勤し、タイムカードを押す", ["タイムカード", "出勤"]),
        ("時間外勤務を命じることがある", ["時間外勤務"]),
        ("勤務時間は8時30分から17時15分まで", ["勤務時間"]),
        ("市役所の勤務時間内に打合せをする", []),
        ("勤務時間の定めはありません", []),
        ("職員の指示や指揮命令は受けません", []),
        ("出勤管理システムの更改の支援", []),
        ("庁内の指示系統の整理", []),
    ],
)
def test_a_contractor_is_given_no_orders(text: str, words: list[str]) -> None:
    assert words_in("contracting", text) == words


def test_the_texts_of_the_sample_and_of_ordinary_vacancies_raise_no_false_alarm() -> None:
    """Read as both kinds of work, whatever their own is."""
    sample = tomllib.loads(SAMPLE.read_text(encoding="utf-8"))
    texts = [COMPLETE, *sample["vacancy"]]
    assert len(texts) >= 10
    for values in texts:
        for form in ("10", "20"):
            text = {key: value for key, value in values.items() if isinstance(value, str)}
            found = cautions_of(text | {"engagement_form": form, "side_job": "1"})
            assert found == [], values["position_title"]


def test_each_word_names_its_source_and_whether_it_was_read() -> None:
    words = caution_words()
    assert {word.check for word in words} == SAID.keys()
    assert len({(word.check, word.text) for word in words}) == len(words)
    for word in words:
        assert word.source
        assert word.confirmed is not ("未確認" in word.source)
