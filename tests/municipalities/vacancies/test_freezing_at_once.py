"""Two who freeze a month at the same moment make one batch (A-34)."""

from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.errors import ExportError
from municipalities.vacancies.models import MinistryExport
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import make_coordinator, make_vacancy

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_who_freeze_a_month_at_once_make_one_batch() -> None:
    """On connections of their own: one has made it, the other is told so and nothing else."""
    make_vacancy("published")
    people = [make_coordinator(), make_coordinator()]
    together = Barrier(2)
    said: list[MinistryExport | ExportError] = []

    def freeze(by: User) -> None:
        try:
            together.wait(30)
            said.append(services.freeze_month(timezone.localdate(), by=by, early=True))
        except ExportError as error:
            said.append(error)
        finally:
            connection.close()

    at_once = [Thread(target=freeze, args=[by]) for by in people]
    for thread in at_once:
        thread.start()
    for thread in at_once:
        thread.join(60)
    made = MinistryExport.objects.get()
    assert made in said
    [refused] = [one for one in said if isinstance(one, ExportError)]
    assert "もう確定しています" in str(refused)
    assert services.verify_exports() == (1, None)
