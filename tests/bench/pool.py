"""Figures of the pool (D-01 to D-05, D-13, D-15):
`python -m tests.bench.pool [pages|paging|search|rights|pictures]`.

100,000 people, 20,000 needs, a million rows of who looked at whom and as many audit events, on a
database of its own that is made with COPY and dropped afterwards; PEOPLE, NEEDS, LOOKS and EVENTS
change the sizes. Server time is the time of Django's test client: middleware, view, queries and
template. Django's own admin lists people and looks in the same run. What it printed last stands in
docs/operations.md.
"""

import gzip
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlencode

from tests.bench.large.clock import (
    STOCK,
    Clock,
    busy_ms,
    in_turn,
    least_busy,
    measured,
    one_process,
)
from tests.bench.vacancies import best, say, test_database

LIMITS = {"busy_p95_ms": 200, "busy_p99_ms": 500, "cpu_ms": 60, "cpu_of_stock": 0.5}


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
        one_process()
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
AUDIT = "/admin/audit/event/"
LOOKS = "/stock/specialists/profileview/"
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
    """D-03, D-04: the last page against the first, and OFFSET and stock beside it."""
    from matching.pool.models import PoolEntry
    from talentpool.audit.models import Event
    from talentpool.specialists.models import ProfileView

    browser, person = clients["coordinator"], clients["person"]
    for order, columns in (("", ["pool_number"]), ("confirmed", ["-confirmed_at"])):
        given = {"status": "all", "order": order}
        last = {**given, "cursor": _before_last(PoolEntry.objects.all(), columns)}
        _compared(f"search by {columns[0]}", browser, _address(given), _address(last))
    views = ProfileView.objects.filter(specialist=clients["accounts"]["person"])
    cursor = _before_last(views, ["-at"])
    own = "/specialist/profile/views/"
    _compared("one's own log", person, own, f"{own}?{urlencode({'cursor': cursor})}")
    events, looks = Event.objects.count(), ProfileView.objects.count()
    _compared("audit record", browser, f"{AUDIT}?p=1", f"{AUDIT}?p={events // 50}")
    _compared("audit record, the middle", browser, f"{AUDIT}?p=1", f"{AUDIT}?p={events // 100}")
    _compared("stock list of a million looks", browser, f"{LOOKS}?p=1", f"{LOOKS}?p={looks // 50}")
    _offset_and_keyset(Event.objects.order_by("-pk"), events)
    stock, ours = measured(browser, lambda: LOOKS), measured(browser, lambda: AUDIT)
    say(
        "list of a million rows",
        stock_ms=stock["busy_p50_ms"],
        ours_ms=ours["busy_p50_ms"],
        stock_by_ours=round(stock["busy_p50_ms"] / ours["busy_p50_ms"], 1),
        least=10,
    )


def _compared(name: str, client: Any, first: str, last: str) -> None:
    at_first, at_last = measured(client, lambda: first), measured(client, lambda: last)
    say(
        "deep paging",
        of=name,
        first_ms=at_first["busy_p50_ms"],
        last_ms=at_last["busy_p50_ms"],
        last_by_first=round(at_last["busy_p50_ms"] / at_first["busy_p50_ms"], 2),
        most=1.5,
    )


def _before_last(queryset: Any, order: list[str]) -> str:
    """The cursor before the last page: where somebody who went on and on comes to."""
    from talentpool.pages.paging import _seal, _values

    names = [name.removeprefix("-") for name in order]
    down = order[0].startswith("-")
    turned = [name.removeprefix("-") if down else f"-{name}" for name in [*order, "pk"]]
    row = queryset.order_by(*turned)[50]
    return _seal(_values(row, (*names, "pk")), (*names, "pk"), False)


