"""What a retired member of the prefecture's staff must not do, as dated notices for pages.

The law (地方公務員法38条の2) stands in `lobbying_rules.judge` and nowhere else; here are the words
of the banners.
"""

from dataclasses import dataclass
from datetime import date

from talentpool.specialists.lobbying_rules import DUTY_YEARS, Duty, Post, judge

WORDS = {  # the nearest end first
    Duty.LAST_FIVE_YEARS: f"退職前{DUTY_YEARS}年間に就いていた職の仕事について、県の職員に、"
    "今の勤め先との契約などの働きかけをしてはいけません。",
    Duty.EARLIER: f"部課長級以上の職での仕事は、退職の{DUTY_YEARS}年より前のものも同じです。",
    Duty.OWN_DECISION: "在職中に自分で決めた契約や処分についての働きかけは、"
    "期限なく禁じられています。",
}


@dataclass(frozen=True, slots=True)
class Restriction:
    """`until` is the last day, None for ever."""

    text: str
    until: date | None


def restrictions(
    *, retired_on: date | None, was_manager: bool, works_for_company: bool, today: date
) -> list[Restriction]:
    """What holds for the person on `today`, the nearest end first. Who is no 再就職者 has none."""
    if retired_on is None:
        return []
    verdicts = {
        duty: judge(
            retired_on=retired_on,
            happened_on=today,
            post=Post.MANAGER if was_manager else Post.STAFF,
            duty=duty,
            in_company=works_for_company,
        )
        for duty in WORDS
    }
    return [
        Restriction(WORDS[duty], verdict.until)
        for duty, verdict in verdicts.items()
        if verdict.barred
    ]
