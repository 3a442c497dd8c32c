"""Rules that hold in the database itself, tried past the ORM (A-24)."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from consultations.desk.models import Consultation
from tests.consultations.objects import make_consultation

pytestmark = pytest.mark.django_db

BROKEN: list[tuple[str, str, dict[str, Any]]] = [
    ("asked", "consultation_number_starts_at_one", {"number": 0}),
    ("asked", "consultation_has_title_and_question", {"title": ""}),
    ("asked", "consultation_has_title_and_question", {"question": ""}),
    ("answered", "consultation_in_hand_has_assignee", {"assignee_id": None}),
    ("asked", "turn_fits_consultation_status", {"turn": "town"}),
    ("asked", "turn_fits_consultation_status", {"turn": ""}),
    ("answered", "turn_fits_consultation_status", {"turn": "prefecture"}),
    ("closed", "turn_fits_consultation_status", {"turn": "town"}),
    ("answered", "answered_consultation_has_time", {"answered_at": None}),
    ("asked", "answered_consultation_has_time", {"answered_at": "2026-11-24"}),
    ("closed", "closed_consultation_has_time", {"closed_at": None}),
    ("asked", "closed_consultation_has_time", {"closed_at": "2026-11-24"}),
]


def set_raw(table: str, pk: int, values: dict[str, Any]) -> None:
    columns = ", ".join(f'"{name}" = %s' for name in values)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{table}" SET {columns} WHERE id = %s', [*values.values(), pk])


@pytest.mark.parametrize(("state", "constraint", "values"), BROKEN)
def test_the_database_refuses(state: str, constraint: str, values: dict[str, Any]) -> None:
    made = make_consultation(state)
    with pytest.raises(IntegrityError, match=constraint):
        set_raw("desk_consultation", made.pk, values)


def test_an_asked_consultation_has_no_assignee() -> None:
    made = make_consultation()
    with pytest.raises(IntegrityError, match="consultation_in_hand_has_assignee"):
        set_raw("desk_consultation", made.pk, {"assignee_id": made.asked_by_id})


def test_a_number_is_used_once_a_year() -> None:
    first, second = make_consultation(), make_consultation()
    with pytest.raises(IntegrityError, match="consultation_number_is_unique_in_year"):
        set_raw("desk_consultation", second.pk, {"number": first.number})


def test_a_message_is_not_empty() -> None:
    message = make_consultation("answered").messages.get()
    with pytest.raises(IntegrityError, match="message_is_not_empty"):
        set_raw("desk_message", message.pk, {"body": ""})


def test_every_check_of_the_model_is_tried() -> None:
    tried = {name for _, name, _ in BROKEN} | {"consultation_number_is_unique_in_year"}
    assert {constraint.name for constraint in Consultation._meta.constraints} == tried
