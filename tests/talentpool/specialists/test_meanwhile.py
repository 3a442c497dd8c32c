"""Somebody else was quicker, between the page and the button: told in words, no error page."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from talentpool.specialists.models import EntryTicket, Firm, Specialist
from talentpool.specialists.services import entry, firms
from talentpool.users.models import User
from talentpool.users.services import create_account
from tests import factories as make
from tests.matching.concurrency import at_once
from tests.talentpool.specialists.registering import ACCOUNT, client_of, link_in_mail

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "7000020340006"


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def account(address: str) -> User:
    return create_account(email=address, name="見本", kind=User.Kind.FIRM, by=None)


def waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def while_it_changes(person: Specialist, act: Callable[[], Any], **changed: Any) -> Any:
    """The answer to `act`, which has asked before and comes to the row while another session
    holds and changes it."""

    def run() -> Any:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Specialist.objects.filter(pk=person.pk).update(**changed)
            answer = pool.submit(run)
            for _ in range(500):
                if waiting():
                    break
                time.sleep(0.02)
            else:
                pytest.fail("it never came to the row")
        return answer.result(60)


def said(client: Client, answer: Any) -> str:
    assert answer.status_code == 302
    return str(client.get(answer["Location"]).content.decode())


def test_a_firms_person_who_has_moved_on_and_a_registration_that_has_ended() -> None:
    person = make.make_specialist(kind="firm", firm_agreed_at=None)
    assert person.firm is not None
    boss = account("boss@example.jp")
    firms.make_manager(person.firm, boss, by=make.make_coordinator())
    client = client_of(boss)
    for page, sent in (("firm_agree", {"agree": "1"}), ("firm_leave", {})):
        Specialist.objects.filter(pk=person.pk).update(left_firm_on=None)
        url = reverse(f"specialist:{page}", args=[person.pk])
        answer = while_it_changes(
            person, partial(client.post, url, sent), left_firm_on=timezone.localdate()
        )
        assert "もうこの事業者の社員ではありません" in said(client, answer)
    person.refresh_from_db()
    assert person.firm_agreed_at is None
    assert person.user is not None
    own = client_of(person.user)
    answer = while_it_changes(
        person, lambda: own.post(reverse("specialist:registration_withdraw")), status="removed"
    )
    assert "この操作はできません" in said(own, answer)


def test_two_links_to_one_address_at_once() -> None:
    """Asked for twice, answered together, opened together: one account, and no error page."""
    clients = [Client(), Client()]
    ask = {"email": "twice@example.jp", "as_firm": "no"}
    answers = at_once([lambda c=client: c.post(reverse("register"), ask) for client in clients])
    assert [answer.status_code for answer in answers] == [302, 302]
    asked = list(EntryTicket.objects.values_list("pk", flat=True))
    at_once([partial(entry.answer_entry, pk) for pk in asked])
    assert sorted(EntryTicket.objects.values_list("status", flat=True)) == ["ended", "sent"]
    self_link = link_in_mail("twice@example.jp")
    entry.ask_for_entry("twice@example.jp", as_firm=True)
    links = [self_link, link_in_mail("twice@example.jp")]
    answers = at_once(
        [
            lambda c=c, link=link: c.post(link, ACCOUNT)
            for c, link in zip(clients, links, strict=True)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [302, 404]


def test_two_who_register_one_firm_at_once() -> None:
    clients = [client_of(account(f"boss{number}@example.jp")) for number in (1, 2)]
    sent = {"name": "見本システム", "corporate_number": NUMBER, "invoice_number": ""}
    answers = at_once(
        [lambda c=client: c.post(reverse("specialist:firm"), sent) for client in clients]
    )
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    [refused] = [answer for answer in answers if answer.status_code == 422]
    assert "すでに登録されています" in refused.content.decode()
    assert Firm.objects.count() == 1
