"""Does a tie of a person to a firm forbid work for a town? Pure, by one table.

Source: sources.md 3.4. The bar on firms to which an adviser belongs or belonged in the last two
years, and on related firms, is the rule of デジタル・ガバメント推進標準ガイドライン as remembered,
not read; everything else is this project's proposal. So no rule is `confirmed`, and pages say so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from talentpool.conventions.era import format_wareki
from talentpool.conventions.periods import years_after

LOOK_BACK_YEARS: Final = 2
BAR_YEARS: Final = 2  # a firm stays out of bidding so long afterwards, where no data say it


class Result(StrEnum):
    """該当なし, 回避措置付き可, 要確認, 不可: each worse than the one before."""

    NONE = "none"
    MEASURES = "measures"
    CHECK = "check"
    NO = "no"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def rank(self) -> int:
        return list(Result).index(self)


_LABELS: Final = {
    Result.NONE: "該当なし",
    Result.MEASURES: "回避措置付き可",
    Result.CHECK: "要確認",
    Result.NO: "不可",
}


class TieKind(StrEnum):
    EMPLOYER = "employer"
    OFFICER = "officer"
    SHARES = "shares"
    PRODUCT = "product"
    CLIENT = "client"
    RELATIVE = "relative"

    @property
    def label(self) -> str:
        return TIE_LABELS[self]


TIE_LABELS: Final = {
    TieKind.EMPLOYER: "勤務先・所属先",
    TieKind.OFFICER: "役員を務める会社",
    TieKind.SHARES: "株式を持つ会社",
    TieKind.PRODUCT: "製品を扱う会社",
    TieKind.CLIENT: "取引先・顧客",
    TieKind.RELATIVE: "親族の勤務先",
}
OWN_FIRM: Final = frozenset({TieKind.EMPLOYER, TieKind.OFFICER})


class DealKind(StrEnum):
    CONTRACT = "contract"
    PROCUREMENT = "procurement"


@dataclass(frozen=True, slots=True)
class Tie:
    """What connects a person with a firm, from when to when (None: since always, until now).
    `through` names the firm whose parent or subsidiary this is."""

    kind: TieKind
    corporate_number: str
    name: str
    since: date | None = None
    until: date | None = None
    through: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """A parent and its subsidiary, from when to when."""

    parent: str
    parent_name: str
    child: str
    child_name: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    """A contract of a town with a firm, or a firm that takes part in a planned procurement.

    `starts` and `ends` are the term of a contract; of a procurement the day from which it is
    prepared and the day on which it is decided. A procurement without a firm (`corporate_number`
    empty) stands for those who may still come. One that is `overdue` was to be decided by now and
    is not: it goes on until its town says that it is decided or given up.
    """

    kind: DealKind
    key: str
    corporate_number: str
    subject: str
    starts: date
    ends: date
    skill: str = ""
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """What the person would do for the town: from when to when, whether it touches buying, and
    the fields of work."""

    first: date
    last: date
    procurement: bool = False
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table in words. `measure` is what avoids the conflict, where that is
    possible; `confirmed` says whether the source was read."""

    code: str
    words: str
    measure: str = ""
    source: str = "この事業の取扱い(案)"
    confirmed: bool = False


