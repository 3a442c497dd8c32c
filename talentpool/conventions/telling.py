"""What in a Japanese free text may tell who somebody is: found by its form, or by a known name.

A scan, not a proof: it finds addresses, numbers, words that look like a person, and names that the
caller knows; a person reads the text all the same (B-08). Offsets are those of the text as written.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from talentpool.conventions.folding import search_key

MASK = "【伏せています】"


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a text, what it looks like, and how it reads in plain width."""

    kind: str
    found: str
    start: int
    end: int


_KANJI = "[一-龥々ヶ]"
# Departments that stand before a title: 総務課長 is a post, 山田課長 a person.
_POSTS = "総務|企画|財政|情報|政策|税務|住民|福祉|教育|会計|人事|担当|関係|主管|各課|建設|契約"
_TITLES = "主事|主任|主査|主幹|技師|係長|課長補佐|課長|室長|部長"
Form = tuple[str, re.Pattern[str]]

# Of anybody, in any text.
FORMS: tuple[Form, ...] = (
    ("メールアドレス", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)),
    # Ten or eleven digits, in groups or in one run.
    (
        "電話番号",
        re.compile(
            r"(?<![0-9-])(?=(?:[-() ]?[0-9]){10,11}(?![0-9-]))"
            r"0[0-9]{1,4}[-( ]?[0-9]{1,4}[-) ]?[0-9]{3,4}(?![0-9-])"
        ),
    ),
    ("内線番号", re.compile(r"内線[:： ]?[0-9]+")),
    ("自治体のホームページ", re.compile(r"[\w.-]+\.lg\.jp", re.ASCII)),
    ("13桁の番号(法人番号など)", re.compile(r"(?<![0-9])T?[0-9]{13}(?![0-9])")),
    (
        "人の名前らしい表記",
        re.compile(rf"(?<!{_KANJI})(?!皆|業者|職員){_KANJI}{{1,4}}(?:さん|氏(?!名))"),
    ),
    ("人の名前らしい表記", re.compile(rf"(?<!{_KANJI}){_KANJI}{{2,4}} ?様(?!式|々|子|態|相)")),
    (
        "人の名前らしい表記",
        re.compile(rf"(?<!{_KANJI})(?!{_POSTS}){_KANJI}{{1,3}} ?(?:{_TITLES})"),
    ),
    ("人の名前らしい表記", re.compile(rf"担当者?[:：] ?{_KANJI}{{1,4}}(?:{_KANJI}| )*")),
)

# Of somebody who writes about himself or herself.
OWN_FORMS: tuple[Form, ...] = (
    ("ホームページ", re.compile(r"(?:https?://|www\.)[\w./?=&%#~:+-]+", re.ASCII)),
    (
        "ホームページ",
        re.compile(
            r"(?<![\w.@-])[\w-]+(?:\.[\w-]+)*\.(?:jp|com|net|org|io|dev)(?![\w-])", re.ASCII
        ),
    ),
    ("SNSのアカウント", re.compile(r"(?<![\w.])@\w{3,}", re.ASCII)),
    ("郵便番号", re.compile(r"〒? ?(?<![0-9-])[0-9]{3}-[0-9]{4}(?![0-9-])")),
    (
        "住所らしい表記",
        re.compile(
            rf"(?:{_KANJI}{{1,6}}[都道府県])?(?:{_KANJI}{{1,6}}[市区町村郡])?"
            rf"{_KANJI}{{1,8}}[0-9一二三四五六七八九十]{{1,4}}(?:丁目|番地|番町|-[0-9]{{1,4}}(?:-[0-9]{{1,4}})?)"
            r"(?:[0-9]{1,4}(?:番|号|-[0-9]{1,4})*)*"
        ),
    ),
    (
        "年齢",
        re.compile(
            r"[0-9]{2}(?:歳|才)|[0-9一二三四五六七八]{1,2}0?代(?:前半|後半|半ば)?の?(?:男|女)"
        ),
    ),
    (
        "生年月日らしい表記",
        re.compile(r"(?:[12][0-9]{3}年|(?:昭和|平成)[0-9元]{1,2}年)[^。、]{0,8}生まれ"),
    ),
    (
        "会社名らしい表記",
        re.compile(r"(?:株式会社|有限会社|合同会社|\(株\)|\(有\))[^\s、。,)]{1,20}"),
    ),
    ("会社名らしい表記", re.compile(r"[^\s、。,(]{1,20}(?:株式会社|有限会社|合同会社|\(株\))")),
    ("名乗り", re.compile(rf"(?:私|わたし|名前)は、?{_KANJI}{{2,5}}(?:です|と申し|といい)")),
)
# Everyday words in which 様 is no form of address.
_NOT_ADDRESSED = re.compile("仕様|同様|多様|一様|模様|異様|有様|様様|各位様")


def forms_in(text: str, forms: Iterable[Form] = FORMS) -> Iterator[Passage]:
    """Passages that have one of the forms, whatever their width, form by form."""
    plain, places = _folded(text, lambda one: unicodedata.normalize("NFKC", one))
    plain = _NOT_ADDRESSED.sub(lambda found: "■" * len(found[0]), plain)
    for kind, pattern in forms:
        for match in pattern.finditer(plain):
            found = match[0].strip()
            start = match.start() + match[0].index(found)
            yield Passage(kind, found, places[start], places[start + len(found) - 1] + 1)


def names_in(text: str, names: Iterable[tuple[str, str]]) -> Iterator[Passage]:
    """Places where one of the names (kind, name) stands. Compared folded: width, spaces and kana do
    not hide a name. A name of one character is too common to be looked for."""
    plain, places = _folded(text, search_key)
    for kind, name in names:
        key = search_key(name)
        start = plain.find(key) if len(key) > 1 else -1
        while start >= 0:
            end = places[start + len(key) - 1] + 1
            yield Passage(kind, text[places[start] : end], places[start], end)
            start = plain.find(key, start + len(key))


def masked(text: str, passages: Iterable[Passage]) -> str:
    """The text with the passages covered; those that touch are covered once."""
    shown: list[str] = []
    at = 0
    for passage in sorted(passages, key=lambda one: (one.start, one.end)):
        if passage.start >= at and (passage.start > at or not shown or shown[-1] != MASK):
            shown += [text[at : passage.start], MASK]
        at = max(at, passage.end)
    return "".join([*shown, text[at:]])


def _folded(text: str, fold: Callable[[str], str]) -> tuple[str, list[int]]:
    """The text folded character by character, and where each character of it came from."""
    folded, places = [], []
    for place, one in enumerate(text):
        for character in fold(one):
            folded.append(character)
            places.append(place)
    return "".join(folded), places
