"""How long a page takes: on the clock, and of the processors alone."""

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TIMES = int(os.environ.get("TIMES", "40"))
STOCK = "/stock/specialists/specialist/"


class Clock:
    """Server time, database time and processor time of requests, in ms.

    The machine may be used by others meanwhile, so the limits are held against processor time: of
    this process (`cpu`, the page without its SQL) and of it together with the database's process
    (`busy`), which is the server time of a machine that waits for nobody. Times on the clock stand
    beside them.
    """

    def __init__(self) -> None:
        self.times: list[float] = []
        self.cpu: list[float] = []
        self.sql: list[float] = []
        self.busy: list[float] = []
        self.queries = 0

    def ask(self, client: Any, url: str) -> Any:
        from django.db import connection

        spent: list[float] = []

        def timed(execute: Any, *given: Any) -> Any:
            start = time.perf_counter()
            try:
                return execute(*given)
            finally:
                spent.append(time.perf_counter() - start)

        start, used, worked = time.perf_counter(), time.process_time(), backend_ms()
        with connection.execute_wrapper(timed):
            answer = client.get(url)
            content = answer.getvalue() if answer.streaming else answer.content
        self.cpu.append((time.process_time() - used) * 1000)
        self.times.append((time.perf_counter() - start) * 1000)
        self.sql.append(sum(spent) * 1000)
        self.busy.append(self.cpu[-1] + backend_ms() - worked)
        self.queries = max(self.queries, len(spent))
        assert answer.status_code == 200, (url, answer.status_code)
        assert content
        return answer

    def figures(self) -> dict[str, Any]:
        clock = statistics.quantiles(self.times, n=100, method="inclusive")
        busy = statistics.quantiles(self.busy, n=100, method="inclusive")
        return {
            "busy_p50_ms": round(statistics.median(self.busy), 1),
            "busy_p95_ms": round(busy[94], 1),
            "busy_p99_ms": round(busy[98], 1),
            "cpu_ms": round(statistics.median(self.cpu), 1),
            "clock_p50_ms": round(statistics.median(self.times), 1),
            "clock_p95_ms": round(clock[94], 1),
            "clock_sql_p50_ms": round(statistics.median(self.sql), 1),
            "queries": self.queries,
        }


def backend_ms() -> float:
    """Processor time that the database's process has used for this connection so far."""
    from django.db import connection

    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def measured(
    client: Any, addresses: Callable[[], str], beside: tuple[Any, Clock] | None = None
) -> dict[str, Any]:
    """Figures of a page; with `beside` a browser asks the stock list in between, so that whatever
    else goes on hits both."""
    clock = Clock()
    client.get(addresses())  # compiles templates, fills what is cached for a minute
    for number in range(TIMES):
        clock.ask(client, addresses())
        if beside and number % 5 == 0:
            beside[1].ask(beside[0], STOCK)
    return clock.figures()


def one_process() -> None:
    """Let every query be answered by the one process whose time is counted."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")


def busy_ms(run: Callable[[], Any]) -> float:
    """Processor time of one run, the database's process included."""
    used, worked = time.process_time(), backend_ms()
    run()
    return (time.process_time() - used) * 1000 + backend_ms() - worked


def least_busy(times: int, run: Callable[[], Any]) -> float:
    """Processor time in ms of the cheapest of some runs, the database's process included."""
    return min(busy_ms(run) for _ in range(times))


def in_turn(times: int, *runs: Callable[[], Any]) -> tuple[list[float], ...]:
    """Processor times in ms of several runs that take turns, so that whatever else the machine does
    hits all of them; the order changes from turn to turn."""
    found: tuple[list[float], ...] = tuple([] for _ in runs)
    for run in runs:
        run()
    for turn in range(times):
        pairs = list(zip(runs, found, strict=True))
        for run, times_of in pairs if turn % 2 else reversed(pairs):
            times_of.append(busy_ms(run))
    return found
