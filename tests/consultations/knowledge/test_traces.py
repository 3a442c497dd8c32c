"""What the scan finds, and what it leaves alone."""

import pytest

from consultations.knowledge.traces import Known, anonymised, find_traces

TOWNS = ("江田島市", "府中市", "府中町", "広島市", "東広島市", "坂町", "呉市")
EDAJIMA = Known(
    name="江田島市",
    code="342157",
    people=["沖野 みどり", "県見　太郎"],
    vendors=["株式会社瀬戸内情報"],
    towns=TOWNS,
)


def kinds(text: str, known: Known = EDAJIMA) -> list[tuple[str, str]]:
    return [(trace.kind, trace.found) for trace in find_traces(text, known)]


ASKER = "相談した市町の名前"
FOUND = [
    ("江田島市では端末が120台あります。", (ASKER, "江田島市")),
    ("江田島 市では", (ASKER, "江田島市")),
    ("江 田 島 市では", (ASKER, "江田島市")),
    ("江田島\u200b市では", (ASKER, "江田島市")),
    ("団体コード342157の", ("相談した市町の団体コード", "342157")),
    ("コード３４２１５の", ("相談した市町の団体コード", "342157")),
    ("江田島の庁舎で", ("相談した市町の名前の一部", "江田島")),
    ("隣の呉市と共同で", ("市町の名前", "呉市")),
    ("沖野さんに聞いた", ("やりとりに加わった職員の名前", "沖野 みどり")),
    ("沖野　みどりが書いた", ("やりとりに加わった職員の名前", "沖野 みどり")),
    ("県見が答えた", ("やりとりに加わった職員の名前", "県見　太郎")),
    ("瀬戸内情報の見積", ("契約している事業者の名前", "株式会社瀬戸内情報")),
    ("(株)瀬戸内情報の見積", ("契約している事業者の名前", "株式会社瀬戸内情報")),
    ("soumu@city.example.jp へ", ("メールアドレス", "soumu@city.example.jp")),
    ("ｓｏｕｍｕ＠ｃｉｔｙ．ｅｘａｍｐｌｅ．ｊｐへ", ("メールアドレス", "soumu@city.example.jp")),
    ("電話は082-228-2111です", ("電話番号", "082-228-2111")),
    ("０８２(２２８)２１１１", ("電話番号", "082(228)2111")),
    ("携帯09012345678へ", ("電話番号", "09012345678")),
    ("内線2345まで", ("内線番号", "内線2345")),
    ("www.city.example.lg.jp を見て", ("自治体のホームページ", "www.city.example.lg.jp")),
    ("法人番号8000020130001の", ("13桁の番号(法人番号など)", "8000020130001")),
    ("そこで山田さんが", ("人の名前らしい表記", "山田さん")),
    ("そこで、山田様が", ("人の名前らしい表記", "山田様")),
    ("そこで佐藤氏が", ("人の名前らしい表記", "佐藤氏")),
    ("、山田課長が", ("人の名前らしい表記", "山田課長")),
    ("担当：山田 花子まで", ("人の名前らしい表記", "担当:山田 花子")),
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_found(text: str, expected: tuple[str, str]) -> None:
    assert expected in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "仕様書の様式を指定し、同様の仕様で多様な事業者から見積を取る。",
        "氏名と住所は要りません。",
        "総務課長の決裁を受け、情報政策課長に報告する。",
        "広島県の相談窓口に聞く。広島県内の市町。",
        "令和8年4月1日から、月額300,000円、5年総額1億8,000万円。",
        "端末120台、拠点8か所、2026-04-01から。",
        "たくさんの事業者がいます。担当は各課です。",
        "整理番号1342157、0342157。",
        "三層分離の見直し、LGWAN接続系、β'モデル。",
        "",
    ],
)
def test_everyday_text_is_left_alone(text: str) -> None:
    """A scan that cries at every sentence is one that nobody reads."""
    assert kinds(text) == []


def test_only_the_asker_s_own_name_and_code_are_forbidden() -> None:
    text = "江田島市(342157)と呉市。電話082-228-2111、山田さん。"
    forbidden = {trace.kind for trace in find_traces(text, EDAJIMA) if trace.names_asker}
    assert forbidden == {ASKER, "相談した市町の団体コード"}
    first = find_traces(text, EDAJIMA)[:2]
    assert all(trace.names_asker for trace in first)


def test_towns_that_hold_another_s_name_are_told_apart() -> None:
    """広島市 asks: 東広島市 is another town. 府中市 asks: 府中町 is another town."""
    hiroshima = Known(name="広島市", code="341002", towns=TOWNS)
    assert kinds("東広島市の例", hiroshima) == [("市町の名前", "東広島市")]
    assert (ASKER, "広島市") in kinds("東広島市と広島市の例", hiroshima)
    fuchu = Known(name="府中市", code="342084", towns=TOWNS)
    found = kinds("府中町の例", fuchu)
    assert ("市町の名前", "府中町") in found
    assert ASKER not in {kind for kind, _ in found}


def test_each_trace_is_told_once() -> None:
    text = "江田島市の江田島市による江田島市のための082-228-2111と082-228-2111"
    assert kinds(text) == [(ASKER, "江田島市"), ("電話番号", "082-228-2111")]


def test_a_draft_starts_without_the_asker_s_name() -> None:
    assert anonymised("江田島市は呉市と", EDAJIMA) == "ある市は呉市と"
    machi = Known(name="坂町", code="343099", towns=TOWNS)
    assert anonymised("坂町では", machi) == "ある町では"
    hiroshima = Known(name="広島市", code="341002", towns=TOWNS)
    assert anonymised("東広島市と広島市", hiroshima) == "東広島市とある市"
