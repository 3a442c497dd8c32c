"""What files that are brought in cost: hostile ones, and 10,000 rows over the page and a worker.

`python -m talentpool.embedded run python -m tests.bench.imports [hostile] [journey]`.
"""

import csv
import io
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.vacancies import say, test_database

ROWS = int(os.environ.get("ROWS", "10000"))
WRONG_EACH = 100  # one row in so many is wrong in the file that is half wrong
MEBIBYTE = 2**20


def memory(pid: int | str, word: str) -> int:
    """Bytes of a process: `VmRSS` now, `VmHWM` at most since `forget_peak`."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith(word))
    return int(line.split()[1]) * 1024


def forget_peak(pid: int | str) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def hostile() -> None:
    """A-28: each file kept, read by the import as a worker does, and refused: seconds by the clock
    and of the processor, and how much more memory the worker took. Beside them a file of one cell,
    which costs the start of a child."""
    from municipalities.vacancies import services
    from municipalities.vacancies.models import VacancyImport
    from talentpool.files.sheets import table_workbook
    from tests.municipalities.vacancies.objects import make_editor, make_town
    from tests.talentpool.files import hostile as files

    town, by = make_town(), make_editor()
    harmless = files.Hostile(lambda: table_workbook("s", [["a"]]), "")
    longest = most = 0.0
    kinds = files.floods() | files.workbooks() | files.tables()
    for name, file in {"one cell": harmless, **kinds}.items():
        job = services.start_import(town, file_name="x", content=file.make(), by=by)
        forget_peak("self")
        before, busy, begun = memory("self", "VmRSS"), processors(), time.perf_counter()
        services.run_import(job.pk)
        seconds, busy = time.perf_counter() - begun, processors() - busy
        grown = (memory("self", "VmHWM") - before) / MEBIBYTE
        job = VacancyImport.objects.get(pk=job.pk)
        assert (job.status, file.words in job.message) == ("refused", True), (name, job.message)
        longest, most = max(longest, busy), max(most, grown)
        say(
            "hostile",
            name=name,
            seconds=round(seconds, 2),
            busy_seconds=round(busy, 2),
            worker_memory_mib=round(grown, 1),
        )
    say(
        "all hostile",
        files=len(kinds),
        most_busy_seconds=round(longest, 2),
        most_memory_mib=round(most, 1),
    )


def processors() -> float:
    """Seconds of processor time of this process and its children."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def rows_file(wrong_each: int = 0) -> bytes:
    """A CSV file of `ROWS` vacancies in all columns, one in `wrong_each` with a wrong cell."""
    from tests.municipalities.vacancies.form_file import DEFINITION
    from tests.municipalities.vacancies.objects import COMPLETE

    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(DEFINITION.headers)
    for number in range(ROWS):
        own = {
            "note": f"備考{number}",
            "issues": f"課題{number}" * 20,
            "duties": f"業務{number}" * 30,
        }
        if wrong_each and number % wrong_each == 0:
            own["tel"] = "1"
        values = COMPLETE | own
        writer.writerow([values.get(key, "") for key in DEFINITION.identifiers])
    return out.getvalue().encode("utf-8-sig")


@contextmanager
def worker() -> Iterator[int]:
    """A worker process on the test database; the process that carries its tasks out."""
    from tests.worker import WorkerProcess

    with tempfile.TemporaryDirectory() as folder:
        process = WorkerProcess(Path(folder) / "worker.log")
        process.flush_broker()
        process.start()
        assert process.process is not None
        pid = process.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children")
        try:
            yield int(children.read_text(encoding="ascii").split()[0])
        finally:
            process.kill_hard()
            process.flush_broker()


def journey() -> None:
    """D-08 over the page: upload, check, look in between, apply; a file that is right and one of
    which every hundredth row is wrong. Seconds until the page says so, memory of the worker, and
    how many different states of progress a look each half second has seen."""
    from django.conf import settings
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client

    from municipalities.vacancies.models import Vacancy, VacancyImport
    from tests.municipalities.vacancies.objects import make_editor

    settings.SECOND_FACTOR_REQUIRED = False
    client = Client()
    client.force_login(make_editor())
    with worker() as pid:
        for name, wrong, mode in [("all right", 0, "all"), ("half wrong", WRONG_EACH, "valid")]:
            before = memory(pid, "VmRSS")
            file = SimpleUploadedFile("a.csv", rows_file(wrong))
            begun = time.perf_counter()
            answer = client.post("/town/vacancies/import/", {"file": file})
            uploaded = time.perf_counter() - begun
            pk = int(answer["Location"].rstrip("/").rpartition("/")[2])
            checked, steps = until_done(client, pk)
            job = VacancyImport.objects.get(pk=pk)
            assert (job.status, job.invalid) == ("checked", -(-ROWS // wrong) if wrong else 0)
            written = Vacancy.objects.count()
            client.post(f"/town/vacancies/import/{pk}/", {"apply": "1", "mode": mode})
            applied, later_steps = until_done(client, pk)
            job.refresh_from_db()
            assert (job.status, job.written) == ("applied", job.valid)
            assert Vacancy.objects.count() == written + job.valid
            say(
                "journey",
                name=name,
                rows=ROWS,
                upload_seconds=round(uploaded, 2),
                check_seconds=round(checked, 1),
                apply_seconds=round(applied, 1),
                applied_rows_per_second=round(job.valid / applied),
                progress_seen_in_check=steps,
                progress_seen_in_apply=later_steps,
                worker_memory_before_mib=round(before / MEBIBYTE),
                worker_memory_most_mib=round(memory(pid, "VmHWM") / MEBIBYTE),
            )


def until_done(client: Any, pk: int) -> tuple[float, int]:
    """Look at the part of the page that changes until it asks to be loaded anew: seconds, and how
    many different states it showed."""
    begun = time.perf_counter()
    seen: set[bytes] = set()
    while True:
        part = client.get(f"/town/vacancies/import/{pk}/progress/")
        if part.status_code == 204:
            return time.perf_counter() - begun, len(seen)
        seen.add(part.content)
        time.sleep(0.5)


FIGURES = {"hostile": hostile, "journey": journey}


def main(names: list[str]) -> int:
    for name in names or list(FIGURES):
        with test_database():
            FIGURES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
