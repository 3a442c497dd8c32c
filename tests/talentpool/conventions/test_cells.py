import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpool.conventions import cells

# Text that a database holds and a text file carries: no lone surrogates, no NUL.
texts = st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))
starts = st.sampled_from(list("=+-@\t\r\0＝＋－＠"))


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("=1+1", "'=1+1"),
        ("+81", "'+81"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\0=1", "'\0=1"),
        ("＝１", "'＝１"),
        ("＋１", "'＋１"),
        ("－１", "'－１"),
        ("＠", "'＠"),
        ("'=1", "''=1"),
        ("'引用'", "'引用'"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_guard(text: str, guarded: str) -> None:
    assert cells.guard_formula(text) == guarded
    assert cells.unguard_formula(guarded) == text


@given(
    texts | st.builds(lambda a, s, t: a + s + t, st.sampled_from(["", "'", "''"]), starts, texts)
)
def test_guarding_is_undone_at_import(text: str) -> None:
    guarded = cells.guard_formula(text)
    assert not cells.begins_like_formula(guarded)
    assert cells.unguard_formula(guarded) == text


@pytest.mark.parametrize("character", "髙﨑邉濵㈱①Ⅳ～－あ漢A\n")
def test_characters_that_cp932_carries(character: str) -> None:
    assert cells.cp932_unencodable(character) == []


@pytest.mark.parametrize("character", "𠮷—〜−‖¢£¬é😀\u3099")
def test_characters_that_cp932_loses_or_changes(character: str) -> None:
    assert cells.cp932_unencodable(f"名{character}前") == [(1, character)]


def test_positions_count_characters() -> None:
    assert cells.cp932_unencodable("𠮷野—〜髙") == [(0, "𠮷"), (2, "—"), (3, "〜")]


def test_csv_bytes() -> None:
    rows: list[list[cells.Cell]] = [
        ["団体コード", "値"],
        ["010006", 5],
        ["髙\n﨑", -5],
        ['"引用"', Decimal("2.50")],
        [date(2026, 4, 1), None],
    ]
    assert (
        cells.write_csv(rows, for_people=False)
        == (
            '\ufeff"団体コード","値"\r\n"010006","5"\r\n"髙\n﨑","-5"\r\n'
            '"""引用""","2.50"\r\n"2026-04-01",""\r\n'
        ).encode()
    )
    assert cells.write_csv([["髙"]], for_people=False, encoding="cp932") == b'"\xee\xe0"\r\n'


def test_numbers_are_never_taken_for_formulas() -> None:
    assert cells.write_csv([[-5, "-5"]], for_people=True) == '\ufeff"-5","\'-5"\r\n'.encode()


def test_the_exact_file_refuses_formulas_and_names_each() -> None:
    with pytest.raises(cells.FormulaCellError) as caught:
        cells.write_csv([["a", "b"], ["=1", "x"], ["x", "＠"]], for_people=False)
    assert caught.value.found == [(2, 1), (3, 2)]
    assert str(caught.value) == "2行目1列目の値が、数式として扱われる文字で始まっています。"


def test_cp932_names_every_character_it_would_lose() -> None:
    with pytest.raises(cells.UnencodableError) as caught:
        cells.write_csv([["氏名"], ["𠮷田—𠮷"]], for_people=True, encoding="cp932")
    assert caught.value.found == [(2, 1, 0, "𠮷"), (2, 1, 2, "—"), (2, 1, 3, "𠮷")]
    assert str(caught.value) == "Shift_JIS(CP932)で表せない文字があります：𠮷—"


@given(st.lists(st.lists(texts | starts, min_size=1, max_size=4), max_size=5))
def test_a_file_for_people_makes_the_round_trip(rows: list[list[str]]) -> None:
    assert cells.read_csv(cells.write_csv(rows, for_people=True)) == rows


@given(st.lists(st.lists(texts, min_size=1, max_size=4), min_size=1, max_size=5))
def test_cp932_makes_the_round_trip_or_refuses(rows: list[list[str]]) -> None:
    lost = any(cells.cp932_unencodable(cell) for row in rows for cell in row)
    if lost:
        with pytest.raises(cells.UnencodableError):
            cells.write_csv(rows, for_people=True, encoding="cp932")
        return
    written = cells.write_csv(rows, for_people=True, encoding="cp932").decode("cp932")
    read = csv.reader(io.StringIO(written, newline=""))
    assert [[cells.unguard_formula(cell) for cell in row] for row in read] == rows


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("\ufeff広島県".encode(), "utf-8-sig"),
        ("広島県".encode(), "utf-8"),
        ("広島県".encode("cp932"), "cp932"),
        ("髙﨑①".encode("cp932"), "cp932"),
        (b"", "utf-8"),
        (b"ascii", "utf-8"),
    ],
)
def test_sniffing(data: bytes, encoding: str) -> None:
    assert cells.sniff_encoding(data) == encoding
    assert cells.decode_text(data) == data.decode(encoding)


@pytest.mark.parametrize(
    "data",
    [
        "広島県".encode("utf-16"),
        "広島県".encode("euc-jp") + b"\xff",
        b"\xef\xbb\xbf\x82\xa0",
        b"\x80\xff\xfe",
    ],
)
def test_unreadable_files_are_refused(data: bytes) -> None:
    with pytest.raises(cells.UnreadableFileError, match="文字コードが分かりません"):
        cells.decode_text(data)


def test_broken_quotes_are_refused_with_their_line() -> None:
    with pytest.raises(cells.UnreadableFileError, match=r"^2行目をCSVとして読めません"):
        cells.read_csv(b'"a","b"\r\n"c"d,"e"\r\n')


def test_other_peoples_csv_is_read_too() -> None:
    assert cells.read_csv("団体コード,値\n010006,１\n".encode("cp932")) == [
        ["団体コード", "値"],
        ["010006", "１"],
    ]
