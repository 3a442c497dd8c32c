"""The hard rules R1…R15 of a pair taken alone, each with its margin in words.

Accepted pairs are held whatever these rules say; rules that join several pairs (capacity
shared, towns a person, budget of a town, weekdays) are in `ledger` and `model`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .lookup import Lookup, distance_m
from .types import HALF_DAYS_PER_DAY, WEEKS_PER_MONTH, Need, Specialist

WEEKDAY_NAMES = "月火水木金土日"
WEEKDAY_HALF_DAYS = WEEKS_PER_MONTH * HALF_DAYS_PER_DAY  # one weekday over a month


@dataclass(frozen=True, slots=True)
class FailedRule:
    """A rule that forbids a pair. `margin` is how much is lacking, in the unit of the rule
    (levels, months, half-days, metres, per cent, yen, towns); 1 where there is no measure."""

    code: str
    name: str
    text: str
    margin: int


Rule = Callable[[Lookup, Need, Specialist], tuple[str, int] | None]


def least_half_days(need: Need, person: Specialist) -> int:
    """The fewest half-days a month this person could serve this need with.

    A block larger than all that is wanted is told by its own rule (R14) and by no other.
    """
    return need.least if person.min_block > need.half_days else max(need.least, person.min_block)


def least_yen(need: Need, person: Specialist) -> int:
    """The least that a half-day a month costs over the need's window, in yen: the rate, and of the
    fixed cost of each month the part of one half-day among all that the person has free. With
    fewer half-days served in all, the part is larger; so no cost of a real plan is below this."""
    fixed = person.monthly_fixed_yen
    rate = person.half_day_rate_yen * need.months
    if not fixed:
        return rate
    return rate + sum(fixed // max(1, free) for free in person.capacity[need.start : need.end])


def most_half_days(lookup: Lookup, need: Need, person: Specialist) -> int:
    """The most half-days a month the pair allows, taken alone; may be below the least."""
    most = min(need.half_days, *person.capacity[need.start : need.end])
    if need.onsite_pct:
        common = (need.weekdays & person.weekdays).bit_count()
        most = min(most, 100 * WEEKDAY_HALF_DAYS * common // need.onsite_pct)
    budget = lookup.towns[need.town].budget_yen
    if budget is not None and person.half_day_rate_yen:
        most = min(most, budget // (person.half_day_rate_yen * need.months))
    if need.budget_yen is not None and "R8" not in lookup.problem.waived:
        most = min(most, need.budget_yen // max(1, least_yen(need, person)))
    return most


def _skill(lookup: Lookup, need: Need, person: Specialist) -> tuple[str, int] | None:
    lacking = 0
    texts = []
    for code, level in need.skills:
        have = person.levels.get(code, 0)
        if have < level:
            lacking += level - have
            shown = f"レベル{have}です" if have else "登録がありません"
            texts.append(f"「{lookup.label(code)}」はレベル{level}以上が必要ですが、{shown}")
    return ("。".join(texts), lacking) if texts else None


def _window(lookup: Lookup, need: Need, person: Specialist) -> tuple[str, int] | None:
    closed = [m for m in range(need.start, need.end) if person.capacity[m] == 0]
    if not closed:
        return None
    months = "、".join(lookup.month(m) for m in closed[:3]) + ("など" if len(closed) > 3 else "")
    return f"期間のうち{len(closed)}か月に空きがありません({months})", len(closed)


def _capacity(lookup: Lookup, need: Need, person: Specialist) -> tuple[str, int] | None:
    least = least_half_days(need, person)
    # Months without any room at all are told by the rule of the window.
    some = [(person.capacity[m], m) for m in range(need.start, need.end) if person.capacity[m]]
    free, month = min(some, default=(least, 0))
    if free >= least:
        return None
    text = f"{lookup.month(month)}の空きは{free}半日で、必要な{least}半日に足りません"
    return text, least - free


def _weekdays(lookup: Lookup, need: Need, person: Specialist) -> tuple[str, int] | None:
    common = need.weekdays & person.weekdays
    if not common:
        wanted = "".join(d for i, d in enumerate(WEEKDAY_NAMES) if need.weekdays >> i & 1)
        return f"求める曜日({wanted})に稼働できません", 1
    least = least_half_days(need, person)
    lacking = need.onsite_pct * least - 100 * WEEKDAY_HALF_DAYS * common.bit_count()
    if lacking <= 0:
        return None
    half_days = -(-lacking // 100)
    return f"重なる曜日では訪問が月{half_days}半日足りません", half_days


def _distance(lookup: Lookup, need: Need, person: Specialist) -> tuple[str, int] | None:
    if not need.onsite_pct:
        return None
    town = lookup.towns[need.town]
    metres = distance_m(person, town)
    if metres <= person.radius_m:
        return None
    # Tenths of a kilometre, so that the three figures add up.
    reach, way = person.radius_m // 100, -(-metres // 100)
    text = f"訪問できる範囲{reach / 10:g}kmを{(way - reach) / 10:g}kmこえます"
    return f"{text}(距離{way / 10:g}km)", metres - person.radius_m


def _onsite(lookup: Lookup, need: Need, person: Specialist) -> tuple[str, int] | None:
    over = need.onsite_pct - person.onsite_max_pct
    if over <= 0:
        return None
    return f"訪問の割合{need.onsite_pct}%が、受けられる{person.onsite_max_pct}%をこえます", over


def _form(lookup: Lookup, need: Need, person: Specialist) -> tuple[str, int] | None:
    if not need.forms or not person.forms or need.forms & person.forms:
        return None
    wanted = "・".join(lookup.label(code) for code in sorted(need.forms))
    return f"任用等の形態({wanted})を受けられません", 1


def _pay(lookup: Lookup, need: Need, person: Specialist) -> tuple[str, int] | None:
    cap = need.half_day_rate_cap_yen
    if cap is not None and person.half_day_rate_yen > cap:
        over = person.half_day_rate_yen - cap
        return f"希望単価が上限{cap:,}円を半日あたり{over:,}円こえます", over
    if need.budget_yen is None:
        return None
    half_days = least_half_days(need, person)
    cost = least_yen(need, person) * half_days
    if cost <= need.budget_yen:
        return None
    over = cost - need.budget_yen
    days = f"月{half_days}半日の費用は、少なくとも{cost:,}円"
    return f"{days}で、案件の予算{need.budget_yen:,}円を{over:,}円こえます", over


def _budget(lookup: Lookup, need: Need, person: Specialist) -> tuple[str, int] | None:
    budget = lookup.towns[need.town].budget_yen
    if budget is None:
        return None
    cost = person.half_day_rate_yen * least_half_days(need, person) * need.months
    if cost <= budget:
        return None
    return f"費用{cost:,}円が市町の予算{budget:,}円を{cost - budget:,}円こえます", cost - budget


def _language(lookup: Lookup, need: Need, person: Specialist) -> tuple[str, int] | None:
    if need.language in person.languages:
        return None
    return f"求める言語({lookup.label(need.language)})に対応していません", 1


def _conflict(lookup: Lookup, need: Need, person: Specialist) -> tuple[str, int] | None:
    vendors = lookup.towns[need.town].vendors
    if not vendors:
        return None
    firms = person.interests | {person.vendor} if person.vendor else person.interests
    hits = sorted(firm for firm in firms if firm in vendors)
    if not hits:
        return None
    reasons = "、".join(vendors[firm] or lookup.label(firm) for firm in hits)
    return f"利害関係があります({reasons})", len(hits)


def _declined(lookup: Lookup, need: Need, person: Specialist) -> tuple[str, int] | None:
    reason = lookup.declined.get((need.id, person.id))
    if reason is None:
        return None
    return "辞退または除外された組合せです" + (f"({reason})" if reason else ""), 1


def _permission(lookup: Lookup, need: Need, person: Specialist) -> tuple[str, int] | None:
    if person.permission is None:
        return None
    start, end = person.permission
    outside = sum(not start <= m < end for m in range(need.start, need.end))
    if not outside:
        return None
    return f"副業の許可のない月が{outside}か月あります", outside


def _min_block(lookup: Lookup, need: Need, person: Specialist) -> tuple[str, int] | None:
    lacking = person.min_block - need.half_days
    if lacking <= 0:
        return None
    return (
        f"月{person.min_block}半日以上の仕事だけを受けますが、月{need.half_days}半日です",
        lacking,
    )


def _max_towns(lookup: Lookup, need: Need, person: Specialist) -> tuple[str, int] | None:
    over = len(person.serving | {need.town}) - person.max_towns
    if over <= 0 or need.town in person.serving:
        return None
    return f"受け持てる市町は{person.max_towns}までで、すでに{len(person.serving)}あります", over


RULES: tuple[tuple[str, str, Rule], ...] = (
    ("R1", "スキルとレベル", _skill),
    ("R2", "期間", _window),
    ("R3", "月ごとの空き", _capacity),
    ("R4", "曜日と訪問日", _weekdays),
    ("R5", "距離", _distance),
    ("R6", "訪問の割合", _onsite),
    ("R7", "任用等の形態", _form),
    ("R8", "報酬の上限と案件の予算", _pay),
    ("R9", "市町の予算", _budget),
    ("R10", "言語", _language),
    ("R11", "利害関係", _conflict),
    ("R12", "辞退・除外", _declined),
    ("R13", "副業の許可", _permission),
    ("R14", "最少の稼働", _min_block),
    ("R15", "受け持てる市町数", _max_towns),
)

# Whom a rule keeps out, in words that go on with 「が3人います」.
KEPT_OUT = {
    "R1": "スキルかレベルが足りない人",
    "R2": "期間のうちに空きのない月がある人",
    "R3": "月ごとの空きが足りない人",
    "R4": "曜日か訪問日が合わない人",
    "R5": "訪問できる範囲の外になる人",
    "R6": "訪問の割合が多すぎて受けられない人",
    "R7": "任用等の形態が合わない人",
    "R8": "報酬の上限か案件の予算に収まらない人",
    "R9": "市町の予算に収まらない人",
    "R10": "求める言語に対応していない人",
    "R11": "利害関係のある人",
    "R12": "辞退したか、除外された人",
    "R13": "副業の許可のない月がある人",
    "R14": "もっと多い稼働だけを受ける人",
    "R15": "受け持てる市町の数に空きのない人",
}


def failed_rules(lookup: Lookup, need: Need, person: Specialist) -> tuple[FailedRule, ...]:
    """Every rule that forbids the pair, in the order R1…R15; empty when the pair is eligible."""
    found = []
    for code, name, rule in RULES:
        if code in lookup.problem.waived:
            continue
        result = rule(lookup, need, person)
        if result is not None:
            found.append(FailedRule(code, name, *result))
    return tuple(found)


def is_eligible(lookup: Lookup, need: Need, person: Specialist) -> bool:
    """Whether no rule forbids the pair."""
    waived = lookup.problem.waived
    return all(rule(lookup, need, person) is None for code, _, rule in RULES if code not in waived)
