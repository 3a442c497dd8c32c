"""The confidence fitted anew on the portal's own answers: held back, reported, confirmed."""

import random
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from talentpool.audit.models import Event
from talentpool.outbox.models import Message
from talentpool.specialists import tasks
from talentpool.specialists.confidence import ASSUMED, SIGN_IN, Parameters, chance
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import AvailabilitySignal, ConfidenceFit, Specialist
from talentpool.specialists.services import confidence_by_person, confirm_availability, fits
from talentpool.specialists.services.availability import day_of
from tests import factories

pytestmark = pytest.mark.django_db
TRUTH = Parameters(fresh=0.95, floor=0.08, half_life=20, signal_half_life=45, ratios={SIGN_IN: 8.0})


def make_answers(people: int, *, first: int = 0, sign_ins: bool = False) -> None:
    """People confirm and answer some days later, by another half-life than the assumed one; with
    `sign_ins` by the days on which they signed in too, which have been kept for long."""
    factories.make_code_lists()
    draw = random.Random(7)
    base = factories.make_town()
    rows = Specialist.objects.bulk_create(
        Specialist(
            pool_number=f"H-8{first + number:04}",
            kind="retired",
            status="applied",
            submitted_at=timezone.now(),
            name="見本",
            kana="ミホン",
            base=base,
        )
        for number in range(people)
    )
    now = timezone.now()
    last = Event.objects.order_by("-pk").first()
    events, signals = [], []
    for number, person in enumerate(rows):
        age = draw.uniform(1, 160)
        known = {}
        if sign_ins:
            days = [draw.uniform(0, 100), age + 110]  # the second is of long before
            known = {SIGN_IN: days[0]} if days[0] < age else {}
            signals += [
                AvailabilitySignal(
                    specialist=person, kind=SIGN_IN, at=day_of(now - timedelta(days=day))
                )
                for day in days
            ]
        yes = draw.random() < chance(age, known, TRUTH)
        events.append(
            Event(
                at=now - timedelta(days=age),
                action="confirm_availability",
                object_type="specialists.Specialist",
                object_id=str(person.pk),
                hash=f"sample{first + number}",
                previous_hash=last.hash if last else "",
            )
        )
        kind = "accepted" if yes else "declined"
        signals.append(AvailabilitySignal(specialist=person, kind=kind, at=now, asked_at=now))
    Event.objects.bulk_create(events)
    AvailabilitySignal.objects.bulk_create(signals)


def test_answers_are_read_with_what_was_known_just_before() -> None:
    person = factories.make_specialist()
    now = timezone.now()
    confirm_availability(person, by=person.user)
    for kind, days in (("accepted", -30), ("declined", 10), ("replied", 20), ("unanswered", 40)):
        AvailabilitySignal.objects.create(
            specialist=person, kind=kind, at=now + timedelta(days=days)
        )
    first, second, third = (answer for _, answer in fits.own_answers())
    assert (first.yes, first.age, first.signal_ages) == (True, float("inf"), {})
    assert (second.yes, round(second.age)) == (False, 10)
    assert second.signal_ages == {}  # what came before the confirmation counts no more
    assert (third.yes, round(third.age)) == (False, 40)
    assert {kind: round(age) for kind, age in third.signal_ages.items()} == {
        "declined": 30,
        "replied": 20,
    }


