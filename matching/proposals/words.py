"""The engine's sentences as the portal tells them: in days, and a pair that is kept apart with what
keeps it apart. What is stored of a plan stays as the engine wrote it.

The portal gives pairs of many kinds to the engine's R12, which calls all of them declined.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from matching.engine import Reason
from matching.engine.lookup import Lookup
from matching.engine.rules import KEPT_OUT, FailedRule
from matching.proposals.apart import FULL
from matching.proposals.freeze import CONFLICT, TRIED_WORDS

HALF_DAYS = re.compile(r"(\d+)半日(?!数)")
FROM_TO = re.compile(r"半日数を月(\d+)から(\d+)に")
TRIED, WAY = "tried", "way"
NAMES = {"R11": "利害関係", "R15": "受け持てる市町数", TRIED: "辞退・見送り", WAY: "来庁と遠隔"}
WHO = KEPT_OUT | {
    TRIED: "この案件で、すでに試して成り立たなかった人",
    WAY: "来庁と遠隔の条件が合わない人",
}


def in_days(text: str) -> str:
    """A sentence of the engine with days for half-days; money for half a day stays."""
    text = FROM_TO.sub(lambda found: f"日数を月{_days(found[1])}から{_days(found[2])}に", text)
    return HALF_DAYS.sub(lambda found: _days(found[1]), text).replace("半日数", "日数")


def _days(half_days: str) -> str:
    return f"{int(half_days) / 2:g}日"


def kind_of(reason: str) -> str:
    """What keeps a pair apart, by its frozen reason: a rule's code, that it was tried, or the way
    of working."""
    if reason.startswith(CONFLICT):
        return "R11"
    if reason.startswith(FULL):
        return "R15"
    return TRIED if reason in TRIED_WORDS else WAY


def rule_words(lookup: Lookup, need_id: str, person_id: str, rule: FailedRule) -> tuple[str, str]:
    """The name and the sentence of a rule that forbids a pair."""
    if rule.code != "R12":
        return rule.name, in_days(rule.text)
    reason = lookup.declined.get((need_id, person_id), "")
    kind = kind_of(reason)
    if kind == TRIED:
        return NAMES[kind], f"この案件で、すでに試した組合せです（{reason}）"
    if kind == "R11":
        return NAMES[kind], f"利害関係があります（{reason.removeprefix(CONFLICT)}）"
    return NAMES[kind], reason


def all_words(lookup: Lookup, need_id: str, person_id: str, rules: Iterable[FailedRule]) -> str:
    """The sentences of all rules that forbid a pair."""
    return "。".join(rule_words(lookup, need_id, person_id, rule)[1] for rule in rules)


class Apart:
    """The pairs of a frozen input that are kept apart, by need."""

    def __init__(self, lookup: Lookup) -> None:
        self._of_need: dict[str, list[tuple[str, str]]] = {}
        for (need, person), reason in lookup.declined.items():
            self._of_need.setdefault(need, []).append((person, kind_of(reason)))

    def kinds(self, *needs: str) -> Mapping[str, int]:
        """How many people each kind keeps from any of these needs."""
        pairs = {pair for need in needs for pair in self._of_need.get(need, ())}
        return Counter(kind for _, kind in sorted(pairs))

    def name(self, need: str) -> str:
        """What keeps people apart from the need, as the name of a rule."""
        return "・".join(NAMES[kind] for kind in self.kinds(need))

    def reasons(self, reasons: Iterable[Reason], *needs: str) -> tuple[str, ...]:
        """Why a need or a town is open, in sentences, the most people first: who is kept apart is
        told by what does it, together with those whom the engine's rule of the same kind keeps."""
        told, counts, texts = [], Counter[str](), {}
        for reason in reasons:
            if reason.code == "R12":
                counts.update(self.kinds(*needs))
            elif reason.code in KEPT_OUT:
                counts[reason.code] += reason.count
                texts[reason.code, reason.count] = in_days(reason.text)
            else:
                told.append(in_days(reason.text))
        for kind, count in counts.most_common():
            told.append(texts.get((kind, count), f"{WHO[kind]}が{count}人います"))
        return tuple(told)
