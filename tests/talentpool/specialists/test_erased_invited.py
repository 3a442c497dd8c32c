"""Somebody who was erased is invited again: words for staff, a closed link, never an error page."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from municipalities.registry import invitations
from talentpool.privacy import tombstones
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import EntryTicket, Firm, Specialist
from talentpool.specialists.services import entry, firms
from talentpool.users.models import User
from talentpool.users.services import create_account
from tests import factories as make
from tests.talentpool.specialists.registering import ACCOUNT, link_in_mail

pytestmark = pytest.mark.django_db
ERASED = "erased@example.jp"


@pytest.fixture(autouse=True)
def quick() -> None:
    cache.clear()  # rate limits of earlier tests


@pytest.fixture
def firm() -> Firm:
    made: Firm = Firm.objects.create(name="見本システム", corporate_number="7000020340006")
    return made


def send(way: str, firm: Firm) -> Any:
    """The invitation of the erased address by whoever sends such ones."""
    coordinator = make.make_coordinator()
    if way == "claim":
        person = make.make_specialist(user=None, status="under_review")
        return entry.send_claim(person, ERASED, by=coordinator)
    if way == "manager":
        return entry.invite_manager(firm, ERASED, by=coordinator)
    if way == "staff":
        return invitations.invite(email=ERASED, role="coordinator", by=coordinator)[1]
    boss = create_account(email="boss@example.jp", name="見本", kind="firm", by=None)
    firms.make_manager(firm, boss, by=coordinator)
    return entry.invite_member(firm, ERASED, by=boss)


@pytest.mark.parametrize("way", ["claim", "manager", "staff"])
def test_staff_are_told_and_no_mail_leaves(way: str, firm: Firm) -> None:
    tombstones.bury([ERASED], name="", kana="")
    with pytest.raises((PoolRefused, invitations.InvitationRefused), match="ご本人の請求により"):
        send(way, firm)
    assert not EntryTicket.objects.exists()


@pytest.mark.parametrize("way", ["claim", "manager", "staff"])
def test_who_was_erased_after_the_mail_finds_a_closed_link(way: str, firm: Firm) -> None:
    path = send(way, firm)
    tombstones.bury([ERASED], name="", kana="")
    assert Client().post(path, ACCOUNT).status_code == 404
    assert not User.objects.filter(email=ERASED).exists()


def test_whom_a_firm_asks_may_come_back_alone(firm: Firm) -> None:
    """The firm's manager learns nothing of the erasure; whoever follows the link wishes it."""
    tombstones.bury([ERASED], name="", kana="")
    send("member", firm)
    assert Client().post(link_in_mail(ERASED), ACCOUNT).status_code == 302
    person = Specialist.objects.get(user__email=ERASED)
    assert (person.status, person.firm) == ("draft", firm)