def test_what_came_after_the_asking_predicts_nothing_and_the_last_answer_counts() -> None:
    """Who says yes has signed in to say so: that is no sign that came before."""
    person = factories.make_specialist()
    now = timezone.now()

    def note(kind: str, days: float, asked: float | None = None) -> None:
        AvailabilitySignal.objects.create(
            specialist=person,
            kind=kind,
            at=now + timedelta(days=days),
            asked_at=None if asked is None else now + timedelta(days=asked),
        )

    note(SIGN_IN, 0)
    note(SIGN_IN, 120)
    note(SIGN_IN, 131)
    note("accepted", 131, asked=130)
    note("declined", 140, asked=130)  # thought better of it
    ((_, answer),) = fits.own_answers()  # too few to know of sign-ins
    assert (answer.yes, answer.signal_ages) == (False, {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fits, "LEAST_ANSWERS", 1)
        ((_, answer),) = fits.own_answers()
        assert {kind: round(age) for kind, age in answer.signal_ages.items()} == {SIGN_IN: 10}
        # Asked for before the days had been kept for long, an answer knows of none.
        AvailabilitySignal.objects.filter(kind=SIGN_IN).order_by("at")[0].delete()
        ((_, answer),) = fits.own_answers()
        assert answer.signal_ages == {}


def test_a_fit_weighs_the_days_of_signing_in() -> None:
    make_answers(1200, sign_ins=True)
    row = fits.refit()
    assert row.answers + row.held_back == 1200
    assert row.values.ratios[SIGN_IN] > 2
    assert row.brier < row.brier_no_decay
    # The same answers without the days: what a fit was before they were kept.
    AvailabilitySignal.objects.filter(kind=SIGN_IN).delete()
    without = fits.refit()
    assert without.values.ratios[SIGN_IN] == 1
    assert row.brier < without.brier


def test_a_sign_in_is_kept_as_a_day_once() -> None:
    person = factories.make_specialist()
    member = factories.make_editor()
    gone = factories.make_specialist()
    type(gone).objects.filter(pk=gone.pk).update(status="withdrawn")
    for user in (person.user, person.user, member, gone.user):
        Client().post(
            reverse("account_login"), {"login": user.email, "password": factories.PASSWORD}
        )
    row = AvailabilitySignal.objects.get()
    assert (row.specialist, row.kind, row.asked_at) == (person, SIGN_IN, None)
    assert row.at == day_of(timezone.now())
    assert timezone.localtime(row.at).hour == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        AvailabilitySignal.objects.create(specialist=person, kind=SIGN_IN, at=row.at)


def test_with_few_answers_nothing_is_kept() -> None:
    factories.make_specialist()
    with pytest.raises(CommandError, match="回答がまだ足りません"):
        call_command("refit_confidence", stdout=StringIO())
    assert not ConfidenceFit.objects.exists()


def test_a_fit_is_checked_and_counts_once_a_coordinator_confirms_it(settings: object) -> None:
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]
    make_answers(1200)
    person = factories.make_specialist(confirmed_at=timezone.now() - timedelta(days=60))
    before = confidence_by_person([person.pk])[person.pk]
    out = StringIO()
    call_command("refit_confidence", stdout=out)
    row = ConfidenceFit.objects.get()
    assert row.answers + row.held_back == 1200
    assert row.brier < row.brier_now  # held-back people, predicted by what the others answered
    assert row.brier < row.brier_no_decay
    assert 10 < row.values.half_life < 40
    assert row.values != ASSUMED
    assert row.values.ratios[SIGN_IN] == 1  # of which no answer knows
    assert f"{row.brier:.4f}" in out.getvalue()
    assert confidence_by_person([person.pk])[person.pk] == before  # nobody has confirmed it
    url = reverse("admin:specialists_confidencefit_change", args=[row.pk])
    client = Client()
    client.force_login(factories.make_member("auditor"))
    assert "この値を使い始める" not in client.get(url).content.decode()
    client.post(url)
    assert fits.parameters_in_force() == ASSUMED
    client.force_login(factories.make_coordinator())
    assert "この値を使い始める" in client.get(url).content.decode()
    client.post(url)
    assert fits.parameters_in_force() == row.values
    assert confidence_by_person([person.pk])[person.pk] < before - 100
    with pytest.raises(PoolRefused, match="もう使い始めています"):
        fits.confirm_fit(row.pk, by=factories.make_coordinator())


def test_what_predicts_worse_is_not_used() -> None:
    row = ConfidenceFit.objects.create(
        answers=100,
        held_back=100,
        parameters={
            "fresh": 0.9,
            "floor": 0.3,
            "half_life": 9,
            "signal_half_life": 9,
            "ratios": {},
        },
        brier=0.3,
        brier_now=0.2,
        brier_no_decay=0.3,
        worst_points=9,
    )
    with pytest.raises(PoolRefused, match="いまの値のほうがよく当たる"):
        fits.confirm_fit(row.pk, by=factories.make_coordinator())


def test_each_month_new_answers_are_fitted_and_told_and_nothing_is_switched() -> None:
    """Run by the calendar with 200 answers since the last fit; twice does nothing more."""
    coordinator = factories.make_coordinator()
    make_answers(199)
    assert tasks.refit_confidence() is None
    make_answers(200, first=1000)
    made = tasks.refit_confidence()
    row = ConfidenceFit.objects.get(pk=made)
    assert (row.answers + row.held_back, row.confirmed_at) == (399, None)
    assert fits.parameters_in_force() == ASSUMED
    mail = Message.objects.get(key=f"confidence-fit:{row.pk}:{coordinator.pk}")
    assert reverse("admin:specialists_confidencefit_change", args=[row.pk]) in mail.payload["body"]
    assert tasks.refit_confidence() is None
    signals = AvailabilitySignal.objects.order_by("pk").values_list("pk", flat=True)
    later = timezone.now() + timedelta(days=1)
    AvailabilitySignal.objects.filter(pk__in=list(signals[:200])).update(at=later)
    assert tasks.refit_confidence() is not None
