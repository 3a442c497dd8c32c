"""Figures of vacancies: `python -m tests.bench.vacancies [export|search|import|apply]`.

Each stands beside its baseline in the same run on a database of its own, which is made and dropped
here. Ratios are what counts; seconds depend on the machine. `busy` is processor time, of this
process and the database's together: what the clock shows where nobody else uses the machine.
"""

import io
import json
import os
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tests.bench.large.clock import backend_ms

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "talentpool.settings")
os.environ.setdefault("TALENTPOOL_PROFILE", "test")

EXPORT_ROWS = int(os.environ.get("EXPORT_ROWS", "300000"))
SEARCH_ROWS = int(os.environ.get("SEARCH_ROWS", "100000"))
IMPORT_ROWS = int(os.environ.get("IMPORT_ROWS", "10000"))
ASKS = 400
KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
WORDS = [
    "更改",
    "仕様",
    "見積",
    "網",
    "庁内",
    "情報",
    "基盤",
    "標準化",
    "保守",
    "運用",
    "契約",
    "職員",
    "研修",
    "計画",
    "助言",
    "調査",
    "市民",
    "窓口",
]
RARE = ["鯨飼", "竜宮", "琥珀", "蜃気", "楼閣"]


@contextmanager
def test_database() -> Iterator[None]:
    """An empty, migrated database that is dropped afterwards."""
    import django
    from django.db import connection

    django.setup()
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def say(figure: str, **values: Any) -> None:
    print(json.dumps({"figure": figure, **values}, ensure_ascii=False), flush=True)


def best(times: int, run: Callable[[], Any]) -> float:
    """Seconds of the quickest of some runs: the least disturbed one."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return min(found)


def least_busy(times: int, run: Callable[[], Any]) -> float:
    """Seconds of processor time, of this process and the database's, of the best of some runs."""
    found = []
    for _ in range(times):
        start, worked = time.process_time(), backend_ms()
        run()
        found.append(time.process_time() - start + (backend_ms() - worked) / 1000)
    return min(found)


def alone() -> None:
    """Let the database use one process for a query: what others do would not be counted as busy."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")


def with_workers() -> None:
    """Let the database divide a query as it does by itself."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("RESET max_parallel_workers_per_gather")