def _offset_and_keyset(rows: Any, count: int) -> None:
    """The queries alone: the last page by OFFSET and by keyset, against the first."""
    from talentpool.pages.paging import keyset_page

    cursor = {"cursor": _before_last(rows, ["-pk"])}
    first = least_busy(20, lambda: list(rows[:50]))
    offset = least_busy(3, lambda: list(rows[count - 50 :][:50]))
    keyset = least_busy(20, lambda: keyset_page(rows, cursor, order=["-pk"]))
    opened = least_busy(20, lambda: keyset_page(rows, {}, order=["-pk"]))
    say(
        "the query of the last page by that of the first",
        rows=count,
        by_offset=round(offset / first, 1),
        least=50,
        by_keyset=round(keyset / opened, 2),
        most=1.5,
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
    times, busy = [], []
    for word in [
        *RARE,
        *WORDS,
        "佐藤",
        "更改 見積",
        "情報 研修 計画",
        "標準化保守運用",
        "P-0012",
    ] * 4:
        rows = PoolEntry.objects.search(word).order_by("pool_number", "pk")[:20]
        start = time.perf_counter()
        busy.append(busy_ms(lambda rows=rows: list(rows)))  # type: ignore[misc]
        times.append((time.perf_counter() - start) * 1000)
    say(
        "search",
        equal_to_like=equal,
        times_faster_than_like=round(sequential / indexed),
        first_20_p95_ms=round(statistics.quantiles(times, n=20)[18], 1),
        first_20_median_ms=round(statistics.median(times), 1),
        first_20_busy_p95_ms=round(statistics.quantiles(busy, n=20)[18], 1),
        first_20_busy_median_ms=round(statistics.median(busy), 1),
    )


def rights(clients: dict[str, Any]) -> None:
    """D-15: a page of rows with `visible_to`, and without any question of rights, in turn. Every
    kind of row of which an account may read fifty, newest first, as the pages have them; what a
    page reads along is read along."""
    from django.apps import apps

    from matching.proposals.models import Proposal
    from talentpool.specialists.models import ProfileView

    person = clients["accounts"]["person"]
    own = ProfileView.objects.filter(specialist=person).order_by("-at")
    _rights_of("person", own, person.user)
    for who in ("coordinator", "editor"):
        user = clients["accounts"][who]
        for model in apps.get_models():
            rows: Any = model._default_manager.order_by("-pk")
            if model is Proposal:
                rows = rows.select_related("need__municipality")
            if hasattr(rows, "visible_to") and len(rows.visible_to(user)[:50]) == 50:
                _rights_of(who, rows, user)
    _whole_pages(clients)


def _rights_of(who: str, rows: Any, user: Any) -> None:
    scoped, plain = in_turn(
        60, lambda: list(rows.visible_to(user)[:50]), lambda: list(rows.all()[:50])
    )
    say(
        "cost of visible_to",
        rows=rows.model._meta.label,
        read_by=who,
        ratio=round(statistics.median(scoped) / statistics.median(plain), 2),
        of_the_best=round(min(scoped) / min(plain), 2),
        scoped_ms=round(statistics.median(scoped), 2),
        most=1.2,
    )


def _whole_pages(clients: dict[str, Any]) -> None:
    """The same of whole pages of the towns: their rows with `visible_to`, and anybody's."""
    from consultations.desk.models import Consultation
    from consultations.knowledge.models import Article
    from matching.engagements.models import Engagement
    from matching.proposals.models import Proposal
    from municipalities.vacancies.models import Need

    browser = clients["editor"]
    for address, model in (
        ("/town/needs/", Need),
        ("/town/consultations/", Consultation),
        ("/town/engagements/", Engagement),
        ("/town/proposals/", Proposal),
        ("/town/knowledge/", Article),
    ):
        kind = type(model._default_manager.all())

        def anybodys(kind: Any = kind, address: str = address) -> None:
            kept = kind.visible_to
            kind.visible_to = lambda rows, user: rows
            try:
                browser.get(address)
            finally:
                kind.visible_to = kept

        scoped, plain = in_turn(30, lambda: browser.get(address), anybodys)  # noqa: B023
        say(
            "a page with visible_to by one without",
            page=address,
            ratio=round(statistics.median(scoped) / statistics.median(plain), 2),
            of_the_best=round(min(scoped) / min(plain), 2),
            scoped_ms=round(statistics.median(scoped), 1),
            most=1.2,
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


FIGURES = {
    "pages": pages,
    "paging": paging,
    "search": search,
    "rights": rights,
    "pictures": pictures,
}


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
