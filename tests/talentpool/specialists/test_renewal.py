"""A renewal keeps a pause; what was vetted of the kind stays."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from talentpool.specialists.forms.person import BasicsForm
from talentpool.specialists.models import Specialist, StatusChange
from talentpool.specialists.services import vetting
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("pauses", "falls_due", "after"),
    [
        (False, False, "registered"),
        (False, True, "registered"),
        (True, False, "paused"),
        (True, True, "paused"),
    ],
)
def test_who_had_paused_stays_paused(pauses: bool, falls_due: bool, after: str) -> None:
    today = timezone.localdate()
    person = factories.make_specialist(registered_on=today - timedelta(days=90))
    user = person.user
    assert user is not None
    if pauses:
        vetting.pause(person, by=user)
    Specialist.objects.filter(pk=person.pk).update(registered_until=today - timedelta(days=1))
    if falls_due:
        assert vetting.sweep_terms() == 1
    client = Client()
    client.force_login(user)
    page = client.post(reverse("specialist:registration_renew"), follow=True).content.decode()
    person.refresh_from_db()
    assert person.status == after
    assert person.registered_until is not None
    assert person.registered_until > today
    assert ("休止は続いています" in page) is pauses
    assert StatusChange.objects.filter(specialist=person).latest("pk").after == after


def test_a_pause_that_was_ended_before_is_not_brought_back() -> None:
    person = factories.make_specialist()
    user = person.user
    assert user is not None
    yesterday = timezone.localdate() - timedelta(days=1)
    Specialist.objects.filter(pk=person.pk).update(
        registered_on=yesterday, registered_until=yesterday
    )
    vetting.pause(person, by=user)
    vetting.resume(person, by=user)
    vetting.sweep_terms()
    assert vetting.renew(Specialist.objects.get(pk=person.pk), by=user).status == "registered"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("draft", "other"),
        ("under_review", "other"),  # the prefecture corrects what it entered itself
        ("registered", "side_job"),
        ("paused", "side_job"),
        ("renewal_due", "side_job"),
    ],
)
def test_the_kind_is_settled_with_the_registration(status: str, kind: str) -> None:
    """With another kind the rule of permits, or of retired staff, would be dropped unasked."""
    person = factories.make_specialist(kind="side_job", status=status)
    sent = {"name": "見本 花子", "kana": "ミホン ハナコ", "kind": "other", "base": person.base_id}
    form = BasicsForm(sent, person=person)
    assert form.is_valid(), form.errors
    form.write()
    person.refresh_from_db()
    assert (person.name, person.kind) == ("見本 花子", kind)
