"""Files on a real worker: what is seen of a good one, and that one which takes its worker with it
is not handed out again without end."""

import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from municipalities.registry.importing import MOST_ATTEMPTS
from municipalities.vacancies import services
from municipalities.vacancies.models import Vacancy, VacancyImport
from talentpool.celery import app
from tests.municipalities.vacancies.objects import COMPLETE, make_editor, make_town
from tests.municipalities.vacancies.test_corpus import csv_file
from tests.municipalities.vacancies.test_imports import make_import
from tests.worker import WorkerProcess

PATIENCE = 120


def processes_below(pid: int) -> list[int]:
    """The children of a process: of a worker those that carry the tasks out."""
    task = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in task.read_text(encoding="ascii").split()]


def wait(job: VacancyImport, attempts: int) -> VacancyImport:
    """Until so many attempts have begun, or it is checked no more."""
    end = time.monotonic() + PATIENCE
    while job.is_running and job.attempts < attempts:
        assert time.monotonic() < end, (job.status, job.attempts)
        time.sleep(0.02)
        job.refresh_from_db(fields=["status", "attempts", "message"])
    return job


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def looked_at(client: Client, url: str) -> set[int]:
    """Look at the part of the page that changes until it asks to be loaded anew: how many rows it
    said were done. In between somebody leaves for the list and comes back from there."""
    end = time.monotonic() + PATIENCE
    seen: set[int] = set()
    while True:
        part = client.get(f"{url}progress/")
        if part.status_code == 204:
            return seen
        assert time.monotonic() < end, part.content.decode()
        seen |= {
            int(done) for done in re.findall(r'<progress value="(\d+)"', part.content.decode())
        }
        assert url in client.get("/town/vacancies/import/").content.decode()
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_a_file_over_the_page_and_a_worker_and_one_that_takes_the_worker_with_it(
    celery_worker_process: WorkerProcess,
) -> None:
    """One worker for both. Of a good file the progress is seen, it is left and come back to, and
    what is right is written. The other one's worker is ended by `kill -9`, as the system does when
    memory runs out, in the middle of the check: the broker hands the task out anew, and the fourth
    time it is answered instead."""
    assert celery_worker_process.process is not None
    editor, client = make_editor(), Client()
    client.force_login(editor)
    rows = [COMPLETE | {"note": f"備考{number}"} for number in range(700)]
    rows[300] = rows[300] | {"tel": "1"}
    file = SimpleUploadedFile("a.csv", csv_file(*rows))
    url = client.post("/town/vacancies/import/", {"file": file})["Location"]
    looked_at(client, url)
    assert "問題のない募集は699件" in client.get(url).content.decode()
    client.post(url, {"apply": "1", "mode": "all"})
    assert not Vacancy.objects.exists()
    client.post(url, {"apply": "1", "mode": "valid"})
    assert any(0 < done < 700 for done in looked_at(client, url))
    assert Vacancy.objects.count() == 699

    large = csv_file(*[COMPLETE | {"note": f"備考{number}"} for number in range(4000)])
    job = services.start_import(make_town(), file_name="a.csv", content=large, by=editor)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert wait(job, attempt).status == "checking"
        for child in processes_below(celery_worker_process.process.pid):
            os.kill(child, signal.SIGKILL)
    assert wait(job, MOST_ATTEMPTS + 1).status == "refused"
    assert (job.attempts, Vacancy.objects.count()) == (0, 699)
    assert "3回試しました" in job.message
    assert "stopped its worker 3 times" in celery_worker_process.text()


@pytest.mark.django_db
def test_one_that_stops_its_worker_while_it_is_written_waits_for_its_owner() -> None:
    job = make_import(COMPLETE)
    assert job.attempts == 0  # what ends sets it back
    services.apply_import(job, mode="all", by=job.created_by)
    VacancyImport.objects.update(attempts=MOST_ATTEMPTS)
    services.run_import(job.pk)
    job.refresh_from_db()
    assert (job.status, job.attempts, Vacancy.objects.count()) == ("checked", 0, 0)
    assert "途中で止まりました" in job.message
    services.apply_import(job, mode="all", by=job.created_by)
    services.run_import(job.pk)
    assert Vacancy.objects.count() == 1


def test_a_worker_that_has_grown_is_replaced() -> None:
    """Kibibytes. What a large file leaves behind in a worker goes with it."""
    assert app.conf.worker_max_memory_per_child == project.CELERY_WORKER_MAX_MEMORY_PER_CHILD
    assert 256 * 1024 <= app.conf.worker_max_memory_per_child <= 512 * 1024
