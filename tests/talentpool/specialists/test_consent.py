"""Consent in words with a version: no use under missing, old or withdrawn consent (B-01, B-02)."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from talentpool.audit.models import Event
from talentpool.specialists.models import Consent, Purpose, PurposeText, Specialist
from talentpool.specialists.services import consent
from talentpool.specialists.services.consent import ConsentRefused
from tests.factories import make_coordinator, make_specialist

pytestmark = pytest.mark.django_db


def new_words(purpose: str, *, from_day: date, grace: date | None = None) -> PurposeText:
    return consent.publish_text(
        purpose=purpose,
        body="新しい文面",
        recipients="県内の市町",
        retention="1年",
        in_force_from=from_day,
        earlier_until=grace,
        by=None,
    )


def in_force_since(text: PurposeText, days: int) -> None:
    """As if the words had come into force some days ago."""
    PurposeText.objects.filter(pk=text.pk).update(
        in_force_from=timezone.localdate() - timedelta(days=days)
    )


def test_the_first_words_ship_for_every_purpose_and_none_is_said_to_be_confirmed() -> None:
    texts = consent.texts_in_force()
    assert [text.purpose for text in texts] == Purpose.values
    assert not any(text.confirmed for text in texts)
    assert all(text.body and text.recipients and text.retention for text in texts)


def test_nobody_is_matched_without_consent() -> None:
    person = make_specialist()
    assert list(Specialist.objects.registered()) == [person]
    for purpose in (Purpose.REGISTRATION, Purpose.PROVISION):
        consent.withdraw(person, purpose, by=person.user)
        assert list(Specialist.objects.registered()) == []
        consent.give(person, consent.missing(person), by=person.user)
    assert list(Specialist.objects.registered()) == [person]
    consent.withdraw(person, Purpose.REGISTRATION, by=person.user)
    assert not consent.agrees(person, Purpose.REGISTRATION)
    assert consent.agrees(person, Purpose.PROVISION)


@pytest.mark.parametrize(
    ("grace_days", "counts"),
    [(None, False), (-1, False), (0, True), (5, True)],
)
def test_old_words_count_while_their_grace_lasts(grace_days: int | None, counts: bool) -> None:
    today = timezone.localdate()
    person = make_specialist()
    text = new_words(Purpose.PROVISION, from_day=today)
    in_force_since(text, 10)
    grace = None if grace_days is None else today + timedelta(days=grace_days)
    PurposeText.objects.filter(pk=text.pk).update(earlier_until=grace)
    assert consent.agrees(person, Purpose.PROVISION) is counts
    assert [row.pk for row in consent.missing(person)] == [text.pk]  # asked again in any case
    consent.give(person, consent.missing(person), by=person.user)
    assert consent.agrees(person, Purpose.PROVISION)
    assert Consent.objects.current().filter(specialist=person, purpose="provision").count() == 1


def test_the_grace_reaches_back_one_version_only() -> None:
    today = timezone.localdate()
    person = make_specialist()
    first = new_words(Purpose.PROVISION, from_day=today)
    PurposeText.objects.filter(pk=first.pk).update(in_force_from=today - timedelta(days=9))
    second = new_words(Purpose.PROVISION, from_day=today, grace=today + timedelta(days=9))
    assert second.version == 3
    assert not consent.agrees(person, Purpose.PROVISION)


def test_words_of_tomorrow_change_nothing_today() -> None:
    person = make_specialist()
    new_words(Purpose.PROVISION, from_day=timezone.localdate() + timedelta(days=1))
    assert consent.agrees(person, Purpose.PROVISION)
    assert consent.missing(person) == []


def test_words_that_are_no_longer_in_force_are_refused() -> None:
    person = make_specialist()
    read = consent.texts_in_force([Purpose.NEWS])
    new_words(Purpose.NEWS, from_day=timezone.localdate())
    with pytest.raises(ConsentRefused):
        consent.give(person, read, by=person.user)


def test_new_words_start_today_or_later_and_after_the_ones_before() -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    with pytest.raises(ConsentRefused):
        new_words(Purpose.NEWS, from_day=yesterday)
    new_words(Purpose.NEWS, from_day=timezone.localdate())
    with pytest.raises(ConsentRefused):
        new_words(Purpose.NEWS, from_day=timezone.localdate())


def test_a_consent_says_which_words_when_how_and_who_wrote_it_down() -> None:
    person, coordinator = make_specialist(), make_coordinator()
    text = consent.texts_in_force([Purpose.NEWS])
    [row] = consent.give(person, text, method=Consent.Method.PAPER, by=coordinator)
    assert row.text_sha256 == text[0].digest()
    assert (row.method, row.recorded_by) == ("paper", coordinator)
    event = Event.objects.order_by("-pk")[0]
    assert event.action == "give_consent"
    assert event.detail == {"purpose": "news", "version": 1, "method": "paper"}
    assert consent.give(person, text, by=coordinator) == []  # a second time changes nothing


def test_a_pledge_is_not_taken_back() -> None:
    person = make_specialist()
    with pytest.raises(ConsentRefused):
        consent.withdraw(person, Purpose.CONFIDENTIALITY, by=person.user)


def test_the_database_holds_one_current_consent_and_times_in_order() -> None:
    person = make_specialist()
    row = Consent.objects.current().filter(specialist=person).first()
    again = Consent(
        specialist=person, purpose=row.purpose, text=row.text, text_sha256=row.text_sha256
    )
    with (
        pytest.raises(IntegrityError, match="one_current_consent_per_purpose"),
        transaction.atomic(),
    ):
        again.save()
    row.withdrawn_at = row.given_at - timedelta(seconds=1)
    with (
        pytest.raises(IntegrityError, match="consent_is_withdrawn_after_it_was_given"),
        transaction.atomic(),
    ):
        row.save()


def test_consents_are_seen_by_the_person_and_the_prefecture() -> None:
    person, other = make_specialist(), make_specialist()
    mine = set(Consent.objects.visible_to(person.user))
    assert mine == set(Consent.objects.filter(specialist=person))
    assert not mine & set(Consent.objects.visible_to(other.user))
    assert not Consent.objects.visible_to(AnonymousUser()).exists()
    assert Consent.objects.visible_to(make_coordinator()).count() == Consent.objects.count()
