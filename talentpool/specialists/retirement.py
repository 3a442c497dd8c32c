"""What a retired member of the prefecture's staff must not do, until when (地方公務員法38条の2).

Pure: facts in, dated notices out. Source: domain.md 3.5 [S-51, S-52, S-53]. The rule binds a
再就職者, somebody who now holds a post in a company; who works alone or for a public body is none.
"""

from dataclasses import dataclass
from datetime import date

from talentpool.conventions.periods import years_after

YEARS = 2
YEARS_BEFORE = 5


@dataclass(frozen=True, slots=True)
class Restriction:
    """`until` is the last day, None for ever."""

    text: str
    until: date | None

    def holds_on(self, day: date) -> bool:
        return self.until is None or day <= self.until


def restrictions(
    *, retired_on: date | None, was_manager: bool, works_for_company: bool, today: date
) -> list[Restriction]:
    """What holds for the person on `today`, the nearest end first. Who is no 再就職者 has none."""
    if retired_on is None or not works_for_company:
        return []
    last_day = years_after(retired_on, YEARS)
    found = [
        Restriction(
            f"退職前{YEARS_BEFORE}年間に就いていた職の仕事について、県の職員に、"
            "今の勤め先との契約などの働きかけをしてはいけません。",
            last_day,
        )
    ]
    if was_manager:
        found.append(
            Restriction(
                f"部課長級以上の職での仕事は、退職の{YEARS_BEFORE}年より前のものも同じです。",
                last_day,
            )
        )
    found.append(
        Restriction(
            "在職中に自分で決めた契約や処分についての働きかけは、期限なく禁じられています。", None
        )
    )
    return [one for one in found if one.holds_on(today)]
