"""What the engine says, as the portal tells it."""

from datetime import date

import pytest

from matching import engine
from matching.engine.lookup import Lookup
from matching.proposals.apart import FULL, REMOTE_ONLY
from matching.proposals.freeze import CONFLICT
from matching.proposals.models import Candidate
from matching.proposals.plan_page import PlanPage
from matching.proposals.words import in_days, rule_words
from tests.matching.engine.building import need, person, plan_of, problem

DECLINED = str(Candidate.Status.DECLINED.label)
FULL_WORDS = f"{FULL}1までで、この案件の期間にすでに1あります"
PAIRS = {
    "S1": (DECLINED, ("辞退・見送り", f"この案件で、すでに試した組合せです（{DECLINED}）")),
    "S2": (f"{CONFLICT}保守の受託者", ("利害関係", "利害関係があります（保守の受託者）")),
    "S3": (FULL_WORDS, ("受け持てる市町数", FULL_WORDS)),
    "S4": (REMOTE_ONLY, ("来庁と遠隔", REMOTE_ONLY)),
}


@pytest.mark.parametrize(
    ("engine_says", "portal_says"),
    [
        ("空きは3半日で、必要な6半日に足りません", "空きは1.5日で、必要な3日に足りません"),
        ("最少の半日数を月4から3に下げる", "最少の日数を月2日から1.5日に下げる"),
        ("求める半日数を月4から6に上げる", "求める日数を月2日から3日に上げる"),
        ("上限20,000円を半日あたり500円こえます", "上限20,000円を半日あたり500円こえます"),
        ("月12半日で、1人役(40半日)に収まります", "月6日で、1人役(20日)に収まります"),
        ("最少の半日数で数えています", "最少の日数で数えています"),
    ],
)  # fmt: skip
def test_half_days_are_told_in_days_and_money_for_half_a_day_stays(
    engine_says: str, portal_says: str
) -> None:
    assert in_days(engine_says) == portal_says


def test_people_are_kept_apart_by_what_does_it_and_the_nearest_come_first() -> None:
    apart = tuple(engine.Declined("1", who, reason) for who, (reason, _) in PAIRS.items())
    people = [person(who) for who in PAIRS]
    people += [person("S5", capacity=(1, 8, 8)), person("S6", capacity=(3, 8, 8))]
    of = problem(needs=(need("1"),), specialists=tuple(people), declined=apart)
    lookup = Lookup(of)
    for who, (_, words) in PAIRS.items():
        (rule,) = engine.why_not(of, "1", who, lookup)
        assert rule_words(lookup, "1", who, rule) == words
    page = PlanPage(of, plan_of(of), {1: "回線"}, {}, date(2027, 4, 1))
    why = (
        "条件に合う専門人材がいません",
        "月ごとの空きが足りない人が2人います",
        "この案件で、すでに試して成り立たなかった人が1人います",
        "利害関係のある人が1人います",
        "受け持てる市町の数に空きのない人が1人います",
        "来庁と遠隔の条件が合わない人が1人います",
    )
    assert (page.open_needs[0].reasons, page.uncoverable[0].reasons) == (why, why[1:])
    reasons = page.reasons_for(1)
    assert reasons is not None
    assert reasons.reasons == why
    assert [name for name, _ in reasons.kept_out] == ["S6", "S5", "S1", "S2", "S3"]
    assert reasons.kept_out[0][1] == "第1月の空きは1.5日で、必要な2日に足りません"
    assert reasons.together == (
        ("月ごとの空き", 2),
        ("辞退・見送り・利害関係・受け持てる市町数・来庁と遠隔", 4),
    )
