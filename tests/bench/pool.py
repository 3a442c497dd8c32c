"""Figures of the pool (D-01 to D-05, D-13):
`python -m tests.bench.pool [pages|paging|search|pictures]`.

100,000 people, 20,000 needs and a million rows of who looked at whom, on a database of its own
that is made with COPY and dropped afterwards; PEOPLE, NEEDS and LOOKS change the sizes. Server time
is the time of Django's test client: middleware, view, queries and template. The stock Django admin
lists the same rows in the same run.
"""

import gzip
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.bench.vacancies import best, say, test_database

TIMES = int(os.environ.get("TIMES", "40"))
LIMITS = {"busy_p95_ms": 200, "busy_p99_ms": 500, "cpu_ms": 60, "cpu_of_stock": 0.5}
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


@contextmanager
def prefecture() -> Iterator[dict[str, Any]]:
    """The filled database, and browsers in which somebody is signed in."""
    with test_database():
        from django.conf import settings
        from django.test import Client
        from django.test.utils import override_settings

        from tests.bench.large.data import fill

        start = time.perf_counter()
        accounts = fill()
        say("filled", seconds=round(time.perf_counter() - start))
        with override_settings(
            ROOT_URLCONF="tests.bench.large.urls",
            SECOND_FACTOR_REQUIRED=False,
            ALLOWED_HOSTS=[*settings.ALLOWED_HOSTS, "testserver"],
        ):
            clients = {}
            for name, account in accounts.items():
                clients[name] = Client()
                clients[name].force_login(getattr(account, "user", account))
            superuser = accounts["coordinator"]
            superuser.is_superuser = True
            superuser.save(update_fields=["is_superuser"])
            clients["stranger"] = Client()
            yield clients | {"accounts": accounts}


def conditions(chance: random.Random) -> dict[str, Callable[[], dict[str, Any]]]:
    """Searches by what they ask for; each call asks for something else."""
    from matching.pool.views import PURPOSE
    from municipalities.registry.models import Municipality
    from talentpool.conventions.months import add_months, first_of_month
    from talentpool.pages.sealing import seal
    from talentpool.vocabulary.models import EngagementForm, Skill
    from tests.bench.large.data import RARE, WORDS

    skills = list(Skill.objects.values_list("pk", flat=True))
    forms = list(EngagementForm.objects.values_list("pk", flat=True))
    towns = list(Municipality.objects.in_prefecture().values_list("pk", flat=True))
    from django.utils import timezone

    first = add_months(first_of_month(timezone.localdate()), 1)
    last = add_months(first, 11)
    period = {
        "first_month_0": first.year,
        "first_month_1": first.month,
        "last_month_0": last.year,
        "last_month_1": last.month,
    }
    pick = chance.choice

    def words(text: str) -> dict[str, str]:
        return {"w": seal(text, purpose=PURPOSE)}

    return {
        "everybody registered": dict,
        "all states": lambda: {"status": "all"},
        "skill and level": lambda: {"skill": pick(skills), "level": pick([1, 2, 3, 4])},
        "kind, form, place": lambda: {
            "kind": pick(["firm", "retired", "side_job", "other"]),
            "form": pick(forms),
            "remote": pick(["no", "partly", "only"]),
        },
        "free all year": lambda: {"days": pick([1, 2, 4]), **period},
        "hardly anybody free": lambda: {"days": 10, "skill": pick(skills), "level": 4, **period},
        "nobody free": lambda: {"days": 20, "status": "all", **period},
        "near a town": lambda: {"town": pick(towns), "km": pick([10, 20, 40])},
        "everything at once": lambda: {
            "skill": pick(skills),
            "level": 2,
            "kind": "firm",
            "form": pick(forms),
            "days": 2,
            "town": pick(towns),
            "km": 40,
            "conflicts": "hide",
            **period,
        },
        "rare word of two letters": lambda: words(pick(RARE)),
        "common word of two letters": lambda: words(pick(WORDS)),
        "two words and a skill": lambda: {
            **words(f"{pick(WORDS)} {pick(WORDS)}"),
            "skill": pick(skills),
            "days": 2,
        },
        "word that nobody has": lambda: words("存在"),
        "newest confirmation": lambda: {"order": "confirmed"},
    }


