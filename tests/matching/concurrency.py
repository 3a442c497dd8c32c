"""Many threads at once, each with a database connection of its own."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection


def at_once(calls: Iterable[Callable[[], Any]]) -> list[Any]:
    """Start all calls at the same moment; what each returned or raised, in their order."""
    jobs = list(calls)
    gate = Barrier(len(jobs))

    def run(call: Callable[[], Any]) -> Any:
        try:
            gate.wait(60)
            return call()
        except Exception as error:  # judged by the test
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def kinds(results: Iterable[Any], wanted: type[Exception]) -> tuple[int, int, list[Any]]:
    """How many succeeded, how many were refused as wanted, and everything else."""
    rows = list(results)
    refused = [row for row in rows if isinstance(row, wanted)]
    others = [row for row in rows if isinstance(row, Exception) and not isinstance(row, wanted)]
    return len(rows) - len(refused) - len(others), len(refused), others


# The books, checked by SQL that shares nothing with the services.
WRONG_MONTHS = """
WITH months AS (
    SELECT month::date FROM generate_series('2020-01-01'::date, '2040-12-01', '1 month') AS month
), holds AS (
    SELECT specialist_id, month, sum(half_days) AS half_days FROM engagements_hold, months
     WHERE state = 'active' AND month BETWEEN first_month AND last_month
     GROUP BY specialist_id, month
), shares AS (
    SELECT specialist_id, month, sum(share.half_days) AS half_days
      FROM engagements_share AS share
      JOIN engagements_engagement AS engagement ON engagement.id = share.engagement_id, months
     WHERE active AND month BETWEEN share.first_month AND share.last_month
     GROUP BY specialist_id, month
), said AS (
    SELECT specialist_id, month, half_days FROM specialists_availability AS day
     WHERE NOT EXISTS (SELECT FROM specialists_pause AS pause
                        WHERE pause.specialist_id = day.specialist_id
                          AND day.month BETWEEN pause.first_month AND pause.last_month)
)
SELECT book.specialist_id, book.month, book.signed, shares.half_days, book.held, holds.half_days,
       book.declared, said.half_days, book."limit"
  FROM engagements_capacitymonth AS book
  FULL JOIN holds USING (specialist_id, month)
  FULL JOIN shares USING (specialist_id, month)
  LEFT JOIN said USING (specialist_id, month)
 WHERE coalesce(book.held, 0) <> coalesce(holds.half_days, 0)
    OR coalesce(book.signed, 0) <> coalesce(shares.half_days, 0)
    OR coalesce(book.signed, 0) + coalesce(book.held, 0) > coalesce(book."limit", 0)
    OR coalesce(book.declared, 0) <> coalesce(said.half_days, 0) AND book.specialist_id IS NOT NULL
"""


def wrong_months() -> list[Any]:
    """Months in which the books are not the sum of what is signed and held, are overfull, or tell
    other days than are declared."""
    with connection.cursor() as cursor:
        cursor.execute(WRONG_MONTHS)
        return cursor.fetchall()
