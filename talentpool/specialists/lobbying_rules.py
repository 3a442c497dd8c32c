"""How long a retired member of staff must not lobby the former body (地方公務員法38条の2). Pure.

Source: domain.md 3.5 (S-51 to S-53, public pages of three prefectures). 再就職者, a former member
of staff who now holds a post in 営利企業等, must not ask serving staff to do or leave anything in
the contracts and dispositions between that company and that body:

- work of the five years before leaving: two years from leaving;
- what one decided oneself: without end;
- heads of units right below the head of the body, and bureau or section heads: work from before
  those five years too, two years from leaving.

A post with a state or local body is no post in 営利企業等; an own account is none either.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from talentpool.conventions.periods import years_after

LAW = "地方公務員法38条の2"
YEARS = 2
DUTY_YEARS = 5


class Post(StrEnum):
    """The last or highest post, as far as the law tells posts apart."""

    STAFF = "staff"
    MANAGER = "manager"
    HEAD = "head"

    @property
    def label(self) -> str:
        return {
            Post.STAFF: "一般の職員",
            Post.MANAGER: "部課長級",
            Post.HEAD: "長の直近下位の組織の長等",
        }[self]


class Duty(StrEnum):
    """What the request is about, seen from the retired person's own work."""

    OWN_DECISION = "own_decision"
    LAST_FIVE_YEARS = "last_five_years"
    EARLIER = "earlier"
    NEVER = "never"

    @property
    def label(self) -> str:
        return {
            Duty.OWN_DECISION: "自ら決定した契約・処分",
            Duty.LAST_FIVE_YEARS: "離職前5年間の職務",
            Duty.EARLIER: "それより前の職務",
            Duty.NEVER: "担当したことのない職務",
        }[self]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request on a day falls under the law; `until` is the last day of the bar, None
    without end or without a bar."""

    barred: bool
    rule: str
    words: str
    until: date | None = None


def judge(
    *, retired_on: date, happened_on: date, post: Post, duty: Duty, in_company: bool
) -> Verdict:
    """Whether the request of a retired member of staff is one that the law forbids.

    `in_company` says whether the person holds a post in 営利企業等 and speaks for it.
    """
    if not in_company:
        return Verdict(False, "", "営利企業等の地位に就いていないため、規制の対象ではありません。")
    if duty == Duty.OWN_DECISION:
        return Verdict(
            True, LAW, "自ら決定した契約・処分に関する働きかけは、期限なく禁じられています。"
        )
    until = years_after(retired_on, YEARS)
    if duty == Duty.LAST_FIVE_YEARS:
        return _dated(LAW, "離職前5年間の職務に関する働きかけ", until, happened_on)
    if duty == Duty.EARLIER and post in {Post.MANAGER, Post.HEAD}:
        return _dated(LAW, "管理職だった時の職務に関する働きかけ", until, happened_on)
    return Verdict(False, "", "規制の対象となる職務ではありません。記録だけを残します。")


def _dated(rule: str, what: str, until: date, happened_on: date) -> Verdict:
    if happened_on <= until:
        return Verdict(True, rule, f"{what}は、離職後2年間禁じられています。", until)
    return Verdict(False, rule, f"{what}の禁止期間(離職後2年)は過ぎています。", until)


def is_duty_of_last_five_years(duty_on: date, retired_on: date) -> bool:
    """Whether work done on a day lies in the five years before leaving."""
    return years_after(duty_on, DUTY_YEARS) >= retired_on >= duty_on
