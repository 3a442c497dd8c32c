"""B-01: on every page on which somebody is asked for personal data for the first time the purpose
stands before the first field, with who reads it, how long it is kept, whom to ask, what the person
may ask for, and its version.

Crawled are all pages that need no account, from the list of the access matrix, and all pages that
somebody opens who has an account of the pool and has agreed to nothing yet.
"""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.registry import invitations
from municipalities.vacancies.models.subscription import Subscription
from talentpool.specialists.completeness import TOPICS
from talentpool.specialists.services import entry, people
from talentpool.specialists.services.asking import link_token
from talentpool.users.services import create_account
from tests import factories
from tests.access.routes import PERSON, PUBLIC, all_routes
from tests.municipalities.vacancies.objects import make_vacancy
from tests.talentpool.specialists.registering import link_in_mail

pytestmark = pytest.mark.django_db
NOTICE = "data-purpose-notice"
SAID = ("情報を見る人", "保存の期間", "問い合わせ", "開示・訂正・利用停止", "版")
FIELD = re.compile(r"<(?:input|select|textarea)\b[^>]*>")
NO_DATA = re.compile(r'type="(?:hidden|submit|button|search)"|name="csrfmiddlewaretoken"')
# Fields of pages without an account that ask for nothing about a person.
ABOUT_WORK = {
    "public:vacancy_list": "what to look for",
    "public:vacancy_detail": "a question about a vacancy, kept without a name",
    "public:subscription_change": "what to be told of; the address is known",
    "public:unsubscribe": "nothing but a button",
    "styleguide": "examples of fields, in the demo only",
}
# What one may ask of the prefecture depends on no consent, and says itself what it is used for.
WITHOUT_CONSENT = {"specialist:rights"}
# Who fills these in has an account, and was shown the purpose when it was made.
OF_AN_ACCOUNT = re.compile(r"^(account|mfa|usersessions)_")
OF_A_SUBSCRIBER = ("subscription_confirm", "subscription_change", "unsubscribe")
NO_PAGE = {"public:site_map_part", "file_download", "public:bounce_webhook"}


def first_field(page: str) -> int:
    """Where the first field stands that asks for something; -1 where none does."""
    main = page.find("<main")
    found = (one for one in FIELD.finditer(page, main) if not NO_DATA.search(one.group()))
    return next((one.start() for one in found), -1)


def fault_of(page: str) -> str:
    """What is wrong with the notice of a page that has fields, in words."""
    field, notice = first_field(page), page.find(NOTICE)
    if not 0 <= notice < field:
        return "no notice before the first field"
    lacks = [words for words in SAID if words not in page[notice:field]]
    return f"the notice says nothing of {lacks}" if lacks else ""


def pages_without_account() -> Iterator[tuple[str, str]]:
    """Name and address of every page that opens for anybody."""
    vacancy = make_vacancy("published")
    factories.make_code_lists()
    coordinator = factories.make_coordinator()
    town = factories.make_town()
    _, invited = invitations.invite(
        email="new@town.example.jp", role="editor", municipality=town, by=coordinator
    )
    entry.ask_for_entry("new@example.jp", as_firm=False)
    subscription = Subscription.objects.create(
        email="news@example.jp", token="t" * 43, confirmed_at=timezone.now()
    )
    parameters = {
        "public:vacancy_detail": {"vacancy_no": vacancy.vacancy_no},
        "availability_confirm": {"token": link_token(factories.make_specialist().pk)},
        "accept_invitation": {"token": invited.split("/")[2]},
        "register_account": {"token": link_in_mail("new@example.jp").split("/")[2]},
        **{f"public:{name}": {"token": subscription.token} for name in OF_A_SUBSCRIBER},
    }
    for route in all_routes():
        if route.name not in PUBLIC or route.name in NO_PAGE or OF_AN_ACCOUNT.match(route.name):
            continue
        yield route.name, reverse(route.name, kwargs=parameters.get(route.name, {}))


def test_who_has_no_account_reads_the_purpose_before_the_first_field() -> None:
    client, faults, asking = Client(), {}, set()
    for name, path in pages_without_account():
        answer = client.get(path)
        if "text/html" not in answer["Content-Type"] or name in ABOUT_WORK:
            continue
        assert answer.status_code == 200, (name, path)
        page = answer.content.decode()
        if first_field(page) >= 0:
            asking.add(name)
            if fault := fault_of(page):
                faults[name] = fault
    assert faults == {}
    assert asking == {"register", "register_account", "accept_invitation", "public:subscribe"}


def test_who_has_agreed_to_nothing_meets_no_field_before_the_words() -> None:
    factories.make_code_lists()
    user = create_account(email="new@example.jp", name="見本", kind="specialist", by=None)
    person = people.start_registration(user)
    client, faults = Client(), {}
    client.force_login(user)
    names = [route.name for route in all_routes() if not route.parameters]
    paths = [reverse(name) for name in names if name in PERSON - WITHOUT_CONSENT]
    paths += [reverse("specialist:registration_topic", args=[topic]) for topic in TOPICS]
    opened = set()
    for path in paths:
        answer = client.get(path, follow=True)
        if answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
            continue
        opened.add(answer.request["PATH_INFO"])
        page = answer.content.decode()
        if first_field(page) >= 0 and (fault := fault_of(page)):
            faults[path] = fault
    assert person is not None
    assert faults == {}
    assert reverse("specialist:registration_topic", args=["consent"]) in opened
