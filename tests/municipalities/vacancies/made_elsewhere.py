"""`python -m ...made_elsewhere`: the SHA-256 of a batch's files, made by another process.

Rows come as JSON on standard input. The process may have another time zone, language and seed of
hashes (its environment), and its clock stands where the first argument says (epoch seconds).
"""

import datetime
import hashlib
import io
import json
import os
import sys
import time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "talentpool.settings")


def move_clock(to: float) -> None:
    """The time that openpyxl and zipfile are told goes on from `to`."""
    begun, real = time.time(), time.time

    class Moved(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return datetime.datetime.fromtimestamp(time.time(), tz)

    time.time = lambda: to + real() - begun
    datetime.datetime = Moved  # type: ignore[misc]


def digests(rows: list[dict[str, str]]) -> dict[str, str]:
    """Of a batch's files and of a filled template; `untamed` is what openpyxl writes by itself."""
    from municipalities.vacancies.exports import csv_bytes, xlsx_bytes
    from municipalities.vacancies.spreadsheets import single_template
    from talentpool.files.sheets import new_book
    from tests.municipalities.vacancies.form_file import DEFINITION

    raw = io.BytesIO()
    new_book("募集情報")[0].save(raw)
    files = {
        "csv": csv_bytes(rows, DEFINITION),
        "cp932": csv_bytes(rows, DEFINITION, "cp932"),
        "xlsx": xlsx_bytes(rows, DEFINITION),
        "sheet": single_template(DEFINITION, rows[0]),
        "untamed": raw.getvalue(),
    }
    return {name: hashlib.sha256(file).hexdigest() for name, file in files.items()}


def main() -> int:
    import django

    django.setup()
    move_clock(float(sys.argv[1]))
    print(json.dumps(digests(json.load(sys.stdin))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
