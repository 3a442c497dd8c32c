"""Who unsubscribes while news is being queued gets none of it (B-13, B-14)."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.models import Subscription
from talentpool.embedded.sample import past
from talentpool.outbox.models import Message
from tests.municipalities.vacancies.objects import make_vacancy

pytestmark = pytest.mark.django_db(transaction=True)
WAITS_SECONDS = 0.5


def _digests(pk: int) -> Any:
    return services.send_digests(timezone.localtime().replace(hour=12))


@pytest.mark.parametrize(
    ("rhythm", "queue"), [("at_once", services.notify_at_once), ("daily", _digests)]
)
def test_no_mail_stays_of_who_leaves_while_it_is_queued(
    rhythm: str, queue: Callable[[int], Any]
) -> None:
    with past.on(timezone.localdate() - timedelta(days=1)):
        vacancy = make_vacancy("published")
    Subscription.objects.create(
        email="hito@example.jp",
        token="t",
        rhythm=rhythm,
        consent="x",
        confirmed_at=timezone.now(),
    )

    def leave() -> None:
        try:
            services.unsubscribe("t")
        finally:
            connection.close()

    leaving = Thread(target=leave)
    with transaction.atomic():
        assert queue(vacancy.pk) == 1
        leaving.start()
        leaving.join(WAITS_SECONDS)  # it waits for this transaction, or was through long ago
    leaving.join(30)
    assert not leaving.is_alive()
    assert Subscription.objects.count() == 0
    assert not Message.objects.filter(key__startswith="subscription:").exists()
