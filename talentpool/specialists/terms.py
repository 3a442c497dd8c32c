"""How long a registration lasts. Pure."""

from datetime import date, timedelta

from talentpool.conventions.era import fiscal_year, fiscal_year_span
from talentpool.conventions.months import add_months

RENEWAL_OPENS_MONTHS_BEFORE = 2  # from February on for the year that begins in April
DECLARED_MONTHS_BEFORE = 1  # from March on for the year that begins in April
SECOND_CLICK = timedelta(minutes=5)  # the same by the same account within it says nothing new
LAPSES_AFTER = timedelta(days=90)
PERMIT_IS_ASKED_FOR = timedelta(days=30)  # before an employer's permission of side work ends

# What is not answered is asked again after this: about once a quarter, and sooner than the outbox
# forgets what it has sent (90 days), so that a question has one mail and not one each night.
ASKED_AGAIN_AFTER = timedelta(days=80)


def occasion(since: date, today: date) -> int:
    """The how-manieth time (from 0) something open since that day is asked for."""
    return max(0, (today - since).days) // ASKED_AGAIN_AFTER.days


def term_end(today: date) -> date:
    """The last day of a registration made or renewed today: the end of the fiscal year, from
    February on that of the next one (sources.md 3.3; the two months are a proposal)."""
    return fiscal_year_span(fiscal_year(add_months(today.replace(day=1), 2)))[1]


def declaration_year(today: date) -> int:
    """The fiscal year for which ties to firms are declared today: from March on the coming one, so
    that on 1 April nobody waits for it. Such a declaration counts at once, too."""
    return fiscal_year(add_months(today.replace(day=1), DECLARED_MONTHS_BEFORE))


def renewal_is_open(until: date | None, today: date) -> bool:
    """Whether the person can renew now: the registration ends within the two months, or has."""
    return until is not None and until < term_end(today)


def lapses_on(until: date) -> date:
    """The day on which a registration that nobody renewed ends for good."""
    return until + LAPSES_AFTER