_GUIDELINE: Final = "デジタル・ガバメント推進標準ガイドライン(未確認)"
_STEP_OUT: Final = "この契約に関する助言・評価と資料の閲覧から外す"
_NOT_THE_CHOICE: Final = "この調達の仕様・見積・評価に関わらせない"
RULES: Final = {
    rule.code: rule
    for rule in (
        Rule("K1", "いまの所属先が、予定する調達に加わる", source=_GUIDELINE),
        Rule("K2", "いまの所属先が、期間中の契約者である"),
        Rule("K3", "いまの所属先が、直前2年以内の契約者だった", _STEP_OUT),
        Rule("K4", "2年以内の所属先か、関係会社が、予定する調達に加わる", source=_GUIDELINE),
        Rule("K5", "2年以内の所属先か、関係会社が、期間中の契約者である", _STEP_OUT, _GUIDELINE),
        Rule("K6", "株式・製品などの関わりのある会社が、予定する調達に加わる", _NOT_THE_CHOICE),
        Rule("K7", "株式・製品などの関わりのある会社が、期間中の契約者である", _STEP_OUT),
        Rule("K8", "取引先か親族の勤務先が、予定する調達に加わる", _NOT_THE_CHOICE),
        Rule("K9", "取引先か親族の勤務先が、期間中の契約者である", _STEP_OUT),
        Rule("K10", "同じ分野の調達があり、いまの所属先が応じるか分からない", _NOT_THE_CHOICE),
        Rule("K11", "今年度の利益相反の申告がない"),
        Rule("K12", "勤務先の法人番号が申告されていない"),
    )
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One conflict: its result, the rule, the tie and the deal with their dates. `decided` is
    true when a coordinator has settled it."""

    result: Result
    rule: str
    tie: Tie | None = None
    deal: Deal | None = None
    decided: bool = False
    note: str = ""

    @property
    def key(self) -> str:
        """Names the same conflict on another day."""
        tie = f"{self.tie.kind}:{self.tie.corporate_number}" if self.tie else ""
        return f"{self.rule}:{tie}:{self.deal.key if self.deal else ''}"

    @property
    def words(self) -> str:
        return RULES[self.rule].words

    @property
    def evidence(self) -> str:
        """The facts with their dates, for the prefecture."""
        if self.tie is None or self.deal is None:
            return RULES[self.rule].words
        through = f"({self.tie.through}の関係会社)" if self.tie.through else ""
        term = _span(self.tie.since, self.tie.until)
        return (
            f"{self.tie.kind.label}「{self.tie.name}」{through}{term}"
            f"／{self._deal}「{self.deal.subject}」"
            f"({format_wareki(self.deal.starts)}〜{format_wareki(self.deal.ends)}{self._late})"
        )

    @property
    def blind_evidence(self) -> str:
        """The deal and its dates without the firm, for what is kept of a run."""
        if self.tie is None or self.deal is None:
            return RULES[self.rule].words
        end = format_wareki(self.deal.ends)
        return f"{self._deal}「{self.deal.subject}」({end}まで{self._late})：{self.words}"

    @property
    def _late(self) -> str:
        return "、まだ決まっていません" if self.deal and self.deal.overdue else ""

    @property
    def _deal(self) -> str:
        return "契約" if self.deal and self.deal.kind == DealKind.CONTRACT else "予定する調達"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a coordinator decided of a finding, and what was known then: how grave it was
    (`of`) and until when its deal goes (None: not noted)."""

    result: Result
    note: str
    of: Result
    ends: date | None = None

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is still the one that was decided on: no graver, such as by work
        that touches buying now, and with a deal that goes on no longer. What is 不可 by the rules
        is not decided otherwise, and what was decided as 不可 stays so."""
        if self.result == Result.NO:
            return True
        if finding.result == Result.NO or finding.result.rank > self.of.rank:
            return False
        return self.ends is None or finding.deal is None or finding.deal.ends <= self.ends


@dataclass(frozen=True, slots=True)
class Assessment:
    """All findings of a person for a town; the worst one is the result."""

    findings: tuple[Finding, ...] = ()

    @property
    def result(self) -> Result:
        return max((f.result for f in self.findings), key=lambda r: r.rank, default=Result.NONE)

    @property
    def evidence(self) -> str:
        """The facts of the worst findings."""
        worst = [f.evidence for f in self.findings if f.result == self.result]
        return "；".join(worst)

    @property
    def measures(self) -> tuple[str, ...]:
        """What has to be done where it may be done with measures."""
        return tuple(
            dict.fromkeys(
                f.note or RULES[f.rule].measure
                for f in self.findings
                if f.result == Result.MEASURES
            )
        )


# strength of the tie × phase of the deal → (rule, result); what is missing is no conflict.
_TABLE: Final[Mapping[tuple[str, str], tuple[str, Result]]] = {
    ("own now", "planned"): ("K1", Result.NO),
    ("own now", "running"): ("K2", Result.NO),
    ("own now", "ended"): ("K3", Result.CHECK),
    ("own past", "planned"): ("K4", Result.NO),
    ("own past", "running"): ("K5", Result.CHECK),
    ("stake", "planned"): ("K6", Result.CHECK),
    ("stake", "running"): ("K7", Result.MEASURES),
    ("near", "planned"): ("K8", Result.CHECK),
    ("near", "running"): ("K9", Result.MEASURES),
}


def expand(ties: Iterable[Tie], relations: Iterable[Relation]) -> list[Tie]:
    """The ties with those to the parents and subsidiaries of own firms and of firms with shares,
    one step away, as long as both the tie and the relation last."""
    given = list(ties)
    links = list(relations)
    found = list(given)
    for tie in given:
        if tie.kind not in OWN_FIRM and tie.kind != TieKind.SHARES:
            continue
        for link in links:
            for number, other, name in (
                (link.parent, link.child, link.child_name),
                (link.child, link.parent, link.parent_name),
            ):
                since = _later(tie.since, link.since)
                until = _earlier(tie.until, link.until)
                lasts = since is None or until is None or since <= until
                if number == tie.corporate_number and lasts:
                    found.append(
                        replace(
                            tie,
                            corporate_number=other,
                            name=name,
                            since=since,
                            until=until,
                            through=tie.name,
                        )
                    )
    return found


def assess(
    ties: Sequence[Tie],
    deals: Sequence[Deal],
    work: Work,
    *,
    declared: bool,
    unnumbered: bool = False,
    bar_years: int = BAR_YEARS,
) -> Assessment:
    """All conflicts of a person with these (expanded) ties in this work; `declared` says whether
    the declaration of interests is in force, `unnumbered` whether the employer is known by name
    only, so that nothing can be compared with it."""
    findings = []
    for deal in deals:
        phase = phase_of(deal, work, bar_years)
        if not phase:
            continue
        for tie in ties:
            found = _judge(tie, deal, phase, work)
            if found is not None:
                findings.append(found)
    if not declared:
        findings.append(Finding(Result.CHECK, "K11"))
    if unnumbered:
        findings.append(Finding(Result.CHECK, "K12"))
    unique = {finding.key: finding for finding in findings}
    return Assessment(tuple(sorted(unique.values(), key=lambda f: (-f.result.rank, f.key))))


def _judge(tie: Tie, deal: Deal, phase: str, work: Work) -> Finding | None:
    strength = strength_of(tie, work, max(work.first, deal.starts))
    if phase == "running" and tie.since is not None and tie.since > deal.ends:
        phase = "ended"  # before the person came to the firm
    if not deal.corporate_number:
        same_field = deal.skill and deal.skill in work.skills and work.procurement
        if strength == "own now" and phase == "planned" and same_field:
            return Finding(Result.CHECK, "K10", tie, deal)
        return None
    if tie.corporate_number != deal.corporate_number:
        return None
    rule, result = _TABLE.get((strength, phase), ("", Result.NONE))
    if not rule:
        return None
    if rule == "K5" and not work.procurement:
        result = Result.MEASURES
    return Finding(result, rule, tie, deal)


def strength_of(tie: Tie, work: Work, first: date | None = None) -> str:
    """How close the tie is during the work from `first` on (default: its first day): own now, own
    past, stake, near, or empty. A deal that begins later is met from its own first day on: what
    had ended by then is past."""
    day = first or work.first
    if tie.since is not None and tie.since > work.last:
        return ""
    now = tie.until is None or tie.until >= day
    past = not now and tie.until is not None and within_years_after(tie.until, day)
    if tie.kind in OWN_FIRM and not tie.through:
        return "own now" if now else "own past" if past else ""
    if tie.kind in OWN_FIRM:
        return "own past" if now else "stake" if past else ""
    if not now:
        return ""
    return "stake" if tie.kind in {TieKind.SHARES, TieKind.PRODUCT} else "near"


def phase_of(deal: Deal, work: Work, bar_years: int = BAR_YEARS) -> str:
    """Where the deal stands in the time of the work: planned, running, ended, or empty."""
    if deal.kind == DealKind.PROCUREMENT:
        reached = deal.starts <= years_after(work.last, bar_years)
        undecided = deal.overdue or deal.ends >= work.first
        return "planned" if undecided and reached else ""
    if deal.starts > work.last:
        return ""
    if deal.ends >= work.first:
        return "running"
    return "ended" if within_years_after(deal.ends, work.first) else ""


def within_years_after(day: date, other: date) -> bool:
    """Whether `other` lies in the two years that follow `day` (the last day included)."""
    return day < other <= years_after(day, LOOK_BACK_YEARS)


def settle(assessment: Assessment, decisions: Mapping[str, Decision]) -> Assessment:
    """The assessment with what coordinators have decided by finding key, as far as each decision
    covers what is found today."""
    settled = []
    for finding in assessment.findings:
        decision = decisions.get(finding.key)
        if decision is None or not decision.covers(finding):
            settled.append(finding)
        else:
            settled.append(
                replace(finding, result=decision.result, decided=True, note=decision.note)
            )
    return Assessment(tuple(sorted(settled, key=lambda f: (-f.result.rank, f.key))))


def _later(one: date | None, other: date | None) -> date | None:
    return max((day for day in (one, other) if day is not None), default=None)


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)


def _span(since: date | None, until: date | None) -> str:
    start = format_wareki(since) if since else ""
    end = format_wareki(until) if until else "現在"
    return f"({start}〜{end})"
