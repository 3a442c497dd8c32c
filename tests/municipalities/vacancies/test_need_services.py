"""The verbs of a need: every state with every verb, what is told to whom, what is recorded."""

from datetime import date
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.errors import IncompleteError, NotAllowedNowError
from municipalities.vacancies.models import Need
from talentpool.audit.models import Event
from talentpool.conventions.era import format_month
from talentpool.conventions.months import add_months, first_of_month
from talentpool.outbox.models import Message
from tests.municipalities.vacancies.objects import make_coordinator, make_editor, make_need

pytestmark = pytest.mark.django_db

VERBS: dict[str, Any] = {
    "submit": lambda need, by: services.submit_need(need, by=by),
    "accept": lambda need, by: services.accept_need(need, priority=1, by=by),
    "return": lambda need, by: services.return_need(need, remark="直して", by=by),
    "withdraw": lambda need, by: services.withdraw_need(need, by=by),
    "mark_filled": lambda need, by: services.mark_filled(need, by=by),
    "mark_unfilled": lambda need, by: services.mark_unfilled(need, by=by),
    "mark_lapsed": lambda need, by: services.mark_lapsed(need, by=by),
}
# Written down apart from the model's table, so that a slip in the table is seen.
ALLOWED = {
    ("draft", "submit"): "submitted",
    ("submitted", "accept"): "accepted",
    ("submitted", "return"): "draft",
    ("draft", "withdraw"): "withdrawn",
    ("submitted", "withdraw"): "withdrawn",
    ("accepted", "withdraw"): "withdrawn",
    ("accepted", "mark_filled"): "filled",
    ("accepted", "mark_unfilled"): "unfilled",
    ("accepted", "mark_lapsed"): "lapsed",
    ("accepted", "return"): "draft",
}


def mails_since(number: int) -> list[dict[str, Any]]:
    return [m.payload for m in Message.objects.filter(kind="mail").order_by("pk")[number:]]


@pytest.mark.parametrize("status", Need.Status.values)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_from_every_state(status: str, verb: str) -> None:
    """ASVS 2.3.1: only the listed pairs succeed, and a refused verb changes nothing."""
    need = make_need(status)
    by = make_coordinator()
    assert need.allows(verb) == ((status, verb) in ALLOWED)
    if (status, verb) in ALLOWED:
        assert VERBS[verb](need, by).status == ALLOWED[status, verb]
        return
    events = Event.objects.count()
    with pytest.raises(NotAllowedNowError, match=need.get_status_display()):
        VERBS[verb](need, by)
    assert Need.objects.get().status == status
    assert Event.objects.count() == events


def test_a_stale_object_is_read_again() -> None:
    need = make_need("submitted")
    by = make_coordinator()
    services.accept_need(Need.objects.get(pk=need.pk), priority=1, by=by)
    with pytest.raises(NotAllowedNowError):
        services.accept_need(need, priority=1, by=by)


def test_submitting_tells_the_coordinators_and_nobody_else() -> None:
    coordinator = make_coordinator()
    make_editor("343021")
    need = make_need("draft")
    services.submit_need(need, by=need.created_by)
    (mail,) = mails_since(0)
    assert mail["to"] == coordinator.email
    assert need.title not in mail["subject"] + mail["body"]  # B-13
    assert f"/admin/vacancies/need/{need.pk}/review/" in mail["body"]


@pytest.mark.parametrize("verb", ["accept", "return", "mark_unfilled", "mark_lapsed"])
def test_the_town_is_told_of_each_answer(verb: str) -> None:
    need = make_need("accepted" if verb.startswith("mark_") else "submitted")
    before = Message.objects.filter(kind="mail").count()
    VERBS[verb](need, make_coordinator())
    (mail,) = mails_since(before)
    assert mail["to"] == need.created_by.email
    assert f"/town/needs/{need.pk}/" in mail["body"]


def test_a_second_return_is_told_again() -> None:
    need = make_need("returned")
    by = make_coordinator()
    need = services.submit_need(need, by=need.created_by)
    assert need.remark == ""
    before = Message.objects.filter(kind="mail").count()
    services.return_need(need, remark="まだです", by=by)
    assert len(mails_since(before)) == 1


def test_events_hold_ids_only() -> None:
    need = make_need("submitted")
    by = make_coordinator()
    services.return_need(need, remark="秘密の言葉", by=by)
    event = Event.objects.latest("pk")
    assert (event.action, event.object_id, event.actor_id) == ("return_need", str(need.pk), by.pk)
    assert "秘密の言葉" not in str(event.detail)


def test_a_need_without_skill_is_not_submitted() -> None:
    need = make_need("draft")
    need.skills.all().delete()
    with pytest.raises(IncompleteError, match="スキル"):
        services.submit_need(need, by=need.created_by)


