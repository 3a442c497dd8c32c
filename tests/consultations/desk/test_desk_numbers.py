"""Numbers of a fiscal year while many towns ask at once."""

import threading
from typing import Any

import pytest
from django.db import connection

from consultations.desk import services
from consultations.desk.models import Consultation
from tests.consultations.objects import make_coordinator, make_editor, unsaved

THREADS = 16


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gap_and_no_double_under_concurrency() -> None:
    make_coordinator()
    askers = [make_editor(code) for code in ("342157", "342084", "343021", "343099")]
    questions = [unsaved(title=f"相談{n}") for n in range(THREADS)]
    start = threading.Barrier(THREADS)
    errors: list[BaseException] = []

    def ask(position: int) -> None:
        try:
            start.wait()
            services.ask(questions[position], by=askers[position % len(askers)])
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    _run(ask)
    assert errors == []
    numbers = sorted(Consultation.objects.values_list("number", flat=True))
    assert numbers == list(range(1, THREADS + 1))


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_many_times_at_once_is_one_consultation() -> None:
    asker = make_editor()
    key = unsaved().request_key
    questions = [unsaved(request_key=key) for _ in range(THREADS)]
    start = threading.Barrier(THREADS)
    made: list[Any] = []

    def ask(position: int) -> None:
        try:
            start.wait()
            made.append(services.ask(questions[position], by=asker).pk)
        except BaseException as error:
            made.append(error)
        finally:
            connection.close()

    _run(ask)
    assert Consultation.objects.count() == 1
    assert made == [Consultation.objects.get().pk] * THREADS


def _run(target: Any) -> None:
    threads = [threading.Thread(target=target, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
