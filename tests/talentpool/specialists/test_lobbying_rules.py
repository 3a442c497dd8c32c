"""How long retired staff must not lobby (地方公務員法38条の2), to the day."""

from datetime import date

import pytest

from talentpool.specialists.lobbying_rules import (
    Duty,
    Post,
    is_duty_of_last_five_years,
    judge,
)

RETIRED = date(2026, 3, 31)
LAST_DAY, DAY_AFTER = date(2028, 3, 31), date(2028, 4, 1)


@pytest.mark.parametrize(
    ("duty", "post", "day", "barred", "until"),
    [
        (Duty.LAST_FIVE_YEARS, Post.STAFF, LAST_DAY, True, LAST_DAY),
        (Duty.LAST_FIVE_YEARS, Post.STAFF, DAY_AFTER, False, LAST_DAY),
        (Duty.LAST_FIVE_YEARS, Post.HEAD, LAST_DAY, True, LAST_DAY),
        (Duty.EARLIER, Post.STAFF, RETIRED, False, None),
        (Duty.EARLIER, Post.MANAGER, LAST_DAY, True, LAST_DAY),
        (Duty.EARLIER, Post.MANAGER, DAY_AFTER, False, LAST_DAY),
        (Duty.EARLIER, Post.HEAD, LAST_DAY, True, LAST_DAY),
        (Duty.OWN_DECISION, Post.STAFF, date(2050, 1, 1), True, None),
        (Duty.NEVER, Post.HEAD, RETIRED, False, None),
    ],
)
def test_posts_duties_and_days(
    duty: Duty, post: Post, day: date, barred: bool, until: date | None
) -> None:
    verdict = judge(retired_on=RETIRED, happened_on=day, post=post, duty=duty, in_company=True)
    assert (verdict.barred, verdict.until) == (barred, until)


@pytest.mark.parametrize("duty", list(Duty))
def test_who_holds_no_post_in_a_company_is_free(duty: Duty) -> None:
    """A state or local body is no company; nor is an own account."""
    verdict = judge(
        retired_on=RETIRED, happened_on=RETIRED, post=Post.HEAD, duty=duty, in_company=False
    )
    assert not verdict.barred


def test_after_the_29th_of_february() -> None:
    verdict = judge(
        retired_on=date(2024, 2, 29),
        happened_on=date(2026, 2, 28),
        post=Post.STAFF,
        duty=Duty.LAST_FIVE_YEARS,
        in_company=True,
    )
    assert verdict.barred
    assert verdict.until == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("day", "inside"),
    [(date(2021, 3, 31), True), (date(2021, 3, 30), False), (RETIRED, True), (DAY_AFTER, False)],
)
def test_five_years_before_leaving(day: date, inside: bool) -> None:
    assert is_duty_of_last_five_years(day, RETIRED) == inside
