"""What people type is understood, or shown again with a reason (C-09)."""

from datetime import date
from typing import Any

import pytest
from django import forms
from django.utils.datastructures import MultiValueDict

from talentpool.pages.fields import (
    HalfDaysField,
    JapaneseDateField,
    KatakanaField,
    MonthField,
    YenField,
)


class DateForm(forms.Form):
    day = JapaneseDateField(label="始める日")


class MonthForm(forms.Form):
    month = MonthField(label="いつから", required=False)


def date_form(*parts: str) -> DateForm:
    return DateForm({f"day_{n}": text for n, text in enumerate(parts)})


@pytest.mark.parametrize(
    ("year", "month", "day", "meant"),
    [
        ("2027", "6", "1", date(2027, 6, 1)),
        ("２０２７", "０６", "０１", date(2027, 6, 1)),
        ("令和9", "6", "1", date(2027, 6, 1)),
        ("R9", "06", "01", date(2027, 6, 1)),
        ("令和元年", "5月", "1日", date(2019, 5, 1)),
        (" 2027 年", " 6 ", "1", date(2027, 6, 1)),
        ("2028", "2", "29", date(2028, 2, 29)),
    ],
)
def test_dates_are_read_as_people_write_them(year: str, month: str, day: str, meant: date) -> None:
    form = date_form(year, month, day)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["day"] == meant


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (("", "", ""), "日付を入れてください。"),
        (("2027", "", ""), "月と日を入れてください。"),
        (("", "4", "1"), "年を入れてください。"),
        (("2027", "2", "30"), "2027年2月30日という日付はありません。"),
        (("2027", "13", "1"), "月は1から12までの数字で入れてください。"),
        (("2027", "四", "1"), "月は1から12までの数字で入れてください。"),
        (("2027", "4", "0"), "日は1から31までの数字で入れてください。"),
        (("平成31", "5", "1"), "平成は平成31年4月30日(2019年4月30日)までです。"),
        (("9", "4", "1"), "年は「令和8」または「2026」のように入力してください。"),
    ],
)
def test_a_date_that_cannot_be_is_refused_in_words(parts: tuple[str, ...], words: str) -> None:
    [error] = date_form(*parts).errors["day"]
    assert error.startswith(words)


def test_a_wrong_date_is_shown_again_as_typed() -> None:
    html = str(date_form("令和9", "２", "30"))
    assert 'value="令和9"' in html
    assert 'value="２"' in html
    assert 'value="30"' in html


def test_a_box_that_was_not_sent_counts_as_empty() -> None:
    [error] = DateForm({"day_0": "2027"}).errors["day"]
    assert error == "月と日を入れてください。"


def test_the_initial_date_fills_the_boxes() -> None:
    form = DateForm(initial={"day": date(2027, 4, 1)})
    html = str(form)
    assert [f'value="{part}"' in html for part in ("2027", "4", "1")] == [True] * 3
    same = DateForm(
        {"day_0": "令和9", "day_1": "4", "day_2": "1"}, initial={"day": date(2027, 4, 1)}
    )
    assert not same.has_changed()


def test_a_month_is_its_first_day() -> None:
    form = MonthForm({"month_0": "R9", "month_1": "４"})
    assert form.is_valid()
    assert form.cleaned_data["month"] == date(2027, 4, 1)


def test_an_optional_month_may_stay_empty() -> None:
    form = MonthForm({"month_0": "", "month_1": ""})
    assert form.is_valid()
    assert form.cleaned_data["month"] is None


def test_a_month_needs_both_boxes() -> None:
    assert MonthForm({"month_0": "2027", "month_1": ""}).errors["month"] == ["月を入れてください。"]


def _clean(field: forms.Field, text: str) -> Any:
    form = type("Form", (forms.Form,), {"value": field})(MultiValueDict({"value": [text]}))
    return form.cleaned_data["value"] if form.is_valid() else form.errors["value"]


@pytest.mark.parametrize(
    ("text", "yen"),
    [("300000", 300000), ("３００，０００円", 300000), ("¥25,000", 25000), (" 0 ", 0)],
)
def test_yen_are_read_as_people_write_them(text: str, yen: int) -> None:
    assert _clean(YenField(), text) == yen


@pytest.mark.parametrize("text", ["三万円", "-1", "1.5", "30,00"])
def test_an_amount_that_cannot_be_read_is_refused(text: str) -> None:
    [error] = _clean(YenField(), text)
    assert error == "金額は円単位の数字で入力してください(例：300,000)。"


def test_yen_are_shown_with_commas_and_kept_as_typed_when_wrong() -> None:
    form_class = type("Form", (forms.Form,), {"pay": YenField()})
    assert 'value="25,000"' in str(form_class(initial={"pay": 25000}))
    assert 'value="三万円"' in str(form_class({"pay": "三万円"}))
    assert not form_class({"pay": "２５０００"}, initial={"pay": 25000}).has_changed()


@pytest.mark.parametrize(("text", "half_days"), [("2.5", 5), ("３", 6), ("0.5日", 1), ("10", 20)])
def test_days_become_half_days(text: str, half_days: int) -> None:
    assert _clean(HalfDaysField(), text) == half_days


def test_half_days_have_bounds_in_days() -> None:
    field = HalfDaysField(min_value=1, max_value=40)
    assert _clean(field, "0") == ["0.5日以上で入れてください。"]
    assert _clean(field, "20.5") == ["20日以下で入れてください。"]
    assert _clean(field, "20") == 40
    assert _clean(field, "1.3") == ["日数は0.5日単位の数字で入力してください(例：2.5)。"]


def test_half_days_are_shown_as_days() -> None:
    form_class = type("Form", (forms.Form,), {"days": HalfDaysField()})
    assert 'value="2.5"' in str(form_class(initial={"days": 5}))
    assert 'value="1.3"' in str(form_class({"days": "1.3"}))


@pytest.mark.parametrize("text", ["ひろしま　たろう", "ﾋﾛｼﾏ ﾀﾛｳ", "ヒロシマ タロウ"])
def test_a_reading_becomes_full_width_katakana(text: str) -> None:
    assert _clean(KatakanaField(), text) == "ヒロシマ　タロウ"


def test_a_reading_in_kanji_is_refused() -> None:
    assert _clean(KatakanaField(), "広島") == ["ふりがなは、カタカナかひらがなで入れてください。"]
