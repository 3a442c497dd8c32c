"""Folding of Japanese text: what may be evened out, and what must be kept as written.

Source: sources.md 7.5 and 7.6, quality C-09. Unicode normalisation turns ①㈱Ⅳ～ into other
characters, so names and free text never pass through it; codes, digits, telephone numbers and
search keys do.
"""

import re
import unicodedata

import jaconv

# Hyphens, dashes and minus signs; ー is here because it is what the hyphen key gives while
# typing Japanese. Never applied to kana.
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−ー", "-"))
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
_BLANKS = re.compile(r"\s+")
_BLANKS_AND_COMMAS = re.compile(r"[\s,、]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]")
_KATAKANA = re.compile("[ァ-ヶー・　]+")

# Name characters that many people type in their plain form. For search keys only: what a person
# registered is kept and shown as it is.
_PLAIN_FORMS = str.maketrans("髙﨑𠮷邉邊濵濱德黑廣國澤櫻瀨齋齊", "高崎吉辺辺浜浜徳黒広国沢桜瀬斎斉")


def tidy_text(text: str) -> str:
    """Trim names and free text and make line ends LF; nothing else changes.

    Control characters, which no one typed on purpose and no spreadsheet can hold, are dropped.
    No normalisation at all, not even NFC: that would replace characters of names such as
    U+FA19, a form of 神.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", lines).strip()


def _half_width_without(unwanted: re.Pattern[str], text: str) -> str:
    folded = unwanted.sub("", unicodedata.normalize("NFKC", text).translate(_HYPHENS))
    return unicodedata.normalize("NFKC", folded)  # what has come to stand together may combine


def tidy_code(text: str) -> str:
    """Return a code, mail address or number in half width, without spaces."""
    return _half_width_without(_BLANKS, text)


def tidy_digits(text: str) -> str:
    """Return a number in half width, without spaces and thousands separators."""
    return _half_width_without(_BLANKS_AND_COMMAS, text)


def tidy_phone(text: str) -> str:
    """Return a telephone number in half width with hyphens: 082-228-2111."""
    folded = unicodedata.normalize("NFKC", text).translate(_HYPHENS)
    return re.sub(r"[-()\s]+", "-", folded).strip("-")


def tidy_postal(text: str) -> str:
    """Return a postal code as 730-8511; text without seven digits is only folded to half width."""
    folded = tidy_code(text).lstrip("〒")
    found = re.fullmatch(r"([0-9]{3})-?([0-9]{4})", folded)
    return f"{found[1]}-{found[2]}" if found else folded


def to_katakana(text: str) -> str:
    """Return a reading in full-width katakana: half-width kana and hiragana are converted.

    Blanks become one full-width space. Anything that is not kana stays, to be refused by
    `is_katakana`.
    """
    kana = jaconv.hira2kata(jaconv.h2z(text.strip()))
    return _BLANKS.sub("　", kana)


def is_katakana(text: str) -> bool:
    """Whether `text` is a reading: full-width katakana, ー, ・ and full-width spaces."""
    return _KATAKANA.fullmatch(text) is not None


def search_key(text: str) -> str:
    """Return the form under which text is searched for, never shown or stored in its place.

    NFKC, lower case, hiragana as katakana, plain forms of name characters, no blanks and no
    invisible characters. Folding twice changes nothing.
    """
    key = unicodedata.normalize("NFKC", text).casefold()
    key = _BLANKS.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFKC", key)))
    key = jaconv.hira2kata(key).translate(_PLAIN_FORMS)
    return unicodedata.normalize("NFKC", key)


# Sorting. Rows of the syllabary give the vowel that a long-vowel mark stands for.
_SMALL = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_VOWEL_ROWS = {
    "ア": "アカサタナハマヤラワ",
    "イ": "イキシチニヒミリヰ",
    "ウ": "ウクスツヌフムユル",
    "エ": "エケセテネヘメレヱ",
    "オ": "オコソトノホモヨロヲ",
}
_VOWEL_OF = {kana: vowel for vowel, row in _VOWEL_ROWS.items() for kana in row}
_VOICING = {"\u3099": "1", "\u309a": "2"}


def kana_sort_key(text: str) -> str:
    """Return a key that sorts readings in dictionary order under plain code-point comparison.

    First the letters without voicing marks, small kana as large ones and ー as the vowel it
    lengthens; only between equals does ハ come before バ and パ, and ー before small before large
    kana (the order of JIS X 4061). Blanks do not count.
    """
    letters: list[str] = []
    voicing: list[str] = []
    sizes: list[str] = []
    for character in unicodedata.normalize("NFD", search_key(text)):
        if character in _VOICING and voicing:
            voicing[-1] = _VOICING[character]
        elif character == "ー" and letters and letters[-1] in _VOWEL_OF:
            letters.append(_VOWEL_OF[letters[-1]])
            voicing.append("0")
            sizes.append("0")
        else:
            large = character.translate(_SMALL)
            letters.append(large)
            voicing.append("0")
            sizes.append("2" if large == character else "1")
    return " ".join("".join(part) for part in (letters, voicing, sizes))
