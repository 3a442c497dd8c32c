"""What a program costs that has the newest file already: `python -m tests.bench.unchanged`.

EXPORT_ROWS open vacancies. The baseline in the same run is the whole file of open data, as it was
sent each time. Milliseconds of processor time, of this process and the database's together.
"""

import os
from typing import Any

from tests.bench.vacancies import alone, fill_quickly, least_busy, say, test_database

ROWS = int(os.environ.get("EXPORT_ROWS", "20000"))
PATHS = ("/opendata/vacancies.csv", "/opendata/vacancies.json", "/vacancies/feed.atom")


def unchanged() -> None:
    from django.core.cache import cache
    from django.test import Client

    fill_quickly(ROWS)
    alone()
    client = Client()

    def ask(path: str, **headers: str) -> Any:
        cache.clear()  # the limit by address is not what is measured
        answer = client.get(path, headers=headers)
        return answer, sum(map(len, answer)) if answer.streaming else len(answer.content)

    for path in PATHS:
        first, size = ask(path)
        tag = first["ETag"]
        again, nothing = ask(path, **{"if-none-match": tag})
        assert (first.status_code, again.status_code, nothing) == (200, 304, 0)
        whole = least_busy(3, lambda path=path: ask(path))
        same = least_busy(3, lambda path=path, tag=tag: ask(path, **{"if-none-match": tag}))
        say(
            "unchanged",
            path=path,
            rows=ROWS,
            kibibytes=round(size / 1024),
            whole_ms=round(whole * 1000, 1),
            unchanged_ms=round(same * 1000, 1),
            of_whole=round(same / whole, 3),
        )


if __name__ == "__main__":
    with test_database():
        unchanged()
