import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpool.conventions import era

days = st.dates(date(1868, 10, 23), date(2100, 12, 31))
TO_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@pytest.mark.parametrize(
    ("day", "wareki"),
    [
        (date(1868, 10, 23), "明治元年10月23日"),
        (date(1912, 7, 29), "明治45年7月29日"),
        (date(1912, 7, 30), "大正元年7月30日"),
        (date(1926, 12, 24), "大正15年12月24日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1989, 1, 8), "平成元年1月8日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2026, 4, 1), "令和8年4月1日"),
    ],
)
def test_wareki(day: date, wareki: str) -> None:
    assert era.format_wareki(day) == wareki
    assert era.parse_date(wareki) == day


def test_formats() -> None:
    assert era.format_both(date(2026, 4, 1)) == "令和8年4月1日(2026年4月1日)"
    assert era.format_month(date(2026, 4, 30)) == "令和8年4月"
    assert era.format_month_span(date(2026, 4, 1), date(2027, 3, 31)) == "令和8年4月〜令和9年3月"
    assert era.format_month_span(date(2026, 4, 1), date(2026, 4, 30)) == "令和8年4月"


def test_no_date_before_meiji() -> None:
    with pytest.raises(era.EraError, match="明治元年10月23日"):
        era.format_wareki(date(1868, 10, 22))
    with pytest.raises(era.EraError, match="より前"):
        era.parse_date("1868-10-22")


@pytest.mark.parametrize(
    "text",
    [
        "令和8年4月1日",
        "R8.4.1",
        "r8.4.1",
        "R08/04/01",
        "R8-4-1",
        "令和8.4.1",
        "R8年4月1日",
        "2026-04-01",
        "2026/4/1",
        "2026.4.1",
        "2026年4月1日",
        "令和８年４月１日",
        "Ｒ８．４．１",
        "２０２６／４／１",
        "2026−04−01",
        "２０２６ー４ー１",
        " 令和 8年 4月 1日　",
        "㋿8年4月1日",
    ],
)
def test_accepted_ways_of_writing(text: str) -> None:
    assert era.parse_date(text) == date(2026, 4, 1)


@pytest.mark.parametrize("text", ["令和元年5月1日", "R元.5.1", "R1.5.1", "令和1年5月1日"])
def test_first_year(text: str) -> None:
    assert era.parse_date(text) == date(2019, 5, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8.4.1",
        "26-04-01",
        "2026-4/1",
        "2026年4月",
        "20260401",
        "令和八年四月一日",
        "X8.4.1",
        "R8",
    ],
)
def test_text_that_is_no_date(text: str) -> None:
    with pytest.raises(era.EraError, match="のように入力してください"):
        era.parse_date(text)


@pytest.mark.parametrize(
    "text", ["2026-02-30", "令和8年2月29日", "R8.13.1", "2026-04-00", "2026-0-1", "0000-1-1"]
)
def test_days_that_do_not_exist(text: str) -> None:
    with pytest.raises(era.EraError, match="という日付はありません"):
        era.parse_date(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "平成40年4月1日",
            "平成は平成31年4月30日(2019年4月30日)までです。"
            "令和10年4月1日(2028年4月1日)のことであれば、そのように入力してください。",
        ),
        (
            "R1.4.30",
            "令和は令和元年5月1日(2019年5月1日)からです。"
            "平成31年4月30日(2019年4月30日)のことであれば、そのように入力してください。",
        ),
        ("令和0年4月1日", "元号の年は元年(1年)から始まります。"),
        ("2200-01-01", "2199年より後の年は使えません。"),
        ("9999年12月31日", "2199年より後の年は使えません。"),
    ],
)
def test_days_outside_the_era_written(text: str, message: str) -> None:
    with pytest.raises(era.EraError) as caught:
        era.parse_date(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "text", ["平成31年5月1日", "昭和64年1月8日", "昭和元年12月24日", "S65.1.1"]
)
def test_the_day_after_an_era_is_not_in_it(text: str) -> None:
    with pytest.raises(era.EraError, match="のことであれば"):
        era.parse_date(text)


@given(days)
def test_every_way_of_writing_a_day_reads_back(day: date) -> None:
    letter = next(item.letter for item in era.ERAS if item == era.era_of(day))
    number = day.year - era.era_of(day).start.year + 1
    wareki = era.format_wareki(day)
    for text in (
        wareki,
        f"{letter}{number}.{day.month}.{day.day}",
        f"{letter}{number:02}/{day.month:02}/{day.day:02}",
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
    ):
        assert era.parse_date(text) == day
        assert era.parse_date(text.translate(TO_FULL_WIDTH)) == day
    assert era.format_both(day).startswith(wareki + "(")


@given(st.text(alphabet="令和平成RH元年月日0123456789-/. ８", max_size=14))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        day = era.parse_date(text)
    except era.EraError as error:
        message = str(error)
    else:
        assert str(day.day) in unicodedata.normalize("NFKC", text)
        return
    assert message.endswith("。")


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2026", 2026),
        ("令和8", 2026),
        ("R8年", 2026),
        ("Ｒ８", 2026),
        ("令和元年", 2019),
        ("平成31", 2019),
        ("昭和64年", 1989),
        ("明治元年", 1868),
        ("1900", 1900),
    ],
)
def test_parse_year(text: str, year: int) -> None:
    assert era.parse_year(text) == year


@pytest.mark.parametrize(
    "text", ["", "8", "26", "令和", "令和0", "平成32", "昭和65", "1867", "2200", "R8年度"]
)
def test_parse_year_refuses(text: str) -> None:
    with pytest.raises(era.EraError, match=r"。$"):
        era.parse_year(text)


def test_year_after_the_era_names_the_right_one() -> None:
    with pytest.raises(era.EraError, match=r"令和10年\(2028年\)のことであれば"):
        era.parse_year("平成40")


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2026, 3, 31), 2025),
        (date(2026, 4, 1), 2026),
        (date(2027, 1, 1), 2026),
        (date(2027, 3, 31), 2026),
    ],
)
def test_fiscal_year(day: date, year: int) -> None:
    assert era.fiscal_year(day) == year


def test_fiscal_year_span() -> None:
    assert era.fiscal_year_span(2026) == (date(2026, 4, 1), date(2027, 3, 31))


@pytest.mark.parametrize(
    ("year", "label"),
    [
        (1926, "大正15年度"),
        (1988, "昭和63年度"),
        (1989, "平成元年度"),
        (2018, "平成30年度"),
        (2019, "令和元年度"),
        (2020, "令和2年度"),
        (2026, "令和8年度"),
    ],
)
def test_fiscal_year_label(year: int, label: str) -> None:
    assert era.fiscal_year_label(year) == label
    assert era.parse_fiscal_year(label) == year


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("令和８年度", 2026),
        ("R8年度", 2026),
        ("2026年度", 2026),
        ("2026", 2026),
        ("平成31年度", 2019),
    ],
)
def test_parse_fiscal_year(text: str, year: int) -> None:
    assert era.parse_fiscal_year(text) == year


@pytest.mark.parametrize("text", ["", "8年度", "平成32年度", "昭和64年度", "R0年度", "令和8年4月"])
def test_parse_fiscal_year_refuses(text: str) -> None:
    with pytest.raises(era.EraError, match=r"。$"):
        era.parse_fiscal_year(text)


@given(days)
def test_a_day_lies_in_its_fiscal_year(day: date) -> None:
    first, last = era.fiscal_year_span(era.fiscal_year(day))
    assert first <= day <= last
