"""Where the law bites: things that may be right and that somebody should look at again.

Not errors: a caution never keeps a vacancy from being submitted. Sources: sources.md 3.1, 3.6. The
words stand in data/caution_words.csv with their source and whether that was read (`confirmed`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

from municipalities.vacancies.definition import Values
from talentpool.vocabulary.services import read_rows

FILE = Path(__file__).parent / "data" / "caution_words.csv"

ADVISORY_POST = "10"  # 特別職非常勤職員: advice, inquiry and diagnosis only (地公法3条3項3号)
CONTRACTING = frozenset({"20", "21"})  # orders to a contractor's people are disguised employment
FEW_DAYS_A_MONTH = Decimal(4)
HOURS_A_DAY = 8

# Fields whose words are read, and what is said of them.
READ = {
    "advisory": ("duties", "expected_results", "note"),
    "contracting": ("duties", "expected_results", "hours", "onsite_freq", "note"),
}
SAID = {
    "advisory": "特別職非常勤職員の仕事は、助言・調査・診断に限られます。「{words}」は職員への"
    "指揮や契約などの仕事と読まれることがあるため、書き方か任用等の形態を見直してください。",
    "contracting": "業務委託では、職員が直接指示や勤怠の管理をすると偽装請負になります。"
    "「{words}」の書き方を見直してください。",
}
# How far a word reaches: to its sentence's end, or to a verb that goes on (指揮して, 発注し、).
REACH = re.compile(r".*?(?=して|[いきぎしじちてでびみり]、|[。\n]|$)")
# An adviser may help with what others do: 契約の締結についての助言. Not 契約の締結、助言.
HELPED_WITH = re.compile(
    "(?<![、・])(助言|相談|支援|補助(?!業務)|調査|診断|評価|立ち?会い|同席|見直し|確認|検討|整理|研修"
    "|講師|意見|提案|説明|案の作成|資料)"
)
NEGATED = re.compile(
    "^[^、。\n]{0,14}?(ません|ない|[わせ]ず|なし|無し|除[くき]|問わ|自由|不要|委ね)"
)
# A system for it is no work of it: 出勤管理システムの更改.
A_SYSTEM = re.compile("^[^、。\n]{0,8}?(システム|ソフト|アプリ|台帳)")


@dataclass(frozen=True, slots=True)
class Word:
    """A word that makes one look again, and the words with it that do not."""

    check: str
    text: str
    unless: tuple[str, ...]
    source: str
    confirmed: bool


@lru_cache(maxsize=1)
def caution_words() -> tuple[Word, ...]:
    """All words, in the order of the file."""
    return tuple(
        Word(
            row["check"],
            row["word"],
            tuple(row["unless"].split()),
            row["source"],
            row["confirmed"] == "true",
        )
        for row in read_rows(FILE)
    )


def cautions_of(values: Values) -> list[tuple[str, str]]:
    """Pairs of identifier and what to think about."""
    found: list[tuple[str, str]] = []
    form = values.get("engagement_form", "")
    if form == ADVISORY_POST:
        found += _in_fields("advisory", values)
    if form in CONTRACTING:
        found += _in_fields("contracting", values)
    if values.get("side_job") == "0" and _is_few_days(values):
        found.append(
            (
                "side_job",
                "月に4日以下の仕事で副業・兼業を認めないと、応募できる人がほとんどいません。",
            )
        )
    return found


def _in_fields(check: str, values: Values) -> Iterator[tuple[str, str]]:
    for identifier in READ[check]:
        words = words_in(check, values.get(identifier, ""))
        if words:
            yield identifier, SAID[check].format(words="」「".join(words))


def words_in(check: str, text: str) -> list[str]:
    """The words of a check, `advisory` or `contracting`, that stand in a text and mean it."""
    return [word.text for word in caution_words() if word.check == check and _is_meant(word, text)]


def _is_meant(word: Word, text: str) -> bool:
    for match in re.finditer(re.escape(word.text), text):
        around = text[max(0, match.start() - 4) : match.end() + 6]
        if any(harmless in around for harmless in word.unless):
            continue
        rest = text[match.end() :]
        if NEGATED.match(rest) or A_SYSTEM.match(rest):
            continue
        reach = REACH.match(text, match.end() - 1)
        if word.check == "advisory" and reach and HELPED_WITH.search(reach[0]):
            continue
        return True
    return False


def _is_few_days(values: Values) -> bool:
    try:
        most = Decimal(values.get("freq_max") or "")
    except InvalidOperation:
        return False
    unit = values.get("frequency_unit")
    days = {"D": most, "W": most * 4, "H": most / HOURS_A_DAY}.get(unit or "")
    return days is not None and days <= FEW_DAYS_A_MONTH
