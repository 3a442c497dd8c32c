"""Figures of mass mail (D-14): `python -m tests.bench.mail [queue|rate|kills]`.

`queue` writes one piece of news to all subscribers, beside bare COPY of the same rows. `rate` has
real workers send it to a mail server of this process and compares with the configured rate.
`kills` ends the worker with `kill -9` again and again meanwhile and counts what came.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from tests.bench.vacancies import fill, say, test_database

SUBSCRIBERS = int(os.environ.get("SUBSCRIBERS", "10000"))
RATE_MAILS = int(os.environ.get("RATE_MAILS", "1500"))
RATES = [float(rate) for rate in os.environ.get("RATES", "10,20,50").split(",")]
KILLS = int(os.environ.get("KILLS", "20"))
PATIENCE_SECONDS = 900


def queue() -> None:
    """News to all subscribers is one transaction; the same rows by COPY are the baseline."""
    from django.db import connection
    from django.utils import timezone

    from municipalities.vacancies.models import Subscription, Vacancy, VacancyRevision
    from municipalities.vacancies.services import notify_at_once
    from talentpool.outbox.models import Message

    fill(1)
    Subscription.objects.bulk_create(
        Subscription(
            email=f"a{number}@example.jp",
            token=f"t{number}",
            confirmed_at=timezone.now(),
            consent="bench",
        )
        for number in range(SUBSCRIBERS)
    )
    vacancy = Vacancy.objects.get()
    VacancyRevision.objects.create(  # what subscribers are told of
        vacancy=vacancy,
        number=1,
        form_version=vacancy.form_version,
        values=vacancy.values,
        published_at=vacancy.published_at,
        published_by=vacancy.created_by,
    )
    found = []
    for _ in range(3):
        Message.objects.all().delete()
        start, cpu = time.perf_counter(), time.process_time()
        queued = notify_at_once(vacancy.pk)
        found.append((time.perf_counter() - start, time.process_time() - cpu))
    seconds, cpu = min(found)
    again = notify_at_once(vacancy.pk)
    assert queued == SUBSCRIBERS
    rows = [
        (key, json.dumps(payload), when)
        for key, payload, when in Message.objects.values_list("key", "payload", "not_before")
    ]
    twice_is_once = again == queued and len(rows) == queued
    copies = []
    for _ in range(3):
        Message.objects.all().delete()
        start = time.perf_counter()
        with connection.cursor() as cursor, cursor.cursor.copy(COPY) as copy:
            for key, payload, when in rows:
                copy.write_row(("mail", key, payload, True, "pending", 0, when, when, ""))
        copies.append(time.perf_counter() - start)
    say(
        "mail queue",
        subscribers=SUBSCRIBERS,
        queued=queued,
        first_seconds=round(found[0][0], 2),
        best_seconds=round(seconds, 2),
        of_them_own_cpu=round(cpu, 2),
        times_bare_copy=round(seconds / min(copies), 1),
        twice_is_once=twice_is_once,
    )


COPY = """
COPY outbox_message (kind, key, payload, in_bulk, state, attempts, not_before, created_at,
    last_error) FROM STDIN
"""


def write(mails: int) -> None:
    from talentpool.outbox.models import Message
    from talentpool.outbox.services import Mail, send_mails_later

    Message.objects.all().delete()
    send_mails_later(
        (
            Mail(to=f"a{i}@example.jp", subject="件名", body="本文\n" * 20, key=f"n:{i}")
            for i in range(mails)
        ),
        in_bulk=True,
    )


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not what():
        if time.monotonic() > end:
            raise RuntimeError("the mails did not go out")
        time.sleep(0.05)


def rate() -> None:
    """Mails a second from the first to the last, against what is configured."""
    from talentpool.outbox.models import Message
    from tests.mail_sink import MailSink
    from tests.worker import WorkerProcess

    for per_second in RATES:
        mails = min(RATE_MAILS, int(per_second * 75))  # longer than one turn of a relay
        write(mails)
        WorkerProcess.flush_broker()
        worker = WorkerProcess(Path(tempfile.mkstemp(prefix="worker-")[1]))
        with MailSink() as sink:
            worker.start(environ=sink.environ(per_second))
            try:
                wait_for(lambda: not Message.objects.filter(state="pending").exists())
            finally:
                worker.kill_hard()
            at = sorted(received.at for received in sink.received)
        worker.log.unlink()
        measured = (len(at) - 1) / (at[-1] - at[0])
        say(
            "mail rate",
            configured=per_second,
            mails=len(at),
            measured=round(measured, 2),
            deviation_percent=round(100 * (measured / per_second - 1), 1),
            longest_pause_seconds=round(max(b - a for a, b in pairwise(at)), 2),
        )


def kills() -> None:
    """Each mail comes once, however often the worker is killed; who knows of which is listed."""
    from django.utils import timezone

    from talentpool.outbox import relaying
    from talentpool.outbox.models import Message
    from tests.mail_sink import MailSink
    from tests.worker import WorkerProcess

    mails = 40 * (KILLS + 1)
    write(mails)
    log = Path(tempfile.mkstemp(prefix="worker-")[1])
    with MailSink() as sink:
        for number in range(KILLS + 1):
            WorkerProcess.flush_broker()
            worker = WorkerProcess(log)
            worker.start(environ=sink.environ(200))
            aim = min(mails, 40 * (number + 1))
            wait_for(
                lambda aim=aim: (
                    len(sink.received) >= aim  # type: ignore[misc]
                    or not Message.objects.filter(state="pending").exists()
                )
            )
            worker.kill_hard()
        got = [received.recipient for received in sink.received]
    log.unlink()
    Message.objects.filter(state="claimed").update(not_before=timezone.now() - timedelta(hours=1))
    relaying.mark_stale_claims()
    unknown = set(Message.objects.filter(state="unknown").values_list("payload__to", flat=True))
    say(
        "mail kills",
        mails=mails,
        kills=KILLS + 1,
        received=len(got),
        twice=len(got) - len(set(got)),
        neither_received_nor_listed=mails - len(set(got) | unknown),
        listed_as_unknown=len(unknown),
        of_them_not_received=len(unknown - set(got)),
    )


FIGURES = {"queue": queue, "rate": rate, "kills": kills}


def main(names: list[str]) -> int:
    unknown = set(names) - FIGURES.keys()
    if unknown:
        print(f"unknown figure: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    with test_database():
        for name in names or list(FIGURES):
            FIGURES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
