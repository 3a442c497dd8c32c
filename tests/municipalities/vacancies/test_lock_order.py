"""What a town says of the month is locked before the chain of the audit record, in every verb."""

from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.models import MonthlyRound, RoundAnswer, Vacancy
from talentpool.audit import services as audit
from talentpool.conventions.months import first_of_month
from talentpool.users.models import User
from tests.lock_order import watching
from tests.municipalities.vacancies.objects import make_coordinator, make_editor, make_vacancy

pytestmark = pytest.mark.django_db


VERBS: dict[str, tuple[str, Callable[[Vacancy, User], object]]] = {
    "submit_change": ("changed", lambda row, by: services.submit_change(row, by=by)),
    "discard_change": ("changed", lambda row, by: services.discard_change(row, by=by)),
    "close": ("", lambda row, by: services.close_vacancy(row, outcome="filled", by=by)),
    "withdraw": ("", lambda row, by: services.withdraw_vacancy(row, by=by)),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_town_answers_before_the_chain(verb: str) -> None:
    editor = make_editor()
    vacancy = make_vacancy("published", by=editor)
    month = first_of_month(timezone.localdate())
    round_ = MonthlyRound.objects.create(month=month, opens_on=month, cut_off=month)
    answer = RoundAnswer.objects.create(round=round_, municipality_id=vacancy.municipality_id)
    state, call = VERBS[verb]
    if state == "changed":
        vacancy = services.open_change(vacancy, by=editor)
        services.save_values(
            vacancy, {"headcount": "7"}, identifiers=["headcount"], version=1, by=editor
        )
        vacancy.refresh_from_db()
    with watching() as order:
        call(vacancy, editor)
        answer.refresh_from_db()
        services.confirm_round(answer, by=editor)
        RoundAnswer.objects.update(answered_at=None, kind="", answered_by=None)
        services.remind_silent(round_, by=make_coordinator())
    assert order.found == []


def test_the_watcher_sees_what_is_locked_after_the_chain() -> None:
    vacancy = make_vacancy()
    with watching() as order:
        with transaction.atomic():
            audit.record("x", vacancy, by=None)
            Vacancy.objects.select_for_update().get(pk=vacancy.pk)
        with transaction.atomic():  # another verb begins anew
            Vacancy.objects.update(version=2)
            audit.record("x", vacancy, by=None)
            Vacancy.objects.update(version=3)  # held already
    assert [table for table, _ in order.found] == ["vacancies_vacancy"]