SEARCH = "/admin/pool/poolentry/"
PAGES = [
    ("coordinator", "/admin/"),
    ("coordinator", "/admin/specialists/specialist/"),
    ("coordinator", "/admin/specialists/specialist/?q=P-0012"),
    ("coordinator", "/admin/specialists/firm/"),
    ("coordinator", "/admin/vacancies/need/"),
    ("coordinator", "/admin/vacancies/need/?status__exact=accepted"),
    ("coordinator", "/admin/vacancies/need/?q=%E6%9B%B4%E6%94%B9"),
    ("coordinator", "/admin/vacancies/vacancy/"),
    ("coordinator", "/admin/proposals/run/add/"),
    ("coordinator", "/admin/proposals/proposal/board/"),
    ("coordinator", "/admin/engagements/engagement/timeline/"),
    ("coordinator", "/admin/engagements/engagement/"),
    ("coordinator", "/admin/pool/demand/"),
    ("coordinator", "/admin/audit/event/"),
    ("coordinator", "/admin/audit/event/?action=need.accept"),
    ("coordinator", "/admin/audit/event/?q=4711"),
    ("coordinator", "/admin/outbox/message/"),
    ("coordinator", "/admin/outbox/message/?state__exact=failed"),
    ("coordinator", "/admin/proposals/run/"),
    ("coordinator", "/admin/proposals/proposal/"),
    ("coordinator", "/admin/proposals/bundle/"),
    ("coordinator", "/admin/desk/consultation/"),
    ("coordinator", "/admin/desk/consultation/?turn__exact=prefecture"),
    ("coordinator", "/admin/knowledge/article/"),
    ("coordinator", "/admin/registry/membership/"),
    ("coordinator", "/admin/specialists/specialist/review/"),
    ("coordinator", "/admin/specialists/conflictcase/"),
    ("editor", "/town/"),
    ("editor", "/town/needs/"),
    ("editor", "/town/pool/"),
    ("editor", "/town/vacancies/"),
    ("editor", "/town/proposals/"),
    ("editor", "/town/engagements/"),
    ("editor", "/town/consultations/"),
    ("editor", "/town/knowledge/"),
    ("editor", "/town/knowledge/?q=%E7%90%A5%E7%8F%80"),
    ("person", "/specialist/"),
    ("person", "/specialist/profile/views/"),
    ("person", "/specialist/days/"),
    ("stranger", "/"),
    ("stranger", "/vacancies/"),
]


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


def pages(clients: dict[str, Any]) -> None:
    """D-01, D-02: every list and search, with the stock admin's list of the same rows."""
    clients["coordinator"].get(STOCK)
    missed = []
    chance = random.Random(11)
    rows = [
        (f"search: {name}", "coordinator", lambda make=make: f"{SEARCH}?{urlencode(make())}")
        for name, make in conditions(chance).items()
    ] + [(url, who, lambda url=url: url) for who, url in PAGES]
    for name, who, addresses in rows:
        stock = Clock()
        found = measured(clients[who], addresses, (clients["coordinator"], stock))
        found |= _shares(found, stock.figures())
        over = [key for key, limit in LIMITS.items() if found[key] > limit]
        missed += [(name, over)] if over else []
        say("page", page=name, over=over, **found)
    say(
        "queries of the search",
        rows_10=_queries(clients["coordinator"], 10),
        rows_1000=_queries(clients["coordinator"], 1000),
    )
    say("missed", pages=missed)


def _shares(found: dict[str, Any], stock: dict[str, Any]) -> dict[str, Any]:
    """The page's time and processor time as a part of the stock list's."""
    return {
        "busy_of_stock": round(found["busy_p50_ms"] / stock["busy_p50_ms"], 2),
        "stock_cpu_ms": stock["cpu_ms"],
        "cpu_of_stock": round(found["cpu_ms"] / stock["cpu_ms"], 2),
    }


def _queries(client: Any, people: int) -> int:
    """Queries of a search that finds so many people: pool numbers share their first letters."""
    from matching.pool.views import PURPOSE
    from talentpool.pages.sealing import seal

    words = {10: "P-00200", 1000: "P-002"}[people]
    clock = Clock()
    address = _address({"status": "all", "w": seal(words, purpose=PURPOSE)})
    client.get(address)
    content = clock.ask(client, address).content.decode()
    assert f"{people:,}人" in content, people
    return clock.queries


def _address(given: dict[str, Any]) -> str:
    return f"{SEARCH}?{urlencode(given)}"


