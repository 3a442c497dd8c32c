"""A vacancy does not end while somebody applies to it (and the person hears of no end)."""

from threading import Thread

import pytest
from django.db import connection, transaction

from matching.proposals.services import applications
from municipalities.vacancies import services as vacancies
from municipalities.vacancies.models import Vacancy
from tests.factories import make_specialist
from tests.municipalities.vacancies.objects import make_editor, make_vacancy

pytestmark = pytest.mark.django_db(transaction=True)
WAITS_SECONDS = 0.5


def test_an_end_waits_for_who_is_applying() -> None:
    editor = make_editor()
    vacancy = make_vacancy("published", by=editor)
    person = make_specialist(name="見本 花子").user
    assert person is not None

    def close() -> None:
        try:
            vacancies.close_vacancy(vacancy, outcome="filled", by=editor)
        finally:
            connection.close()

    closing = Thread(target=close)
    with transaction.atomic():
        applications.apply_to_vacancy(vacancy, message="経験があります。", agreed=True, by=person)
        closing.start()
        closing.join(WAITS_SECONDS)
        assert Vacancy.objects.get().status == "published"
    closing.join(30)
    assert Vacancy.objects.get().status == "closed"
