"""A renewal keeps a pause; what was vetted of the kind stays."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from talentpool.specialists import terms
from talentpool.specialists.forms.person import BasicsForm
from talentpool.specialists.models import InterestDeclaration, Specialist, StatusChange
from talentpool.specialists.services import declare_interests, vetting
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


def test_nobody_is_matched_past_the_term_though_the_sweep_is_late() -> None:
    today = timezone.localdate()
    last, over = (
        factories.make_specialist(registered_on=today - timedelta(days=9), registered_until=day)
        for day in (today, today - timedelta(days=1))
    )
    assert over.status == "registered"
    assert list(Specialist.objects.registered()) == [last]


def test_what_runs_at_an_hour_runs_once_in_it() -> None:
    """crontab(hour=1) alone means each minute of that hour."""
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        schedule = entry["schedule"]
        assert len(schedule.hour) == 24 or len(schedule.minute) == 1, name


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


# --- The declaration of the coming year -----------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2027, 2, 28), 2026),
        (date(2027, 3, 1), 2027),
        (date(2027, 3, 31), 2027),
        (date(2027, 4, 1), 2027),
        (date(2028, 2, 29), 2027),
    ],
)
def test_from_march_on_ties_are_declared_for_the_coming_year(
    day: date, year: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert terms.declaration_year(day) == year
    person = factories.make_specialist()
    assert person.user is not None
    monkeypatch.setattr(timezone, "localdate", lambda: day)
    made = declare_interests(person, by=person.user)
    assert made.fiscal_year == year


@pytest.mark.parametrize("ticked", [True, False])
def test_a_renewal_takes_the_declaration_of_its_year_along(
    ticked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On 1 April the person is not K11 要確認."""
    person = factories.make_specialist(
        registered_on=date(2026, 4, 1), registered_until=date(2027, 3, 31)
    )
    InterestDeclaration.objects.update(fiscal_year=2026)
    client = Client()
    client.force_login(person.user)  # type: ignore[arg-type]
    monkeypatch.setattr(timezone, "localdate", lambda: date(2027, 2, 10))
    url = reverse("specialist:registration_renew")
    assert "令和9年度の申告とします" in client.get(url).content.decode()
    client.post(url, {"declare": "on"} if ticked else {})
    person.refresh_from_db()
    assert person.registered_until == date(2028, 3, 31)
    declared = InterestDeclaration.objects.filter(specialist=person, fiscal_year=2027)
    assert declared.exists() is ticked
    # A tie that is added in the same weeks is declared for that year too.
    again = declare_interests(person, by=person.user)  # type: ignore[arg-type]
    assert again.fiscal_year == (2027 if ticked else 2026)


def test_who_never_declared_is_not_asked_to_confirm_nothing() -> None:
    today = timezone.localdate()
    person = factories.make_specialist(registered_on=today - timedelta(days=9))
    Specialist.objects.filter(pk=person.pk).update(registered_until=today - timedelta(days=1))
    InterestDeclaration.objects.all().delete()
    client = Client()
    client.force_login(person.user)  # type: ignore[arg-type]
    page = client.get(reverse("specialist:registration_renew")).content.decode()
    assert "申告とします" not in page