def paging(clients: dict[str, Any]) -> None:
    """D-03, D-04: the last page against the first, and stock beside it."""
    from matching.pool.models import PoolEntry
    from talentpool.pages.paging import _seal
    from talentpool.specialists.models import ProfileView
    from tests.bench.large.data import PEOPLE

    def last_of(queryset: Any, order: list[str]) -> str:
        """The cursor before the last page: where somebody who went on and on comes to."""
        names = [name.removeprefix("-") for name in order]
        down = order[0].startswith("-")
        turned = [name.removeprefix("-") if down else f"-{name}" for name in [*order, "pk"]]
        row = queryset.order_by(*turned)[50]
        return _seal(row, (*names, "pk"), False)

    browser = clients["coordinator"]
    for order in ("", "confirmed"):
        columns = ["-confirmed_at"] if order else ["pool_number"]
        given = {"status": "all", "order": order}
        cursor = last_of(PoolEntry.objects.all(), columns)
        first = measured(browser, partial(_address, given))
        last = measured(browser, partial(_address, {**given, "cursor": cursor}))
        say(
            "deep paging of the search",
            order=order or "pool_number",
            first_ms=first["busy_p50_ms"],
            last_ms=last["busy_p50_ms"],
            last_by_first=round(last["busy_p50_ms"] / first["busy_p50_ms"], 2),
        )
    views = ProfileView.objects.filter(specialist=clients["accounts"]["person"])
    cursor = last_of(views, ["-at"])
    first = measured(clients["person"], lambda: "/specialist/profile/views/")
    last = measured(
        clients["person"], lambda: f"/specialist/profile/views/?{urlencode({'cursor': cursor})}"
    )
    say(
        "deep paging of one's own log",
        rows=views.count(),
        last_by_first=round(last["busy_p50_ms"] / first["busy_p50_ms"], 2),
    )
    first = measured(browser, lambda: "/stock/specialists/specialist/")
    last = measured(browser, lambda: f"/stock/specialists/specialist/?p={PEOPLE // 50}")
    say(
        "deep paging of the stock admin",
        first_ms=first["busy_p50_ms"],
        last_ms=last["busy_p50_ms"],
        last_by_first=round(last["busy_p50_ms"] / first["busy_p50_ms"], 2),
    )
    stock = measured(browser, lambda: "/stock/specialists/profileview/")
    ours = measured(clients["person"], lambda: "/specialist/profile/views/")
    say(
        "a million looks",
        stock_by_ours=round(stock["busy_p50_ms"] / ours["busy_p50_ms"], 1),
        **stock,
    )


def search(clients: dict[str, Any]) -> None:
    """D-05: words of one to eight letters, as LIKE finds them, against a sequential LIKE."""
    from django.db import connection

    from matching.pool.models import PoolEntry
    from talentpool.conventions.folding import search_key
    from tests.bench.large.data import RARE, WORDS

    def like(word: str) -> set[int]:
        with connection.cursor() as cursor:
            cursor.execute("SET enable_indexscan = off; SET enable_bitmapscan = off;")
            cursor.execute(
                "SELECT specialist_id FROM pool_poolentry WHERE search_text LIKE %s",
                [f"%{search_key(word)}%"],
            )
            found = {row[0] for row in cursor.fetchall()}
            cursor.execute("RESET enable_indexscan; RESET enable_bitmapscan;")
        return found

    def ours(word: str) -> set[int]:
        return set(PoolEntry.objects.search(word).order_by().values_list("pk", flat=True))

    asked = [*RARE, *WORDS[:4], "改仕", "ゐ", "佐藤", "P-00123", "見本ベンダ12", "更改仕様"]
    equal = all(like(word) == ours(word) for word in asked)
    sequential = statistics.median([best(2, lambda w=word: like(w)) for word in RARE])  # type: ignore[misc]
    indexed = statistics.median([best(5, lambda w=word: ours(w)) for word in RARE])  # type: ignore[misc]
    times = []
    for word in [
        *RARE,
        *WORDS,
        "佐藤",
        "更改 見積",
        "情報 研修 計画",
        "標準化保守運用",
        "P-0012",
    ] * 4:
        start = time.perf_counter()
        list(PoolEntry.objects.search(word).order_by("pool_number", "pk")[:20])
        times.append((time.perf_counter() - start) * 1000)
    say(
        "search",
        equal_to_like=equal,
        times_faster_than_like=round(sequential / indexed),
        first_20_p95_ms=round(statistics.quantiles(times, n=20)[18], 1),
        first_20_median_ms=round(statistics.median(times), 1),
    )


def pictures(clients: dict[str, Any]) -> None:
    """D-13: a timeline of 500 engagements and a board of 300 cards; bytes as gzip sends them."""
    from tests.bench.large.data import fill_pictures

    fill_pictures(clients["accounts"]["coordinator"].pk)
    for name, url in (
        ("timeline of 500 engagements", "/admin/engagements/engagement/timeline/"),
        ("board of 300 cards", "/admin/proposals/proposal/board/"),
    ):
        found = measured(clients["coordinator"], partial(str, url))
        content = clients["coordinator"].get(url).content
        say(name, gzip_kb=round(len(gzip.compress(content)) / 1000, 1), **found)


FIGURES = {"pages": pages, "paging": paging, "search": search, "pictures": pictures}


def main(names: list[str]) -> int:
    unknown = set(names) - FIGURES.keys()
    if unknown:
        print(f"unknown figure: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    with prefecture() as clients:
        for name in names or list(FIGURES):
            FIGURES[name](clients)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
