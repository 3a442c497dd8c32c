"""Mail that came back is classed, and what it says is acted on (A-47)."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from municipalities.vacancies import services
from municipalities.vacancies.bounces import Kind, read_bounce
from municipalities.vacancies.models import SoftBounce, Subscription, Suppression
from municipalities.vacancies.services.subscriptions import digest_of
from talentpool.outbox.models import Message
from tests.municipalities.vacancies.objects import answer_wishes, make_coordinator, make_editor
from tests.municipalities.vacancies.returned_mail import OURS, SAMPLES, TOKEN, complaint, report

READER = "reader@example.com"
FORGED = OURS.replace(TOKEN, "guess")


def make_reader() -> Subscription:
    return Subscription.objects.create(
        email=READER, token=TOKEN, confirmed_at=timezone.now(), consent="1"
    )


def test_there_are_at_least_thirty_samples() -> None:
    assert len(SAMPLES) >= 30


@pytest.mark.parametrize("name", SAMPLES)
def test_each_sample_is_classed(name: str) -> None:
    raw, kind = SAMPLES[name]
    found = read_bounce(raw)
    assert found.kind == kind
    if kind in {Kind.HARD, Kind.SOFT, Kind.COMPLAINT}:
        assert READER in found.addresses


@pytest.mark.parametrize("name", [n for n, (raw, k) in SAMPLES.items() if TOKEN.encode() in raw])
def test_our_own_link_is_found(name: str) -> None:
    assert read_bounce(SAMPLES[name][0]).token == TOKEN


@given(st.binary(max_size=400), st.sampled_from(sorted(SAMPLES)))
def test_no_message_breaks_it(noise: bytes, name: str) -> None:
    raw = SAMPLES[name][0]
    middle = len(raw) // 2
    read_bounce(noise)
    read_bounce(raw[:middle] + noise + raw[middle:])


@pytest.mark.django_db
def test_a_hard_bounce_is_the_end() -> None:
    make_reader()
    assert services.take_bounce(report("5.1.1")) == Kind.HARD
    assert not Subscription.objects.exists()
    assert Suppression.objects.filter(digest=digest_of(READER)).exists()
    services.take_bounce(report("5.1.1"))  # the same again changes nothing
    services.subscribe(READER, areas=[], fields=[], rhythm="daily")
    answer_wishes()
    assert not Message.objects.filter(kind=Message.Kind.MAIL).exists()


@pytest.mark.django_db
def test_a_complaint_ends_it_without_suppression() -> None:
    make_reader()
    assert services.take_bounce(complaint()) == Kind.COMPLAINT
    assert not Subscription.objects.exists()
    assert not Suppression.objects.exists()


@pytest.mark.django_db
def test_five_days_of_soft_bounces_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    make_reader()
    start = timezone.localdate()
    for day in range(5):
        assert Subscription.objects.exists(), day
        monkeypatch.setattr(timezone, "localdate", lambda day=day: start + timedelta(days=day))
        for _ in range(3):  # many on one day are one
            services.take_bounce(report("4.2.2", "452 4.2.2 over quota"))
    assert not Subscription.objects.exists()
    assert Suppression.objects.filter(digest=digest_of(READER)).exists()
    assert not SoftBounce.objects.exists()


@pytest.mark.django_db
def test_who_leaves_takes_the_count_along() -> None:
    make_reader()
    services.take_bounce(report("4.2.2", "452 4.2.2 over quota"))
    assert SoftBounce.objects.count() == 1
    services.unsubscribe(TOKEN)
    assert not SoftBounce.objects.exists()


@pytest.mark.django_db
def test_a_report_that_anybody_could_have_written_ends_nothing() -> None:
    make_reader()
    services.take_bounce(report("5.1.1", original=FORGED))
    assert Subscription.objects.exists()
    assert SoftBounce.objects.get().count == 1


@pytest.mark.django_db
def test_old_soft_bounces_are_forgotten() -> None:
    make_reader()
    services.take_bounce(report("4.2.2", "452 4.2.2 over quota"))
    today = timezone.localdate()
    assert services.forget_old_bounces(today + timedelta(days=90)) == 0
    assert services.forget_old_bounces(today + timedelta(days=91)) == 1


@pytest.mark.django_db
def test_coordinators_hear_of_staff_whom_no_mail_reaches() -> None:
    editor, coordinator = make_editor(), make_coordinator()
    for _ in range(2):
        services.take_bounce(report("5.1.1", original=FORGED, address=editor.email))
    told = Message.objects.get(kind="mail")
    assert told.payload["to"] == coordinator.email
    assert editor.email not in told.payload["body"]
    assert not Suppression.objects.exists()  # mail of the portal's work is never held back


@pytest.mark.django_db
def test_the_command_empties_a_directory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_reader()
    (tmp_path / "1").write_bytes(report("5.1.1"))
    (tmp_path / "2").write_bytes(SAMPLES["on holiday"][0])
    call_command("take_bounces", tmp_path)
    assert capsys.readouterr().out.strip() == "hard=1 other=1"
    assert list(tmp_path.iterdir()) == []
    assert not Subscription.objects.exists()
