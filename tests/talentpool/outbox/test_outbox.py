"""Row first, then deliver: nothing lost, nothing twice (A-35, A-36)."""

import os
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from talentpool.celery import app
from talentpool.outbox import relaying, services
from talentpool.outbox.models import Message
from tests.plugin import ROOT
from tests.worker import WorkerProcess, test_database_url

State = Message.State
NOWHERE = "redis://127.0.0.1:1/0"  # nothing listens on port 1


def queue_mail(key: str = "a", **values: str) -> None:
    given = {"to": "a@example.jp", "subject": "件名", "body": "本文"}
    services.send_mail_later(**{**given, **values}, key=key)


def states() -> dict[str, int]:
    found = list(Message.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in sorted(set(found))}


@pytest.mark.django_db
def test_a_row_is_written_in_the_transaction_of_its_cause() -> None:
    with transaction.atomic():
        queue_mail()
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    queue_mail()
    assert states() == {"pending": 1}
    assert mail.outbox == []


@pytest.mark.django_db
def test_the_same_key_is_sent_once() -> None:
    for _ in range(3):
        queue_mail("same")
        services.request_task("x.y", 1, key="task")
    assert Message.objects.count() == 2


@pytest.mark.django_db
def test_a_mail_goes_to_one_recipient_and_its_words_are_forgotten() -> None:
    """B-13; addresses and links do not stay in the database."""
    queue_mail()
    assert relaying.relay() == 1
    assert [sent.recipients() for sent in mail.outbox] == [["a@example.jp"]]
    row = Message.objects.get()
    assert (row.state, row.payload, row.attempts) == (State.DONE, {}, 1)
    assert relaying.relay() == 0
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_a_repeated_sending_carries_the_same_message_id() -> None:
    for _ in range(2):
        queue_mail("same")
        relaying.relay()
        Message.objects.all().delete()
    ids = [sent.extra_headers["Message-ID"] for sent in mail.outbox]
    assert len(ids) == 2
    assert ids[0] == ids[1]


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\n\t"])
@pytest.mark.parametrize("place", ["to", "subject"])
def test_a_line_break_in_a_header_is_refused(place: str, end: str) -> None:
    """ASVS 1.3.11."""
    with pytest.raises(ValueError, match="one line"):
        queue_mail(**{place: f"a@example.jp{end}Bcc: b@example.jp"})
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_a_mail_server_that_fails_is_tried_again_later(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    queue_mail()
    relaying.relay()
    row = Message.objects.get()
    assert (row.state, row.attempts, row.last_error) == ("pending", 1, "ConnectionRefusedError")
    assert row.not_before > timezone.now() + timedelta(seconds=30)
    assert relaying.relay() == 0  # not before its time
    for _ in range(relaying.MAX_ATTEMPTS - 1):
        Message.objects.update(not_before=timezone.now())
        relaying.relay()
    assert states() == {"failed": 1}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert relaying.relay() == 0


@pytest.mark.django_db
def test_a_claim_whose_relay_died_is_settled() -> None:
    """A-36: a task is asked for again; of a mail nobody knows, so staff see it."""
    queue_mail()
    queue_mail("fresh")
    services.request_task("outbox.relay", key="task")
    Message.objects.update(state=State.CLAIMED, not_before=timezone.now() - timedelta(minutes=11))
    Message.objects.filter(key="fresh").update(not_before=timezone.now())
    relaying.mark_stale_claims()
    found = dict(Message.objects.values_list("key", "state"))
    assert found == {"a": "unknown", "fresh": "claimed", "task": "pending"}


def relay_in_another_process(*, then: str = "", broker: str | None = None) -> int:
    """A relay of its own, on this test's database, with `then` run before it; the exit status."""
    environ = {**os.environ, "DATABASE_URL": test_database_url()}
    if broker:
        environ["BROKER_URL"] = broker
    code = f"import os, django; django.setup()\nimport talentpool.celery\n{then}\n"
    code += "from talentpool.outbox import relaying; relaying.relay()"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        check=False,
    ).returncode


DIE_BEFORE_SENDING = """
import signal
from django.core.mail import EmailMessage
def die(self, fail_silently=False):
    os.kill(os.getpid(), signal.SIGKILL)
EmailMessage.send = die
"""


@pytest.mark.django_db(transaction=True)
def test_a_relay_killed_between_claim_and_sending_leaves_one_mail_unknown() -> None:
    """`kill -9` at the worst moment: one mail is unknown and listed, the others are sent."""
    for number in range(5):
        queue_mail(str(number))
    assert relay_in_another_process(then=DIE_BEFORE_SENDING) == -9
    assert states() == {"claimed": 1, "pending": 4}
    Message.objects.filter(state="claimed").update(not_before=timezone.now() - timedelta(hours=1))
    relaying.relay()
    assert states() == {"done": 4, "unknown": 1}
    assert len(mail.outbox) == 4


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_loses_nothing() -> None:
    """A-35: the rows wait, and go out once when the broker is back."""
    WorkerProcess.flush_broker()
    for number in range(20):
        services.request_task("outbox.relay", key=f"task:{number}")
    assert relay_in_another_process(broker=NOWHERE) == 0
    assert states() == {"pending": 20}
    assert set(Message.objects.values_list("attempts", flat=True)) == {1}
    Message.objects.update(not_before=timezone.now())
    WorkerProcess.flush_broker()
    assert relaying.relay() == 20
    assert states() == {"done": 20}
    with app.connection_for_read() as broker:
        waiting = broker.default_channel.client.llen("celery")
    WorkerProcess.flush_broker()
    assert waiting == 20


@pytest.mark.django_db(transaction=True)
def test_a_nudge_to_a_broker_that_is_away_disturbs_nobody() -> None:
    """The web request goes on; a second nudge within the pause does not even try."""
    code = """
import time
from django.db import transaction
from talentpool.outbox import services, models
with transaction.atomic():
    services.send_mail_later(to="a@example.jp", subject="s", body="b", key="k1")
assert services._no_nudge_before > time.monotonic()
services.nudge()
raise SystemExit(models.Message.objects.count())
"""
    assert relay_in_another_process(then=code, broker=NOWHERE) == 1


@pytest.mark.django_db(transaction=True)
def test_two_relays_share_the_work() -> None:
    """SKIP LOCKED: every mail once, whoever takes it."""
    for number in range(40):
        queue_mail(str(number))
    start = threading.Barrier(2)
    handled: list[int] = []

    def work() -> None:
        try:
            start.wait()
            handled.append(relaying.relay())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(handled) == 40
    assert states() == {"done": 40}
    assert len({sent.extra_headers["Message-ID"] for sent in mail.outbox}) == len(mail.outbox) == 40


@pytest.mark.django_db(transaction=True)
def test_a_relay_passes_over_what_another_holds() -> None:
    queue_mail("held")
    queue_mail("free")
    holds, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            list(Message.objects.select_for_update().filter(key="held"))
            holds.set()
            done.wait()
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    holds.wait()
    assert relaying.relay() == 1
    done.set()
    thread.join()
    assert dict(Message.objects.values_list("key", "state")) == {"held": "pending", "free": "done"}


@pytest.mark.django_db
def test_the_lag_is_the_age_of_what_should_be_out() -> None:
    assert services.lag_seconds() == 0
    queue_mail()
    Message.objects.update(not_before=timezone.now() - timedelta(minutes=6))
    assert 355 < services.lag_seconds() < 400
    Message.objects.update(not_before=timezone.now() + timedelta(minutes=6))
    assert services.lag_seconds() == 0
