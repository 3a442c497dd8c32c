"""B-04 for accounts without a registration: what is held about them, and links that lead there."""

import json
import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from talentpool.specialists.models import Firm, FirmManager
from talentpool.users.models import User
from talentpool.users.services import create_account
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    return client


def make_account(kind: str) -> User:
    user = create_account(email=f"{kind}@example.jp", name="見本 新", kind=kind, by=None)
    if kind == "firm":
        firm = Firm.objects.create(name="見本システム", corporate_number="7000020340006")
        FirmManager.objects.create(firm=firm, user=user, since=timezone.localdate())
    return user


@pytest.mark.parametrize("kind", ["specialist", "firm"])
def test_every_main_link_opens_and_the_package_holds_the_account(kind: str) -> None:
    user = make_account(kind)
    client = client_of(user)
    home = client.get(reverse("specialist:home"))
    links = [link.url for link in home.context["portal"].nav]
    assert reverse("specialist:rights") in links
    assert ("<small>事業者の担当者</small>" in home.content.decode()) == (kind == "firm")
    assert [url for url in links if client.get(url).status_code != 200] == []
    assert (
        "人材としての登録はありません" in client.get(reverse("specialist:rights")).content.decode()
    )
    page = client.get(reverse("specialist:rights_package")).content.decode()
    answer = client.get(reverse("specialist:rights_package_file"))
    kept = json.loads(answer.content)
    assert kept["利用者"] == "見本 新"
    records = kept["記録"]
    assert records["利用者"][0]["メールアドレス"] == user.email
    assert {"メールアドレス", "サインインしている端末", "監査記録"} <= set(records)
    assert ("事業者の担当者" in records) == (kind == "firm")
    for words in (user.email, *(["見本システム"] if kind == "firm" else [])):
        assert words in page
        assert words in answer.content.decode()


def test_the_package_of_an_account_holds_nothing_of_others() -> None:
    other = factories.make_specialist(name="ほかの 人")
    assert other.user is not None
    user = make_account("specialist")
    text = client_of(user).get(reverse("specialist:rights_package_file")).content.decode()
    for words in ("ほかの 人", other.user.email, other.pool_number):
        assert words not in text
    asked = {"kind": "disclosure", "wish": ""}
    assert client_of(user).post(reverse("specialist:rights"), asked).status_code == 405


def test_who_has_a_registration_keeps_all_links() -> None:
    person = factories.make_specialist()
    assert person.user is not None
    home = client_of(person.user).get(reverse("specialist:home"))
    assert len(home.context["portal"].nav) >= 8
