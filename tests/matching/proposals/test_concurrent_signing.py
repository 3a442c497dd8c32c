"""Many at once over one capacity: exactly what fits, the rest clearly refused (A-20, A-21)."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from copy import copy
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models.base import ModelState
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from matching.engagements import services as engagements
from matching.engagements.models import CapacityMonth, Engagement, Share
from matching.proposals.errors import Refused
from matching.proposals.models import Bundle, Candidate, Proposal, new_blind_id
from matching.proposals.services import agreement, approaches, offers, signing
from municipalities.vacancies.models import Need
from talentpool.specialists.models import Specialist
from talentpool.users.models import User
from tests import factories as make
from tests.matching.concurrency import at_once, kinds, wrong_months
from tests.worker import ROOT, test_database_url

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 64
FITS = 10
HALF_DAYS = 2
GUNICORN = ("--workers", "2", "--threads", "16", "--timeout", "120")


@pytest.fixture
def person(transactional_db: None) -> Specialist:
    """Somebody with days for ten of the sixty-four needs, and no objection to many of them."""
    return make.make_specialist(half_days=HALF_DAYS * FITS, max_towns=MANY)


@pytest.fixture
def coordinator(transactional_db: None) -> User:
    return make.make_coordinator()


def ranked(person: Specialist, coordinator: User, count: int = MANY) -> list[Proposal]:
    """`count` needs whose towns all want this person; one is made by the verbs and copied."""
    editor = make.make_editor()
    need = make.make_need(
        "accepted",
        by=editor,
        coordinator=coordinator,
        half_days=HALF_DAYS,
        least_half_days=HALF_DAYS,
    )
    run = make.make_run([need], by=coordinator)
    (proposal,) = make.make_proposals(run, [need], by=coordinator)
    candidate = proposal.candidates.get(specialist=person)
    offers.rank_candidates(proposal.pk, ranks={candidate.pk: 1}, by=editor)
    proposal.refresh_from_db()
    candidate.refresh_from_db()
    needs = Need.objects.bulk_create(fresh(need) for _ in range(count - 1))
    proposals = Proposal.objects.bulk_create(fresh(proposal, need=row) for row in needs)
    Candidate.objects.bulk_create(
        fresh(candidate, proposal=row, blind_id=new_blind_id()) for row in proposals
    )
    return [proposal, *proposals]


def fresh(row: Any, **changes: Any) -> Any:
    """A copy of a row that is not saved yet."""
    made = copy(row)
    made.pk = None
    made._state = ModelState()
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def approach(proposal: Proposal, by: User) -> Bundle:
    return approaches.approach(
        proposal_ids=[proposal.pk], answer_due=timezone.localdate() + timedelta(days=7), by=by
    )


def agreed_without_hold(person: Specialist, coordinator: User, count: int = MANY) -> list[Bundle]:
    """Agreed bundles whose tentative days were given back: the signing itself must book them.
    One is agreed by the verbs, the others are copied from it."""
    today = timezone.localdate()
    proposal, *others = ranked(person, coordinator, count)
    bundle = approach(proposal, coordinator)
    user = person.user
    assert user is not None
    code = proposal.need.municipality_id
    approaches.accept(bundle.pk, agreed_codes=[code], terms_version=1, by=user)
    editor = make.staff_of(proposal)
    agreement.ask_disclosure(proposal.pk, by=editor)
    agreement.decide(
        proposal.pk,
        document_number="第1号",
        decided_on=today,
        terms_version=1,
        by=editor,
    )
    candidate = Candidate.objects.get(bundle=bundle)
    assert candidate.hold_id is not None
    engagements.release(candidate.hold_id)
    for row in (bundle, proposal, candidate):
        row.refresh_from_db()
    for other in others:
        Proposal.objects.filter(pk=other.pk).update(
            status=proposal.status,
            document_number=proposal.document_number,
            decided_on=today,
            confirmed_version=1,
        )
    bundles = Bundle.objects.bulk_create(fresh(bundle) for _ in others)
    for other, copied in zip(others, bundles, strict=True):
        Candidate.objects.filter(proposal=other).update(
            status=candidate.status,
            bundle=copied,
            agreed_half_days=candidate.agreed_half_days,
            cost_yen=candidate.cost_yen,
            fixed_yen=candidate.fixed_yen,
            town_asked_at=candidate.town_asked_at,
            person_agreed_at=candidate.person_agreed_at,
        )
    return [bundle, *bundles]


def naive_sign(specialist_id: int) -> None:
    """What one must not do: look whether it fits, then insert."""
    month = CapacityMonth.objects.filter(specialist_id=specialist_id).order_by("month")[0]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(half_days), 0) FROM naive_booking WHERE person = %s",
            [specialist_id],
        )
        if cursor.fetchone()[0] + HALF_DAYS > month.limit:
            raise Refused("full")
        time.sleep(0.002)
        cursor.execute(
            "INSERT INTO naive_booking (person, half_days) VALUES (%s, %s)",
            [specialist_id, HALF_DAYS],
        )


@pytest.fixture
def naive_table(transactional_db: None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE naive_booking (person bigint, half_days int)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE naive_booking")


def test_64_signings_give_what_fits_and_a_naive_check_does_not(
    person: Specialist,
    coordinator: User,
    naive_table: None,
    record_property: Callable[[str, object], None],
) -> None:
    bundles = agreed_without_hold(person, coordinator)
    today = timezone.localdate()

    def sign(bundle: Bundle) -> Engagement:
        return signing.sign(bundle.pk, signed_on=today, form_code="10", by=coordinator)

    signed, refused, others = kinds(
        at_once([lambda b=bundle: sign(b) for bundle in bundles]), Refused
    )
    assert others == []
    assert (signed, refused) == (FITS, MANY - FITS)
    assert Share.objects.count() == FITS
    assert Bundle.objects.filter(status="signed").count() == FITS
    assert wrong_months() == []

    naive, _, others = kinds(at_once([lambda: naive_sign(person.pk)] * MANY), Refused)
    assert others == []
    assert naive > FITS, "the baseline must show what the lock and the constraint are for"
    record_property("naive_double_bookings", naive - FITS)
    print(f"64 signings: {signed} signed, {refused} refused; naive: {naive} booked, {FITS} fit")


def test_64_clicks_on_one_signing_sign_once(person: Specialist, coordinator: User) -> None:
    (bundle,) = agreed_without_hold(person, coordinator, count=1)
    today = timezone.localdate()
    results = at_once(
        [lambda: signing.sign(bundle.pk, signed_on=today, form_code="10", by=coordinator)] * MANY
    )
    assert len({result.pk for result in results}) == 1
    assert Engagement.objects.count() == 1
    assert wrong_months() == []


def test_64_approaches_hold_what_fits(person: Specialist, coordinator: User) -> None:
    proposals = ranked(person, coordinator)
    held, refused, others = kinds(
        at_once([lambda p=proposal: approach(p, coordinator) for proposal in proposals]), Refused
    )
    assert others == []
    assert (held, refused) == (FITS, MANY - FITS)
    assert wrong_months() == []


def test_64_posts_to_a_real_server(person: Specialist, coordinator: User, web_server: str) -> None:
    """The same over HTTP: every answer leads to a page, none is a 500."""
    bundles = agreed_without_hold(person, coordinator)
    browser = Client()
    browser.force_login(coordinator)
    page = browser.get(reverse("admin:proposals_bundle_change", args=[bundles[0].pk]))
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert token is not None
    today = timezone.localdate()
    body = urlencode(
        {
            "csrfmiddlewaretoken": token[1],
            "signed_on_0": today.year,
            "signed_on_1": today.month,
            "signed_on_2": today.day,
            "form": "10",
        }
    )
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": "; ".join(f"{name}={row.value}" for name, row in browser.cookies.items()),
    }

    def post(bundle: Bundle) -> tuple[int, str]:
        server = HTTPConnection(web_server, timeout=120)
        address = reverse("admin:proposals_bundle_change", args=[bundle.pk])
        server.request("POST", address, body, headers)
        answer = server.getresponse()
        answer.read()
        server.close()
        return answer.status, answer.getheader("Location") or ""

    answers = at_once([lambda b=bundle: post(b) for bundle in bundles])
    assert {status for status, _ in answers} == {302}
    signed = [place for _, place in answers if "/engagements/engagement/" in place]
    refused = [place for _, place in answers if "/proposals/bundle/" in place]
    assert (len(signed), len(refused)) == (FITS, MANY - FITS)
    assert wrong_months() == []


@pytest.fixture
def web_server(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    """A gunicorn with many threads on the test's database; its host and port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{probe.getsockname()[1]}"
    environ = {
        **os.environ,
        "DATABASE_URL": test_database_url(),
        "SECRET_KEY": settings.SECRET_KEY,
        "TALENTPOOL_PROFILE": "demo",  # signs staff in without a second factor
    }
    log = tmp_path / "web.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "talentpool.wsgi", *GUNICORN, "--bind", host],
            cwd=ROOT,
            env=environ,
            stdout=output,
            stderr=output,
        )
    try:
        end = time.monotonic() + 60
        while not _answers(host):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield host
    finally:
        server.terminate()
        server.wait(30)
    assert "Traceback" not in log.read_text()


def _answers(host: str) -> bool:
    try:
        with closing(HTTPConnection(host, timeout=5)) as server:
            server.request("GET", "/healthz")
            return server.getresponse().status == 200
    except OSError:
        return False
