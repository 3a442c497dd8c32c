"""R13: side work until the employer's permission ends, and without one where none is needed."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from matching.proposals.errors import Refused
from matching.proposals.freeze import freeze, permitted_months
from talentpool.conventions.months import add_months, last_day, month_range
from talentpool.outbox.models import Message
from talentpool.specialists.home import registration_of
from talentpool.specialists.models import Background, Specialist
from talentpool.specialists.tasks import sweep_terms
from tests import factories
from tests.matching.world import make_world

MONTHS = month_range(date(2026, 11, 1), date(2027, 4, 1))


@pytest.mark.parametrize(
    ("kind", "needed", "until", "months"),
    [
        ("retired", None, None, None),
        ("firm", True, date(2026, 1, 1), None),  # the rule is that of side jobs
        ("side_job", False, None, None),
        ("side_job", False, date(2026, 1, 1), None),
        ("side_job", None, None, (0, 0)),  # who has not said so needs it
        ("side_job", True, None, (0, 0)),
        ("side_job", True, date(2026, 11, 29), (0, 0)),
        ("side_job", True, date(2026, 11, 30), (0, 1)),
        ("side_job", True, date(2027, 1, 30), (0, 2)),
        ("side_job", None, date(2027, 1, 31), (0, 3)),
        ("side_job", True, date(2030, 1, 1), (0, 6)),
    ],
)
def test_which_months_are_permitted(
    kind: str, needed: bool | None, until: date | None, months: tuple[int, int] | None
) -> None:
    person = Specialist(kind=kind, side_job_permit_until=until)
    person.background = Background(specialist=person, permit_needed=needed)
    assert permitted_months(person, MONTHS) == months


def test_who_said_nothing_of_a_permit_needs_one() -> None:
    assert permitted_months(Specialist(kind="side_job"), MONTHS) == (0, 0)


@pytest.mark.django_db
def test_a_run_offers_who_needs_no_permit() -> None:
    person = factories.make_specialist(kind="side_job")
    Background.objects.create(specialist=person, permit_needed=False)
    need = factories.make_need("accepted")
    (frozen,) = freeze([need]).specialists
    assert frozen.permission is None
    assert factories.make_proposals(factories.make_run([need]), [need])


@pytest.mark.django_db
@pytest.mark.parametrize(("days_short", "stops"), [(0, False), (1, True)])
def test_a_permit_that_ended_after_the_run_stops_the_approach(days_short: int, stops: bool) -> None:
    world = make_world("ranked")
    end = last_day(world.needs[0].last_month)
    Specialist.objects.filter(pk=world.people[0].pk).update(
        kind="side_job", side_job_permit_until=end - timedelta(days=days_short)
    )
    if stops:
        with pytest.raises(Refused, match="副業の許可・承諾"):
            world.approach()
    else:
        assert world.approach().specialist == world.people[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"kind": "side_job", "side_job_permit_until": None}, "副業の許可・承諾"),
        ({"status": "renewal_due"}, "登録中ではありません"),
        ({"status": "removed"}, "登録中ではありません"),
    ],
)
def test_what_was_asked_at_the_approach_is_asked_again_at_the_signing(
    changed: dict[str, Any], words: str
) -> None:
    world = make_world("agreed")
    person = Specialist.objects.filter(pk=world.people[0].pk)
    as_it_was = person.values(*changed).get()
    person.update(**changed)
    with pytest.raises(Refused, match=words):
        world.sign()
    person.update(**as_it_was)
    person.update(max_towns=1)  # said after the yes: what was agreed to is not counted again
    assert world.sign().specialist == world.people[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "needed", "told"),
    [(31, True, False), (30, True, True), (-3, True, True), (3, False, False)],
)
def test_a_permit_about_to_end_is_told_and_again_once_a_quarter(
    days: int, needed: bool, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = timezone.localdate() + timedelta(days=days)
    person = factories.make_specialist(kind="side_job", side_job_permit_until=until)
    Background.objects.create(specialist=person, permit_needed=needed)
    sweep_terms()
    sweep_terms()
    mails = Message.objects.filter(key__startswith=f"permit:{person.pk}:")
    assert mails.count() == int(told)
    said = [item.title for item in registration_of(person.user)]
    assert ("副業の許可・承諾の期限" in said) is told
    monkeypatch.setattr(timezone, "localdate", lambda: until + timedelta(days=60))
    sweep_terms()
    sweep_terms()
    assert mails.count() == int(told) + int(needed)
    monkeypatch.undo()
    later = add_months(until.replace(day=1), 6)
    Specialist.objects.filter(pk=person.pk).update(side_job_permit_until=later)
    assert list(registration_of(person.user)) == []
