"""The worker fixture is a real worker on the test's own database and broker."""

import time

from talentpool.celery import app
from tests.worker import WorkerProcess


def wait_for(worker: WorkerProcess, text: str, *, times: int) -> None:
    end = time.monotonic() + 60
    while worker.text().count(text) < times:
        assert time.monotonic() < end, worker.text()
        time.sleep(0.05)


def test_worker_takes_tasks_and_comes_back_after_kill_9(
    celery_worker_process: WorkerProcess,
) -> None:
    wait_for(celery_worker_process, "outbox.relay", times=2)  # listed, and swept at the start
    celery_worker_process.kill_hard()
    before = celery_worker_process.text().count("Task outbox.relay")

    app.send_task("outbox.relay")
    celery_worker_process.start()

    wait_for(celery_worker_process, "Task outbox.relay", times=before + 4)
    assert celery_worker_process.stop() == 0