def fill(rows: int) -> None:
    """Published vacancies with plausible text, inserted in bulk."""
    from datetime import UTC, date, datetime

    from municipalities.registry.models import Municipality, Prefecture
    from municipalities.vacancies.models import FormVersion, Vacancy
    from talentpool.users.models import User
    from tests.municipalities.vacancies.objects import COMPLETE

    chance = random.Random(7)
    prefecture, _ = Prefecture.objects.get_or_create(code="340006", defaults={"name": "広島県"})
    town, _ = Municipality.objects.get_or_create(
        code="342157", defaults={"prefecture": prefecture, "name": "江田島市", "kana": "エタジマシ"}
    )
    user, _ = User.objects.get_or_create(
        email="bench@example.jp", defaults={"name": "計測", "kind": "municipality"}
    )
    form = FormVersion.objects.get(code="proposed-1")
    now = datetime(2026, 11, 1, tzinfo=UTC)
    rest = {
        "open_date": "2026-01-01",
        "municipality_name": "江田島市",
        "lg_code": "342157",
        "form_version": form.code,
        "updated_on": date(2026, 11, 1).isoformat(),
    }

    def vacancies() -> Iterator[Vacancy]:
        for number in range(rows):
            text = "".join(chance.choices(WORDS, k=40)) + "".join(chance.choices(KANA, k=40))
            if number % 2000 == 0:
                text += RARE[number // 2000 % len(RARE)]
            vacancy = Vacancy(
                vacancy_no=f"{number:09}",
                municipality=town,
                form_version=form,
                created_by=user,
                status="published",
                submitted_at=now,
                published_at=now,
            )
            vacancy.write_values(
                COMPLETE | rest | {"vacancy_no": vacancy.vacancy_no, "issues": text}
            )
            yield vacancy

    batch: list[Vacancy] = []
    for vacancy in vacancies():
        batch.append(vacancy)
        if len(batch) == 2000:
            Vacancy.objects.bulk_create(batch)
            batch = []
    Vacancy.objects.bulk_create(batch)
    analyse()


def fill_quickly(rows: int) -> None:
    """As many rows, most of them copies under numbers of their own, without the index for search:
    enough for reading all of them."""
    from django.db import connection

    from municipalities.vacancies.models import Vacancy

    first = min(rows, 10_000)
    names = [
        f.column for f in Vacancy._meta.concrete_fields if f.column not in {"id", "vacancy_no"}
    ]
    columns = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX vacancy_grams")
        fill(first)
        for times in range(1, rows // first):
            cursor.execute(
                f"INSERT INTO vacancies_vacancy (vacancy_no, {columns})"
                f" SELECT 'c{times}-' || vacancy_no, {columns} FROM vacancies_vacancy"
                " WHERE vacancy_no ~ '^[0-9]+$'"
            )
    analyse()


def analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE vacancies_vacancy")


def export() -> None:
    """D-07: formula-safe, scoped CSV in the file's own order against COPY and the ORM's iterator.

    `of_bare_copy` is against COPY of the same cells from a table that holds them as columns, which
    unpacks and guards nothing: the fastest that the database writes such a file at all.
    `of_unpacked` is against the same rows without their lines, as those of an older form are.
    `first_byte_ms` is until the header comes, `first_row_ms` until the first row does, which waits
    for the order of the file. EXPORT_ROWS=1000000 is the size that D-07 names.
    """
    from municipalities.vacancies.bulk_csv import stream_csv
    from municipalities.vacancies.models import Vacancy
    from municipalities.vacancies.open_fields import open_columns, open_vacancies

    fill_quickly(EXPORT_ROWS)
    columns = open_columns()
    queryset = open_vacancies().order_by("vacancy_no")

    def drain(part: Any = queryset) -> int:
        return sum(len(block) for block in stream_csv(part, columns))

    def unpack() -> None:
        # Other columns than those of any line: each row is read from its values.
        for _ in stream_csv(queryset[:some], columns[::-1]):
            pass

    def iterate() -> None:
        import csv

        out = csv.writer(io.StringIO(), quoting=csv.QUOTE_ALL)
        for values in queryset.values_list("values", flat=True)[:some].iterator(2000):
            out.writerow([values.get(identifier, "") for identifier, _ in columns])

    def first(blocks: int) -> float:
        begun = time.perf_counter()
        stream = stream_csv(queryset, columns)
        for _ in range(blocks):
            next(stream)
        took = time.perf_counter() - begun
        del stream  # ends the COPY
        return 1000 * took

    alone()
    some = EXPORT_ROWS // 10
    drain(queryset[:some])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = drain()
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    bare = bare_copy(queryset, columns)
    seconds, plain = best(3, drain), best(3, bare)
    busy, busy_plain = least_busy(2, drain), least_busy(2, bare)
    unpacked, orm = best(2, unpack) * 10, best(2, iterate) * 10
    say(
        "export",
        rows=Vacancy.objects.count(),
        columns=len(columns),
        mebibytes=round(size / 2**20),
        seconds=round(seconds, 1),
        first_byte_ms=round(first(1), 1),
        first_row_ms=round(first(2)),
        rows_per_second=round(EXPORT_ROWS / seconds),
        of_bare_copy=round(plain / seconds, 3),
        of_bare_copy_busy=round(busy_plain / busy, 3),
        of_unpacked=round(unpacked / seconds, 2),
        of_orm_iterator=round(orm / seconds, 2),
        memory_growth_mib=round(growth / 1024, 1),
    )


def bare_copy(queryset: Any, columns: list[tuple[str, str]]) -> Callable[[], int]:
    """COPY of the same cells from a table of text columns, which is made here before the clock
    starts."""
    from django.db import connection
    from psycopg import sql

    inner, params = queryset.values("values").query.sql_with_params()
    cells = sql.SQL(", ").join(
        sql.SQL("q.content ->> {} AS {}").format(sql.Literal(key), sql.Identifier(key))
        for key, _ in columns
    )
    with connection.cursor() as cursor:
        made = sql.SQL("CREATE UNLOGGED TABLE bare AS SELECT {} FROM ({}) AS q (content)")
        cursor.cursor.execute(made.format(cells, sql.SQL(inner)), params or None)
        cursor.execute("ANALYZE bare")

    def drain() -> int:
        command = "COPY bare TO STDOUT WITH (FORMAT csv, HEADER, FORCE_QUOTE *)"
        with connection.cursor() as cursor, cursor.cursor.copy(command) as copy:
            return sum(len(bytes(block)) for block in copy)

    drain()
    return drain


def search() -> None:
    """D-05: rare two-character words against a sequential LIKE over the same folded column.

    `times_faster_than_like` is against a LIKE by one process, as our own search is one;
    `times_faster_than_parallel_like` against one to which the database gives as many workers as it
    does by itself. `first_page` is the query of the public list's page; each way of asking is asked
    ASKS times and more, `worst` names the slowest.
    """
    from django.db import connection

    from municipalities.vacancies.models import Vacancy
    from municipalities.vacancies.models.vacancy import PUBLISHED_ORDER
    from municipalities.vacancies.open_fields import open_vacancies
    from municipalities.vacancies.views.public import COUNTED
    from talentpool.conventions.folding import search_key

    fill(SEARCH_ROWS)
    alone()

    def like(word: str) -> set[int]:
        with connection.cursor() as cursor:
            cursor.execute("SET enable_indexscan = off; SET enable_bitmapscan = off;")
            cursor.execute(
                "SELECT id FROM vacancies_vacancy WHERE search_text LIKE %s",
                [f"%{search_key(word)}%"],
            )
            found = {row[0] for row in cursor.fetchall()}
            cursor.execute("RESET enable_indexscan; RESET enable_bitmapscan;")
        return found

    def ours(word: str) -> set[int]:
        return set(Vacancy.objects.search(word).order_by().values_list("pk", flat=True))

    def first_page(word: str) -> None:
        found = open_vacancies().search(word).annotate(published=PUBLISHED_ORDER)
        list(found.order_by("-published", "-pk")[:20])

    def count(word: str) -> int:
        found: int = open_vacancies().search(word).order_by()[: COUNTED + 1].count()
        return found

    equal = all(like(word) == ours(word) for word in [*RARE, *WORDS[:4], "アイ", "改仕", "ゐ"])
    with_workers()
    parallel = statistics.median(best(2, lambda w=word: like(w)) for word in RARE)  # type: ignore[misc]
    alone()
    sequential = statistics.median(best(2, lambda w=word: like(w)) for word in RARE)  # type: ignore[misc]
    indexed = statistics.median(best(5, lambda w=word: ours(w)) for word in RARE)  # type: ignore[misc]
    busy = [
        statistics.median(least_busy(3, lambda w=word, f=find: f(w)) for word in RARE)  # type: ignore[misc]
        for find in (like, ours)
    ]
    rare = [lap(lambda w=word: first_page(w)) for word in times_over(RARE)]  # type: ignore[misc]
    others = times_over([*WORDS, "アイ", "イウ", "更改 見積", "情報 研修 計画"])
    common = [lap(lambda w=word: first_page(w)) for word in others]  # type: ignore[misc]
    counts = [lap(lambda w=word: count(w)) for word in times_over([*RARE, *others[:22]])]  # type: ignore[misc]
    say(
        "search",
        rows=SEARCH_ROWS,
        equal_to_like=equal,
        times_faster_than_like=round(sequential / indexed),
        times_faster_than_parallel_like=round(parallel / indexed),
        times_less_busy_than_like=round(busy[0] / busy[1]),
        asks=len(common),
        worst=sorted(
            ((round(took), word) for (took, _), word in zip(common, others, strict=True)),
            reverse=True,
        )[:5],
        common_pairs_anew_ms=round(anew(), 1),
        **of_all("first_page_rare", rare),
        **of_all("first_page_common", common),
        **of_all("count", counts),
    )


def times_over(words: Sequence[str]) -> list[str]:
    """The words again and again, ASKS of them or a few more."""
    return [*words] * -(-ASKS // len(words))


def anew() -> float:
    """Milliseconds in which what the search remembers for ten minutes is read from the database."""
    from municipalities.vacancies.models import Vacancy
    from talentpool.pages import search as searching

    table = searching._table(Vacancy)
    return 1000 * best(5, lambda: searching._common_grams.__wrapped__(table, 0))


def lap(run: Callable[[], Any]) -> tuple[float, float]:
    """Milliseconds by the clock, and of processor time: of this process and the database's."""
    start, cpu, worked = time.perf_counter(), time.process_time(), backend_ms()
    run()
    busy = (time.process_time() - cpu) * 1000 + backend_ms() - worked
    return (time.perf_counter() - start) * 1000, busy


def of_all(name: str, laps: list[tuple[float, float]]) -> dict[str, float]:
    """Median and 95th percentile."""
    clock, busy = [lap[0] for lap in laps], [lap[1] for lap in laps]
    return {
        f"{name}_p95_ms": round(statistics.quantiles(clock, n=20)[18], 1),
        f"{name}_median_ms": round(statistics.median(clock), 1),
        f"{name}_busy_p95_ms": round(statistics.quantiles(busy, n=20)[18], 1),
        f"{name}_busy_median_ms": round(statistics.median(busy), 1),
    }


def workbook() -> bytes:
    """An .xlsx of `IMPORT_ROWS` vacancies in 62 columns."""
    from openpyxl import Workbook

    from tests.municipalities.vacancies.form_file import DEFINITION
    from tests.municipalities.vacancies.objects import COMPLETE

    chance = random.Random(7)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("募集情報")
    sheet.append(DEFINITION.headers)
    for number in range(IMPORT_ROWS):
        own = {
            "issues": "".join(chance.choices(WORDS, k=60)),
            "duties": "".join(chance.choices(WORDS, k=120)),
            "note": f"備考{number}",
            "pay_max": str(30_000 + number),
        }
        values = COMPLETE | own
        sheet.append([values.get(identifier) for identifier in DEFINITION.identifiers])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def imports() -> None:
    """D-08: the file read and fully validated, against a bare openpyxl loop."""
    from openpyxl import load_workbook

    from municipalities.vacancies.imports import entries_of
    from talentpool.files.sheets import read_sheets
    from tests.municipalities.vacancies.form_file import DEFINITION

    data = workbook()
    known = {"population": "1", "population_date": "2020-01-01"}

    def ours() -> None:
        assert not any(e.problems for e in entries_of(read_sheets(data), DEFINITION, known))

    def bare() -> None:
        rows = load_workbook(io.BytesIO(data), read_only=True).worksheets[0]
        assert len(list(rows.iter_rows(values_only=True))) == IMPORT_ROWS + 1

    def processors() -> float:
        own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(used.ru_utime + used.ru_stime for used in own)

    ours()
    seconds, loop = best(2, ours), best(1, bare)
    used = processors()
    ours()
    used = processors() - used
    say(
        "import",
        rows=IMPORT_ROWS,
        columns=len(DEFINITION.fields),
        rows_per_second=round(IMPORT_ROWS / seconds),
        rows_per_busy_second=round(IMPORT_ROWS / used),
        of_bare_openpyxl_loop=round(loop / seconds, 2),
    )


def applying() -> None:
    """The checked file written as drafts, numbers and audit events and all, against a bare
    `bulk_create` of the same rows; both by the clock, of the web process and the database."""
    from municipalities.vacancies import services
    from municipalities.vacancies.models import Vacancy
    from municipalities.vacancies.services.writing import BATCH
    from tests.municipalities.vacancies.objects import make_editor, make_town

    by, town = make_editor(), make_town()
    entries = list(services.check_file(workbook(), town))
    begun = time.perf_counter()
    written = services.write_entries(entries, town, mode="all", by=by)
    seconds = time.perf_counter() - begun
    assert written == IMPORT_ROWS == Vacancy.objects.count()
    rows = list(Vacancy.objects.all())
    Vacancy.objects.all().delete()
    for row in rows:
        row.pk = None
    begun = time.perf_counter()
    Vacancy.objects.bulk_create(rows, batch_size=BATCH)
    bare = time.perf_counter() - begun
    say(
        "apply",
        rows=IMPORT_ROWS,
        rows_per_second=round(IMPORT_ROWS / seconds),
        of_bare_bulk_create=round(bare / seconds, 2),
    )


FIGURES = {"export": export, "search": search, "import": imports, "apply": applying}


def main(names: list[str]) -> int:
    unknown = set(names) - FIGURES.keys()
    if unknown:
        print(f"unknown figure: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    for name in names or list(FIGURES):
        with test_database():
            FIGURES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
