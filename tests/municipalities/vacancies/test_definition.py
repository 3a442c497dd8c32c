"""Values against the form's definition: what is read, what is refused and with which words."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from municipalities.vacancies.definition import Definition, FieldSpec, contradictions, parse_allowed
from municipalities.vacancies.models import FormVersion

ALLOWED = {"0": "なし", "1": "あり", "2": "あり得る"}


def spec(kind: str, **values: object) -> FieldSpec:
    return FieldSpec(
        **{"identifier": "x", "header": "項目", "kind": kind, "requirement": "optional", **values}
    )  # type: ignore[arg-type]


READ = [
    (spec("str"), "  CIO補佐官\n(非常勤) ", "CIO補佐官 (非常勤)"),
    (spec("text"), "一行目\r\n二行目 ", "一行目\n二行目"),
    (spec("text"), "髙﨑𠮷①㈱", "髙﨑𠮷①㈱"),
    (spec("int"), "１２，３４５円", "12345"),
    (spec("int"), "22000.0", "22000"),
    (spec("decimal"), "２．５日", "2.5"),
    (spec("decimal"), "10.0", "10"),
    (spec("date"), "令和8年4月1日", "2026-04-01"),
    (spec("date"), "Ｒ８．４．１", "2026-04-01"),
    (spec("month"), "２０２６年４月", "2026-04"),
    (spec("code", allowed=ALLOWED), "１", "1"),
    (spec("code", allowed=ALLOWED), "あり得る", "2"),
    (spec("code", allowed=ALLOWED), "1 あり", "1"),
    (spec("codes", allowed={"NW": "ネットワーク", "SEC": "セキュリティ"}), "sec、ＮＷ", "NW;SEC"),
    (spec("codes", allowed={"NW": "ネットワーク", "SEC": "セキュリティ"}), "SEC;SEC", "SEC"),
    (spec("code_text", allowed=ALLOWED), "２　旅費条例", "2 旅費条例"),
    (spec("lg_code"), "３４２１５７", "342157"),
    (spec("lg_codes"), "343021、342084", "342084;343021"),
    (spec("url"), " https://example.lg.jp/a ", "https://example.lg.jp/a"),
    (spec("tel"), "０８２３（４３）１１１１", "0823-43-1111"),
    (spec("mail"), "Ｊoho@example.lg.jp", "Joho@example.lg.jp"),
    (spec("int"), "　", ""),
]


@pytest.mark.parametrize(("field", "typed", "value"), READ)
def test_forgiving_input_becomes_canonical(field: FieldSpec, typed: str, value: str) -> None:
    """C-09."""
    assert field.canonical(typed) == value


REFUSED = [
    (spec("int"), "十二", "数字として読めません"),
    (spec("int", minimum=Decimal(1)), "0", "1以上"),
    (spec("int", maximum=Decimal(99)), "100", "99以下"),
    (spec("decimal"), "2.55", "小数第1位"),
    (spec("date"), "2027-02-30", "という日付はありません"),
    (spec("date"), "平成40年4月1日", "平成は"),
    (spec("month"), "2026-13", "年月は"),
    (spec("code", allowed=ALLOWED), "9", "次から選んでください：0(なし)"),
    (spec("lg_code"), "342158", "検査数字"),
    (spec("url"), "http://example.jp", "https://"),
    (spec("url"), "https://", "https://"),
    (spec("tel"), "0823431111", "ハイフン"),
    (spec("mail"), "joho@", "メールアドレス"),
    (spec("str", max_length=3), "四文字だ", "1文字減らして"),
    (spec("text"), "=SUM(A1)", "先頭に"),
    (spec("str"), "＠住所", "先頭に"),
]


@pytest.mark.parametrize(("field", "typed", "words"), REFUSED)
def test_what_cannot_be_read_says_what_to_write(field: FieldSpec, typed: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("(", r"\(").replace(")", r"\)")):
        field.canonical(typed)


@given(st.text(max_size=60), st.sampled_from([field for field, _, _ in READ]))
def test_canonical_is_a_fixed_point(typed: str, field: FieldSpec) -> None:
    """What was stored is read again as it is, so form → file → form is equal."""
    try:
        value = field.canonical(typed)
    except ValueError:
        return
    assert field.canonical(value) == value


def test_a_condition_decides_what_must_be_filled() -> None:
    field = spec("str", requirement="conditional", condition="remote=1|2")
    assert field.is_required({"remote": "2"})
    assert not field.is_required({"remote": "0"})
    assert not field.is_required({})


@pytest.mark.parametrize("text", ["remote in 1", "remote=", "=1", "a=1&b=2"])
def test_a_malformed_condition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="条件の書き方"):
        spec("str", condition=text).condition_parts()


def test_allowed_values_are_read_in_order() -> None:
    assert parse_allowed("1=あり; 0=なし") == {"1": "あり", "0": "なし"}
    assert list(parse_allowed("1=あり;0=なし") or {}) == ["1", "0"]
    assert parse_allowed("") is None
    with pytest.raises(ValueError, match="選択肢の書き方"):
        parse_allowed("1")


def test_labels_are_what_people_read() -> None:
    assert spec("codes", allowed={"NW": "ネットワーク", "SEC": "セキュリティ"}).label_of(
        "NW;SEC"
    ) == ("ネットワーク、セキュリティ")
    assert spec("code_text", allowed=ALLOWED).label_of("1 実費") == "あり(実費)"
    assert spec("date").label_of("2026-04-01") == "令和8年4月1日(2026年4月1日)"
    assert spec("int").label_of("20000") == "20,000"


CONTRADICTIONS = [
    ({"freq_min": "4", "freq_max": "2"}, "freq_max"),
    ({"pay_min": "10000", "pay_max": "9999"}, "pay_max"),
    ({"start_date": "2027-04-02", "end_date": "2027-04-01"}, "end_date"),
    ({"open_date": "2026-12-01", "close_date": "2026-11-30"}, "close_date"),
    ({"open_date": "2026-12-01", "publish_until": "2026-11-30"}, "publish_until"),
    ({"close_type": "2", "close_date": "2026-12-01"}, "close_date"),
    ({"engagement_form": "11", "start_date": "2027-03-01", "end_date": "2027-04-01"}, "end_date"),
]


@pytest.mark.parametrize(("values", "identifier"), CONTRADICTIONS)
def test_values_that_cannot_be_true_together(values: dict[str, str], identifier: str) -> None:
    assert [found for found, _ in contradictions(values)] == [identifier]


def test_a_year_long_term_may_end_on_31_march() -> None:
    values = {"engagement_form": "11", "start_date": "2027-04-01", "end_date": "2028-03-31"}
    assert contradictions(values) == []


@pytest.fixture
def definition(db: None) -> Definition:
    version = FormVersion.objects.in_force_on(date(2026, 11, 23))
    assert version is not None
    result: Definition = version.definition
    return result


def test_the_form_is_loaded_after_migrate(definition: Definition) -> None:
    assert len(definition.fields) == 62
    assert definition.identifiers[3] == "vacancy_no"
    assert definition.by_identifier["headcount"].maximum == 99


def test_all_problems_come_at_once(definition: Definition) -> None:
    problems = definition.problems_of(
        {"remote": "1", "pay_unit": "C", "tel": "x", "lg_code": "342157"},
        without={"submission_month", "change_type"},
    )
    assert problems["tel"] == [
        "電話番号は、ハイフンを入れた半角数字で入れてください(例：082-513-2222)。"
    ]
    assert problems["tax"] == ["税区分を選んでください。"]
    assert problems["onsite_freq"] == ["来庁頻度を入れてください。"]
    assert "side_job_terms" not in problems
    assert "submission_month" not in problems
    assert "lg_code" not in problems
