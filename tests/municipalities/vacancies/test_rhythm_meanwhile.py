"""A rhythm that is changed while something is being published misses nothing."""

import time
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from municipalities.vacancies import services
from municipalities.vacancies.services.subscriptions import notify_at_once
from tests.municipalities.vacancies.objects import make_coordinator, make_vacancy
from tests.municipalities.vacancies.test_subscriptions import mails, make_subscription

pytestmark = pytest.mark.django_db(transaction=True)


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype='advisory' AND NOT granted")
        return bool(cursor.fetchone()[0])


def test_what_is_being_published_is_told_by_one_of_the_two_rhythms() -> None:
    """It has its time, and nobody else sees it yet, when the subscriber changes from daily mails
    to mails at once: the change waits for it."""
    row = make_subscription("hito@example.jp", rhythm="daily")
    vacancy, by = make_vacancy("submitted"), make_coordinator()
    published, changed = Event(), Event()

    def publish() -> None:
        try:
            with transaction.atomic():
                services.publish_vacancy(vacancy, by=by)
                published.set()
                while not changed.is_set() and not somebody_waits():
                    time.sleep(0.01)
        finally:
            published.set()
            connection.close()

    thread = Thread(target=publish)
    thread.start()
    assert published.wait(30)
    services.change_subscription(row.token, areas=[], fields=[], rhythm="at_once")
    changed.set()
    thread.join(30)
    notify_at_once(vacancy.pk)
    assert len(mails("news:") + mails("rest:")) == 1
