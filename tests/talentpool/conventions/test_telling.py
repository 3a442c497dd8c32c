"""B-08: what a person wrote is searched for what tells who it is, and covered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpool.conventions.telling import (
    FORMS,
    MASK,
    OWN_FORMS,
    Passage,
    forms_in,
    masked,
    names_in,
)

ALL = (*FORMS, *OWN_FORMS)
TELLS = [
    ("連絡は taro@example.jp まで", "taro@example.jp"),
    ("連絡はｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐまで", "ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ"),
    ("携帯は090-1234-5678です", "090-1234-5678"),
    ("携帯は０９０１２３４５６７８です", "０９０１２３４５６７８"),
    ("実績は https://example.com/me を見て", "https://example.com/me"),
    ("実績は example.com にあります", "example.com"),
    ("@taro_infra で発信", "@taro_infra"),
    ("〒730-8511 に住む", "〒730-8511"),
    ("広島市中区基町10-52から通う", "広島市中区基町10-52"),
    ("呉市中央四丁目で開業", "呉市中央四丁目"),
    ("52歳で独立", "52歳"),
    ("1970年4月生まれ", "1970年4月生まれ"),
    ("株式会社瀬戸内情報で部門長", "株式会社瀬戸内情報で部門長"),
    ("田中部長の下で", "田中部長"),
    ("鈴木さんと作った", "鈴木さん"),
    ("私は佐藤花子です", "私は佐藤花子です"),
]


@pytest.mark.parametrize(("text", "covered"), TELLS)
def test_what_tells_who_it_is_is_covered(text: str, covered: str) -> None:
    shown = masked(text, forms_in(text, ALL))
    assert covered not in shown
    assert MASK in shown


@pytest.mark.parametrize(
    "text",
    [
        "自治体のネットワーク更改を12年、設計から移行まで担当した。",
        "仕様書の確認と見積の精査。情報課長への説明も多い。",
        "ガバメントクラウドへの移行を3団体で支援、費用を2割下げた。",
        "Windows Server 2022、AWS、Azure の設計。CISSP を持つ。",
        "2019年から2023年まで、標準化対象の20業務を調べた。",
        "",
    ],
)
def test_ordinary_strengths_are_left_alone(text: str) -> None:
    assert masked(text, forms_in(text, ALL)) == text


@pytest.mark.parametrize(
    "text", ["見本太郎です", "見本　太郎です", "ミホン タロウです", "みほん・たろう", "ﾐﾎﾝ ﾀﾛｳ"]
)
def test_a_known_name_is_found_however_it_is_written(text: str) -> None:
    names = [("お名前", "見本 太郎"), ("フリガナ", "ミホンタロウ"), ("フリガナ", "みほん")]
    shown = masked(text, names_in(text, names))
    assert MASK in shown
    assert "見本" not in shown
    assert "ミホン" not in shown


def test_passages_that_overlap_are_covered_once() -> None:
    text = "あいうえおか"
    passages = [Passage("", "", 1, 3), Passage("", "", 2, 5), Passage("", "", 1, 2)]
    assert masked(text, passages) == f"あ{MASK}か"


@given(st.text(max_size=80))
def test_any_text_is_taken_and_covering_leaves_nothing_to_find(text: str) -> None:
    passages = list(forms_in(text, ALL))
    for passage in passages:
        assert 0 <= passage.start < passage.end <= len(text)
    assert bool(passages) == (masked(text, passages) != text) or MASK in text
