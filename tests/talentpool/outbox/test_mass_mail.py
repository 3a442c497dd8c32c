"""Mass mail at its rate, behind everything else, and whole after a worker was killed (D-14)."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from talentpool.audit.models import Event
from talentpool.outbox import relaying, services
from talentpool.outbox.models import Message
from talentpool.outbox.pace import CAUGHT_UP_SECONDS, Pace
from tests.mail_sink import MailSink
from tests.municipalities.vacancies.objects import make_auditor, make_coordinator
from tests.worker import WorkerProcess

MAILS = 150
PER_SECOND = 100


def queue_bulk(number: int) -> None:
    services.send_mails_later(
        (
            services.Mail(to=f"a{i}@example.jp", subject="件名", body="本文", key=f"news:{i}")
            for i in range(number)
        ),
        in_bulk=True,
    )


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def sent_within(seconds: float, *, rate: float, each: Callable[[int], float]) -> int:
    """How many leave at the pace when the n-th takes `each(n)` seconds to hand over."""
    clock = Clock()
    pace, end, sent = Pace(rate, clock), clock.now + seconds, 0
    while clock.now < end:
        clock.now += pace.wait_seconds()
        pace.take()
        clock.now += each(sent)
        sent += 1
    return sent


@pytest.mark.parametrize("rate", [0.5, 7, 10, 99.9])
def test_the_pace_is_the_rate(rate: float) -> None:
    """Whatever the handing over takes, as long as it is less than a step, or only at times more."""
    for each in [
        lambda n: 0.0,
        lambda n: 0.9 / rate,
        lambda n: 1.5 if n % 400 == 7 else 0.2 / rate,
    ]:
        assert sent_within(1000, rate=rate, each=each) == pytest.approx(1000 * rate, rel=0.01)


def test_a_long_stop_is_not_made_up_for_at_once() -> None:
    clock = Clock()
    pace = Pace(10, clock)
    pace.take()
    clock.now += 3600
    at_once = 0
    while pace.wait_seconds() == 0:
        pace.take()
        at_once += 1
    assert at_once == pytest.approx(10 * CAUGHT_UP_SECONDS, abs=1)


@pytest.mark.parametrize("rate", [0, -1])
def test_a_rate_is_above_nothing(rate: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Pace(rate)


@pytest.mark.django_db
def test_what_is_urgent_goes_before_mass_mail(settings: Any) -> None:
    settings.MAILS_PER_SECOND = 1000
    queue_bulk(3)
    services.send_mail_later(to="b@example.jp", subject="招待", body="本文", key="invitation")
    assert services.lag_seconds() >= 0
    assert relaying.relay() == 4
    assert [sent.to[0] for sent in mail.outbox] == [
        "b@example.jp",
        "a0@example.jp",
        "a1@example.jp",
        "a2@example.jp",
    ]


@pytest.mark.django_db
def test_what_comes_in_between_does_not_wait_for_the_rest(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two mails of a slow mailing an invitation goes out."""
    settings.MAILS_PER_SECOND = 4
    monkeypatch.setattr(relaying, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(relaying, "TURN_SECONDS", 0.4)
    queue_bulk(5)
    real = time.sleep

    def sleep(seconds: float) -> None:
        services.send_mail_later(to="b@example.jp", subject="招待", body="本文", key="invitation")
        real(seconds)

    monkeypatch.setattr(time, "sleep", sleep)
    relaying.relay()
    order = [sent.to[0] for sent in mail.outbox]
    assert order == ["a0@example.jp", "b@example.jp", "a1@example.jp"]
    # The turn is over: the rest waits for the next one, nothing is claimed before its moment.
    assert Message.objects.filter(state="pending", attempts=0).count() == 3


@pytest.mark.django_db
def test_mass_mail_that_waits_its_turn_is_no_lag() -> None:
    """A-43: readiness tells of relays that are gone, not of a long mailing."""
    queue_bulk(1)
    Message.objects.update(not_before=timezone.now() - timedelta(hours=1))
    assert services.lag_seconds() == 0
    Message.objects.update(in_bulk=False)
    assert services.lag_seconds() > 3500


@pytest.mark.django_db
def test_a_mail_of_which_nobody_knows_is_sent_again_when_a_coordinator_says_so(
    settings: Any,
) -> None:
    """A-36: listed, decided by a person, recorded; auditors only read."""
    settings.SECOND_FACTOR_REQUIRED = False
    queue_bulk(4)
    for key, state in (("news:0", "unknown"), ("news:1", "failed"), ("news:2", "done")):
        Message.objects.filter(key=key).update(
            state=state, attempts=12, finished_at=timezone.now(), last_error="Error"
        )
    chosen = [str(pk) for pk in Message.objects.values_list("pk", flat=True)]
    data = {"action": "send_mails_again", "_selected_action": chosen}
    for staff, again in ((make_auditor(), 0), (make_coordinator(), 2)):
        client = Client()
        client.force_login(staff)
        client.post("/admin/outbox/message/", data)
        assert Event.objects.filter(action="send_again").count() == again
    assert Message.objects.filter(state="pending", attempts=0, last_error="").count() == 3
    assert Message.objects.get(key="news:2").state == "done"
    assert relaying.relay() == 3


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_sends_nothing_twice_and_loses_nothing(tmp_path: Path) -> None:
    """`kill -9` in the middle: what the receiving end counts is each mail once. A mail that was
    just being handed over may be unknown: it is listed, never sent again."""
    WorkerProcess.flush_broker()
    queue_bulk(MAILS)
    worker = WorkerProcess(tmp_path / "worker.log")
    with MailSink() as sink:
        try:
            worker.start(environ=sink.environ(PER_SECOND))
            wait_for(lambda: len(sink.received) >= MAILS // 3, worker)
            worker.kill_hard()
            assert len(sink.received) < MAILS, "it was killed too late"
            WorkerProcess.flush_broker()
            worker.start(environ=sink.environ(PER_SECOND))
            wait_for(lambda: not Message.objects.filter(state="pending").exists(), worker)
        finally:
            worker.kill_hard()
            WorkerProcess.flush_broker()
    Message.objects.filter(state="claimed").update(not_before=timezone.now() - timedelta(hours=1))
    relaying.mark_stale_claims()
    got = [received.recipient for received in sink.received]
    unknown = set(Message.objects.filter(state="unknown").values_list("payload__to", flat=True))
    assert len(got) == len(set(got)), "a mail came twice"
    assert set(got) | unknown == {f"a{i}@example.jp" for i in range(MAILS)}, "a mail is lost"
    assert len(unknown) <= 2  # one a kill: in the middle, and at the end of this test
    assert Message.objects.filter(state="done").count() == MAILS - len(unknown)


def wait_for(what: Callable[[], bool], worker: WorkerProcess) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end, worker.text()
        time.sleep(0.02)
