"""Links that lead into the pool: one for each person, taken back by the prefecture, and no answer
that tells what is known of an address."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from talentpool.outbox.models import Message
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import EntryTicket, Firm
from talentpool.specialists.services import entry, firms, registration
from talentpool.users.models import User
from talentpool.users.services import create_account
from tests.factories import make_coordinator, make_specialist
from tests.talentpool.specialists.registering import ACCOUNT, client_of, link_in_mail

pytestmark = pytest.mark.django_db
VALUES = r"'(?:[^']|'')*'|\b\d+\b|\bs\d+_x\d+"
RIGHT, WRONG = "right@example.jp", "wrong@example.jp"


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    cache.clear()


@pytest.fixture
def coordinator() -> User:
    return make_coordinator()


def make_boss(**values: Any) -> tuple[Firm, User]:
    boss = create_account(email="boss@example.jp", name="見本", kind="firm", by=None)
    number = "7000020340006"
    firm = registration.register_firm(name="見本", number=number, invoice_number="", by=boss)
    Firm.objects.filter(pk=firm.pk).update(**values)
    return firm, boss


# --- Claims ---
def test_a_link_to_a_wrong_address_opens_nothing_beside_the_right_one(coordinator: User) -> None:
    person = make_specialist(user=None, status="under_review")
    wrong = entry.send_claim(person, WRONG, by=coordinator)
    right = entry.send_claim(person, RIGHT, by=coordinator)
    assert Client().post(wrong, ACCOUNT).status_code == 404
    assert Client().post(right, ACCOUNT).status_code == 302
    person.refresh_from_db()
    assert person.user is not None
    assert person.user.email == RIGHT


def test_a_coordinator_takes_a_link_back(coordinator: User) -> None:
    person = make_specialist(user=None, status="under_review")
    path = entry.send_claim(person, WRONG, by=coordinator)
    review = reverse("admin:specialists_specialist_review", args=[person.pk])
    client = client_of(coordinator)
    assert WRONG in client.get(review).content.decode()
    assert client.post(review, {"revoke": "1"}).status_code == 302
    assert client.post(review, {"revoke": "1"}).status_code == 302  # a second click
    assert Client().get(path).status_code == 404
    assert 'name="revoke"' not in client.get(review).content.decode()
    firm, _ = make_boss()
    path = entry.invite_manager(firm, RIGHT, by=coordinator)
    page = reverse("admin:specialists_firm_managers", args=[firm.pk])
    ticket = EntryTicket.objects.get(email=RIGHT)
    assert RIGHT in client.get(page).content.decode()
    client.post(page, {"revoke": str(ticket.pk)})
    assert Client().get(path).status_code == 404
    assert RIGHT not in client.get(page).content.decode()
    stranger = make_specialist().user
    for revoke in (
        lambda: entry.revoke_claim(person, by=stranger),
        lambda: entry.revoke_manager(ticket, by=stranger),
    ):
        with pytest.raises(PoolRefused):
            revoke()


def test_an_address_that_waits_for_another_registration_is_named(coordinator: User) -> None:
    one, other = (make_specialist(user=None, status="under_review") for _ in range(2))
    path = entry.send_claim(one, RIGHT, by=coordinator)
    with pytest.raises(PoolRefused, match=one.pool_number):
        entry.send_claim(other, RIGHT, by=coordinator)
    assert Client().get(path).status_code == 200


# --- No answer tells what is known (A-08) ---
def shapes(queries: CaptureQueriesContext) -> list[str]:
    """The statements without their values."""
    return [re.sub(VALUES, "?", one["sql"]) for one in queries]


def test_asking_does_the_same_for_every_address() -> None:
    known = make_specialist().user
    assert known is not None
    entry.ask_for_entry("first@example.jp", as_firm=False)  # what is done once is done
    done = []
    for email in (known.email, "nobody@example.jp"):
        with CaptureQueriesContext(connection) as queries:
            entry.ask_for_entry(email, as_firm=False)
        done.append(shapes(queries))
    assert done[0] == done[1]


def test_a_firm_learns_nothing_of_an_address(coordinator: User) -> None:
    known = make_specialist().user
    assert known is not None
    _, boss = make_boss(unseen_since=None)
    client, page = client_of(boss), reverse("specialist:firm")
    answers = [
        client.post(page, {"email": email}, follow=True).content.decode()
        for email in (known.email, "nobody@example.jp")
    ]
    plain = [re.sub(r"csrf\w+. value=.\w+", "", answer) for answer in answers]
    assert plain[0] == plain[1]
    assert link_in_mail(known.email) == reverse("account_login")
    assert Client().get(link_in_mail("nobody@example.jp")).status_code == 200
    entry.answer_entry(EntryTicket.objects.get(email="nobody@example.jp").pk)  # the queue, again
    assert Message.objects.filter(kind="mail", payload__to="nobody@example.jp").count() == 1


def test_a_firm_asks_few_until_the_prefecture_has_looked(coordinator: User) -> None:
    firm, boss = make_boss()
    client, page = client_of(boss), reverse("specialist:firm")

    def asked() -> int:
        return int(
            client.post(page, {"email": f"a{EntryTicket.objects.count()}@example.jp"}).status_code
        )

    assert [asked() for _ in range(entry.ASKED_WHILE_UNSEEN + 1)] == (
        [302] * entry.ASKED_WHILE_UNSEEN + [422]
    )
    firms.note_seen(firm, by=coordinator)
    assert asked() == 302
    assert 429 in [asked() for _ in range(30)]


def test_one_firms_invitation_does_not_end_anothers(coordinator: User) -> None:
    firm, boss = make_boss()
    entry.invite_member(firm, RIGHT, by=boss)
    first = link_in_mail(RIGHT)
    other = Firm.objects.create(name="別の見本", corporate_number="1000020340007")
    second = create_account(email="second@example.jp", name="見本", kind="firm", by=None)
    firms.make_manager(other, second, by=coordinator)
    entry.invite_member(other, RIGHT, by=second)
    assert Client().get(link_in_mail(RIGHT)).status_code == 200
    assert Client().get(first).status_code == 200
