import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from talentpool.conventions import folding

# What normalisation splits and joins: spacing and combining marks beside letters and kana.
text_with_marks = st.text(
    alphabet=st.characters() | st.sampled_from("A1か´¨゛゜ﾞﾟｶー−,、　〒-()\u0301\u3099\u200d\ufe0f")
)
KANA = "アイウエオカガキギクグハバパヒビピャュョッーンヴ"


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("　𠮷田 髙﨑 ", "𠮷田 髙﨑"),
        ("①㈱Ⅳ～ｶﾅ゛", "①㈱Ⅳ～ｶﾅ゛"),
        ("\ufa19社 葛\U000e0100城", "\ufa19社 葛\U000e0100城"),
        ("一行\r\n二行\r三行\n", "一行\n二行\n三行"),
        ("タブ\tは残す\x00\x0b", "タブ\tは残す"),
        ("\ufeffBOM", "BOM"),
        ("Ａ－１　Ｂ", "Ａ－１　Ｂ"),
        ("", ""),
    ],
)
def test_tidy_text_keeps_every_character_of_a_name(text: str, tidy: str) -> None:
    assert folding.tidy_text(text) == tidy


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("３４２０４１", "342041"),
        (" 342041－08－001 ", "342041-08-001"),
        ("342041−08ー001", "342041-08-001"),
        ("ＪＩＴＥＣ：ＰＭ", "JITEC:PM"),
        ("ｄｘ＠ｅｘａｍｐｌｅ．ｊｐ", "dx@example.jp"),
    ],
)
def test_tidy_code(text: str, code: str) -> None:
    assert folding.tidy_code(text) == code


@pytest.mark.parametrize(
    ("text", "digits"),
    [("１，２３４", "1234"), (" 28 ,500", "28500"), ("12a", "12a"), ("－５", "-5")],
)
def test_tidy_digits(text: str, digits: str) -> None:
    assert folding.tidy_digits(text) == digits


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("０８２（２２８）２１１１", "082-228-2111"),
        ("082(228)2111", "082-228-2111"),
        ("(082)228-2111", "082-228-2111"),
        ("082 228 2111", "082-228-2111"),
        ("０８２－２２８－２１１１", "082-228-2111"),
        ("082ー228−2111 ", "082-228-2111"),
        ("0822282111", "0822282111"),
    ],
)
def test_tidy_phone(text: str, phone: str) -> None:
    assert folding.tidy_phone(text) == phone


@pytest.mark.parametrize(
    ("text", "postal"),
    [
        ("〒７３０－８５１１", "730-8511"),
        ("7308511", "730-8511"),
        ("730 8511", "730-8511"),
        ("730ー8511", "730-8511"),
        ("73085", "73085"),
    ],
)
def test_tidy_postal(text: str, postal: str) -> None:
    assert folding.tidy_postal(text) == postal


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ　タロウ"),
        ("やまだ　たろう", "ヤマダ　タロウ"),
        (" ヤマダ  タロウ ", "ヤマダ　タロウ"),
        ("ﾊﾟｰｶｰ･ｼﾞｮﾝ", "パーカー・ジョン"),
        ("ｳﾞｨ", "ヴィ"),
        ("はつかいちし", "ハツカイチシ"),
        ("山田", "山田"),
    ],
)
def test_to_katakana(text: str, reading: str) -> None:
    assert folding.to_katakana(text) == reading


@pytest.mark.parametrize(
    ("text", "is_reading"),
    [
        ("ヤマダ　タロウ", True),
        ("パーカー・ジョン", True),
        ("ヴィ", True),
        ("ﾔﾏﾀﾞ", False),
        ("やまだ", False),
        ("ヤマダ タロウ", False),
        ("山田", False),
        ("", False),
    ],
)
def test_is_katakana(text: str, is_reading: bool) -> None:
    assert folding.is_katakana(text) is is_reading


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ひろしま", "ﾋﾛｼﾏ"),
        ("山田　太郎", "山田太郎"),
        ("ＤＸ推進", "dx推進"),
        ("㈱サンプル", "(株)さんぷる"),
        ("髙橋", "高橋"),
        ("山﨑", "山崎"),
        ("𠮷田", "吉田"),
        ("渡邉", "渡辺"),
        ("葛\U000e0100城", "葛城"),
        ("か゛", "が"),
        ("か\u3099", "ガ"),
        ("２０２６－０４", "2026-04"),
    ],
)
def test_search_finds(one: str, other: str) -> None:
    assert folding.search_key(one) == folding.search_key(other)


def test_search_keeps_apart_what_differs() -> None:
    names = ["府中市", "府中町", "北広島町", "北広島市", "ハラ", "バラ", "斎藤", "斉藤"]
    assert len({folding.search_key(name) for name in names}) == len(names)


@given(text_with_marks)
@example("A´")
@example("A,\u0301")
@example("〒〒")
def test_folding_twice_changes_nothing(text: str) -> None:
    for fold in (
        folding.search_key,
        folding.tidy_text,
        folding.tidy_code,
        folding.tidy_digits,
        folding.tidy_phone,
        folding.tidy_postal,
        folding.to_katakana,
    ):
        once = fold(text)
        assert fold(once) == once


@given(st.text(), st.text())
def test_a_part_of_a_text_is_found_in_it(before: str, after: str) -> None:
    assert folding.search_key("三次市") in folding.search_key(f"{before} 三次市 {after}")


@given(st.text(alphabet=st.characters(blacklist_categories=["Cc", "Zs", "Zl", "Zp"])))
def test_tidy_text_changes_no_visible_character(text: str) -> None:
    assert folding.tidy_text(text) == text.replace("\ufeff", "")


def test_readings_sort_as_in_a_dictionary() -> None:
    ordered = [
        "アキオオタチョウ",
        "アキタカタシ",
        "エタジマシ",
        "オオサキカミジマチョウ",
        "オオタケシ",
        "オノミチシ",
        "カイタチョウ",
        "ハア",
        "ハーラ",
        "ハアラ",
        "ハイ",
        "ハツカイチシ",
        "ハラ",
        "バラ",
        "パラ",
        "ヒャク",
        "ヒヤク",
        "ビヤク",
        "フチュウシ",
        "フチュウチョウ",
    ]
    shuffled = [*ordered[1::2], *ordered[::2]]
    assert sorted(shuffled, key=folding.kana_sort_key) == ordered


def test_sorting_does_not_mind_how_kana_are_written() -> None:
    written = ["ハツカイチシ", "はつかいちし", "ﾊﾂｶｲﾁｼ", "ハツカイチ　シ"]
    assert len({folding.kana_sort_key(text) for text in written}) == 1


@given(st.text(alphabet=KANA, max_size=8), st.text(alphabet=KANA, max_size=8))
def test_different_readings_have_different_keys(one: str, other: str) -> None:
    assert (folding.kana_sort_key(one) == folding.kana_sort_key(other)) == (one == other)