@pytest.mark.parametrize(("verb", "state"), [("submit", "draft"), ("accept", "submitted")])
def test_a_need_whose_first_month_has_passed_goes_no_further(verb: str, state: str) -> None:
    """And its way out is there: the draft can be mended, what was submitted be returned."""
    need = make_need(state)
    this_month = first_of_month(timezone.localdate())
    Need.objects.update(first_month=add_months(this_month, -1))
    with pytest.raises(IncompleteError, match="開始月"):
        VERBS[verb](need, make_coordinator())
    assert Need.objects.get().status == state
    Need.objects.update(first_month=this_month)
    assert VERBS[verb](need, make_coordinator()).status == ALLOWED[state, verb]


@pytest.mark.parametrize(("verb", "state"), [("submit", "draft"), ("accept", "submitted")])
def test_a_need_that_reaches_too_far_ahead_goes_no_further(verb: str, state: str) -> None:
    """The engine plans 60 months: one such need would make every run fail."""
    need = make_need(state)
    latest = Need.latest_month(first_of_month(timezone.localdate()))
    far = add_months(latest, 1)
    Need.objects.update(first_month=far, last_month=far)
    with pytest.raises(IncompleteError, match="先すぎます") as refusal:
        VERBS[verb](need, make_coordinator())
    assert format_month(latest) in str(refusal.value)
    assert Need.objects.get().status == state
    Need.objects.update(first_month=latest, last_month=latest)
    assert VERBS[verb](need, make_coordinator()).status == ALLOWED[state, verb]


def test_a_need_may_last_48_months_and_no_more() -> None:
    need, start = (
        make_need("draft"),
        date(2027, 3, 1),
    )  # from any month of the years with a leap day
    for months in range(48):
        first = add_months(start, months)
        Need.objects.filter(pk=need.pk).update(first_month=first, last_month=add_months(first, 47))
        with pytest.raises(IntegrityError, match="need_is_48_months"), transaction.atomic():
            Need.objects.filter(pk=need.pk).update(last_month=add_months(first, 48))


@pytest.mark.parametrize(
    ("month", "latest"),
    [
        (date(2026, 11, 1), date(2030, 3, 1)),  # the three fiscal years after the current one
        (date(2027, 3, 1), date(2030, 3, 1)),
        (date(2027, 4, 1), date(2031, 3, 1)),
    ],
)
def test_a_need_may_reach_to_the_end_of_the_third_next_fiscal_year(
    month: date, latest: date
) -> None:
    assert Need.latest_month(month) == latest


def test_needs_that_are_too_long_are_named_before_the_limit_is_set() -> None:
    """A migration neither shortens them nor fails without a word."""
    migration = import_module(
        "municipalities.vacancies.migrations.0010_need_ends_in_three_fiscal_years"
    )
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE vacancies_need DROP CONSTRAINT need_is_48_months_at_most")
    fits, longer = make_need("draft"), make_need("draft", title="長い案件")
    migration.name_what_does_not_fit(apps, None)
    for need, months in ((fits, 47), (longer, 48)):
        last = add_months(need.first_month, months)
        Need.objects.filter(pk=need.pk).update(last_month=last)
    with pytest.raises(CommandError, match=f"48 months.*: {longer.pk} \\(長い案件\\)\\. "):
        migration.name_what_does_not_fit(apps, None)


def test_a_return_needs_words() -> None:
    need = make_need("submitted")
    with pytest.raises(IncompleteError, match="直してほしい点"):
        services.return_need(need, remark=" ", by=make_coordinator())
    assert Need.objects.get().status == "submitted"


def test_a_priority_is_one_to_three() -> None:
    with pytest.raises(ValueError, match="priority"):
        services.accept_need(make_need("submitted"), priority=4, by=make_coordinator())


def test_a_withdrawal_keeps_its_words() -> None:
    """What it ends or is refused for in other rooms: tests/matching/proposals."""
    need = make_need("accepted")
    services.withdraw_need(need, note="不要になった", by=need.created_by)
    assert Need.objects.get().closing_note == "不要になった"


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"last_month": "2020-01-01"}, "need_ends_after_start"),
        ({"least_half_days": 6}, "need_amount_is_in_order"),
        ({"half_days": 41}, "need_amount_is_in_order"),
        ({"on_site_half_days": 6}, "on_site_part_fits_in_need"),
        ({"weekdays": 128}, "need_weekdays_are_seven_bits"),
        ({"priority": 4}, "need_priority_is_one_to_three"),
        ({"status": "submitted"}, "submitted_need_has_time"),
        ({"status": "accepted", "submitted_at": "2026-11-01T00:00Z"}, "accepted_need_has_time"),
        ({"status": "withdrawn"}, "closed_need_has_time"),
    ],
)
def test_what_must_never_be_false(values: dict[str, Any], constraint: str) -> None:
    need = make_need("draft")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Need.objects.filter(pk=need.pk).update(**values)


def test_the_prefecture_sees_a_need_from_its_first_submission_on() -> None:
    coordinator, other = make_coordinator(), make_editor("343021")
    draft, returned = make_need("draft"), make_need("returned")
    assert list(Need.objects.visible_to(coordinator)) == [returned]
    assert set(Need.objects.visible_to(draft.created_by)) == {draft, returned}
    assert list(Need.objects.visible_to(other)) == []
